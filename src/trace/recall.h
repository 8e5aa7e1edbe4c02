/* recall.h - what a stream of a trace chunk can be told in short, because writer and reader remember
 * the same things about it: blocks born earlier in the stream, which combinations of size, stack and
 * family there were, and in which order addresses were freed.
 *
 *   BORN        an allocation like number `pair` of the combinations, at `address`
 *   BORN_AGAIN  the same; the address is the one freed last among blocks of that size class
 *   BORN_SECOND the same; the address is the one freed before that
 *   BORN_NEXT   the same; the address is right behind the previous newborn block
 *   BORN_BEYOND the same; right behind the previous newborn block that was neither AGAIN nor SECOND
 *   BORN_STEP   the same; MS_NAME_STEP behind the first byte of the previous newborn block
 *   DIED        a release of block number `index` of the stream, by its own family's function
 *   MOVED       block `index` became one like `pair` at `address`
 *   GREW        block `index` became one like `pair`, at the same address
 *
 * A `pair` that is one more than all so far is new: size, stack and family follow in their columns.
 * Whatever does not fit (a block of another stream or chunk, say) is written in full. An allocator
 * that hands out what was freed last, as most do, thus leaves hardly any address to be written:
 * the guesses cost nothing when wrong. Memory is bounded by the events of one chunk. */
#ifndef MS_TRACE_RECALL_H
#define MS_TRACE_RECALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/event.h"
#include "trace/format.h"

/* How far apart names are that a trace has in the place of addresses. */
#define MS_NAME_STEP 16u

#define MS_RECALL_CLASSES 512u          /* of 16 bytes each */
#define MS_RECALL_BLOCKS_MAX (1u << 22) /* of a stream; later ones are written in full */

typedef struct ms_recall_block {
    uint64_t address;
    uint32_t pair;
    uint32_t below; /* in the list of freed blocks: 1 + index of the one freed before; 0: none */
} ms_recall_block;

typedef struct ms_recall_pair {
    uint64_t size, stack;
    uint8_t family;
} ms_recall_pair;

/* Starts as all zeros. */
typedef struct ms_recall {
    ms_recall_block *blocks;
    size_t block_count, block_capacity;
    ms_recall_pair *pairs;
    size_t pair_count, pair_capacity;
    uint32_t freed[MS_RECALL_CLASSES]; /* 1 + index of the block freed last in the class; 0: none */
    uint64_t last, next;               /* the previous newborn block, and behind it */
    uint64_t beyond; /* behind the previous one that was neither AGAIN nor SECOND */
} ms_recall;

/* Forgets everything; keeps the memory. */
void ms_recall_clear(ms_recall *recall);

/* Frees the memory. */
void ms_recall_deinit(ms_recall *recall);

/* Makes room for so many more pairs, and as many blocks. False without memory. */
bool ms_recall_reserve(ms_recall *recall, size_t more);

/* The family of the release that goes with a birth: free for all of C, delete for new. */
static inline uint8_t ms_recall_release(uint8_t birth) {
    bool from_c =
        birth == MS_FAMILY_CALLOC || birth == MS_FAMILY_REALLOC || birth == MS_FAMILY_ALIGNED;
    return from_c ? MS_FAMILY_MALLOC : birth;
}

/* What a block takes in memory, as glibc's malloc rounds: 8 bytes of its own, steps of 16, 32 at least.
 * For other allocators the guesses are merely less good. */
static inline uint64_t ms_recall_chunk_size(uint64_t size) {
    uint64_t rounded = (size + 23) & ~UINT64_C(15);
    return rounded < 32 ? 32 : rounded;
}

/* The list of freed blocks that may be taken for one of `size`; NULL: none. */
static inline uint32_t *ms_recall_freed_of(ms_recall *recall, uint64_t size) {
    uint64_t class = ms_recall_chunk_size(size) / 16;
    return class < MS_RECALL_CLASSES ? &recall->freed[class] : NULL;
}

/* Where a birth of `size` by the short form `kind` is; 0: such a birth cannot be. */
static inline uint64_t ms_recall_guess(ms_recall *recall, ms_event_kind kind, uint64_t size) {
    const uint32_t *top = ms_recall_freed_of(recall, size);
    const ms_recall_block *first = top && *top ? &recall->blocks[*top - 1] : NULL;
    switch (kind) {
    case MS_EVENT_BORN_AGAIN: return first ? first->address : 0;
    case MS_EVENT_BORN_SECOND:
        return first && first->below ? recall->blocks[first->below - 1].address : 0;
    case MS_EVENT_BORN_NEXT: return recall->next;
    case MS_EVENT_BORN_BEYOND: return recall->beyond;
    case MS_EVENT_BORN_STEP: return recall->last + MS_NAME_STEP;
    default: return 0;
    }
}

/* A new combination, for which there is room. */
static inline void ms_recall_add_pair(ms_recall *recall, ms_recall_pair pair) {
    recall->pairs[recall->pair_count++] = pair;
}

/* Block number `block_count`, for which there is room, is born as `kind` says, like `pair` (which
 * exists). The freed block whose place it takes leaves the list; or one that is as good as gone. */
static inline void ms_recall_born(ms_recall *recall, ms_event_kind kind, uint32_t pair,
                                  uint64_t address) {
    uint64_t size = recall->pairs[pair].size;
    uint32_t *link = ms_recall_freed_of(recall, size);
    if (link && *link) {
        if (kind == MS_EVENT_BORN_SECOND)
            link = &recall->blocks[*link - 1].below;
        *link = *link ? recall->blocks[*link - 1].below : 0;
    }
    recall->blocks[recall->block_count++] = (ms_recall_block){.address = address, .pair = pair};
    recall->last = address;
    recall->next = address + ms_recall_chunk_size(size);
    if (kind != MS_EVENT_BORN_AGAIN && kind != MS_EVENT_BORN_SECOND)
        recall->beyond = recall->next;
}

/* Block `index` (which exists) is freed: its address may come again. */
static inline void ms_recall_freed(ms_recall *recall, uint32_t index) {
    ms_recall_block *block = &recall->blocks[index];
    uint32_t *top = ms_recall_freed_of(recall, recall->pairs[block->pair].size);
    if (!top)
        return;
    block->below = *top;
    *top = index + 1;
}

#endif
