/* sample.h - which allocations a thread records: all, or a Poisson sample by bytes.
 *
 * Every byte a thread requests is hit with the same small probability, independently; a block is recorded
 * when one of its bytes is, or of those it counts beside them (base/chance.h): that gives its weight. The
 * distance to the next hit byte is drawn, so that an allocation that is not recorded costs a subtraction.
 * What is not recorded is counted. */
#ifndef MS_CAPTURE_SAMPLE_H
#define MS_CAPTURE_SAMPLE_H

#include "capture/marks.h"
#include "capture/state.h"

/* Sets a new thread up to record as the options say. */
void ms_sample_begin(ms_thread *thread);

/* From now on one in `rate_bytes` bytes is hit; 0: every allocation is recorded. Between ms_enter() and
 * ms_leave(). */
void ms_sample_set_rate(ms_thread *thread, uint64_t rate_bytes);

/* The countdown ends within the next `bytes`: true when they are hit; the next one begins. */
bool ms_sample_hit(ms_thread *thread, uint64_t bytes);

/* Is the birth of a block of `size` bytes to be recorded? */
static inline bool ms_sample_born(ms_thread *thread, size_t size) {
    uint64_t bytes = size + thread->block_bytes;
    if (ms_unlikely(bytes >= thread->until_hit))
        return ms_sample_hit(thread, bytes);
    thread->until_hit -= bytes;
    return false;
}

/* To be called when it was. */
void ms_sample_recorded(ms_thread *thread, const void *address, size_t size);

static inline void ms_count(ms_thread *thread, unsigned what, uint64_t amount) {
    thread->counts[what] += amount;
}

/* The same for hooks, before they enter anything: true when the birth - `what`, an allocation or a
 * reallocation - is not to be recorded, and has been counted. */
static inline bool ms_sample_passes(size_t size, unsigned what) {
    ms_thread *thread = ms_self;
    uint64_t bytes = size + thread->block_bytes;
    if (ms_likely(bytes >= thread->until_hit))
        return false;
    thread->until_hit -= bytes;
    ms_count(thread, what, 1);
    ms_count(thread, MS_COUNT_BYTES, size);
    return true;
}

/* What passed has failed. */
static inline void ms_sample_failed(size_t size, unsigned what) {
    ms_count(ms_self, what, (uint64_t)-1);
    ms_count(ms_self, MS_COUNT_BYTES, -(uint64_t)size);
}

/* Likewise for a release: true when the birth of `block`, not NULL, was not recorded. */
static inline bool ms_sample_passes_release(const void *block) {
    ms_thread *thread = ms_self;
    if (ms_likely(!thread->sampling) || ms_is_marked(block))
        return false;
    ms_count(thread, MS_COUNT_FREES, 1);
    return true;
}

#endif
