#include "load/play.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load/pace.h"
#include "trace/decode.h"
#include "util/memory.h"

enum { RUN_EVENTS = 64 }; /* between looks at what else there is to do */

typedef struct ms_paced_stream {
    ms_stream stream;
    ms_pace pace;
    uint64_t skip; /* events that are replayed already */
    uint64_t read;
} paced_stream;

void ms_play_warn(ms_play *p, uint64_t offset, const char *what) {
    if (!p->warning || p->warning->code != MS_ERR_OK)
        return;
    ms_fail(p->warning, MS_ERR_INPUT, "%s: %s at byte %llu; what can be read is shown", p->path,
            what, (unsigned long long)offset);
    p->warning->offset = offset;
}

/* ---- chunks ----------------------------------------------------------------------------- */

static bool next_event(paced_stream *s, ms_event *event, ms_when *when) {
    if (!ms_stream_next(&s->stream, event))
        return false;
    if (event->kind == MS_EVENT_TIME) {
        uint64_t until_us, ahead;
        ms_stream_peek_time(&s->stream, &until_us, &ahead);
        ms_pace_begin(&s->pace, event->time_us, ahead + 1);
    }
    *when = ms_pace_next(&s->pace);
    s->read++;
    return true;
}

static size_t read_stream(void *self, ms_event *events, ms_when *when, size_t max) {
    paced_stream *s = self;
    size_t count = 0;
    while (s->read < s->skip && next_event(s, events, when)) {
    }
    while (count < max && next_event(s, &events[count], &when[count]))
        count++;
    return count;
}

/* A batch whose streams have been read, or will not be. */
static void retire_batch(ms_play *p, ms_batch *b) {
    for (size_t i = 0; i < b->count; i++) {
        ms_stream_close(&b->streams[i].stream);
        if (b->streams[i].stream.damaged) {
            p->damaged_streams++;
            ms_play_warn(p, b->payload.offset, "a chunk has events this version cannot read");
        }
    }
    b->count = 0;
}

static void add_batch(ms_play *p, ms_batch *b) {
    const uint8_t *payload = b->payload.bytes;
    size_t size = b->payload.chunk.size, count;
    bool whole = ms_streams_open(payload, size, NULL, 0, &count);
    if (!whole || count > MS_TRACE_STREAMS_MAX) {
        p->damaged_streams++;
        ms_play_warn(p, b->payload.offset, "a chunk has damaged streams");
    }
    b->count = count < MS_TRACE_STREAMS_MAX ? count : MS_TRACE_STREAMS_MAX;
    b->streams = ms_memory_grow(b->streams, b->count, &b->capacity, sizeof *b->streams);
    ms_stream *streams = ms_memory_zeroed(b->count, sizeof *streams);
    ms_streams_open(payload, size, streams, b->count, &count);
    ms_merge_batch(p->merge);
    for (size_t i = 0; i < b->count; i++) {
        b->streams[i] = (paced_stream){.stream = streams[i]};
        if (i < p->checkpoint.replayed_count)
            b->streams[i].skip = p->checkpoint.replayed[i];
        ms_merge_add(p->merge, streams[i].thread,
                     (ms_source){&b->streams[i], read_stream, NULL, true});
    }
    free(streams);
    p->checkpoint.replayed_count = 0;
    p->event_chunks++;
    p->next_batch ^= 1;
}

/* What comes before the first events stands in for those before them. */
static void take_checkpoint(ms_play *p, const ms_payload *payload) {
    if (p->event_chunks == 0 &&
        ms_checkpoint_read(&p->checkpoint, payload->bytes, payload->chunk.size))
        return;
    p->damaged_streams++;
    ms_play_warn(p, payload->offset, "a checkpoint is damaged");
}

static void take_chunk(ms_play *p, ms_batch *b) {
    const ms_trace_chunk *chunk = &b->payload.chunk;
    if (chunk->last_us > p->end_us && chunk->last_us <= MS_TIME_MAX_US)
        p->end_us = chunk->last_us;
    switch (chunk->kind) {
    case MS_KIND_INFO: ms_info_read(&p->info, b->payload.bytes, chunk->size); break;
    case MS_KIND_SAMPLES: ms_samples_read(&p->samples, b->payload.bytes, chunk->size); break;
    case MS_KIND_EVENTS: add_batch(p, b); break;
    case MS_KIND_CHECKPOINT: take_checkpoint(p, &b->payload); break;
    default: break; /* the index is for those who do not read everything; others we do not know */
    }
}

/* ---- the ring --------------------------------------------------------------------------- */

static void add_ring(ms_play *p, ms_ringfile *ring) {
    p->ring = ring;
    p->replay.several |= ms_ringfile_header(ring)->threads > 1; /* not all are at hand at once */
    ms_merge_batch(p->merge);
}

/* A trace without an end whose ring is still there: its recorder died. A recorder that lives would
 * write on; then the ring is its business, and what has been written so far is what there is. */
static void recover(ms_play *p) {
    uint64_t size;
    struct stat status;
    ms_trace_header header;
    bool wanted = p->info.ring && !p->info.compact; /* what a block is called died, too */
    int fd = wanted ? ms_trace_file_open(p->info.ring, &size, NULL) : -1;
    if (fd < 0)
        return;
    bool is_ring = ms_trace_file_form(fd, p->info.ring, size, NULL) == MS_FORM_RING;
    ms_ringfile *ring = is_ring ? ms_ringfile_open(fd, size) : NULL;
    if (!is_ring)
        close(fd);
    if (!ring)
        return;
    ms_trace_file_read(p->fd, &header, sizeof header, 0);
    bool same =
        memcmp(header.session, ms_ringfile_header(ring)->session, sizeof header.session) == 0;
    if (same && fstat(p->fd, &status) == 0 && (uint64_t)status.st_size == p->size)
        add_ring(p, ring);
    else
        ms_ringfile_close(ring);
}

/* ---- the loop --------------------------------------------------------------------------- */

static void no_chunks_left(ms_play *p) {
    p->chunks_left = false;
    if (!p->reader.ended_well && !p->so_far && p->last_chunk == UINT64_MAX)
        recover(p);
}

/* False: a chunk is wanted that is not to be read. */
static bool read_chunks(ms_play *p) {
    while (ms_merge_wants(p->merge)) {
        if (!p->chunks_left)
            return p->last_chunk == UINT64_MAX;
        ms_batch *b = &p->batches[p->next_batch];
        retire_batch(p, b);
        if (ms_reader_next(&p->reader, &b->payload)) {
            p->chunks_left = b->payload.offset != p->last_chunk;
            take_chunk(p, b);
        } else {
            no_chunks_left(p);
        }
    }
    return true;
}

/* Alone, threads write down only larger steps of the clock (capture/clock.h). */
static uint64_t late_by_us(const ms_play *p) {
    bool lone = p->ring ? ms_ringfile_header(p->ring)->lone != 0 : !p->info.ring;
    return lone ? MS_LONE_STEP_US : 0;
}

/* Is it time for threads of the ring that the merge does not know yet? */
static bool is_due(ms_play *p, uint64_t late_us) {
    uint64_t due_us = ms_ringfile_due(p->ring), time_us = ms_merge_time(p->merge);
    return due_us != UINT64_MAX && (time_us >= due_us || due_us - time_us <= late_us);
}

/* Replays some events; false when there are none at hand. */
static bool run(ms_play *p) {
    uint64_t late_us = late_by_us(p);
    p->replay.several |= ms_merge_is_several(p->merge);
    for (unsigned i = 0; i < RUN_EVENTS; i++) {
        if (p->replay.notes.count || p->replay.notes.places.count)
            ms_merge_judge(p->merge, ms_fit_of, &p->replay, late_us);
        if (p->ring && is_due(p, late_us))
            ms_ringfile_feed(p->ring, p->merge, 0);
        uint64_t until_us;
        const ms_event *event = ms_merge_next(p->merge, &until_us);
        if (!event)
            return p->ring && ms_ringfile_due(p->ring) != UINT64_MAX;
        ms_replay_event(&p->replay, event, until_us + late_us);
    }
    return true;
}

bool ms_play_on(ms_play *p) {
    return read_chunks(p) && (run(p) || p->chunks_left);
}

void ms_play_note_rest(ms_play *p) {
    const ms_batch *last = &p->batches[p->next_batch ^ 1];
    ms_checkpoint *c = &p->checkpoint;
    c->replayed =
        ms_memory_grow(c->replayed, last->count, &c->replayed_capacity, sizeof *c->replayed);
    c->replayed_count = last->count;
    for (size_t i = 0; i < last->count; i++) {
        const paced_stream *s = &last->streams[i];
        c->replayed[i] = s->read - ms_merge_ahead(p->merge, s->stream.thread);
    }
}

/* ---- begin and end ---------------------------------------------------------------------- */

bool ms_play_begin(ms_play *p, ms_trace_form form, ms_arena *arena) {
    p->last_chunk = UINT64_MAX;
    ms_replay_init(&p->replay);
    ms_info_init(&p->info, arena);
    ms_samples_init(&p->samples, arena);
    p->checkpoint =
        (ms_checkpoint){.replay = &p->replay, .samples = &p->samples, .end_us = &p->end_us};
    p->merge = ms_merge_new(&p->replay.live);
    if (form == MS_FORM_TRACE) {
        ms_reader_init(&p->reader, p->fd, p->size);
        p->chunks_left = true;
        return true;
    }
    ms_ringfile *ring = ms_ringfile_open(dup(p->fd), p->size);
    if (ring)
        add_ring(p, ring);
    return ring;
}

void ms_play_end(ms_play *p) {
    for (unsigned i = 0; i < 2; i++)
        retire_batch(p, &p->batches[i]);
}

void ms_play_deinit(ms_play *p) {
    ms_play_end(p);
    ms_merge_free(p->merge); /* before what its sources read from */
    ms_ringfile_close(p->ring);
    ms_reader_deinit(&p->reader);
    for (unsigned i = 0; i < 2; i++) {
        free(p->batches[i].payload.bytes);
        free(p->batches[i].streams);
    }
    ms_checkpoint_deinit(&p->checkpoint);
    ms_samples_deinit(&p->samples);
    ms_info_deinit(&p->info);
    ms_replay_deinit(&p->replay);
}
