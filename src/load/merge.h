/* merge.h - the events of many threads in one order.
 *
 * Each thread's events are in order. Between threads the time decides. It is coarse, a tick of about a
 * millisecond; events of one time are taken to be spread evenly (pace.h): an estimate. Where it gets
 * births and deaths at one address wrong, pairs.h sets it right. Where somebody judges events (fit.h), one
 * that cannot be the next waits, with all behind it of its thread, for the others of its time.
 *
 * Events come in batches (chunks of a trace), and a thread's part of the next batch may be older than
 * another's part of this one. So the reader keeps two batches in here: it adds a batch whenever
 * ms_merge_wants() says so. One thread at a time. */
#ifndef MS_LOAD_MERGE_H
#define MS_LOAD_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/fit.h"
#include "load/live.h"
#include "load/pace.h"
#include "trace/event.h"

/* Where the events of one thread come from. */
typedef struct ms_source {
    void *self;
    /* Reads at most `max` events, and when each may have happened; 0 only at the end. Their texts
     * stay good until the next call. */
    size_t (*read)(void *self, ms_event *events, ms_when *when, size_t max);
    void (*close)(void *self); /* may be NULL */
    bool keeps_texts;          /* they even stay good until it is closed */
} ms_source;

typedef struct ms_merge ms_merge;

/* `live` is borrowed; it is only looked ahead in, to have the places of blocks near. May be NULL. */
ms_merge *ms_merge_new(const ms_live *live);
void ms_merge_free(ms_merge *merge);

/* From now on the merge asks whether events can be the next ones. `late_us`: an event may have happened
 * that much later than its stamp says. */
typedef ms_fit ms_judge(const ms_replay *replay, const ms_event *event, uint32_t *maker);
void ms_merge_judge(ms_merge *merge, ms_judge *judge, const ms_replay *replay, uint64_t late_us);

/* Starts a batch. */
void ms_merge_batch(ms_merge *merge);

/* Adds the part of `thread` to the present batch; takes `source` over. */
void ms_merge_add(ms_merge *merge, uint32_t thread, ms_source source);

/* True while fewer than two batches have events left. So when the n-th batch is wanted, nothing of
 * the (n - 2)-th is looked at any more. */
bool ms_merge_wants(ms_merge *merge);

/* The next event, borrowed until the next call of this or of ms_merge_wants(); NULL when no batch has any left. `*until_us` (may be
 * NULL): when it was surely over; UINT64_MAX: not known. */
const ms_event *ms_merge_next(ms_merge *merge, uint64_t *until_us);

/* How many events of `thread` were read ahead and not yet handed out. To be called after
 * ms_merge_wants(). */
size_t ms_merge_ahead(ms_merge *merge, uint32_t thread);

/* True when several threads have events at hand. */
bool ms_merge_is_several(const ms_merge *merge);

/* The time of the next event, or that until which it waits; UINT64_MAX when there is none. */
uint64_t ms_merge_time(ms_merge *merge);

#endif
