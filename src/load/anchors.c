#include "load/anchors.h"

#include <stdlib.h>
#include <time.h>

#include "base/hash.h"
#include "util/memory.h"

#define FIRST_SLOTS 64

void ms_anchors_init(ms_anchors *a) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    *a = (ms_anchors){.seed = ms_hash_u64((uint64_t)now.tv_nsec ^ (uintptr_t)a)};
}

void ms_anchors_deinit(ms_anchors *a) {
    free(a->slots);
    free(a->inners);
    a->slots = NULL;
    a->inners = NULL;
}

static size_t home_of(const ms_anchors *a, uint64_t address) {
    return (size_t)ms_hash_u64(address ^ a->seed) & a->mask;
}

/* Its slot, or the free one where it belongs. */
static ms_anchor *slot_of(const ms_anchors *a, uint64_t address) {
    size_t i = home_of(a, address);
    while (a->slots[i].address && a->slots[i].address != address)
        i = (i + 1) & a->mask;
    return &a->slots[i];
}

static void resize(ms_anchors *a, size_t slots) {
    ms_anchors old = *a;
    a->slots = ms_memory_zeroed(slots, sizeof *a->slots);
    a->mask = slots - 1;
    for (size_t i = 0; old.slots && i <= old.mask; i++)
        if (old.slots[i].address)
            *slot_of(a, old.slots[i].address) = old.slots[i];
    free(old.slots);
}

ms_anchor *ms_anchors_find(const ms_anchors *a, uint64_t address) {
    if (a->count == 0 || address == 0)
        return NULL;
    ms_anchor *anchor = slot_of(a, address);
    return anchor->address ? anchor : NULL;
}

static ms_anchor *make(ms_anchors *a, uint64_t address) {
    if (!a->slots)
        resize(a, FIRST_SLOTS);
    else if (a->count >= (a->mask + 1) / 2)
        resize(a, (a->mask + 1) * 2);
    ms_anchor *anchor = slot_of(a, address);
    a->count += anchor->address == 0;
    anchor->address = address;
    return anchor;
}

/* As in live.c: each anchor behind the gap that may move into it does, and leaves the next gap. */
static void remove_anchor(ms_anchors *a, ms_anchor *anchor) {
    size_t gap = (size_t)(anchor - a->slots), i = gap;
    for (;;) {
        i = (i + 1) & a->mask;
        if (a->slots[i].address == 0)
            break;
        size_t home = home_of(a, a->slots[i].address);
        if (((i - home) & a->mask) >= ((i - gap) & a->mask)) {
            a->slots[gap] = a->slots[i];
            gap = i;
        }
    }
    a->slots[gap] = (ms_anchor){0};
    a->count--;
}

/* ---- within blocks ---------------------------------------------------------------------- */

static uint32_t new_inner(ms_anchors *a) {
    uint32_t number = a->spare_inner;
    if (number) {
        a->spare_inner = a->inners[number - 1].next;
        return number;
    }
    a->inners =
        ms_memory_grow(a->inners, a->inner_count + 1, &a->inner_capacity, sizeof *a->inners);
    return (uint32_t)++a->inner_count;
}

static void put_in(ms_anchors *a, uint64_t address, uint64_t block) {
    uint32_t number = new_inner(a);
    ms_anchor *outer = make(a, block);
    a->inners[number - 1] = (ms_inner){.address = address, .block = block, .next = outer->inside};
    if (outer->inside)
        a->inners[outer->inside - 1].prev = number;
    outer->inside = number;
    slot_of(a, address)->inner = number;
}

ms_anchor *ms_anchors_at(ms_anchors *a, uint64_t address, uint64_t block) {
    ms_anchor *anchor = make(a, address);
    if (!block || block == address || anchor->inner)
        return anchor;
    put_in(a, address, block);
    return slot_of(a, address);
}

uint64_t ms_anchors_inside(const ms_anchors *a, const ms_anchor *anchor) {
    return anchor->inside ? a->inners[anchor->inside - 1].address : 0;
}

static int by_address(const void *a, const void *b) {
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static size_t sorted(const ms_anchors *a, uint64_t *addresses) {
    size_t count = 0;
    for (size_t i = 0; a->slots && i <= a->mask; i++)
        if (a->slots[i].address)
            addresses[count++] = a->slots[i].address;
    if (count)
        qsort(addresses, count, sizeof *addresses, by_address);
    return count;
}

/* The places within the block of an anchor, oldest first. Returns how many. */
static size_t list_inside(const ms_anchors *a, const ms_anchor *anchor, uint64_t *addresses) {
    uint32_t number = anchor->inside;
    size_t count = 0;
    while (number && a->inners[number - 1].next)
        number = a->inners[number - 1].next;
    for (; number; number = a->inners[number - 1].prev)
        addresses[count++] = a->inners[number - 1].address;
    return count;
}

/* A block begins before what lies in it: where that has places within in turn, it is made before them. */
void ms_anchors_list(const ms_anchors *a, uint64_t *addresses) {
    uint64_t *all = ms_memory_zeroed(a->count, sizeof *all);
    size_t count = sorted(a, all), listed = 0;
    for (size_t i = 0; i < count; i++)
        if (!slot_of(a, all[i])->inner)
            addresses[listed++] = all[i];
    for (size_t i = 0; i < count; i++)
        listed += list_inside(a, slot_of(a, all[i]), addresses + listed);
    free(all);
}

/* The block of the place, which is forgotten. */
static uint64_t take_out(ms_anchors *a, uint32_t number) {
    ms_inner *inner = &a->inners[number - 1];
    if (inner->next)
        a->inners[inner->next - 1].prev = inner->prev;
    if (inner->prev)
        a->inners[inner->prev - 1].next = inner->next;
    else
        slot_of(a, inner->block)->inside = inner->next;
    inner->next = a->spare_inner;
    a->spare_inner = number;
    return inner->block;
}

void ms_anchors_take_out(ms_anchors *a, ms_anchor *anchor) {
    if (anchor->inner)
        take_out(a, anchor->inner);
    anchor->inner = 0;
}

static bool is_empty(const ms_anchor *anchor) {
    return !anchor->variables && !anchor->reference && !anchor->passport && !anchor->container &&
           !anchor->tagged && !anchor->inside;
}

void ms_anchors_tidy(ms_anchors *a, ms_anchor *anchor) {
    if (!is_empty(anchor))
        return;
    uint64_t block = anchor->inner ? take_out(a, anchor->inner) : 0;
    remove_anchor(a, anchor);
    ms_anchor *outer = ms_anchors_find(a, block);
    if (outer && is_empty(outer))
        remove_anchor(a, outer);
}
