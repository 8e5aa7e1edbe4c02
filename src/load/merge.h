/* merge.h - the events of many threads in one order.
 *
 * Each thread's events are in order. Between threads the time decides, and it is coarse: a tick, about
 * a millisecond. Where that leaves open what came first, blocks decide, for at one address births and
 * deaths alternate:
 *
 *   - a birth on a live block waits for that block's death, which another thread must have ahead;
 *   - a death where nothing is live waits for the birth.
 *
 * The other threads go on meanwhile. A wait ends unanswered when they are all MS_ORDER_WINDOW_US
 * ahead, or have no events left; the event is then handed out as it stands. A single thread never
 * waits.
 *
 * Events come in batches (chunks of a trace), and a thread's part of the next batch may be older than
 * another's part of this one. So the reader keeps two batches in here: it adds a batch whenever
 * ms_merge_wants() says so. One thread at a time. */
#ifndef MS_LOAD_MERGE_H
#define MS_LOAD_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/live.h"
#include "trace/event.h"

#define MS_ORDER_WINDOW_US 10000u

/* Where the events of one thread come from. */
typedef struct ms_source {
    void *self;
    /* Reads at most `max` events, and 0 only at the end. Their texts stay good until the next
     * call. */
    size_t (*read)(void *self, ms_event *events, size_t max);
    void (*close)(void *self); /* may be NULL */
} ms_source;

typedef struct ms_merge ms_merge;

/* `live` is borrowed and must be up to date with the events handed out whenever the next is asked
 * for. */
ms_merge *ms_merge_new(const ms_live *live);
void ms_merge_free(ms_merge *merge);

/* Starts a batch. */
void ms_merge_batch(ms_merge *merge);

/* Adds the part of `thread` to the present batch; takes `source` over. */
void ms_merge_add(ms_merge *merge, uint32_t thread, ms_source source);

/* True while fewer than two batches have events left. So when the n-th batch is wanted, nothing of
 * the (n - 2)-th is looked at any more. */
bool ms_merge_wants(ms_merge *merge);

/* The next event, borrowed until the next call; NULL when no batch has any left. */
const ms_event *ms_merge_next(ms_merge *merge);

/* The time of the earliest event at hand; UINT64_MAX when there is none. */
uint64_t ms_merge_time(const ms_merge *merge);

/* How sure it is that all that comes before the latest event, in its time, was handed out. */
typedef enum ms_order {
    MS_ORDER_WAITING, /* a thread waits with something older */
    MS_ORDER_OPEN,    /* others may have done something older since their latest event */
    MS_ORDER_TICK     /* another thread has this time, too: a tick began with it, which all saw */
} ms_order;

ms_order ms_merge_order(const ms_merge *merge);

#endif
