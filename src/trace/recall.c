#include "trace/recall.h"

#include <stdlib.h>
#include <string.h>

void ms_recall_clear(ms_recall *recall) {
    recall->block_count = 0;
    recall->pair_count = 0;
    recall->last = recall->next = recall->beyond = 0;
    memset(recall->freed, 0, sizeof recall->freed);
}

void ms_recall_deinit(ms_recall *recall) {
    free(recall->blocks);
    free(recall->pairs);
    *recall = (ms_recall){0};
}

static bool reserve(void **items, size_t wanted, size_t *capacity, size_t size) {
    if (wanted <= *capacity)
        return true;
    size_t more = 2 * *capacity > wanted ? 2 * *capacity : wanted + 256;
    void *grown = realloc(*items, more * size);
    if (!grown)
        return false;
    *items = grown;
    *capacity = more;
    return true;
}

bool ms_recall_reserve(ms_recall *recall, size_t more) {
    void *blocks = recall->blocks, *pairs = recall->pairs;
    bool room =
        reserve(&blocks, recall->block_count + more, &recall->block_capacity,
                sizeof *recall->blocks) &&
        reserve(&pairs, recall->pair_count + more, &recall->pair_capacity, sizeof *recall->pairs);
    recall->blocks = blocks;
    recall->pairs = pairs;
    return room;
}
