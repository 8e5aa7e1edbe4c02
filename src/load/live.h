/* live.h - the blocks that are live at one point of a replay, by address. One thread at a time.
 *
 * Open addressing with linear probing and no tombstones: a removal moves the blocks behind it up, so
 * a table that sees a hundred million births stays as short as its live blocks. */
#ifndef MS_LOAD_LIVE_H
#define MS_LOAD_LIVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

typedef struct ms_block {
    uint64_t address; /* 0: a free slot */
    uint64_t size;
    uint64_t born; /* when, and how often it has grown */
    uint32_t site;
    uint32_t origin; /* number: see origins.h */
} ms_block;

/* 35 years: later times are nonsense, and would not fit once they are nanoseconds. So a block has bits to
 * spare, for an array that is grown by realloc is a block all the time: how often, up to some thousands. */
#define MS_TIME_BITS 50
#define MS_TIME_MAX_US ((UINT64_C(1) << MS_TIME_BITS) - 1)
#define MS_GROWTHS_MAX (UINT64_MAX >> MS_TIME_BITS)

static inline uint64_t ms_born(uint64_t time_us, uint64_t growths) {
    return growths << MS_TIME_BITS | time_us;
}

static inline uint64_t ms_born_us(const ms_block *block) {
    return block->born & MS_TIME_MAX_US;
}

static inline uint64_t ms_growths(const ms_block *block) {
    return block->born >> MS_TIME_BITS;
}

/* From here on the C library may give a block a mapping of its own: when it is freed, the program may map what it
 * likes there. */
#define MS_MAPPED_MIN (128u << 10)

typedef struct ms_live {
    ms_block *slots;
    size_t mask; /* slots - 1; a power of two of them */
    size_t count;
    uint64_t seed;   /* of the hash: a trace must not choose which blocks collide */
    uint64_t number; /* of what happens now: whoever adds blocks counts it up */
    uint64_t
        *numbers; /* of each slot: the number under which its block was added; NULL: not kept */
} ms_live;

void ms_live_init(ms_live *live);
void ms_live_deinit(ms_live *live);

/* From now on numbers are kept; of blocks that are there it is 0. For lists of single blocks only: many are
 * born in one microsecond. */
void ms_live_keep_numbers(ms_live *live);

static inline size_t ms_live_slot(const ms_live *live, uint64_t address) {
    return (size_t)ms_hash_u64(address ^ live->seed) & live->mask;
}

/* Brings the block's place near before it is needed. (Always inline: gcc takes a function that only
 * prefetches for one without effect, and drops calls of it.) */
static inline __attribute__((always_inline)) void ms_live_prefetch(const ms_live *live,
                                                                   uint64_t address) {
    __builtin_prefetch(&live->slots[ms_live_slot(live, address)], 1);
}

/* The live block at `address`, or NULL. Good until the next add or remove. */
static inline ms_block *ms_live_at(const ms_live *live, uint64_t address) {
    size_t i = ms_live_slot(live, address);
    while (live->slots[i].address != address) {
        if (live->slots[i].address == 0)
            return NULL;
        i = (i + 1) & live->mask;
    }
    return address ? &live->slots[i] : NULL;
}

/* Adds a block whose address is neither live nor 0. */
void ms_live_add(ms_live *live, ms_block block);

/* The number under which a block was added that ms_live_at() returned; 0 when those are not kept. */
static inline uint64_t ms_live_number(const ms_live *live, const ms_block *block) {
    return live->numbers ? live->numbers[block - live->slots] : 0;
}

/* Removes a block that ms_live_at() returned. */
void ms_live_remove(ms_live *live, ms_block *block);

#endif
