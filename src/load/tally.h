/* tally.h - what is born and dies on one account, that of a task or of a scope. One thread at a time. */
#ifndef MS_LOAD_TALLY_H
#define MS_LOAD_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "load/weight.h"

typedef struct ms_tally {
    uint64_t allocations, reallocations, bytes_allocated; /* recorded */
    uint64_t live_bytes, live_blocks;                     /* recorded */
    uint64_t peak_bytes;                                  /* estimated */
    ms_estimate allocations_excess, reallocations_excess, bytes_excess;
    ms_held held;
    double peak_variance;
} ms_tally;

/* A birth, and the end of a block; a block that counts again, without a birth. `weight`: of the block. */
void ms_tally_born(ms_tally *tally, uint64_t size, ms_estimate weight, bool is_realloc);
void ms_tally_enter(ms_tally *tally, uint64_t size, ms_estimate weight);
void ms_tally_leave(ms_tally *tally, uint64_t size, ms_estimate weight);

#endif
