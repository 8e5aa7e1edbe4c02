#include "load/tags.h"

#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

void ms_tags_deinit(ms_tags *t) {
    free(t->items);
    free(t->tagged);
    t->items = NULL;
    t->tagged = NULL;
}

ms_tag_count *ms_tags_of(ms_tags *t, uint32_t place) {
    if (place >= t->count) {
        t->items = ms_memory_grow(t->items, (size_t)place + 1, &t->capacity, sizeof *t->items);
        memset(t->items + t->count, 0, (place + 1 - t->count) * sizeof *t->items);
        t->count = (size_t)place + 1;
    }
    return &t->items[place];
}

static uint32_t new_number(ms_tags *t) {
    uint32_t number = t->spare;
    if (number) {
        t->spare = t->tagged[number - 1].place;
        return number;
    }
    if (t->tagged_count == MS_TAGGED_MAX)
        return 0;
    t->tagged =
        ms_memory_grow(t->tagged, t->tagged_count + 1, &t->tagged_capacity, sizeof *t->tagged);
    return (uint32_t)++t->tagged_count;
}

void ms_tags_end(ms_tags *t, uint32_t number, uint64_t peak) {
    ms_tagged *block = &t->tagged[number - 1];
    ms_share_remove(&ms_tags_of(t, block->place)->live, peak, block->size);
    block->place = t->spare;
    t->spare = number;
}

uint32_t ms_tags_restore(ms_tags *t, ms_tagged block, uint64_t peak) {
    uint32_t number = new_number(t);
    if (!number)
        return 0;
    t->tagged[number - 1] = block;
    ms_share_add(&ms_tags_of(t, block.place)->live, peak, block.size);
    return number;
}

uint32_t ms_tags_put(ms_tags *t, uint32_t number, const ms_said *said) {
    if (number && t->tagged[number - 1].place == said->place)
        return number;
    if (number)
        ms_tags_end(t, number, said->peak);
    number = ms_tags_restore(t, (ms_tagged){said->block_size, said->place}, said->peak);
    t->left_out += number == 0;
    if (!number)
        return 0;
    ms_tag_count *tag = ms_tags_of(t, said->place);
    tag->blocks++;
    tag->bytes += said->block_size;
    return number;
}

void ms_tags_miss(ms_tags *t, const ms_said *said) {
    ms_tags_of(t, said->place)->strangers++;
}

void ms_tags_resize(ms_tags *t, uint32_t number, uint64_t size, uint64_t peak) {
    ms_tagged *block = &t->tagged[number - 1];
    ms_share *live = &ms_tags_of(t, block->place)->live;
    ms_share_remove(live, peak, block->size);
    ms_share_add(live, peak, size);
    block->size = size;
}

void ms_tags_finish(ms_tags *t, uint64_t peak) {
    for (size_t i = 0; i < t->count; i++)
        ms_share_settle(&t->items[i].live, peak);
}
