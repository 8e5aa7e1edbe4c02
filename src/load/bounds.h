/* bounds.h - between which values the true peak lies, although the order of threads is not known.
 *
 * A thread's events carry the time of its latest TIME event, its stamp; those with one stamp happened
 * between it and the thread's next one. So at any moment each thread stands somewhere in one such
 * stretch, and contributes something between the least and the most it ever had there:
 *
 *      thread 1   |-----a-----|---b---|------c------|        bytes it has added so far (births less
 *      thread 2   |--d--|-------e-------|----f----|          deaths, whoever made the block)
 *                             ^ here the total is in [min b + min e, max b + max e]
 *
 * The true peak is at most the highest of the upper sums, and at least the highest of the lower ones,
 * or what a thread reached in a stretch in which nobody else moved anything. A stretch that is over
 * becomes a step of a sweep over time; the sweep goes as far as all stretches are over. A thread that
 * is quiet for longer than any tick lasts has reached the end of its stretch.
 *
 * Not covered: which of two blocks of different size stayed where threads handed one address to and
 * fro within a stretch (pairs.h). One thread at a time. */
#ifndef MS_LOAD_BOUNDS_H
#define MS_LOAD_BOUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A thread: what it has added, and the most and least in its open stretch. */
typedef struct ms_bound {
    int64_t net, top, bottom;
    int64_t swept_top, swept_bottom; /* of the stretch the sweep has it in */
    uint64_t stamp_us;
    uint64_t first_move, moves; /* of the stretch: number of the first, and how many */
    bool open;
} ms_bound;

/* From `time_us` on, `thread` contributes between `bottom` and `top`. */
typedef struct ms_bound_step {
    uint64_t time_us;
    int64_t top, bottom;
    uint32_t thread;
    bool alone; /* nobody else moved anything then */
} ms_bound_step;

typedef struct ms_bounds {
    ms_bound *threads; /* by index */
    size_t count, capacity;
    uint32_t *open; /* indices of threads with an open stretch */
    size_t open_count, open_capacity;
    ms_bound_step *steps; /* heap, earliest first */
    size_t step_count, step_capacity;
    int64_t tops, bottoms; /* sums over the threads, where the sweep is */
    int64_t upper, lower;  /* of the peak so far */
    uint64_t time_us;
    uint64_t looked_us; /* when open stretches were last looked through */
    uint64_t moves;
} ms_bounds;

/* Starts with one thread, index 0, that has `live_bytes` and had `peak_bytes`. */
void ms_bounds_init(ms_bounds *bounds, uint64_t live_bytes, uint64_t peak_bytes);
void ms_bounds_deinit(ms_bounds *bounds);

/* Notes that the thread of an index moved live bytes by `delta`, in an event stamped `stamp_us`. */
void ms_bounds_move(ms_bounds *bounds, uint32_t thread, uint64_t stamp_us, int64_t delta);

/* How far the true peak may be from `peak_bytes`. */
uint64_t ms_bounds_finish(ms_bounds *bounds, uint64_t peak_bytes);

#endif
