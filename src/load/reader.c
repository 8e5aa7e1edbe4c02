#include "load/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/decode.h"
#include "util/memory.h"

/* ---- the file --------------------------------------------------------------------------- */

/* O_NONBLOCK: a FIFO must not make us wait for a writer. */
int ms_trace_file_open(const char *path, uint64_t *size, ms_error *error) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) {
        int os_errno = errno;
        ms_fail(error, MS_ERR_INPUT, "%s: cannot be opened: %s; %s", path, strerror(os_errno),
                os_errno == ENOENT ? "check the path, or record one with `memscope run`"
                                   : "check its permissions");
        if (error)
            error->os_errno = os_errno;
        if (fd >= 0)
            close(fd);
        return -1;
    }
    if (!S_ISREG(status.st_mode)) {
        ms_fail(error, MS_ERR_INPUT, "%s: is %s, not a trace file; name a .memscope file", path,
                S_ISDIR(status.st_mode) ? "a directory" : "not a regular file");
        close(fd);
        return -1;
    }
    *size = (uint64_t)status.st_size;
    return fd;
}

size_t ms_trace_file_read(int fd, void *bytes, size_t size, uint64_t offset) {
    size_t done = 0;
    while (done < size) {
        ssize_t n = pread(fd, (uint8_t *)bytes + done, size - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    return done;
}

ms_trace_form ms_trace_file_form(int fd, const char *path, uint64_t size, ms_error *error) {
    ms_trace_header header = {.version = 0};
    size_t got = ms_trace_file_read(fd, &header, sizeof header, 0);
    if (size == 0)
        ms_fail(error, MS_ERR_INPUT,
                "%s: is empty: the recording was stopped before it began, or the disk was full",
                path);
    else if (got < 12 || memcmp(header.magic, MS_TRACE_MAGIC, sizeof header.magic) != 0)
        ms_fail(error, MS_ERR_INPUT,
                "%s: is not a memscope trace; record one with `memscope run -- PROG`", path);
    else if (__builtin_bswap16(header.version) == MS_TRACE_VERSION)
        ms_fail(error, MS_ERR_INPUT,
                "%s: was recorded on a machine with the other byte order; read it there", path);
    else if (header.version == 0 || header.version > MS_TRACE_VERSION)
        ms_fail(error, MS_ERR_INPUT,
                "%s: is a trace of version %u, this memscope reads up to %d; update memscope", path,
                header.version, MS_TRACE_VERSION);
    else if (header.form == MS_FORM_TRACE && got == sizeof header)
        return MS_FORM_TRACE;
    else if (header.form == MS_FORM_RING && size >= MS_RING_HEADER_SIZE)
        return MS_FORM_RING;
    else
        ms_fail(error, MS_ERR_INPUT, "%s: is cut within its header (%llu bytes): nothing to read",
                path, (unsigned long long)size);
    return 0;
}

/* ---- chunks ----------------------------------------------------------------------------- */

#define SCAN_SIZE 4096u

void ms_reader_init(ms_reader *reader, int fd, uint64_t size) {
    *reader = (ms_reader){.fd = fd,
                          .size = size,
                          .offset = sizeof(ms_trace_header),
                          .damage_at = UINT64_MAX,
                          .search_left = 8 * size + (UINT64_C(1) << 20)};
}

void ms_reader_deinit(ms_reader *reader) {
    free(reader->stored);
    reader->stored = NULL;
}

typedef enum found { INTACT, DAMAGED, CUT } found;

/* Looks at the chunk at `offset`. */
static found look(ms_reader *r, uint64_t offset, ms_payload *payload) {
    ms_trace_chunk *chunk = &payload->chunk;
    if (ms_trace_file_read(r->fd, chunk, sizeof *chunk, offset) < sizeof *chunk)
        return CUT;
    if (!ms_chunk_plausible(chunk))
        return DAMAGED;
    if (chunk->stored_size > r->size - offset - sizeof *chunk)
        return CUT;
    r->stored = ms_memory_grow(r->stored, chunk->stored_size + 1u, &r->stored_capacity, 1);
    size_t got = ms_trace_file_read(r->fd, r->stored, chunk->stored_size, offset + sizeof *chunk);
    if (got < chunk->stored_size)
        return CUT;
    if (!ms_chunk_intact(chunk, r->stored))
        return DAMAGED;
    payload->bytes = ms_memory_grow(payload->bytes, chunk->size + 1u, &payload->capacity, 1);
    payload->offset = offset;
    return ms_chunk_unpack(chunk, r->stored, payload->bytes) ? INTACT : DAMAGED;
}

static bool spend(ms_reader *r, uint64_t bytes) {
    if (bytes > r->search_left)
        return false;
    r->search_left -= bytes;
    return true;
}

/* The offset of the next chunk magic from `offset` on; UINT64_MAX when there is none. */
static uint64_t find_magic(ms_reader *r, uint64_t offset) {
    static const uint32_t magic = MS_TRACE_CHUNK_MAGIC;
    uint8_t bytes[SCAN_SIZE];
    while (offset < r->size) {
        size_t got = ms_trace_file_read(r->fd, bytes, sizeof bytes, offset);
        const uint8_t *at = memmem(bytes, got, &magic, sizeof magic);
        uint64_t passed = at ? (uint64_t)(at - bytes) : got;
        if (got < sizeof magic || !spend(r, passed + 1))
            break;
        if (at)
            return offset + passed;
        offset += got - (sizeof magic - 1);
    }
    return UINT64_MAX;
}

/* Goes on at the next intact chunk behind `offset`. What looks like one may be anything, a payload
 * of a hundred megabytes included, so the search has a budget that grows with the file only. */
static bool resync(ms_reader *r, uint64_t offset, ms_payload *payload) {
    for (;;) {
        offset = find_magic(r, offset + 1);
        if (offset == UINT64_MAX)
            return false;
        found state = look(r, offset, payload);
        if (state == INTACT) {
            r->offset = offset;
            return true;
        }
        if (state == DAMAGED && !spend(r, payload->chunk.stored_size))
            return false;
    }
}

static bool is_trailer(const ms_reader *r, uint64_t offset) {
    static const char magic[sizeof(((ms_trace_trailer *)0)->magic)] = MS_TRACE_END_MAGIC;
    ms_trace_trailer trailer;
    return r->size - offset == sizeof trailer &&
           ms_trace_file_read(r->fd, &trailer, sizeof trailer, offset) == sizeof trailer &&
           memcmp(trailer.magic, magic, sizeof magic) == 0 && trailer.index_offset == r->index_at;
}

static void note_damage(ms_reader *r, uint64_t offset) {
    if (r->damage_at == UINT64_MAX)
        r->damage_at = offset;
}

bool ms_reader_next(ms_reader *r, ms_payload *payload) {
    if (r->offset >= r->size)
        return false;
    if (is_trailer(r, r->offset)) {
        r->ended_well = true;
        r->offset = r->size;
        return false;
    }
    uint64_t offset = r->offset;
    found state = look(r, offset, payload);
    if (state != INTACT) {
        note_damage(r, offset);
        if (!resync(r, offset, payload)) {
            r->cut = state == CUT;
            r->damaged += state == DAMAGED;
            r->offset = r->size;
            return false;
        }
        r->damaged++;
    }
    if (payload->chunk.kind == MS_KIND_INDEX)
        r->index_at = r->offset;
    r->offset += sizeof payload->chunk + payload->chunk.stored_size;
    return true;
}
