/* lifetimes.h - how long the blocks of a site lived: a logarithmic histogram with 16 steps per
 * doubling, so that a percentile is off by 1/32 at most. Takes memory only for the range in use. */
#ifndef MS_LOAD_LIFETIMES_H
#define MS_LOAD_LIFETIMES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ms_lifetimes {
    uint64_t count;
    uint64_t zero; /* lived less than a tick: most do, and they need no histogram */
    uint64_t max_us;
    uint64_t *buckets; /* of numbers first .. first + size - 1 */
    uint16_t first;
    uint16_t size;
} ms_lifetimes;

void ms_lifetimes_deinit(ms_lifetimes *lifetimes);

void ms_lifetimes_add_slow(ms_lifetimes *lifetimes, uint64_t us, uint64_t count);

static inline void ms_lifetimes_add(ms_lifetimes *lifetimes, uint64_t us) {
    if (us) {
        ms_lifetimes_add_slow(lifetimes, us, 1);
    } else {
        lifetimes->count++;
        lifetimes->zero++;
    }
}

/* Adds `count` blocks of a step of the histogram; false when there is no such step. */
bool ms_lifetimes_restore(ms_lifetimes *lifetimes, unsigned bucket, uint64_t count);

/* Adds all of `from`. */
void ms_lifetimes_merge(ms_lifetimes *lifetimes, const ms_lifetimes *from);

/* The lifetime in microseconds that `percent` of the blocks did not exceed; UINT64_MAX when none
 * died. */
uint64_t ms_lifetimes_at(const ms_lifetimes *lifetimes, unsigned percent);

#endif
