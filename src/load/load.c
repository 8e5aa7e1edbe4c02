#include "load/load.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "load/build.h"
#include "load/info.h"
#include "load/merge.h"
#include "load/pace.h"
#include "load/reader.h"
#include "load/replay.h"
#include "load/ringfile.h"
#include "load/samples.h"
#include "trace/decode.h"
#include "util/memory.h"

enum { RUN_EVENTS = 64 };     /* between looks at what else there is to do */
#define PROGRESS_NS 10000000u /* between calls of the callback */

typedef struct paced_stream {
    ms_stream stream;
    ms_pace pace;
    uint64_t last_us; /* of the chunk */
} paced_stream;

/* The events of a chunk while they are in the merge. */
typedef struct batch {
    ms_payload payload;
    paced_stream *streams;
    size_t count, capacity;
} batch;

/* A trace being loaded. */
typedef struct loading {
    const char *path;
    const ms_load_options *options;
    ms_error *warning;
    ms_model *model;
    ms_replay replay;
    ms_merge *merge;
    ms_info info;
    ms_samples samples;
    int fd;
    uint64_t size;     /* of the file */
    ms_reader reader;  /* of a TRACE */
    ms_ringfile *ring; /* the trace, or the rest of one whose recorder died */
    batch batches[2];  /* the merge keeps two */
    unsigned next_batch;
    uint64_t end_us; /* time of the last chunk */
    uint64_t damaged_streams;
    uint64_t told_ns;
    uint64_t events;
    bool chunks_left;
    bool stopped; /* by the callback */
} loading;

/* The first trouble is the one to tell. */
static void warn(loading *l, uint64_t offset, const char *what) {
    if (!l->warning || l->warning->code != MS_ERR_OK)
        return;
    ms_fail(l->warning, MS_ERR_INPUT, "%s: %s at byte %llu; what can be read is shown", l->path,
            what, (unsigned long long)offset);
    l->warning->offset = offset;
}

/* ---- progress --------------------------------------------------------------------------- */

static uint64_t monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void tell_progress(loading *l) {
    uint64_t now = monotonic_ns();
    if (now - l->told_ns < PROGRESS_NS)
        return;
    l->told_ns = now;
    uint64_t done = l->reader.offset, total = l->reader.size;
    if (l->ring) {
        done += ms_ringfile_done(l->ring);
        total += ms_ringfile_total(l->ring);
    }
    if (!l->options->progress(l->options->context, done, total))
        l->stopped = true;
}

/* ---- chunks ----------------------------------------------------------------------------- */

static size_t read_stream(void *self, ms_event *events, ms_when *when, size_t max) {
    paced_stream *s = self;
    size_t count = 0;
    for (; count < max && ms_stream_next(&s->stream, &events[count]); count++) {
        if (events[count].kind == MS_EVENT_TIME) {
            uint64_t until_us, ahead;
            ms_stream_peek_time(&s->stream, &until_us, &ahead);
            ms_pace_begin(&s->pace, events[count].time_us, ahead + 1);
        }
        when[count] = ms_pace_next(&s->pace);
    }
    return count;
}

/* A batch whose streams have been read, or will not be. */
static void retire_batch(loading *l, batch *b) {
    for (size_t i = 0; i < b->count; i++) {
        ms_stream_close(&b->streams[i].stream);
        if (b->streams[i].stream.damaged) {
            l->damaged_streams++;
            warn(l, b->payload.offset, "a chunk has events this version cannot read");
        }
    }
    b->count = 0;
}

static void add_batch(loading *l, batch *b) {
    const uint8_t *payload = b->payload.bytes;
    size_t size = b->payload.chunk.size, count;
    bool whole = ms_streams_open(payload, size, NULL, 0, &count);
    if (!whole || count > MS_TRACE_STREAMS_MAX) {
        l->damaged_streams++;
        warn(l, b->payload.offset, "a chunk has damaged streams");
    }
    b->count = count < MS_TRACE_STREAMS_MAX ? count : MS_TRACE_STREAMS_MAX;
    b->streams = ms_memory_grow(b->streams, b->count, &b->capacity, sizeof *b->streams);
    ms_stream *streams = ms_memory_zeroed(b->count, sizeof *streams);
    ms_streams_open(payload, size, streams, b->count, &count);
    ms_merge_batch(l->merge);
    for (size_t i = 0; i < b->count; i++) {
        b->streams[i] = (paced_stream){.stream = streams[i], .last_us = b->payload.chunk.last_us};
        ms_merge_add(l->merge, streams[i].thread, (ms_source){&b->streams[i], read_stream, NULL});
    }
    free(streams);
    l->next_batch ^= 1;
}

static void take_chunk(loading *l, batch *b) {
    const ms_trace_chunk *chunk = &b->payload.chunk;
    if (chunk->last_us > l->end_us && chunk->last_us <= MS_TIME_MAX_US)
        l->end_us = chunk->last_us;
    switch (chunk->kind) {
    case MS_KIND_INFO: ms_info_read(&l->info, b->payload.bytes, chunk->size); break;
    case MS_KIND_SAMPLES: ms_samples_read(&l->samples, b->payload.bytes, chunk->size); break;
    case MS_KIND_EVENTS: add_batch(l, b); break;
    default: break; /* the index is for those who do not read everything; others we do not know */
    }
}

/* ---- the ring --------------------------------------------------------------------------- */

static void add_ring(loading *l, ms_ringfile *ring) {
    l->ring = ring;
    ms_merge_batch(l->merge);
}

/* A trace without an end whose ring is still there: its recorder died. A recorder that lives would
 * write on; then the ring is its business, and what has been written so far is what there is. */
static void recover(loading *l) {
    uint64_t size;
    struct stat status;
    ms_trace_header header;
    int fd = l->info.ring ? ms_trace_file_open(l->info.ring, &size, NULL) : -1;
    if (fd < 0)
        return;
    bool is_ring = ms_trace_file_form(fd, l->info.ring, size, NULL) == MS_FORM_RING;
    ms_ringfile *ring = is_ring ? ms_ringfile_open(fd, size) : NULL;
    if (!is_ring)
        close(fd);
    if (!ring)
        return;
    ms_trace_file_read(l->fd, &header, sizeof header, 0);
    bool same =
        memcmp(header.session, ms_ringfile_header(ring)->session, sizeof header.session) == 0;
    if (same && fstat(l->fd, &status) == 0 && (uint64_t)status.st_size == l->size)
        add_ring(l, ring);
    else
        ms_ringfile_close(ring);
}

/* ---- the loop --------------------------------------------------------------------------- */

static void read_chunks(loading *l) {
    while (l->chunks_left && ms_merge_wants(l->merge)) {
        batch *b = &l->batches[l->next_batch];
        retire_batch(l, b);
        if (ms_reader_next(&l->reader, &b->payload)) {
            take_chunk(l, b);
        } else {
            l->chunks_left = false;
            if (!l->reader.ended_well)
                recover(l);
        }
    }
}

/* Replays some events; false when there are none left. */
static bool run(loading *l) {
    l->replay.several |= ms_merge_is_several(l->merge);
    for (unsigned i = 0; i < RUN_EVENTS; i++) {
        if (l->ring && ms_merge_time(l->merge) >= ms_ringfile_due(l->ring) &&
            ms_ringfile_due(l->ring) != UINT64_MAX)
            ms_ringfile_feed(l->ring, l->merge, 0);
        uint64_t until_us;
        const ms_event *event = ms_merge_next(l->merge, &until_us);
        if (!event)
            return l->chunks_left || (l->ring && ms_ringfile_due(l->ring) != UINT64_MAX);
        ms_replay_event(&l->replay, event, until_us);
    }
    return true;
}

static void read_all(loading *l) {
    do {
        read_chunks(l);
        if (l->options && l->options->progress && (l->events += RUN_EVENTS) % 16384 == 0)
            tell_progress(l);
    } while (!l->stopped && (run(l) || l->chunks_left));
}

/* ---- what it was ------------------------------------------------------------------------ */

static bool lost_events(const ms_model *model) {
    const ms_drops *d = &model->capture.dropped;
    return d->recorder_gone || d->no_space || d->reentrant || d->no_memory || d->damaged_chunks;
}

static void describe_program(loading *l, uint32_t pid, uint64_t start_realtime_ns) {
    ms_program *program = &l->model->program;
    program->pid = pid;
    program->start_unix_ns = start_realtime_ns;
    program->start = ms_info_date(l->model->arena, start_realtime_ns);
}

static void describe_trace(loading *l) {
    ms_trace_header header;
    ms_trace_file_read(l->fd, &header, sizeof header, 0);
    describe_program(l, header.pid, header.start_realtime_ns);

    ms_capture *c = &l->model->capture;
    const ms_reader *r = &l->reader;
    bool whole = r->ended_well || l->ring;
    bool damaged = r->damaged || r->cut || l->damaged_streams;
    c->dropped.damaged_chunks = r->damaged + l->damaged_streams;
    c->truncated = !whole || damaged || l->stopped;
    c->truncated_at = r->damage_at;
    if (c->truncated && !damaged)
        c->truncated_at = r->offset;
    if (r->cut)
        warn(l, r->damage_at, "the trace is cut");
    else if (damaged)
        warn(l, r->damage_at, "the trace is damaged");
    else if (!whole && !l->stopped)
        warn(l, r->size, "the trace has no end: its recorder was stopped or is still at work,");
    bool over = l->info.complete || (l->ring && ms_ringfile_is_over(l->ring));
    c->complete = over && !c->truncated && !lost_events(l->model);
}

/* Of a ring that is the whole trace. */
static void describe_ring(loading *l) {
    const ms_ring_header *header = ms_ringfile_header(l->ring);
    describe_program(l, header->pid, header->start_realtime_ns);
    bool over = ms_ringfile_is_over(l->ring);
    if (!l->info.end && over)
        l->model->program.end = "gone";

    ms_capture *c = &l->model->capture;
    uint64_t wanted = MS_RING_HEADER_SIZE + (uint64_t)header->chunks * MS_RING_CHUNK_SIZE;
    bool cut = l->size < wanted;
    c->truncated = cut || !header->lone || l->stopped;
    c->truncated_at = cut ? l->size : MS_UNKNOWN;
    if (cut)
        warn(l, l->size, "the trace is cut");
    else if (!header->lone)
        warn(l, 0, "this is only what a recorder had not yet written, from its ring,");
    c->complete = over && !c->truncated && !lost_events(l->model);
}

static void take_ring_header(loading *l) {
    const ms_ring_header *header = ms_ringfile_header(l->ring);
    ms_info_read(&l->info, header->info, header->info_size);
    l->info.forked = header->forked != 0;
    l->info.parent = header->parent_pid;
}

static void take_ring_losses(loading *l) {
    for (unsigned cause = 0; l->ring && cause < MS_LOSS_COUNT; cause++)
        if (ms_ringfile_lost(l->ring, cause) > l->info.lost[cause])
            l->info.lost[cause] = ms_ringfile_lost(l->ring, cause);
}

static uint64_t end_of(const loading *l) {
    uint64_t end = l->replay.now_us;
    if (l->samples.last_us > end)
        end = l->samples.last_us;
    return l->end_us > end ? l->end_us : end;
}

static void finish(loading *l, ms_trace_form form) {
    for (unsigned i = 0; i < 2; i++)
        retire_batch(l, &l->batches[i]);
    take_ring_losses(l);
    ms_replay_finish(&l->replay);
    ms_build(l->model, &l->replay, &l->info, &l->samples, end_of(l), l->options);
    l->model->capture.trace_bytes = l->size;
    if (form == MS_FORM_TRACE)
        describe_trace(l);
    else
        describe_ring(l);
}

/* ---- the door --------------------------------------------------------------------------- */

/* False when a ring has no readable header. */
static bool begin(loading *l, ms_trace_form form) {
    ms_replay_init(&l->replay);
    ms_info_init(&l->info, l->model->arena);
    ms_samples_init(&l->samples, l->model->arena);
    l->merge = ms_merge_new(&l->replay.live);
    if (form == MS_FORM_TRACE) {
        ms_reader_init(&l->reader, l->fd, l->size);
        l->chunks_left = true;
        return true;
    }
    ms_ringfile *ring = ms_ringfile_open(dup(l->fd), l->size);
    if (!ring)
        return false;
    add_ring(l, ring);
    take_ring_header(l);
    return true;
}

static void end(loading *l) {
    ms_merge_free(l->merge); /* before what its sources read from */
    ms_ringfile_close(l->ring);
    ms_reader_deinit(&l->reader);
    for (unsigned i = 0; i < 2; i++) {
        free(l->batches[i].payload.bytes);
        free(l->batches[i].streams);
    }
    ms_samples_deinit(&l->samples);
    ms_info_deinit(&l->info);
    ms_replay_deinit(&l->replay);
}

/* The file is open and has that form. */
static void load(loading *l, ms_trace_form form, ms_error *error) {
    l->model = ms_model_new();
    if (!l->model) {
        ms_fail(error, MS_ERR_NOMEM, "%s: no memory to load it", l->path);
        return;
    }
    if (begin(l, form)) {
        read_all(l);
        finish(l, form);
    } else {
        ms_fail(error, MS_ERR_INPUT, "%s: its header cannot be read", l->path);
        ms_model_free(l->model);
        l->model = NULL;
    }
    end(l);
}

ms_model *ms_load(const char *path, const ms_load_options *options, ms_error *warning,
                  ms_error *error) {
    loading l = {.path = path, .options = options, .warning = warning};
    if (warning)
        *warning = (ms_error){.code = MS_ERR_OK};
    l.fd = ms_trace_file_open(path, &l.size, error);
    if (l.fd < 0)
        return NULL;
    ms_trace_form form = ms_trace_file_form(l.fd, path, l.size, error);
    if (form != 0)
        load(&l, form, error);
    close(l.fd);
    return l.model;
}
