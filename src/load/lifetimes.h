/* lifetimes.h - how long the blocks of a site lived: a logarithmic histogram with 16 steps per
 * doubling, so that a percentile is off by 1/32 at most. Takes memory only for the range in use. */
#ifndef MS_LOAD_LIFETIMES_H
#define MS_LOAD_LIFETIMES_H

#include <stdbool.h>
#include <stdint.h>

/* What a block counts; one that stands for others (weight.h) counts more. */
#define MS_LIFETIME_ONE UINT64_C(16)

typedef struct ms_lifetimes {
    uint64_t count; /* of blocks, recorded ones */
    uint64_t zero;  /* lived less than a tick: most do, and they need no histogram */
    uint64_t max_us;
    uint64_t *buckets; /* of numbers first .. first + size - 1 */
    uint16_t first;
    uint16_t size;
} ms_lifetimes;

void ms_lifetimes_deinit(ms_lifetimes *lifetimes);

/* Adds a block, whose lifetime is not 0. */
void ms_lifetimes_add_slow(ms_lifetimes *lifetimes, uint64_t us, uint64_t weight);

static inline void ms_lifetimes_add(ms_lifetimes *lifetimes, uint64_t us, uint64_t weight) {
    lifetimes->count++;
    if (us)
        ms_lifetimes_add_slow(lifetimes, us, weight);
    else
        lifetimes->zero += weight;
}

/* Adds to a step of the histogram, but not to the number of blocks; false when there is no such step. */
bool ms_lifetimes_restore(ms_lifetimes *lifetimes, unsigned bucket, uint64_t weight);

/* The weight of a block that stands for `excess` beyond itself. */
uint64_t ms_lifetime_weight(double excess);

/* Adds all of `from`. */
void ms_lifetimes_merge(ms_lifetimes *lifetimes, const ms_lifetimes *from);

/* The lifetime in microseconds that `percent` of the blocks did not exceed; UINT64_MAX when none
 * died. */
uint64_t ms_lifetimes_at(const ms_lifetimes *lifetimes, unsigned percent);

#endif
