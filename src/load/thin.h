/* thin.h - fewer live blocks. Where they are too many to be kept, a sample of them is, and each stands for
 * others, as if it had been sampled when it was born (weight.h):
 *
 *      kept with probability p = 1 - exp(-ms_chance(size, rate)), it counts 1 / p
 *
 * So what is live becomes an estimate with an error, without bias. What is counted in all stays exact. The
 * releases of blocks that are not kept are known by having none. One thread at a time. */
#ifndef MS_LOAD_THIN_H
#define MS_LOAD_THIN_H

#include <stdbool.h>
#include <stdint.h>

#include "load/replay.h"

/* The rate to thin to next: the latest one, which newer blocks were not thinned to; when that was not
 * `enough`, a greater one. 0: there is no point. */
uint64_t ms_thin_rate(const ms_replay *replay, bool enough);

/* Thins the live blocks to `rate`; those that were sampled at that one or a greater one already stay. */
void ms_thin(ms_replay *replay, uint64_t rate);

#endif
