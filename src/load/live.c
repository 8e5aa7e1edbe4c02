#include "load/live.h"

#include <stdlib.h>
#include <time.h>

#include "util/memory.h"

#define FIRST_SLOTS 1024

void ms_live_init(ms_live *live) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    *live = (ms_live){.slots = ms_memory_zeroed(FIRST_SLOTS, sizeof(ms_block)),
                      .mask = FIRST_SLOTS - 1,
                      .seed = ms_hash_u64((uint64_t)now.tv_nsec ^ (uintptr_t)live)};
}

void ms_live_deinit(ms_live *live) {
    free(live->slots);
    live->slots = NULL;
}

static void put(ms_live *live, ms_block block) {
    size_t i = ms_live_slot(live, block.address);
    while (live->slots[i].address)
        i = (i + 1) & live->mask;
    live->slots[i] = block;
}

static void grow(ms_live *live) {
    ms_block *old = live->slots;
    size_t count = live->mask + 1;
    live->slots = ms_memory_zeroed(count * 2, sizeof *live->slots);
    live->mask = count * 2 - 1;
    for (size_t i = 0; i < count; i++)
        if (old[i].address)
            put(live, old[i]);
    free(old);
}

void ms_live_add(ms_live *live, ms_block block) {
    if (live->count >= (live->mask + 1) / 8 * 5)
        grow(live);
    put(live, block);
    live->count++;
}

/* Each block behind the gap that may move into it (its own slot is not between the gap and it) does,
 * and leaves the next gap. */
void ms_live_remove(ms_live *live, ms_block *block) {
    size_t gap = (size_t)(block - live->slots), i = gap;
    for (;;) {
        i = (i + 1) & live->mask;
        if (live->slots[i].address == 0)
            break;
        size_t home = ms_live_slot(live, live->slots[i].address);
        if (((i - home) & live->mask) >= ((i - gap) & live->mask)) {
            live->slots[gap] = live->slots[i];
            gap = i;
        }
    }
    live->slots[gap].address = 0;
    live->count--;
}
