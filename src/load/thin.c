#include "load/thin.h"

#include <math.h>
#include <stdlib.h>

#include "base/chance.h"
#include "load/attribute.h"
#include "util/memory.h"

/* Fewer blocks than these take no room worth mentioning. */
#define ENOUGH 256u

/* The rate grows in steps, so that not more blocks go than need be. */
#define STEP 2u

uint64_t ms_thin_rate(const ms_replay *r, bool enough) {
    if (r->live.count <= ENOUGH)
        return 0;
    if (r->thin_rate && enough)
        return r->thin_rate;
    if (r->thin_rate)
        return r->thin_rate > UINT64_MAX / STEP ? 0 : r->thin_rate * STEP;
    uint64_t average = r->level.live_bytes / (r->live.count + r->pairs.count);
    return average ? average : 1;
}

/* 1 for rate 0. */
static double probability(uint64_t size, uint64_t rate) {
    return rate ? -expm1(-ms_chance(size, rate)) : 1;
}

static double random_below_1(uint64_t state) {
    return (double)(ms_hash_u64(state) >> 11) * 0x1p-53;
}

/* What a block's origin becomes; UINT32_MAX: it stays as it is, with its `*kept` 1. */
static uint32_t origin_at(ms_replay *r, const ms_block *block, uint64_t rate, double *kept) {
    ms_origin origin = ms_origins_at(&r->origins, block->origin);
    *kept = 1;
    if (origin.rate >= rate)
        return UINT32_MAX;
    double before = probability(block->size, origin.rate);
    origin.rate = rate;
    uint32_t number = ms_origins_of(&r->origins, origin); /* there may be too many */
    if (number != UINT32_MAX)
        *kept = probability(block->size, rate) / before;
    return number;
}

static int by_site_and_size(const void *a, const void *b) {
    const ms_block *x = a, *y = b;
    if (x->site != y->site)
        return x->site < y->site ? -1 : 1;
    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    return (x->address > y->address) - (x->address < y->address);
}

static ms_block *all_blocks(const ms_live *live) {
    ms_block *blocks = ms_memory_zeroed(live->count, sizeof *blocks);
    size_t count = 0;
    for (size_t i = 0; i <= live->mask; i++)
        if (live->slots[i].address)
            blocks[count++] = live->slots[i];
    if (count)
        qsort(blocks, count, sizeof *blocks, by_site_and_size);
    return blocks;
}

/* Each block's chance is its own, but they are drawn with one start at even distances: so of each site
 * and size as many are kept as should be, and the sums hardly move. Each rate draws anew: who was kept at
 * one must not have better chances at the next. */
void ms_thin(ms_replay *r, uint64_t rate) {
    size_t count = r->live.count;
    ms_block *blocks = all_blocks(&r->live);
    double drawn = random_below_1(r->live.seed ^ ms_hash_u64(rate)), kept;
    for (size_t i = 0; i < count; i++) {
        ms_block *block = ms_live_at(&r->live, blocks[i].address);
        uint32_t origin = origin_at(r, block, rate, &kept);
        if (origin == UINT32_MAX)
            continue;
        drawn += kept;
        if (drawn >= 1)
            ms_attribute_again(r, block, origin);
        else
            ms_replay_forget(r, block);
        drawn -= drawn >= 1;
    }
    free(blocks);
    r->level.sampled = true;
    r->thin_rate = rate;
    if (r->thinned_from_us == UINT64_MAX)
        r->thinned_from_us = r->now_us;
}
