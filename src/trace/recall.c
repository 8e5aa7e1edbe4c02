#include "trace/recall.h"

#include <stdlib.h>
#include <string.h>

#include "trace/format.h"

/* As glibc's malloc rounds: 8 bytes of its own, steps of 16, 32 at least. For other allocators the
 * guesses are merely less good. */
static uint64_t chunk_size(uint64_t size) {
    uint64_t rounded = (size + 23) & ~UINT64_C(15);
    return rounded < 32 ? 32 : rounded;
}

static uint32_t *freed_of(ms_recall *recall, uint64_t size) {
    uint64_t class = chunk_size(size) / 16;
    return class < MS_RECALL_CLASSES ? &recall->freed[class] : NULL;
}

static bool grow(void **items, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity)
        return true;
    size_t more = *capacity ? *capacity * 2 : 256;
    void *grown = realloc(*items, more * size);
    if (!grown)
        return false;
    *items = grown;
    *capacity = more;
    return true;
}

void ms_recall_clear(ms_recall *recall) {
    recall->block_count = 0;
    recall->pair_count = 0;
    recall->next = 0;
    memset(recall->freed, 0, sizeof recall->freed);
}

void ms_recall_deinit(ms_recall *recall) {
    free(recall->blocks);
    free(recall->pairs);
    *recall = (ms_recall){0};
}

uint64_t ms_recall_again(const ms_recall *recall, uint64_t size) {
    uint64_t class = chunk_size(size) / 16;
    uint32_t top = class < MS_RECALL_CLASSES ? recall->freed[class] : 0;
    return top ? recall->blocks[top - 1].address : 0;
}

bool ms_recall_add_pair(ms_recall *recall, ms_recall_pair pair) {
    void *pairs = recall->pairs;
    bool room = grow(&pairs, recall->pair_count, &recall->pair_capacity, sizeof pair);
    recall->pairs = pairs;
    if (room)
        recall->pairs[recall->pair_count++] = pair;
    return room;
}

bool ms_recall_born(ms_recall *recall, uint32_t pair, uint64_t address) {
    void *blocks = recall->blocks;
    if (recall->block_count >= MS_RECALL_BLOCKS_MAX ||
        !grow(&blocks, recall->block_count, &recall->block_capacity, sizeof *recall->blocks))
        return false;
    recall->blocks = blocks;
    uint64_t size = recall->pairs[pair].size;
    uint32_t *top = freed_of(recall, size);
    if (top && *top) /* taken; or stale, and then as good as gone */
        *top = recall->blocks[*top - 1].below;
    recall->blocks[recall->block_count++] = (ms_recall_block){.address = address, .pair = pair};
    recall->next = address + chunk_size(size);
    return true;
}

uint8_t ms_recall_release(uint8_t birth) {
    bool from_c =
        birth == MS_FAMILY_CALLOC || birth == MS_FAMILY_REALLOC || birth == MS_FAMILY_ALIGNED;
    return from_c ? MS_FAMILY_MALLOC : birth;
}

void ms_recall_freed(ms_recall *recall, uint32_t index) {
    ms_recall_block *block = &recall->blocks[index];
    uint32_t *top = freed_of(recall, recall->pairs[block->pair].size);
    if (!top)
        return;
    block->below = *top;
    *top = index + 1;
}
