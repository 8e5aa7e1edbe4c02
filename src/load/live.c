#include "load/live.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "util/memory.h"

#define FIRST_SLOTS 1024
#define HUGE_PAGE ((size_t)2 << 20)

/* A table of some megabytes is hit all over: on small pages each hit costs a walk of the page table
 * beside the miss itself. */
static ms_block *new_slots(size_t count) {
    size_t size = count * sizeof(ms_block);
    if (size < HUGE_PAGE)
        return ms_memory_zeroed(count, sizeof(ms_block));
    void *slots = aligned_alloc(HUGE_PAGE, size);
    if (!slots)
        return ms_memory_zeroed(count, sizeof(ms_block));
    madvise(slots, size, MADV_HUGEPAGE);
    return memset(slots, 0, size);
}

void ms_live_init(ms_live *live) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    *live = (ms_live){.slots = new_slots(FIRST_SLOTS),
                      .mask = FIRST_SLOTS - 1,
                      .seed = ms_hash_u64((uint64_t)now.tv_nsec ^ (uintptr_t)live)};
}

void ms_live_deinit(ms_live *live) {
    free(live->slots);
    free(live->numbers);
    live->slots = NULL;
    live->numbers = NULL;
}

void ms_live_keep_numbers(ms_live *live) {
    live->numbers = ms_memory_zeroed(live->mask + 1, sizeof *live->numbers);
}

static void put(ms_live *live, ms_block block, uint64_t number) {
    size_t i = ms_live_slot(live, block.address);
    while (live->slots[i].address)
        i = (i + 1) & live->mask;
    live->slots[i] = block;
    if (live->numbers)
        live->numbers[i] = number;
}

static void grow(ms_live *live) {
    ms_block *old = live->slots;
    uint64_t *numbers = live->numbers;
    size_t count = live->mask + 1;
    live->slots = new_slots(count * 2);
    live->mask = count * 2 - 1;
    if (numbers)
        ms_live_keep_numbers(live);
    for (size_t i = 0; i < count; i++)
        if (old[i].address)
            put(live, old[i], numbers ? numbers[i] : 0);
    free(old);
    free(numbers);
}

void ms_live_add(ms_live *live, ms_block block) {
    if (live->count >= (live->mask + 1) / 2)
        grow(live);
    put(live, block, live->number);
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
            if (live->numbers)
                live->numbers[gap] = live->numbers[i];
            gap = i;
        }
    }
    live->slots[gap].address = 0;
    live->count--;
}
