/* load_chunks.c - any payloads in chunks whose checksums are right, so that what is behind the
 * checksum is reached: the input is a row of kind (1 byte), size (2 bytes), payload. */
#include <string.h>

#include "load_bytes.h"
#include "trace/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_chunks(ms_trace_writer *writer, const uint8_t *at, size_t left) {
    while (left >= 3) {
        size_t size = (size_t)at[1] | (size_t)at[2] << 8;
        if (size > left - 3)
            size = left - 3;
        if (!ms_trace_writer_append(writer, (ms_chunk_kind)at[0], at + 3, size, 0, 0))
            abort();
        at += 3 + size;
        left -= 3 + size;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ms_trace_header header = {.version = MS_TRACE_VERSION, .form = MS_FORM_TRACE};
    memcpy(header.magic, MS_TRACE_MAGIC, sizeof header.magic);
    int fd = memory_file("", 0), os_errno;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ms_trace_writer *writer = ms_trace_writer_open(path, &header, &os_errno);
    if (!writer)
        abort();
    write_chunks(writer, data, size);
    ms_trace_writer_close(writer);
    load_descriptor(fd);
    return 0;
}
