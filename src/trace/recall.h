/* recall.h - what a stream of a trace chunk can be told in short, because writer and reader remember
 * the same things about it: blocks born earlier in the stream, which combinations of size, stack and
 * family there were, and in which order addresses were freed.
 *
 *   BORN        an allocation like number `pair` of the combinations, at `address`
 *   BORN_AGAIN  the same; the address is the one freed last among blocks of that size class
 *   BORN_NEXT   the same; the address is right behind the previous newborn block
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
    uint64_t next;                     /* behind the previous newborn block */
} ms_recall;

/* Forgets everything; keeps the memory. */
void ms_recall_clear(ms_recall *recall);

/* Frees the memory. */
void ms_recall_deinit(ms_recall *recall);

/* The address freed last in the class of `size`; 0: none. */
uint64_t ms_recall_again(const ms_recall *recall, uint64_t size);

/* A new combination. False without memory. */
bool ms_recall_add_pair(ms_recall *recall, ms_recall_pair pair);

/* Block number `block_count` is born, like `pair` (which exists). False, and nothing changed, without
 * memory or beyond MS_RECALL_BLOCKS_MAX. */
bool ms_recall_born(ms_recall *recall, uint32_t pair, uint64_t address);

/* The family of the release that goes with a birth: free for all of C, delete for new. */
uint8_t ms_recall_release(uint8_t birth);

/* Block `index` (which exists) is freed: its address may come again. */
void ms_recall_freed(ms_recall *recall, uint32_t index);

#endif
