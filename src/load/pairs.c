#include "load/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

#define TOUCHES 65536u
#define HEADS 4096u
#define SEVERAL UINT32_MAX

void ms_pairs_init(ms_pairs *pairs) {
    *pairs = (ms_pairs){.touches = ms_memory_zeroed(TOUCHES, sizeof *pairs->touches),
                        .tick = 1,
                        .items = ms_memory_zeroed(MS_PAIRS_MAX, sizeof *pairs->items),
                        .heads = ms_memory_zeroed(HEADS, sizeof *pairs->heads)};
}

void ms_pairs_deinit(ms_pairs *pairs) {
    free(pairs->touches);
    free(pairs->items);
    free(pairs->heads);
}

static ms_touch *touch_of(const ms_pairs *pairs, uint64_t address) {
    return &pairs->touches[ms_hash_u64(address) % TOUCHES];
}

void ms_pairs_touch(ms_pairs *pairs, uint64_t address, uint32_t thread) {
    ms_touch *touch = touch_of(pairs, address);
    if (touch->tick != pairs->tick)
        *touch = (ms_touch){address, pairs->tick, thread};
    else if (touch->address != address)
        *touch = (ms_touch){address, pairs->tick, SEVERAL};
    else if (touch->thread != thread)
        touch->thread = SEVERAL;
}

bool ms_pairs_disputed(const ms_pairs *pairs, uint64_t address) {
    const ms_touch *touch = touch_of(pairs, address);
    return touch->tick == pairs->tick && (touch->address != address || touch->thread == SEVERAL);
}

static uint32_t *head_of(const ms_pairs *pairs, uint64_t address) {
    return &pairs->heads[ms_hash_u64(address) % HEADS];
}

static ms_pair *pair_of(ms_pairs *pairs, uint64_t address) {
    uint32_t *head = head_of(pairs, address);
    for (uint32_t i = *head; i; i = pairs->items[i - 1].next)
        if (pairs->items[i - 1].address == address)
            return &pairs->items[i - 1];
    ms_pair *pair = &pairs->items[pairs->count++];
    *pair = (ms_pair){.address = address, .next = *head};
    *head = (uint32_t)pairs->count;
    return pair;
}

void ms_pairs_early(ms_pairs *pairs, uint64_t address, bool is_free) {
    ms_pair *pair = pair_of(pairs, address);
    pair->early++;
    pair->early_frees += is_free;
}

void ms_pairs_over(ms_pairs *pairs, const ms_block *old) {
    ms_pair *pair = pair_of(pairs, old->address);
    pair->over++;
    pair->replaced = *old;
}

void ms_pairs_next_tick(ms_pairs *pairs) {
    for (size_t i = 0; i < pairs->count; i++)
        *head_of(pairs, pairs->items[i].address) = 0;
    pairs->count = 0;
    pairs->tick++;
}
