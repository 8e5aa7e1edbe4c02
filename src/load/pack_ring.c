#include "load/pack_ring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/varint.h"
#include "load/merge.h"
#include "load/reader.h"
#include "load/ringfile.h"
#include "trace/pack.h"
#include "trace/writer.h"
#include "util/memory.h"

#define CHUNK_EVENTS ((size_t)1 << 20)

/* A ring on its way into a trace. */
typedef struct packing {
    ms_ringfile *ring;
    ms_merge *merge;
    ms_packer *packer;
    ms_trace_writer *writer;
    uint8_t *info;
    size_t info_size, info_capacity;
} packing;

/* ---- INFO ------------------------------------------------------------------------------- */

static void put_text(packing *p, const char *text) {
    size_t size = strlen(text);
    p->info = ms_memory_grow(p->info, p->info_size + size + MS_VARINT_MAX, &p->info_capacity, 1);
    uint8_t *at = ms_varint_put(p->info + p->info_size, size);
    memcpy(at, text, size);
    p->info_size = (size_t)(at + size - p->info);
}

static void put_pair(packing *p, const char *key, const char *value) {
    put_text(p, key);
    put_text(p, value);
}

static void put_losses(packing *p) {
    static const char *const names[MS_LOSS_COUNT] = {
#define MS_LOSS(NAME, code, name, doc) [code] = name,
#include "trace/losses.def"
    };
    for (unsigned cause = 0; cause < MS_LOSS_COUNT; cause++) {
        uint64_t count = ms_ringfile_lost(p->ring, cause);
        char text[64];
        snprintf(text, sizeof text, "%s=%llu", names[cause], (unsigned long long)count);
        if (count)
            put_pair(p, MS_INFO_LOST, text);
    }
}

/* What the preload wrote, and what the header says. All that the process did is in its ring, so the
 * trace is complete, though nobody saw how it ended; unless it lives, or has ended its trace before. */
static void make_info(packing *p) {
    const ms_ring_header *header = ms_ringfile_header(p->ring);
    char parent[16];
    p->info =
        ms_memory_grow(NULL, (size_t)header->info_size + 1, &p->info_capacity, sizeof *p->info);
    memcpy(p->info, header->info, header->info_size);
    p->info_size = header->info_size;
    snprintf(parent, sizeof parent, "%u", header->parent_pid);
    put_pair(p, MS_INFO_PARENT, parent);
    if (header->forked)
        put_pair(p, MS_INFO_FORKED, "1");
    put_losses(p);
    if (ms_ringfile_is_ended(p->ring)) {
        put_pair(p, MS_INFO_END, "detached");
    } else if (ms_ringfile_is_over(p->ring)) {
        put_pair(p, MS_INFO_END, "gone");
        put_pair(p, MS_INFO_COMPLETE, "1");
    }
}

/* ---- events ----------------------------------------------------------------------------- */

static bool end_chunk(packing *p) {
    const uint8_t *payload;
    size_t size;
    uint64_t first_us, last_us;
    if (ms_packer_events(p->packer) == 0)
        return true;
    return ms_packer_finish(p->packer, &payload, &size, &first_us, &last_us) &&
           ms_trace_writer_append(p->writer, MS_KIND_EVENTS, payload, size, first_us, last_us);
}

static const ms_event *next_event(packing *p) {
    if (ms_merge_time(p->merge) >= ms_ringfile_due(p->ring))
        ms_ringfile_feed(p->ring, p->merge, 0);
    const ms_event *event = ms_merge_next(p->merge, NULL);
    if (!event && ms_ringfile_due(p->ring) != UINT64_MAX) {
        ms_ringfile_feed(p->ring, p->merge, 0);
        event = ms_merge_next(p->merge, NULL);
    }
    return event;
}

/* In the order of the merge, so that chunks follow each other as the events did. */
static bool write_events(packing *p) {
    const ms_event *event;
    while ((event = next_event(p))) {
        if (!ms_packer_add(p->packer, event))
            return false;
        if ((ms_packer_events(p->packer) >= CHUNK_EVENTS || ms_packer_is_full(p->packer)) &&
            !end_chunk(p))
            return false;
    }
    return end_chunk(p);
}

/* ---- the file --------------------------------------------------------------------------- */

static ms_trace_header header_of(const ms_ringfile *ring) {
    const ms_ring_header *from = ms_ringfile_header(ring);
    ms_trace_header header = {.version = MS_TRACE_VERSION,
                              .form = MS_FORM_TRACE,
                              .pid = from->pid,
                              .session = {from->session[0], from->session[1]},
                              .start_realtime_ns = from->start_realtime_ns};
    memcpy(header.magic, MS_TRACE_MAGIC, sizeof header.magic);
    return header;
}

static bool write_trace(packing *p) {
    make_info(p);
    return ms_trace_writer_append(p->writer, MS_KIND_INFO, p->info, p->info_size, 0, 0) &&
           write_events(p) && ms_trace_writer_finish(p->writer);
}

static ms_err output_error(ms_error *error, const char *path, int os_errno) {
    ms_err code =
        ms_fail(error, MS_ERR_OUTPUT, "%s: cannot be written: %s; the trace stays as it is", path,
                strerror(os_errno ? os_errno : ENOMEM));
    if (error)
        error->os_errno = os_errno;
    return code;
}

/* Writes `temporary` and gives it the name `path`. */
static ms_err pack_as(ms_ringfile *ring, const char *path, const char *temporary, ms_error *error) {
    packing p = {.ring = ring};
    int os_errno = 0;
    ms_trace_header header = header_of(ring);
    unlink(temporary); /* never write through what somebody put there */
    p.writer = ms_trace_writer_open(temporary, &header, &os_errno);
    if (!p.writer)
        return output_error(error, path, os_errno);
    p.merge = ms_merge_new(NULL);
    ms_merge_batch(p.merge);
    p.packer = ms_packer_new();
    bool written = p.packer && write_trace(&p);
    os_errno = ms_trace_writer_error(p.writer);
    ms_trace_writer_close(p.writer);
    ms_merge_free(p.merge);
    ms_packer_free(p.packer);
    free(p.info);
    if (written && rename(temporary, path) != 0) {
        os_errno = errno;
        written = false;
    }
    if (written)
        return MS_ERR_OK;
    unlink(temporary);
    return output_error(error, path, os_errno);
}

static ms_err pack(ms_ringfile *ring, const char *path, ms_error *error) {
    size_t length = strlen(path) + sizeof ".tmp";
    char *temporary = ms_memory_zeroed(length, 1);
    snprintf(temporary, length, "%s.tmp", path);
    ms_err result = pack_as(ring, path, temporary, error);
    free(temporary);
    return result;
}

ms_err ms_pack_ring_to(int fd, uint64_t size, const char *out, ms_error *error) {
    ms_ringfile *ring = ms_ringfile_open(fd, size);
    if (!ring)
        return ms_fail(error, MS_ERR_INPUT, "%s: the trace's header cannot be read", out);
    ms_err result = pack(ring, out, error);
    ms_ringfile_close(ring);
    return result;
}

ms_err ms_pack_ring(const char *path, ms_error *error) {
    uint64_t size;
    int fd = ms_trace_file_open(path, &size, error);
    if (fd < 0)
        return MS_ERR_INPUT;
    ms_trace_form form = ms_trace_file_form(fd, path, size, error);
    if (form != MS_FORM_RING) {
        close(fd);
        return form == 0 ? MS_ERR_INPUT : MS_ERR_OK;
    }
    ms_ringfile *ring = ms_ringfile_open(fd, size);
    if (!ring)
        return ms_fail(error, MS_ERR_INPUT, "%s: its header cannot be read", path);
    ms_err result = MS_ERR_OK;
    if (ms_ringfile_header(ring)->lone && ms_ringfile_is_over(ring))
        result = pack(ring, path, error);
    ms_ringfile_close(ring);
    return result;
}
