/* lane.h - one thread in a merge: the parts of its batches, and the events read ahead from the first of
 * them. For merge.c. One thread at a time. */
#ifndef MS_LOAD_LANE_H
#define MS_LOAD_LANE_H

#include "load/merge.h"

enum {
    MS_READ_AHEAD = 64, /* events */
    MS_LOOK_AHEAD = 64, /* events that a judge sees, with the present one */
};

/* A thread's part of a batch, in the queue of its lane. */
typedef struct ms_part {
    struct ms_part *next;
    ms_source source;
    uint64_t batch;
} ms_part;

typedef struct ms_lane {
    uint32_t thread;
    uint32_t number; /* index among lanes */
    ms_part *parts;
    uint64_t order; /* of the event at hand; while it waits, the last one it waits for */
    ms_fit fit;     /* why it waits */
    size_t place;   /* in the heap */
    size_t at, count;
    bool dry; /* its first part has no more events than these */
    ms_event events[MS_READ_AHEAD + MS_LOOK_AHEAD];
    ms_when when[MS_READ_AHEAD + MS_LOOK_AHEAD];
} ms_lane;

/* What a thread does next with a block at an address. */
typedef enum ms_doing { MS_DOES_NOTHING, MS_ENDS_IT, MS_BEGINS_IT } ms_doing;

static inline bool ms_moves_blocks(const ms_event *event) {
    return event->kind == MS_EVENT_ALLOC || event->kind == MS_EVENT_FREE ||
           event->kind == MS_EVENT_REALLOC;
}

/* Where the event ends a block; 0: it ends none. */
static inline uint64_t ms_freed_by(const ms_event *event) {
    if (event->kind == MS_EVENT_REALLOC)
        return event->old;
    return event->kind == MS_EVENT_FREE ? event->address : 0;
}

static inline const ms_event *ms_lane_event(const ms_lane *lane) {
    return &lane->events[lane->at];
}

/* The event at hand waits for nobody. */
static inline void ms_lane_see(ms_lane *lane) {
    lane->order = lane->when[lane->at].order;
    lane->fit = MS_FIT_NOW;
}

/* Reads events of the first part, when there are none at hand. False: it has no more. */
bool ms_lane_read(ms_lane *lane);

/* Reads on, so that a judge always sees as much of what comes. Returns where what is new begins. */
size_t ms_lane_look_ahead(ms_lane *lane);

/* From number `from` on, up to a time and as far as a judge sees. */
ms_doing ms_lane_does_next(const ms_lane *lane, size_t from, uint64_t address, uint64_t until_us);

/* Does the thread speak of the block at the address before it begins another one there? Likewise. */
bool ms_lane_speaks_of(const ms_lane *lane, uint64_t address, uint64_t until_us);

#endif
