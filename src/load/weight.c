#include "load/weight.h"

#include <math.h>

#include "base/chance.h"

/* w - 1 = 1 / (exp(chance) - 1), without the cancellation that p would suffer. */
ms_estimate ms_weight(uint64_t size, uint64_t rate) {
    if (rate == 0)
        return (ms_estimate){0, 0};
    double excess = 1 / expm1(ms_chance(size, rate));
    return (ms_estimate){excess, excess * (1 + excess)};
}

static uint64_t rounded(double value, uint64_t most) {
    if (!(value > 0))
        return 0;
    return value < (double)most ? (uint64_t)(value + 0.5) : most;
}

uint64_t ms_estimated(uint64_t recorded, double excess) {
    uint64_t more = rounded(excess, UINT64_MAX);
    return more > UINT64_MAX - recorded ? UINT64_MAX : recorded + more;
}

uint64_t ms_standard_error(double variance) {
    return rounded(sqrt(variance > 0 ? variance : 0), UINT64_MAX - 1);
}

double ms_surely(uint64_t estimate, double variance) {
    return (double)estimate - sqrt(variance > 0 ? variance : 0);
}

void ms_held_add(ms_held *held, ms_estimate weight, uint64_t size) {
    held->sampled++;
    ms_estimate_add(&held->bytes, weight, (double)size);
    ms_estimate_add(&held->blocks, weight, 1);
}

void ms_held_remove(ms_held *held, ms_estimate weight, uint64_t size) {
    if (--held->sampled == 0) {
        *held = (ms_held){0};
        return;
    }
    double bytes = (double)size;
    held->bytes.excess -= weight.excess * bytes;
    held->bytes.variance -= weight.variance * bytes * bytes;
    held->blocks.excess -= weight.excess;
    held->blocks.variance -= weight.variance;
}

void ms_held_merge(ms_held *held, const ms_held *other) {
    held->sampled += other->sampled;
    ms_estimate_merge(&held->bytes, other->bytes);
    ms_estimate_merge(&held->blocks, other->blocks);
}
