#include "load/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "load/lane.h"
#include "util/arena.h"
#include "util/map.h"
#include "util/memory.h"

enum {
    PREFETCH = 8,  /* events: their places are asked for that long before */
    SPOKEN = 1024, /* addresses that are spoken of, by hash */
    FREED = 1024,  /* addresses that were freed of late, by hash */
    WAITING = 256, /* lanes at one time; more do not wait */
};

/* Who has freed an address last. */
typedef struct freed {
    uint64_t address;
    uint32_t thread;
} freed;

/* Words about an address that are read ahead: how many, and whose. */
typedef struct spoken {
    uint32_t count;
    uint32_t thread; /* SEVERAL: threads */
} spoken;

#define SEVERAL UINT32_MAX

struct ms_merge {
    const ms_live *live;
    ms_arena *arena;
    ms_map lane_of;  /* thread -> lane number + 1 */
    ms_lane **lanes; /* in use or spare */
    size_t lane_count, lane_capacity;
    uint32_t *spare; /* numbers of lanes without events */
    size_t spare_count, spare_capacity;
    ms_lane **heap; /* lanes with events, earliest first */
    size_t heap_count, heap_capacity;
    ms_lane *current;        /* its event was handed out */
    ms_judge *judge;         /* NULL: every event fits */
    const ms_replay *replay; /* for it */
    uint64_t late_us;
    ms_lane *waiting[WAITING];
    size_t waiting_count;
    uint64_t waited_for; /* the addresses of their events: a bit of each one's hash */
    freed freed[FREED];
    spoken spoken[SPOKEN];
    uint64_t oldest, newest; /* batches */
    size_t parts_left[2];    /* of the two batches, by their lowest bit */
};

/* ---- heap ------------------------------------------------------------------------------- */

static bool before(const ms_lane *a, const ms_lane *b) {
    if (a->order != b->order)
        return a->order < b->order;
    if (a->fit != b->fit)
        return a->fit < b->fit;
    return a->thread < b->thread;
}

static void set(ms_merge *m, size_t place, ms_lane *l) {
    m->heap[place] = l;
    l->place = place;
}

static void sift_up(ms_merge *m, ms_lane *l) {
    size_t i = l->place;
    for (; i > 0 && before(l, m->heap[(i - 1) / 2]); i = (i - 1) / 2)
        set(m, i, m->heap[(i - 1) / 2]);
    set(m, i, l);
}

static void sift_down(ms_merge *m, ms_lane *l) {
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

static void push(ms_merge *m, ms_lane *l) {
    m->heap = ms_memory_grow(m->heap, m->heap_count + 1, &m->heap_capacity, sizeof(ms_lane *));
    set(m, m->heap_count++, l);
    sift_up(m, l);
}

static void pull(ms_merge *m, ms_lane *l) {
    ms_lane *last = m->heap[--m->heap_count];
    if (last == l)
        return;
    set(m, l->place, last);
    sift_up(m, last);
    sift_down(m, last);
}

/* ---- lanes ------------------------------------------------------------------------------ */

static inline __attribute__((always_inline)) void prefetch(const ms_merge *m,
                                                           const ms_event *event) {
    if (!m->live)
        return;
    if (ms_moves_blocks(event))
        ms_live_prefetch(m->live, event->address);
    if (event->kind == MS_EVENT_REALLOC && event->old != event->address)
        ms_live_prefetch(m->live, event->old);
}

static void drop_part(ms_merge *m, ms_lane *l) {
    ms_part *done = l->parts;
    l->parts = done->next;
    l->dry = false;
    m->parts_left[done->batch & 1]--;
    if (done->source.close)
        done->source.close(done->source.self);
    free(done);
}

static spoken *spoken_at(ms_merge *m, uint64_t address) {
    return &m->spoken[ms_hash_u64(address) % SPOKEN];
}

static void add_word(ms_merge *m, uint64_t address, uint32_t thread) {
    spoken *words = spoken_at(m, address);
    words->thread = words->count && words->thread != thread ? SEVERAL : thread;
    words->count++;
}

/* Of the events of a lane from a number on, which have just been read. Both of a word's addresses count:
 * ms_lane_speaks_of() looks at either, and is not asked where nobody is said to speak. */
static void note_spoken(ms_merge *m, const ms_lane *l, size_t from) {
    for (size_t i = from; i < l->count; i++) {
        if (l->events[i].kind != MS_EVENT_NOTE)
            continue;
        add_word(m, l->events[i].address, l->thread);
        add_word(m, l->events[i].old, l->thread);
    }
}

static void note_said(ms_merge *m, const ms_event *event) {
    if (event->kind != MS_EVENT_NOTE)
        return;
    spoken_at(m, event->address)->count--;
    spoken_at(m, event->old)->count--;
}

/* Reads ahead. False: the lane has no events left. */
static bool refill(ms_merge *m, ms_lane *l) {
    while (l->parts) {
        if (ms_lane_read(l)) {
            for (size_t i = 0; i < PREFETCH && i < l->count; i++)
                prefetch(m, &l->events[i]);
            if (m->judge)
                note_spoken(m, l, 0);
            ms_lane_see(l);
            return true;
        }
        drop_part(m, l);
    }
    return false;
}

static ms_lane *new_lane(ms_merge *m, uint32_t thread) {
    uint32_t number;
    if (m->spare_count) {
        number = m->spare[--m->spare_count];
    } else {
        m->lanes =
            ms_memory_grow(m->lanes, m->lane_count + 1, &m->lane_capacity, sizeof(ms_lane *));
        number = (uint32_t)m->lane_count++;
        m->lanes[number] = ms_memory_zeroed(1, sizeof(ms_lane));
    }
    ms_lane *l = m->lanes[number];
    *l = (ms_lane){.thread = thread, .number = number};
    *ms_map_at(&m->lane_of, thread, NULL) = number + 1;
    return l;
}

static void retire(ms_merge *m, ms_lane *l) {
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
    ms_part *added = ms_memory_zeroed(1, sizeof *added);
    *added = (ms_part){.source = source, .batch = m->newest};
    m->parts_left[m->newest & 1]++;

    uint32_t number = *ms_map_at(&m->lane_of, thread, NULL);
    if (number) {
        ms_part **end = &m->lanes[number - 1]->parts;
        while (*end)
            end = &(*end)->next;
        *end = added;
        return;
    }
    ms_lane *l = new_lane(m, thread);
    l->parts = added;
    if (refill(m, l))
        push(m, l);
    else
        retire(m, l);
}

/* ---- waiting ---------------------------------------------------------------------------- */

void ms_merge_judge(ms_merge *m, ms_judge *judge, const ms_replay *replay, uint64_t late_us) {
    for (size_t i = 0; judge && !m->judge && i < m->lane_count; i++)
        note_spoken(m, m->lanes[i], m->lanes[i]->at);
    m->judge = judge;
    m->replay = replay;
    m->late_us = late_us;
}

static bool has_address(const ms_event *event) {
    return ms_moves_blocks(event) || event->kind == MS_EVENT_NOTE;
}

static uint64_t bit_of(uint64_t address) {
    return address ? UINT64_C(1) << (ms_hash_u64(address) >> 58) : 0;
}

static uint64_t bits_of(const ms_event *event) {
    return bit_of(event->address) | bit_of(event->old);
}

static bool meet(const ms_event *a, const ms_event *b) {
    return (a->address && (a->address == b->address || a->address == b->old)) ||
           (a->old && (a->old == b->address || a->old == b->old));
}

static void stop_waiting(ms_merge *m, size_t i) {
    ms_lane *l = m->waiting[i];
    m->waiting[i] = m->waiting[--m->waiting_count];
    ms_lane_see(l);
    sift_up(m, l);
}

/* Something has happened: whoever waits at its address is looked at again, and who it was has waited. */
static void wake(ms_merge *m, const ms_lane *done) {
    const ms_event *event = ms_lane_event(done);
    bool touches = has_address(event) && m->waited_for & bits_of(event);
    if (!touches && done->fit == MS_FIT_NOW)
        return;
    m->waited_for = 0;
    for (size_t i = 0; i < m->waiting_count;) {
        const ms_event *other = ms_lane_event(m->waiting[i]);
        if (m->waiting[i] == done || (touches && meet(other, event))) {
            stop_waiting(m, i);
        } else {
            m->waited_for |= bits_of(other);
            i++;
        }
    }
}

static freed *freed_at(ms_merge *m, uint64_t address) {
    return &m->freed[ms_hash_u64(address) % FREED];
}

static void note_freed(ms_merge *m, const ms_lane *l) {
    uint64_t address = ms_freed_by(ms_lane_event(l));
    if (address)
        *freed_at(m, address) = (freed){address, l->thread};
}

static ms_doing next_of(const ms_merge *m, uint32_t thread, uint64_t address, uint64_t until_us) {
    uint32_t number = ms_map_get(&m->lane_of, thread);
    const ms_lane *l = number ? m->lanes[number - 1] : NULL;
    return l ? ms_lane_does_next(l, l->at, address, until_us) : MS_DOES_NOTHING;
}

/* Allocators give a thread first what it has freed itself. */
static bool another_gets(ms_merge *m, const ms_lane *l, uint64_t until_us) {
    const ms_event *event = ms_lane_event(l);
    if (event->kind == MS_EVENT_FREE || !ms_moves_blocks(event))
        return false;
    const freed *last = freed_at(m, event->address);
    return last->address == event->address && last->thread != l->thread &&
           next_of(m, last->thread, event->address, until_us) == MS_BEGINS_IT;
}

/* A thread keeps the blocks that it frees itself. */
static bool maker_frees(const ms_merge *m, const ms_lane *l, uint32_t maker, uint64_t until_us) {
    return maker != l->thread &&
           next_of(m, maker, ms_freed_by(ms_lane_event(l)), until_us) == MS_ENDS_IT;
}

/* Does another thread speak of the block at the address before it begins another one there? */
static bool is_spoken_of(ms_merge *m, const ms_lane *l, uint64_t address, uint64_t until_us) {
    const spoken *words = spoken_at(m, address);
    if (words->count == 0 || words->thread == l->thread || m->heap_count > WAITING)
        return false;
    for (size_t i = 0; i < m->heap_count; i++)
        if (m->heap[i] != l && (words->thread == SEVERAL || words->thread == m->heap[i]->thread) &&
            ms_lane_speaks_of(m->heap[i], address, until_us))
            return true;
    return false;
}

static ms_fit fit_of(ms_merge *m, const ms_lane *l) {
    uint32_t maker = 0;
    const ms_event *event = ms_lane_event(l);
    uint64_t until_us = l->when[l->at].until_us + m->late_us;
    ms_fit fit = m->judge(m->replay, event, &maker);
    if (fit == MS_FIT_NOW && another_gets(m, l, until_us))
        return MS_FIT_LATER;
    if (fit == MS_FIT_FREE && maker_frees(m, l, maker, until_us))
        return MS_FIT_LATER;
    if (fit <= MS_FIT_FREE && ms_freed_by(event) &&
        is_spoken_of(m, l, ms_freed_by(event), until_us))
        return MS_FIT_LATER;
    if (fit == MS_FIT_FREE &&
        ms_lane_does_next(l, l->at + 1, ms_freed_by(event), until_us) == MS_BEGINS_IT)
        return MS_FIT_FREE_AGAIN;
    return fit;
}

static void wait_for_others(ms_merge *m, ms_lane *l, ms_fit fit) {
    uint64_t all = (UINT64_C(1) << MS_PACE_BITS) - 1;
    uint64_t until_us = l->when[l->at].until_us;
    if (until_us < UINT64_MAX >> MS_PACE_BITS)
        l->order = (until_us + m->late_us) << MS_PACE_BITS | all;
    if (l->fit == MS_FIT_NOW)
        m->waiting[m->waiting_count++] = l;
    l->fit = fit;
    m->waited_for |= bits_of(ms_lane_event(l));
    sift_down(m, l);
}

/* Sees to it that the first one does fit, or has waited in vain. Those that wait come behind the others
 * of their time, the most likely first. */
static void find_fitting(ms_merge *m) {
    while (m->judge && m->heap_count > 1) {
        ms_lane *l = m->heap[0];
        ms_fit fit = fit_of(m, l);
        if (fit <= l->fit || (l->fit == MS_FIT_NOW && m->waiting_count == WAITING))
            break;
        wait_for_others(m, l, fit);
    }
}

/* Moves the lane whose event was handed out to its next one. */
static void advance(ms_merge *m) {
    ms_lane *l = m->current;
    if (!l)
        return;
    m->current = NULL;
    if (m->judge) {
        note_freed(m, l);
        note_said(m, ms_lane_event(l));
    }
    if (m->waiting_count)
        wake(m, l);
    if (++l->at == l->count && !refill(m, l)) {
        pull(m, l);
        retire(m, l);
        return;
    }
    if (m->judge)
        note_spoken(m, l, ms_lane_look_ahead(l));
    if (l->at + PREFETCH < l->count)
        prefetch(m, &l->events[l->at + PREFETCH]);
    ms_lane_see(l);
    sift_up(m, l); /* it had waited, and is early now; or others have been woken */
    sift_down(m, l);
}

/* Nobody waits any more, until all are judged again. */
static void forget_waiting(ms_merge *m) {
    while (m->waiting_count)
        stop_waiting(m, m->waiting_count - 1);
    m->waited_for = 0;
    memset(m->freed, 0, sizeof m->freed);
}

/* What is at hand does not depend on when it is asked: whoever goes on from a checkpoint reads chunks
 * at the same moments as whoever has read all before, and knows as little of what came before. */
bool ms_merge_wants(ms_merge *m) {
    advance(m);
    while (m->oldest <= m->newest && m->parts_left[m->oldest & 1] == 0)
        m->oldest++;
    if (m->newest > m->oldest)
        return false;
    if (m->judge)
        forget_waiting(m);
    return true;
}

size_t ms_merge_ahead(ms_merge *m, uint32_t thread) {
    uint32_t number = *ms_map_at(&m->lane_of, thread, NULL);
    return number ? m->lanes[number - 1]->count - m->lanes[number - 1]->at : 0;
}

const ms_event *ms_merge_next(ms_merge *m, uint64_t *until_us) {
    advance(m);
    if (m->heap_count == 0)
        return NULL;
    find_fitting(m);
    ms_lane *l = m->current = m->heap[0];
    if (until_us)
        *until_us = l->when[l->at].until_us;
    return ms_lane_event(l);
}

uint64_t ms_merge_time(ms_merge *m) {
    advance(m);
    find_fitting(m);
    return m->heap_count ? m->heap[0]->order >> MS_PACE_BITS : UINT64_MAX;
}

bool ms_merge_is_several(const ms_merge *m) {
    return m->heap_count > 1;
}
