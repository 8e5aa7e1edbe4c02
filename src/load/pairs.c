#include "load/pairs.h"

#include <stdlib.h>

#include "util/memory.h"

void ms_pairs_init(ms_pairs *pairs) {
    *pairs = (ms_pairs){.slots = ms_memory_zeroed(MS_PAIRS_SLOTS, sizeof *pairs->slots)};
}

void ms_pairs_deinit(ms_pairs *pairs) {
    free(pairs->slots);
    pairs->slots = NULL;
}

static void forget(ms_pairs *pairs, ms_pair *pair) {
    if (pair->address && pair->state == MS_PAIR_EARLY && !pair->silent)
        pairs->unmatched++;
    if (pair->address && pair->state == MS_PAIR_LATE)
        pairs->implied++;
    pair->address = 0;
}

static ms_pair *slot_of(ms_pairs *pairs, uint64_t address) {
    return &pairs->slots[(ms_hash_u64(address) >> 32) % MS_PAIRS_SLOTS];
}

/* The pair of `address` in `state` if it is there and not too old. */
static ms_pair *find(ms_pairs *pairs, uint64_t address, ms_pair_state state, uint64_t now_us) {
    ms_pair *pair = slot_of(pairs, address);
    if (pair->address != address || pair->state != state)
        return NULL;
    if (now_us > pair->time_us && now_us - pair->time_us > MS_PAIRS_MEMORY_US) {
        forget(pairs, pair);
        return NULL;
    }
    return pair;
}

void ms_pairs_died(ms_pairs *pairs, uint64_t address, uint32_t thread, uint64_t now_us) {
    if (find(pairs, address, MS_PAIR_LATE, now_us))
        return; /* the death of the block before this one is still to come */
    ms_pair *pair = slot_of(pairs, address);
    forget(pairs, pair);
    pair->address = address;
    pair->time_us = now_us;
    pair->state = MS_PAIR_DIED;
    pair->thread = thread;
}

void ms_pairs_early(ms_pairs *pairs, uint64_t address, uint32_t thread, uint64_t now_us,
                    bool silent) {
    ms_pair *died = find(pairs, address, MS_PAIR_DIED, now_us);
    if (!died || died->thread == thread) {
        pairs->unmatched += !silent;
        return;
    }
    died->state = MS_PAIR_EARLY;
    died->time_us = now_us;
    died->silent = silent;
}

bool ms_pairs_take_early(ms_pairs *pairs, uint64_t address, uint64_t now_us, uint32_t *thread,
                         bool *silent) {
    ms_pair *early = find(pairs, address, MS_PAIR_EARLY, now_us);
    if (!early)
        return false;
    *thread = early->thread;
    *silent = early->silent;
    early->address = 0;
    return true;
}

void ms_pairs_replaced(ms_pairs *pairs, const ms_block *old, uint32_t thread, uint64_t now_us) {
    ms_pair *pair = slot_of(pairs, old->address);
    forget(pairs, pair);
    *pair = (ms_pair){.address = old->address,
                      .time_us = now_us,
                      .state = MS_PAIR_LATE,
                      .thread = thread,
                      .old = *old};
}

bool ms_pairs_take_late(ms_pairs *pairs, uint64_t address, uint32_t thread, uint64_t now_us,
                        ms_block *old) {
    ms_pair *late = find(pairs, address, MS_PAIR_LATE, now_us);
    if (!late || late->thread == thread)
        return false;
    *old = late->old;
    late->address = 0;
    return true;
}

void ms_pairs_finish(ms_pairs *pairs) {
    for (size_t i = 0; i < MS_PAIRS_SLOTS; i++)
        forget(pairs, &pairs->slots[i]);
}
