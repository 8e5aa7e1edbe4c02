#include "load/merge.h"

#include <stdlib.h>

#include "util/arena.h"
#include "util/map.h"
#include "util/memory.h"

enum {
    READ_AHEAD = 64, /* events */
    PREFETCH = 8,    /* events: their places are asked for that long before */
};

/* A thread's part of a batch, in the queue of its lane. */
typedef struct part {
    struct part *next;
    ms_source source;
    uint64_t batch;
} part;

/* One thread: the parts of its batches, and the events read ahead from the first of them. */
typedef struct lane {
    uint32_t thread;
    uint32_t number; /* index in ms_merge.lanes */
    part *parts;
    uint64_t order; /* of the event at hand */
    size_t place;   /* in the heap */
    size_t at, count;
    ms_event events[READ_AHEAD];
    ms_when when[READ_AHEAD];
} lane;

struct ms_merge {
    const ms_live *live;
    ms_arena *arena;
    ms_map lane_of; /* thread -> lane number + 1 */
    lane **lanes;   /* in use or spare */
    size_t lane_count, lane_capacity;
    uint32_t *spare; /* numbers of lanes without events */
    size_t spare_count, spare_capacity;
    lane **heap; /* lanes with events, earliest first */
    size_t heap_count, heap_capacity;
    lane *current;           /* its event was handed out */
    uint64_t oldest, newest; /* batches */
    size_t parts_left[2];    /* of the two batches, by their lowest bit */
};

/* ---- heap ------------------------------------------------------------------------------- */

static bool before(const lane *a, const lane *b) {
    if (a->order != b->order)
        return a->order < b->order;
    return a->thread < b->thread;
}

static void set(ms_merge *m, size_t place, lane *l) {
    m->heap[place] = l;
    l->place = place;
}

static void sift_up(ms_merge *m, lane *l) {
    size_t i = l->place;
    for (; i > 0 && before(l, m->heap[(i - 1) / 2]); i = (i - 1) / 2)
        set(m, i, m->heap[(i - 1) / 2]);
    set(m, i, l);
}

static void sift_down(ms_merge *m, lane *l) {
    size_t i = l->place;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= m->heap_count)
            break;
        if (child + 1 < m->heap_count && before(m->heap[child + 1], m->heap[child]))
            child++;
        if (!before(m->heap[child], l))
            break;
        set(m, i, m->heap[child]);
        i = child;
    }
    set(m, i, l);
}

static void push(ms_merge *m, lane *l) {
    m->heap = ms_memory_grow(m->heap, m->heap_count + 1, &m->heap_capacity, sizeof(lane *));
    set(m, m->heap_count++, l);
    sift_up(m, l);
}

static void pull(ms_merge *m, lane *l) {
    lane *last = m->heap[--m->heap_count];
    if (last == l)
        return;
    set(m, l->place, last);
    sift_up(m, last);
    sift_down(m, last);
}

/* ---- lanes ------------------------------------------------------------------------------ */

static bool moves_blocks(const ms_event *event) {
    return event->kind == MS_EVENT_ALLOC || event->kind == MS_EVENT_FREE ||
           event->kind == MS_EVENT_REALLOC;
}

static inline __attribute__((always_inline)) void prefetch(const ms_merge *m,
                                                           const ms_event *event) {
    if (!m->live)
        return;
    if (moves_blocks(event))
        ms_live_prefetch(m->live, event->address);
    if (event->kind == MS_EVENT_REALLOC && event->old != event->address)
        ms_live_prefetch(m->live, event->old);
}

static void drop_part(ms_merge *m, lane *l) {
    part *done = l->parts;
    l->parts = done->next;
    m->parts_left[done->batch & 1]--;
    if (done->source.close)
        done->source.close(done->source.self);
    free(done);
}

static void see_time(lane *l) {
    l->order = l->when[l->at].order;
}

/* Reads ahead. False: the lane has no events left. */
static bool refill(ms_merge *m, lane *l) {
    l->at = 0;
    while (l->parts) {
        l->count = l->parts->source.read(l->parts->source.self, l->events, l->when, READ_AHEAD);
        if (l->count) {
            for (size_t i = 0; i < PREFETCH && i < l->count; i++)
                prefetch(m, &l->events[i]);
            see_time(l);
            return true;
        }
        drop_part(m, l);
    }
    return false;
}

static lane *new_lane(ms_merge *m, uint32_t thread) {
    uint32_t number;
    if (m->spare_count) {
        number = m->spare[--m->spare_count];
    } else {
        m->lanes = ms_memory_grow(m->lanes, m->lane_count + 1, &m->lane_capacity, sizeof(lane *));
        number = (uint32_t)m->lane_count++;
        m->lanes[number] = ms_memory_zeroed(1, sizeof(lane));
    }
    lane *l = m->lanes[number];
    *l = (lane){.thread = thread, .number = number};
    *ms_map_at(&m->lane_of, thread, NULL) = number + 1;
    return l;
}

static void retire(ms_merge *m, lane *l) {
    m->spare = ms_memory_grow(m->spare, m->spare_count + 1, &m->spare_capacity, sizeof *m->spare);
    m->spare[m->spare_count++] = l->number;
    *ms_map_at(&m->lane_of, l->thread, NULL) = 0;
}

/* ---- the order -------------------------------------------------------------------------- */

ms_merge *ms_merge_new(const ms_live *live) {
    ms_merge *m = ms_memory_zeroed(1, sizeof *m);
    m->live = live;
    m->arena = ms_arena_new();
    if (!m->arena) {
        free(m);
        return NULL;
    }
    ms_map_init(&m->lane_of, m->arena);
    m->oldest = 1;
    return m;
}

void ms_merge_free(ms_merge *m) {
    if (!m)
        return;
    for (size_t i = 0; i < m->lane_count; i++) {
        while (m->lanes[i]->parts)
            drop_part(m, m->lanes[i]);
        free(m->lanes[i]);
    }
    free(m->lanes);
    free(m->spare);
    free(m->heap);
    ms_arena_free(m->arena);
    free(m);
}

void ms_merge_batch(ms_merge *m) {
    m->newest++;
    m->parts_left[m->newest & 1] = 0;
}

void ms_merge_add(ms_merge *m, uint32_t thread, ms_source source) {
    part *added = ms_memory_zeroed(1, sizeof *added);
    *added = (part){.source = source, .batch = m->newest};
    m->parts_left[m->newest & 1]++;

    uint32_t number = *ms_map_at(&m->lane_of, thread, NULL);
    if (number) {
        part **end = &m->lanes[number - 1]->parts;
        while (*end)
            end = &(*end)->next;
        *end = added;
        return;
    }
    lane *l = new_lane(m, thread);
    l->parts = added;
    if (refill(m, l))
        push(m, l);
    else
        retire(m, l);
}

/* Moves the lane whose event was handed out to its next one. */
static void advance(ms_merge *m) {
    lane *l = m->current;
    if (!l)
        return;
    m->current = NULL;
    if (++l->at == l->count && !refill(m, l)) {
        pull(m, l);
        retire(m, l);
        return;
    }
    if (l->at + PREFETCH < l->count)
        prefetch(m, &l->events[l->at + PREFETCH]);
    see_time(l);
    sift_down(m, l); /* it was first: if its time went back, it stays there */
}

/* What is at hand does not depend on when it is asked: whoever goes on from a checkpoint reads chunks
 * at the same moments as whoever has read all before. */
bool ms_merge_wants(ms_merge *m) {
    advance(m);
    while (m->oldest <= m->newest && m->parts_left[m->oldest & 1] == 0)
        m->oldest++;
    return m->newest <= m->oldest;
}

size_t ms_merge_ahead(ms_merge *m, uint32_t thread) {
    uint32_t number = *ms_map_at(&m->lane_of, thread, NULL);
    return number ? m->lanes[number - 1]->count - m->lanes[number - 1]->at : 0;
}

const ms_event *ms_merge_next(ms_merge *m, uint64_t *until_us) {
    advance(m);
    if (m->heap_count == 0)
        return NULL;
    lane *l = m->current = m->heap[0];
    if (until_us)
        *until_us = l->when[l->at].until_us;
    return &l->events[l->at];
}

uint64_t ms_merge_time(const ms_merge *m) {
    return m->heap_count ? m->heap[0]->order >> MS_PACE_BITS : UINT64_MAX;
}

bool ms_merge_is_several(const ms_merge *m) {
    return m->heap_count > 1;
}
