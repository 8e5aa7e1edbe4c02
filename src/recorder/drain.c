#include "recorder/drain.h"

#include <stdlib.h>
#include <string.h>

#include "recorder/rename.h"
#include "trace/ring.h"

enum { LOOKS_MAX = 4 }; /* at the chunks, before what came in between is left for later */

/* What is known of a thread, by its serial. */
typedef struct thread_info {
    uint32_t tid;
    uint64_t time_us;
    uint64_t next;                   /* sequence of the chunk to go on with */
    uint64_t ahead;                  /* of one that was seen too early, + 1; 0: none */
    uint64_t counts[MS_COUNT_COUNT]; /* as last recorded */
    char name[16];                   /* likewise */
} thread_info;

struct ms_drain {
    ms_ring_view *view;
    ms_packer *packer;
    ms_renamer *renamer; /* of a compact trace */
    uint64_t count;
    ms_moves moves;
    uint64_t passed[MS_COUNT_COUNT]; /* all threads' counts */
    thread_info *threads;
    uint32_t thread_count;
    struct lane *lanes;
    size_t lane_capacity;
    bool broken; /* names were given to events that there was no memory for */
    uint64_t renamed[MS_RING_CHUNK_WORDS];
};

ms_drain *ms_drain_new(ms_ring_view *view, bool compact) {
    ms_drain *drain = calloc(1, sizeof *drain);
    if (!drain)
        return NULL;
    drain->view = view;
    drain->packer = ms_packer_new();
    drain->renamer = compact ? ms_renamer_new() : NULL;
    if (drain->packer && (drain->renamer || !compact))
        return drain;
    ms_drain_free(drain);
    return NULL;
}

void ms_drain_free(ms_drain *drain) {
    if (!drain)
        return;
    ms_packer_free(drain->packer);
    ms_renamer_free(drain->renamer);
    free(drain->threads);
    free(drain->lanes);
    free(drain);
}

ms_packer *ms_drain_packer(ms_drain *drain) {
    return drain->packer;
}

uint64_t ms_drain_take_count(ms_drain *drain) {
    uint64_t count = drain->count;
    drain->count = 0;
    return count;
}

void ms_drain_totals(const ms_drain *drain, uint64_t totals[MS_COUNT_COUNT]) {
    const ms_moves *moves = &drain->moves;
    memcpy(totals, drain->passed, sizeof drain->passed);
    totals[MS_COUNT_ALLOCATIONS] += moves->allocations;
    totals[MS_COUNT_REALLOCATIONS] += moves->reallocations;
    totals[MS_COUNT_FREES] += moves->frees;
    totals[MS_COUNT_BYTES] += moves->bytes;
}

/* ---- threads --------------------------------------------------------------------------------- */

static thread_info *thread_at(ms_drain *drain, uint32_t serial) {
    if (serial >= (1u << 24))
        return NULL; /* no process has that many: a ring gone wild */
    if (serial >= drain->thread_count) {
        uint32_t count = serial + 16 + serial / 2;
        thread_info *threads = realloc(drain->threads, count * sizeof *threads);
        if (!threads)
            return NULL;
        memset(threads + drain->thread_count, 0, (count - drain->thread_count) * sizeof *threads);
        drain->threads = threads;
        drain->thread_count = count;
    }
    return &drain->threads[serial];
}

static void note_name(thread_info *thread, ms_text text) {
    size_t size = text.size < sizeof thread->name - 1 ? text.size : sizeof thread->name - 1;
    memcpy(thread->name, text.bytes, size);
    thread->name[size] = 0;
}

void ms_drain_name(ms_drain *drain, uint32_t tid, const char *name) {
    for (uint32_t serial = 1; serial < drain->thread_count; serial++) {
        thread_info *thread = &drain->threads[serial];
        if (thread->tid != tid || thread->name[0] == 0)
            continue;
        if (strncmp(thread->name, name, sizeof thread->name - 1) == 0)
            return;
        ms_text text = {(const uint8_t *)name, (uint32_t)strnlen(name, sizeof thread->name - 1)};
        ms_event event = {.kind = MS_EVENT_THREAD,
                          .thread = serial,
                          .tid = tid,
                          .time_us = thread->time_us,
                          .number = tid,
                          .text = text};
        if (ms_packer_add(drain->packer, &event))
            note_name(thread, text);
        return;
    }
}

/* ---- pieces ---------------------------------------------------------------------------------- */

static bool is_memory_event(ms_event_kind kind) {
    switch (kind) {
    case MS_EVENT_ALLOC:
    case MS_EVENT_FREE:
    case MS_EVENT_REALLOC:
    case MS_EVENT_MAP:
    case MS_EVENT_UNMAP:
    case MS_EVENT_REMAP: return true;
    default: return false;
    }
}

/* Why no more words of a piece are packed now. */
typedef enum stop { GOES_ON, NO_WORD, LATER, NO_MEMORY } stop;

/* The events that come in runs. */
static size_t pack_run(ms_drain *drain, const ms_event *head, const uint64_t *words, size_t count) {
    if (drain->renamer) {
        count = ms_renamer_words(drain->renamer, head->thread, head->time_us, words, count,
                                 drain->renamed);
        words = drain->renamed;
    }
    uint64_t before = drain->moves.events;
    size_t taken = ms_packer_add_words(drain->packer, head, words, count, &drain->moves);
    drain->count += drain->moves.events - before;
    drain->broken |= drain->renamer && taken < count;
    return taken;
}

/* Packs the event at word `at` of a piece, and those behind it that come in runs. Sets `*taken` to the
 * words they took. LATER: it is a TIME behind `*until_us`, which is set to it. */
static stop pack_some(ms_drain *drain, const ms_ring_piece *piece, thread_info *thread, uint32_t at,
                      uint64_t *until_us, uint32_t *taken) {
    const uint64_t *words = ms_ring_view_words(drain->view, piece) + at;
    size_t left = MS_RING_CHUNK_WORDS - at;
    ms_event event = {.thread = piece->thread, .tid = piece->tid, .time_us = thread->time_us};
    *taken = (uint32_t)pack_run(drain, &event, words, left);
    if (drain->broken)
        return NO_MEMORY;
    if (*taken > 0)
        return GOES_ON;
    if (__atomic_load_n(words, __ATOMIC_ACQUIRE) == 0)
        return NO_WORD;
    *taken = (uint32_t)ms_ring_event(words, left, &event);
    if (*taken == 0)
        return NO_WORD;
    if (event.kind == MS_EVENT_NONE)
        return GOES_ON;
    if (event.kind == MS_EVENT_TIME && event.time_us <= thread->time_us)
        return GOES_ON; /* on its way when a new chunk began with a later one */
    if (event.kind == MS_EVENT_TIME && event.time_us > *until_us) {
        *until_us = event.time_us;
        return LATER;
    }
    if (drain->renamer && event.kind == MS_EVENT_NOTE) {
        event.address = ms_renamer_name(drain->renamer, event.address);
        event.old = ms_renamer_name(drain->renamer, event.old);
    }
    if (!ms_packer_add(drain->packer, &event))
        return NO_MEMORY;
    if (event.kind == MS_EVENT_THREAD)
        note_name(thread, event.text);
    thread->time_us = event.time_us;
    drain->count += is_memory_event(event.kind);
    return GOES_ON;
}

/* Packs a piece's new words, as far as they are not LATER than `*until_us`. `last`: what is not there
 * never will be. */
static stop pack_words(ms_drain *drain, ms_ring_piece *piece, thread_info *thread,
                       uint64_t *until_us, bool last) {
    uint32_t at = piece->end;
    while (at < MS_RING_CHUNK_WORDS) {
        uint32_t taken;
        stop why = pack_some(drain, piece, thread, at, until_us, &taken);
        if (why == LATER || why == NO_MEMORY)
            return why;
        if (why == GOES_ON)
            piece->end = at + taken;
        else if (!piece->sealed && !last)
            return why;
        at += why == GOES_ON ? taken : 1; /* a hole, or the unused end */
    }
    piece->whole = true;
    return GOES_ON;
}

/* Packs what the thread has counted, as far as that is new. Totals: what cannot be packed now comes with
 * the next. */
static void pack_counts(ms_drain *drain, const ms_ring_piece *piece, thread_info *thread) {
    uint64_t counts[MS_COUNT_COUNT];
    ms_ring_view_counts(drain->view, piece, counts);
    for (unsigned i = 0; i < MS_COUNT_COUNT; i++) {
        ms_event event = {.kind = MS_EVENT_COUNT,
                          .thread = piece->thread,
                          .tid = piece->tid,
                          .time_us = thread->time_us,
                          .family = (uint8_t)i,
                          .number = counts[i]};
        if (counts[i] <= thread->counts[i] || !ms_packer_add(drain->packer, &event))
            continue;
        drain->passed[i] += counts[i] - thread->counts[i];
        thread->counts[i] = counts[i];
        drain->count++;
    }
}

static stop pack_piece(ms_drain *drain, ms_ring_piece *piece, uint64_t *until_us, bool last) {
    thread_info *thread = thread_at(drain, piece->thread);
    if (!thread)
        return NO_MEMORY;
    thread->tid = piece->tid;
    stop why = pack_words(drain, piece, thread, until_us, last);
    if (why == GOES_ON || why == NO_WORD)
        pack_counts(drain, piece, thread);
    if (piece->whole && piece->sealed)
        thread->next = piece->sequence + 1;
    return why;
}

/* ---- the order of threads -------------------------------------------------------------------- */

/* One after the other: readers merge them. */
static void pack_in_turn(ms_drain *drain, bool last) {
    uint64_t until_us = UINT64_MAX;
    for (size_t i = 0; i < drain->view->piece_count; i++)
        if (pack_piece(drain, &drain->view->pieces[i], &until_us, last) == NO_MEMORY)
            return;
}

/* A thread's pieces that are not packed yet, and when it goes on. */
typedef struct lane {
    size_t next, end;
    uint64_t time_us;
} lane;

static uint64_t time_of(const ms_drain *drain, uint32_t thread) {
    return thread < drain->thread_count ? drain->threads[thread].time_us : 0;
}

static bool make_lanes(ms_drain *drain, size_t *count) {
    const ms_ring_view *view = drain->view;
    if (view->piece_count > drain->lane_capacity) {
        lane *lanes = realloc(drain->lanes, view->piece_count * sizeof *lanes);
        if (!lanes)
            return false;
        drain->lanes = lanes;
        drain->lane_capacity = view->piece_count;
    }
    *count = 0;
    for (size_t i = 0; i < view->piece_count; i++) {
        if (i == 0 || view->pieces[i].thread != view->pieces[i - 1].thread)
            drain->lanes[(*count)++] =
                (lane){.next = i, .time_us = time_of(drain, view->pieces[i].thread)};
        drain->lanes[*count - 1].end = i + 1;
    }
    return true;
}

static uint64_t earliest(const lane *lanes, size_t count) {
    uint64_t time_us = UINT64_MAX;
    for (size_t i = 0; i < count; i++)
        if (lanes[i].time_us < time_us)
            time_us = lanes[i].time_us;
    return time_us;
}

/* Packs what the thread did up to `tick_us`. GOES_ON: there is nothing left of it. */
static stop pack_lane(ms_drain *drain, lane *l, uint64_t tick_us, bool last) {
    for (; l->next < l->end; l->next++) {
        uint64_t until_us = tick_us;
        stop why = pack_piece(drain, &drain->view->pieces[l->next], &until_us, last);
        if (why == LATER)
            l->time_us = until_us;
        if (why == LATER || why == NO_MEMORY)
            return why;
    }
    return GOES_ON;
}

/* Tick by tick up to `cut_us`, and in each one thread after the other. */
static void pack_in_time(ms_drain *drain, uint64_t cut_us, bool last) {
    size_t count, left;
    if (!make_lanes(drain, &count))
        return;
    ms_renamer_alone(drain->renamer, count == 1);
    for (; count > 0; count = left) {
        uint64_t tick_us = earliest(drain->lanes, count);
        ms_renamer_settle(drain->renamer, tick_us);
        if (tick_us >= cut_us)
            return;
        left = 0;
        for (size_t i = 0; i < count; i++) {
            lane *l = &drain->lanes[i];
            stop why = l->time_us <= tick_us ? pack_lane(drain, l, tick_us, last) : LATER;
            if (why == NO_MEMORY)
                return;
            if (why == LATER)
                drain->lanes[left++] = *l;
        }
    }
}

/* ---- the order of chunks --------------------------------------------------------------------- */

/* The sequence a thread goes on with, `oldest` being that of its first piece. What is behind and still so
 * when looked at again is no gap: another recorder was here before. */
static uint64_t expected_of(thread_info *thread, uint64_t oldest) {
    bool early = oldest > thread->next && thread->ahead != oldest + 1;
    thread->ahead = early ? oldest + 1 : 0;
    return early || oldest < thread->next ? thread->next : oldest;
}

/* While the chunks are looked at one by one a thread may take one that was seen free, fill it and take
 * another that is still to be seen: leaves out what lies behind such a gap. Returns whether anything does. */
static bool leave_out_early(ms_drain *drain) {
    ms_ring_view *view = drain->view;
    uint64_t expected = 0;
    uint32_t before = 0; /* the thread of the piece before; none has this serial */
    size_t kept = 0;
    for (size_t i = 0; i < view->piece_count; i++) {
        const ms_ring_piece piece = view->pieces[i];
        thread_info *thread = thread_at(drain, piece.thread);
        if (thread && piece.thread != before)
            expected = expected_of(thread, piece.sequence);
        before = piece.thread;
        if (!thread || piece.sequence > expected)
            continue;
        view->pieces[kept++] = piece;
        expected = piece.sequence + 1;
    }
    bool early = kept < view->piece_count;
    view->piece_count = kept;
    return early;
}

/* The `last` time nobody takes chunks any more. */
static bool collect(ms_drain *drain, bool last) {
    for (unsigned looks = 0; looks < LOOKS_MAX; looks++) {
        if (!ms_ring_view_collect(drain->view))
            return false;
        if (last || !leave_out_early(drain))
            break;
    }
    return true;
}

void ms_drain_ring(ms_drain *drain, uint64_t cut_us, bool last) {
    if (drain->broken || !collect(drain, last))
        return;
    if (!drain->renamer) {
        pack_in_turn(drain, last);
        return;
    }
    pack_in_time(drain, last ? UINT64_MAX : cut_us, last);
    ms_renamer_settle(drain->renamer, last ? UINT64_MAX : cut_us);
}
