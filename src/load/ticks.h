/* ticks.h - how far the peak may be off because the order within a tick is not known.
 *
 * Between two ticks everything is certain; within one, any order of the threads is possible. So a
 * tick in which several threads moved blocks could have reached, at most, what was live when it began
 * plus the highest each thread got by itself; and it reached at least what is live at its ends. The
 * program's true peak lies between the highest of the first and the highest of the second. */
#ifndef MS_LOAD_TICKS_H
#define MS_LOAD_TICKS_H

#include <stdbool.h>
#include <stdint.h>

#include "load/merge.h"

/* A thread's part in the present tick. */
typedef struct ms_tick_part {
    uint64_t tick;
    int64_t net, top; /* bytes since the tick began: now, and the most */
} ms_tick_part;

typedef struct ms_ticks {
    uint64_t tick;    /* number of the present one, from 1 */
    uint64_t time_us; /* of the latest move */
    uint64_t start_bytes;
    uint64_t tops;         /* sum of the threads' tops */
    uint64_t peak;         /* most bytes live in this tick, in the order we took */
    uint32_t thread;       /* that moved blocks last */
    uint64_t other_us;     /* when another than `thread` did last */
    bool several;          /* threads in this tick */
    bool any;              /* thread in this tick */
    uint64_t upper, lower; /* bounds of the peak, over all ticks */
} ms_ticks;

/* True when the present tick is surely over if `thread` moves a block at `time_us`. */
bool ms_ticks_over(const ms_ticks *ticks, uint32_t thread, uint64_t time_us, ms_order order);

/* The present tick is over and has left `live_bytes`: the next begins. */
void ms_ticks_next(ms_ticks *ticks, uint64_t live_bytes);

/* Notes that `thread` moved live bytes by `delta` at `time_us`, to `live_bytes`. */
void ms_ticks_move(ms_ticks *ticks, ms_tick_part *part, uint32_t thread, uint64_t time_us,
                   int64_t delta, uint64_t live_bytes);

/* Ends the last tick; returns how far the true peak may be from `peak_bytes`. */
uint64_t ms_ticks_finish(ms_ticks *ticks, uint64_t live_bytes, uint64_t peak_bytes);

#endif
