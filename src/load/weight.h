/* weight.h - what sampled blocks stand for.
 *
 * At rate R a birth of `size` bytes is recorded with probability p = 1 - exp(-(size + 1 + R / 2048) / R)
 * (base/chance.h), whatever happened to the others. So a recorded block stands for w = 1 / p blocks (Horvitz and Thompson):
 *
 *      sum of w * x             over the recorded ones is an unbiased estimate of the sum of x over all
 *      sum of w * (w - 1) * x^2 is one of the variance of that estimate
 *
 * The recorded blocks themselves are counted as integers, everywhere. Here is kept what they stand for
 * beyond themselves, (w - 1) * x. So blocks of an exact phase need nothing of this, and a trace
 * without samples does no floating point at all.
 *
 * Nothing here is ever infinite or no number: w is below 2^65 for any size and rate. */
#ifndef MS_LOAD_WEIGHT_H
#define MS_LOAD_WEIGHT_H

#include <stdint.h>

/* Of a block, for x = 1, or a sum over blocks. */
typedef struct ms_estimate {
    double excess; /* beyond what was recorded */
    double variance;
} ms_estimate;

/* The weight of a block of `size` bytes born at `rate`; all 0 for rate 0. */
ms_estimate ms_weight(uint64_t size, uint64_t rate);

/* Adds a block that counts `x`. */
static inline void ms_estimate_add(ms_estimate *sum, ms_estimate weight, double x) {
    sum->excess += weight.excess * x;
    sum->variance += weight.variance * x * x;
}

static inline void ms_estimate_merge(ms_estimate *sum, ms_estimate other) {
    sum->excess += other.excess;
    sum->variance += other.variance;
}

/* `recorded` and what it stands for beyond itself, to the next integer; at most UINT64_MAX. */
uint64_t ms_estimated(uint64_t recorded, double excess);

/* The standard error, to the next integer; at most UINT64_MAX - 1, for that one means: not known. */
uint64_t ms_standard_error(double variance);

/* What an estimate is at least, give or take: less its standard error. */
double ms_surely(uint64_t estimate, double variance);

/* ---- of live blocks --------------------------------------------------------------------- */

/* What the sampled ones among some live blocks stand for. */
typedef struct ms_held {
    uint64_t sampled; /* of them; of a task all, exact ones add nothing */
    ms_estimate bytes, blocks;
} ms_held;

void ms_held_add(ms_held *held, ms_estimate weight, uint64_t size);

/* Without sampled blocks it is exactly 0 again, whatever was rounded on the way. */
void ms_held_remove(ms_held *held, ms_estimate weight, uint64_t size);

void ms_held_merge(ms_held *held, const ms_held *other);

/* Now, and at the program's latest peak as of `number`: see ms_share in sites.h. */
typedef struct ms_held_share {
    ms_held now, at_peak;
    uint64_t number;
} ms_held_share;

/* To be called before `now` changes, and once at the end. */
static inline void ms_held_settle(ms_held_share *share, uint64_t peak) {
    if (share->number != peak) {
        share->at_peak = share->now;
        share->number = peak;
    }
}

#endif
