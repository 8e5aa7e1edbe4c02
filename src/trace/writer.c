#include "trace/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/varint.h"
#include "trace/pack.h"

/* One line of the index. */
typedef struct entry {
    uint64_t offset, first_us, last_us;
    ms_chunk_kind kind;
} entry;

struct ms_trace_writer {
    int fd;
    int os_errno;
    uint64_t size; /* of the file, up to the last whole chunk */
    ms_packer *packer;
    entry *entries;
    size_t count, capacity;
};

static bool fail(ms_trace_writer *writer, int os_errno) {
    writer->os_errno = os_errno;
    return false;
}

static bool write_all(int fd, const void *bytes, size_t size, uint64_t offset) {
    const uint8_t *at = bytes;
    while (size > 0) {
        ssize_t n = pwrite(fd, at, size, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n < 0 ? errno : EIO;
            return false;
        }
        at += n;
        offset += (uint64_t)n;
        size -= (size_t)n;
    }
    return true;
}

/* All of `bytes`, or nothing of them. Where the file cannot be cut the rest of a chunk stays: a
 * reader drops it, the next chunk overwrites it. */
static bool append(ms_trace_writer *writer, const void *bytes, size_t size) {
    if (write_all(writer->fd, bytes, size, writer->size)) {
        writer->size += size;
        return true;
    }
    writer->os_errno = errno;
    int cut = ftruncate(writer->fd, (off_t)writer->size);
    (void)cut;
    return false;
}

static bool remember(ms_trace_writer *writer, entry line) {
    if (writer->count == writer->capacity) {
        size_t capacity = writer->capacity ? writer->capacity * 2 : 64;
        entry *entries = realloc(writer->entries, capacity * sizeof *entries);
        if (!entries)
            return fail(writer, ENOMEM);
        writer->entries = entries;
        writer->capacity = capacity;
    }
    writer->entries[writer->count++] = line;
    return true;
}

/* ---- begin ------------------------------------------------------------------------------ */

static ms_trace_writer *writer_new(int fd, int *os_errno) {
    ms_trace_writer *writer = calloc(1, sizeof *writer);
    if (writer && (writer->packer = ms_packer_new())) {
        writer->fd = fd;
        return writer;
    }
    free(writer);
    *os_errno = ENOMEM;
    return NULL;
}

/* Without the file: its descriptor stays open. */
static void writer_free(ms_trace_writer *writer) {
    ms_packer_free(writer->packer);
    free(writer->entries);
    free(writer);
}

ms_trace_writer *ms_trace_writer_begin(int fd, const ms_trace_header *header, int *os_errno) {
    ms_trace_writer *writer = writer_new(fd, os_errno);
    if (!writer || append(writer, header, sizeof *header))
        return writer;
    *os_errno = writer->os_errno;
    writer_free(writer);
    return NULL;
}

/* Only what is surely ours to remove: the path may name a device. */
static void remove_file(int fd, const char *path) {
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        unlink(path);
}

ms_trace_writer *ms_trace_writer_open(const char *path, const ms_trace_header *header,
                                      int *os_errno) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        *os_errno = errno;
        return NULL;
    }
    ms_trace_writer *writer = ms_trace_writer_begin(fd, header, os_errno);
    if (!writer) {
        remove_file(fd, path);
        close(fd);
    }
    return writer;
}

/* ---- chunks of other files -------------------------------------------------------------- */

static bool read_all(int fd, void *bytes, size_t size, uint64_t offset) {
    uint8_t *at = bytes;
    while (size > 0) {
        ssize_t n = pread(fd, at, size, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n < 0 ? errno : EIO;
            return false;
        }
        at += n;
        offset += (uint64_t)n;
        size -= (size_t)n;
    }
    return true;
}

/* The header of the chunk at `offset`, which ends at `end` or before. */
static bool read_head(int fd, uint64_t offset, uint64_t end, ms_trace_chunk *chunk) {
    if (!read_all(fd, chunk, sizeof *chunk, offset))
        return false;
    errno = EIO;
    return chunk->magic == MS_TRACE_CHUNK_MAGIC && offset <= end &&
           sizeof *chunk + chunk->stored_size <= end - offset;
}

static bool remember_head(ms_trace_writer *writer, uint64_t offset, const ms_trace_chunk *chunk) {
    return remember(writer,
                    (entry){offset, chunk->first_us, chunk->last_us, (ms_chunk_kind)chunk->kind});
}

static bool remember_chunks(ms_trace_writer *writer, uint64_t end) {
    ms_trace_chunk chunk;
    writer->size = sizeof(ms_trace_header);
    while (writer->size < end) {
        if (!read_head(writer->fd, writer->size, end, &chunk))
            return fail(writer, errno);
        if (!remember_head(writer, writer->size, &chunk))
            return false;
        writer->size += sizeof chunk + chunk.stored_size;
    }
    return true;
}

ms_trace_writer *ms_trace_writer_resume(int fd, int *os_errno) {
    struct stat status;
    ms_trace_writer *writer = writer_new(fd, os_errno);
    if (!writer)
        return NULL;
    if (fstat(fd, &status) == 0 && remember_chunks(writer, (uint64_t)status.st_size))
        return writer;
    *os_errno = writer->os_errno ? writer->os_errno : EIO;
    writer_free(writer);
    return NULL;
}

/* The bytes of one chunk. */
static bool copy_bytes(ms_trace_writer *writer, int fd, uint64_t offset, size_t size) {
    uint8_t *bytes = malloc(size);
    if (!bytes)
        return fail(writer, ENOMEM);
    bool done =
        read_all(fd, bytes, size, offset) ? append(writer, bytes, size) : fail(writer, errno);
    free(bytes);
    return done;
}

bool ms_trace_writer_copy(ms_trace_writer *writer, int fd, uint64_t offset, uint64_t end) {
    ms_trace_chunk chunk;
    while (offset < end) {
        if (!read_head(fd, offset, end, &chunk))
            return fail(writer, errno);
        size_t size = sizeof chunk + chunk.stored_size;
        if (!remember_head(writer, writer->size, &chunk))
            return false;
        if (!copy_bytes(writer, fd, offset, size)) {
            writer->count--;
            return false;
        }
        offset += size;
    }
    return true;
}

bool ms_trace_writer_find(const ms_trace_writer *writer, uint64_t until_us, uint64_t *offset) {
    bool any_before = false, found = false;
    uint64_t found_at = 0;
    for (size_t i = 0; i < writer->count && writer->entries[i].offset <= *offset; i++) {
        const entry *line = &writer->entries[i];
        if (line->kind != MS_KIND_EVENTS)
            continue;
        if (any_before) {
            found = true;
            found_at = line->offset;
        }
        any_before = true;
        if (line->last_us > until_us)
            break;
    }
    if (found)
        *offset = found_at;
    return found;
}

int ms_trace_writer_fd(const ms_trace_writer *writer) {
    return writer->fd;
}

/* ---- chunks ----------------------------------------------------------------------------- */

bool ms_trace_writer_append(ms_trace_writer *writer, ms_chunk_kind kind, const uint8_t *payload,
                            size_t size, uint64_t first_us, uint64_t last_us) {
    const uint8_t *chunk;
    size_t chunk_size;
    if (size > MS_TRACE_CHUNK_MAX)
        return fail(writer, EFBIG);
    if (!ms_packer_seal(writer->packer, kind, payload, size, first_us, last_us, &chunk,
                        &chunk_size))
        return fail(writer, ENOMEM);
    if (!remember(writer, (entry){writer->size, first_us, last_us, kind}))
        return false;
    if (append(writer, chunk, chunk_size))
        return true;
    writer->count--;
    return false;
}

static uint8_t *put_entry(uint8_t *at, const entry *line, uint64_t previous_offset) {
    at = ms_varint_put(at, line->offset - previous_offset);
    at = ms_varint_put(at, line->kind);
    at = ms_varint_put(at, line->first_us);
    return ms_varint_put(at, line->last_us);
}

bool ms_trace_writer_finish(ms_trace_writer *writer) {
    uint8_t *payload = malloc(MS_VARINT_MAX * (1 + 4 * writer->count));
    if (!payload)
        return fail(writer, ENOMEM);
    uint8_t *at = ms_varint_put(payload, writer->count);
    for (size_t i = 0; i < writer->count; i++)
        at = put_entry(at, &writer->entries[i], i ? writer->entries[i - 1].offset : 0);

    ms_trace_trailer trailer = {.index_offset = writer->size, .magic = MS_TRACE_END_MAGIC};
    bool done =
        ms_trace_writer_append(writer, MS_KIND_INDEX, payload, (size_t)(at - payload), 0, 0);
    free(payload);
    return done && append(writer, &trailer, sizeof trailer);
}

int ms_trace_writer_error(const ms_trace_writer *writer) {
    return writer->os_errno;
}

uint64_t ms_trace_writer_size(const ms_trace_writer *writer) {
    return writer->size;
}

void ms_trace_writer_close(ms_trace_writer *writer) {
    if (!writer)
        return;
    close(writer->fd);
    writer_free(writer);
}
