/* chance.h - the chance a birth has to be recorded when sampling, as both sides must see it. Pure.
 *
 * Every byte is hit with the same small probability, one in `rate`. Besides its own bytes a block counts
 * some as a block: were there none, one small block would stand for so many that a handful of them decided
 * every number of blocks, and their scatter would not show how wrong it is. As it is no block stands for
 * more than 2048, at the price of a few more samples. */
#ifndef MS_BASE_CHANCE_H
#define MS_BASE_CHANCE_H

#include <stdint.h>

#define MS_CHANCE_SHIFT 11

/* What a block counts beside its bytes. */
static inline uint64_t ms_chance_of_block(uint64_t rate) {
    return 1 + (rate >> MS_CHANCE_SHIFT);
}

/* A birth of `size` bytes is recorded with probability 1 - exp(-ms_chance(size, rate)); rate not 0. */
static inline double ms_chance(uint64_t size, uint64_t rate) {
    return ((double)size + (double)ms_chance_of_block(rate)) / (double)rate;
}

#endif
