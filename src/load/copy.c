#include "load/copy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load/pack_ring.h"
#include "load/reader.h"
#include "trace/writer.h"
#include "util/memory.h"

static ms_err cannot_write(ms_error *error, const char *out, int os_errno) {
    ms_err code = ms_fail(error, MS_ERR_OUTPUT, "%s: cannot be written: %s", out,
                          strerror(os_errno ? os_errno : ENOMEM));
    if (error)
        error->os_errno = os_errno;
    return code;
}

/* The chunks as they are, but for the index, which is made anew. False: they could not be written. */
static bool copy_chunks(ms_reader *reader, ms_trace_writer *writer) {
    ms_payload payload = {.bytes = NULL};
    bool written = true;
    while (written && ms_reader_next(reader, &payload))
        if (payload.chunk.kind != MS_KIND_INDEX)
            written = ms_trace_writer_copy(writer, reader->fd, payload.offset, reader->offset);
    free(payload.bytes);
    return written;
}

static ms_err check_source(const ms_reader *reader, const char *path, bool so_far,
                           ms_error *error) {
    if (reader->cut || reader->damaged)
        return ms_fail(error, MS_ERR_INPUT, "%s: is damaged at byte %llu, and not copied", path,
                       (unsigned long long)reader->damage_at);
    if (!so_far && !reader->ended_well)
        return ms_fail(error, MS_ERR_INPUT,
                       "%s: has no end: its recorder was stopped, or is still at work; not copied",
                       path);
    return MS_ERR_OK;
}

static ms_err copy_to(int fd, uint64_t size, bool so_far, const char *path, const char *out,
                      const char *temporary, ms_error *error) {
    ms_trace_header header;
    ms_reader reader;
    int os_errno = 0;
    ms_trace_file_read(fd, &header, sizeof header, 0);
    unlink(temporary); /* never write through what somebody put there */
    ms_trace_writer *writer = ms_trace_writer_open(temporary, &header, &os_errno);
    if (!writer)
        return cannot_write(error, out, os_errno);
    ms_reader_init(&reader, fd, size);
    bool written = copy_chunks(&reader, writer) && ms_trace_writer_finish(writer);
    os_errno = ms_trace_writer_error(writer);
    ms_trace_writer_close(writer);
    ms_err result = written ? check_source(&reader, path, so_far, error) : MS_ERR_OUTPUT;
    if (result == MS_ERR_OK && rename(temporary, out) != 0) {
        os_errno = errno;
        result = MS_ERR_OUTPUT;
    }
    ms_reader_deinit(&reader);
    if (result)
        unlink(temporary);
    return result == MS_ERR_OUTPUT ? cannot_write(error, out, os_errno) : result;
}

static ms_err copy_trace(int fd, uint64_t size, bool so_far, const char *path, const char *out,
                         ms_error *error) {
    size_t length = strlen(out) + sizeof ".tmp";
    char *temporary = ms_memory_zeroed(length, 1);
    snprintf(temporary, length, "%s.tmp", out);
    ms_err result = copy_to(fd, size, so_far, path, out, temporary, error);
    free(temporary);
    close(fd);
    return result;
}

ms_err ms_trace_copy(const char *path, uint64_t so_far, const char *out, ms_error *error) {
    uint64_t size;
    int fd = ms_trace_file_open(path, &size, error);
    if (fd < 0)
        return MS_ERR_INPUT;
    ms_trace_form form = ms_trace_file_form(fd, path, size, error);
    if (form == MS_FORM_RING)
        return ms_pack_ring_to(fd, size, out, error);
    if (form == MS_FORM_TRACE)
        return copy_trace(fd, so_far && so_far < size ? so_far : size, so_far != 0, path, out,
                          error);
    close(fd);
    return MS_ERR_INPUT;
}
