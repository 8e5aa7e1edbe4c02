#include "load/lifetimes.h"

#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

/* Bucket numbers: 0..15 are the lifetimes 0..15; then 16 for each doubling. */
enum { STEP_BITS = 4, STEPS = 1 << STEP_BITS };

static unsigned bucket_of(uint64_t us) {
    if (us < STEPS)
        return (unsigned)us;
    unsigned exponent = 63u - (unsigned)__builtin_clzll(us);
    unsigned step = (unsigned)(us >> (exponent - STEP_BITS)) & (STEPS - 1);
    return (exponent - STEP_BITS + 1) * STEPS + step;
}

static uint64_t middle_of(unsigned bucket) {
    if (bucket < STEPS)
        return bucket;
    unsigned shift = bucket / STEPS - 1;
    uint64_t low = (uint64_t)(STEPS + bucket % STEPS) << shift;
    return low + ((UINT64_C(1) << shift) - 1) / 2;
}

void ms_lifetimes_deinit(ms_lifetimes *lifetimes) {
    free(lifetimes->buckets);
    *lifetimes = (ms_lifetimes){0};
}

/* Makes the range include `bucket`. It grows by 8 at least, so that it grows seldom. */
static void include(ms_lifetimes *l, unsigned bucket) {
    unsigned first = bucket & ~7u, end = first + 8;
    if (l->size && l->first < first)
        first = l->first;
    if (l->size && (unsigned)l->first + l->size > end)
        end = (unsigned)l->first + l->size;
    uint64_t *buckets = ms_memory_zeroed(end - first, sizeof *buckets);
    if (l->size)
        memcpy(buckets + (l->first - first), l->buckets, l->size * sizeof *buckets);
    free(l->buckets);
    l->buckets = buckets;
    l->first = (uint16_t)first;
    l->size = (uint16_t)(end - first);
}

static inline void add(ms_lifetimes *l, unsigned bucket, uint64_t weight) {
    if (bucket < l->first || bucket >= (unsigned)l->first + l->size)
        include(l, bucket);
    l->buckets[bucket - l->first] += weight;
}

bool ms_lifetimes_restore(ms_lifetimes *l, unsigned bucket, uint64_t weight) {
    if (bucket > bucket_of(UINT64_MAX))
        return false;
    add(l, bucket, weight);
    return true;
}

void ms_lifetimes_add_slow(ms_lifetimes *l, uint64_t us, uint64_t weight) {
    add(l, bucket_of(us), weight);
    if (us > l->max_us)
        l->max_us = us;
}

/* Bounded, so that sums have room for 2^32 blocks and more. */
uint64_t ms_lifetime_weight(double excess) {
    double weight = (1 + excess) * (double)MS_LIFETIME_ONE;
    return weight < (double)UINT32_MAX ? (uint64_t)(weight + 0.5) : UINT32_MAX;
}

void ms_lifetimes_merge(ms_lifetimes *l, const ms_lifetimes *from) {
    l->zero += from->zero;
    l->count += from->count;
    for (unsigned i = 0; i < from->size; i++)
        if (from->buckets[i])
            add(l, from->first + i, from->buckets[i]);
    if (from->max_us > l->max_us)
        l->max_us = from->max_us;
}

uint64_t ms_lifetimes_at(const ms_lifetimes *l, unsigned percent) {
    if (l->count == 0)
        return UINT64_MAX;
    uint64_t all = l->zero;
    for (unsigned i = 0; i < l->size; i++)
        all += l->buckets[i];
    uint64_t rank = all / 100 * percent + (all % 100 * percent + 99) / 100;
    uint64_t seen = l->zero;
    if (seen >= rank)
        return 0;
    for (unsigned i = 0; i < l->size; i++) {
        seen += l->buckets[i];
        if (seen >= rank) {
            uint64_t us = middle_of(l->first + i);
            return us < l->max_us ? us : l->max_us;
        }
    }
    return l->max_us;
}
