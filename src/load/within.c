#include "load/within.h"

#include <stdbool.h>
#include <stdlib.h>

#include "util/memory.h"

enum { FIRST_SLOTS = 1024 };

void ms_within_deinit(ms_within *w) {
    free(w->starts);
    free(w->classes);
    *w = (ms_within){0};
}

static unsigned class_of(uint64_t size) {
    return size ? 63 - (unsigned)__builtin_clzll(size) : 0;
}

/* The slot of a cell, or the free one where it belongs. */
static size_t slot_of(const ms_within *w, uint64_t seed, unsigned class, uint64_t cell) {
    size_t i = (size_t)ms_hash_u64((cell << 6 | class) ^ seed) & w->mask;
    while (w->starts[i] && (w->classes[i] != class || w->starts[i] >> class != cell))
        i = (i + 1) & w->mask;
    return i;
}

static void add(ms_within *w, uint64_t seed, uint64_t address, uint64_t size) {
    unsigned class = class_of(size);
    size_t i = slot_of(w, seed, class, address >> class);
    w->count += w->starts[i] == 0;
    w->starts[i] = address;
    w->classes[i] = (uint8_t) class;
    w->in_use |= UINT64_C(1) << class;
    w->low = address < w->low ? address : w->low;
    uint64_t end = address + size < address ? UINT64_MAX : address + size;
    w->high = end > w->high ? end : w->high;
}

/* From what is live: so what is dead takes no room for long. */
void ms_within_begin(ms_within *w, const ms_live *live) {
    size_t slots = FIRST_SLOTS;
    while (slots < live->count * 4)
        slots *= 2;
    ms_within_deinit(w);
    w->starts = ms_memory_zeroed(slots, sizeof *w->starts);
    w->classes = ms_memory_zeroed(slots, sizeof *w->classes);
    w->mask = slots - 1;
    w->low = UINT64_MAX;
    w->asked = true;
    for (size_t i = 0; i <= live->mask; i++)
        if (live->slots[i].address)
            add(w, live->seed, live->slots[i].address, live->slots[i].size);
}

void ms_within_born(ms_within *w, const ms_live *live, uint64_t address, uint64_t size) {
    if (!w->starts)
        return;
    if (w->count > w->mask / 2)
        ms_within_begin(w, live);
    else
        add(w, live->seed, address, size);
}

static const ms_block *in_class(const ms_within *w, const ms_live *live, unsigned class,
                                uint64_t address) {
    for (uint64_t back = 0; back <= 2 && address >> class >= back; back++) {
        uint64_t start = w->starts[slot_of(w, live->seed, class, (address >> class) - back)];
        const ms_block *block = start ? ms_live_at(live, start) : NULL;
        if (block && address >= start && address - start < block->size)
            return block;
    }
    return NULL;
}

const ms_block *ms_within_look(const ms_within *w, const ms_live *live, uint64_t address) {
    const ms_block *block = ms_live_at(live, address);
    if (block || !w->starts || address < w->low || address >= w->high)
        return block;
    for (uint64_t left = w->in_use; left && !block; left &= left - 1)
        block = in_class(w, live, (unsigned)__builtin_ctzll(left), address);
    return block;
}

const ms_block *ms_within_find(ms_within *w, const ms_live *live, uint64_t address) {
    if (!w->starts && address && !ms_live_at(live, address))
        ms_within_begin(w, live);
    return ms_within_look(w, live, address);
}
