#include "load/load.h"

#include <time.h>
#include <unistd.h>

#include "load/build.h"
#include "load/play.h"

#define PROGRESS_NS 10000000u /* between calls of the callback */

/* A trace being loaded. */
typedef struct loading {
    const ms_load_options *options;
    ms_model *model;
    ms_play play;
    uint64_t told_ns;
    uint64_t rounds;
    bool stopped; /* by the callback */
} loading;

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
    uint64_t done = l->play.reader.offset, total = l->play.reader.size;
    if (l->play.ring) {
        done += ms_ringfile_done(l->play.ring);
        total += ms_ringfile_total(l->play.ring);
    }
    if (!l->options->progress(l->options->context, done, total))
        l->stopped = true;
}

/* ---- the loop --------------------------------------------------------------------------- */

static void read_all(loading *l) {
    do {
        if (l->options && l->options->progress && ++l->rounds % 256 == 0)
            tell_progress(l);
    } while (!l->stopped && ms_play_on(&l->play));
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
    ms_trace_file_read(l->play.fd, &header, sizeof header, 0);
    describe_program(l, header.pid, header.start_realtime_ns);

    ms_capture *c = &l->model->capture;
    const ms_reader *r = &l->play.reader;
    c->lone = !l->play.info.ring; /* of a recorder, it would say where it was */
    bool whole = r->ended_well || l->play.ring || l->play.so_far;
    bool damaged = r->damaged || r->cut || l->play.damaged_streams;
    c->dropped.damaged_chunks = r->damaged + l->play.damaged_streams;
    c->truncated = !whole || damaged || l->stopped;
    c->truncated_at = r->damage_at;
    if (c->truncated && !damaged)
        c->truncated_at = r->offset;
    if (r->cut)
        ms_play_warn(&l->play, r->damage_at, "the trace is cut");
    else if (damaged)
        ms_play_warn(&l->play, r->damage_at, "the trace is damaged");
    else if (!whole && !l->stopped)
        ms_play_warn(&l->play, r->size,
                     "the trace has no end: its recorder was stopped or is still at work,");
    bool over = l->play.info.complete || (l->play.ring && ms_ringfile_is_over(l->play.ring));
    c->complete = over && !c->truncated && !c->gaps && !lost_events(l->model);
}

/* Of a ring that is the whole trace. */
static void describe_ring(loading *l) {
    const ms_ring_header *header = ms_ringfile_header(l->play.ring);
    describe_program(l, header->pid, header->start_realtime_ns);
    bool ended = ms_ringfile_is_ended(l->play.ring), over = ms_ringfile_is_over(l->play.ring);
    if (!l->play.info.end && over)
        l->model->program.end = ended ? "detached" : "gone";

    ms_capture *c = &l->model->capture;
    c->lone = header->lone;
    uint64_t wanted = MS_RING_HEADER_SIZE + (uint64_t)header->chunks * MS_RING_CHUNK_SIZE;
    bool cut = l->play.size < wanted;
    c->truncated = cut || !header->lone || l->stopped;
    c->truncated_at = cut ? l->play.size : MS_UNKNOWN;
    if (cut)
        ms_play_warn(&l->play, l->play.size, "the trace is cut");
    else if (!header->lone)
        ms_play_warn(&l->play, 0,
                     "this is only what a recorder had not yet written, from its ring,");
    c->complete = over && !ended && !c->truncated && !c->gaps && !lost_events(l->model);
}

static void take_ring_header(loading *l) {
    const ms_ring_header *header = ms_ringfile_header(l->play.ring);
    ms_info_read(&l->play.info, header->info, header->info_size);
    l->play.info.forked = header->forked != 0;
    l->play.info.parent = header->parent_pid;
}

static void take_ring_losses(loading *l) {
    for (unsigned cause = 0; l->play.ring && cause < MS_LOSS_COUNT; cause++)
        if (ms_ringfile_lost(l->play.ring, cause) > l->play.info.lost[cause])
            l->play.info.lost[cause] = ms_ringfile_lost(l->play.ring, cause);
}

static uint64_t end_of(const loading *l) {
    uint64_t end = l->play.replay.now_us;
    if (l->play.samples.last_us > end)
        end = l->play.samples.last_us;
    return l->play.end_us > end ? l->play.end_us : end;
}

static void finish(loading *l, ms_trace_form form) {
    ms_play_end(&l->play);
    take_ring_losses(l);
    ms_replay_finish(&l->play.replay);
    if (l->play.replay.thinned_from_us != UINT64_MAX) {
        l->model->capture.thinned_from_ns = l->play.replay.thinned_from_us * 1000;
        l->model->capture.thinned_rate = l->play.replay.thin_rate;
    }
    if (l->play.checkpoint.read)
        l->model->capture.events_from_ns = l->play.checkpoint.until_us * 1000;
    if (l->play.replay.notes.from_us)
        l->model->capture.notes_from_ns = l->play.replay.notes.from_us * 1000;
    ms_build(l->model, &l->play.replay, &l->play.info, &l->play.samples, end_of(l), l->options);
    l->model->capture.trace_bytes = l->play.size;
    if (form == MS_FORM_TRACE)
        describe_trace(l);
    else
        describe_ring(l);
}

/* ---- the door --------------------------------------------------------------------------- */

/* The file is open and has that form. */
static void load(loading *l, ms_trace_form form, ms_error *error) {
    l->model = ms_model_new();
    if (!l->model) {
        ms_fail(error, MS_ERR_NOMEM, "%s: no memory to load it", l->play.path);
        return;
    }
    if (ms_play_begin(&l->play, form, l->model->arena)) {
        if (l->play.ring)
            take_ring_header(l);
        if (l->options && l->options->rows) {
            l->model->rows = l->play.replay.rows = ms_rows_new(0);
            ms_live_keep_numbers(&l->play.replay.live);
        }
        read_all(l);
        finish(l, form);
    } else {
        ms_fail(error, MS_ERR_INPUT, "%s: its header cannot be read", l->play.path);
        ms_model_free(l->model);
        l->model = NULL;
    }
    ms_play_deinit(&l->play);
}

ms_model *ms_load(const char *path, const ms_load_options *options, ms_error *warning,
                  ms_error *error) {
    loading l = {.options = options, .play = {.path = path, .warning = warning}};
    if (warning)
        *warning = (ms_error){.code = MS_ERR_OK};
    l.play.fd = ms_trace_file_open(path, &l.play.size, error);
    if (l.play.fd < 0)
        return NULL;
    ms_trace_form form = ms_trace_file_form(l.play.fd, path, l.play.size, error);
    l.play.so_far = options && options->so_far && options->so_far <= l.play.size;
    if (l.play.so_far)
        l.play.size = options->so_far;
    if (form != 0)
        load(&l, form, error);
    close(l.play.fd);
    return l.model;
}
