/* sample.h - which allocations a thread records: all, or a Poisson sample by bytes.
 *
 * Every byte a thread requests is hit with the same small probability, independently; a block is recorded
 * when one of its bytes is: with probability 1 - exp(-size / rate), which gives its weight. The distance to
 * the next hit byte is drawn, so that an allocation that is not recorded costs a subtraction. What is not
 * recorded is counted. */
#ifndef MS_CAPTURE_SAMPLE_H
#define MS_CAPTURE_SAMPLE_H

#include "capture/marks.h"
#include "capture/state.h"

/* Sets a new thread up to record as the options say. */
void ms_sample_begin(ms_thread *thread);

/* From now on one in `rate_bytes` bytes is hit; 0: every allocation is recorded. Between ms_enter() and
 * ms_leave(). */
void ms_sample_set_rate(ms_thread *thread, uint64_t rate_bytes);

/* The countdown is over: true, and the next one begins. */
bool ms_sample_hit(ms_thread *thread);

/* Is the birth of a block of `size` bytes to be recorded? */
static inline bool ms_sample_born(ms_thread *thread, size_t size) {
    return (thread->until_hit -= (int64_t)(size + !size)) <= 0 && ms_sample_hit(thread);
}

/* To be called when it was. */
void ms_sample_recorded(ms_thread *thread, const void *address, size_t size);

static inline void ms_count(ms_thread *thread, unsigned what, uint64_t amount) {
    thread->counts[what] += amount;
}

#endif
