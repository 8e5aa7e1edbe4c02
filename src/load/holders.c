#include "load/holders.h"

#include <stdlib.h>

#include "util/memory.h"

void ms_holders_deinit(ms_holders *h) {
    free(h->items);
    h->items = NULL;
}

/* The number of one that is not in use, index + 1; 0: there are too many. */
static uint32_t fresh(ms_holders *h) {
    uint32_t number = h->spare;
    if (number) {
        h->spare = h->items[number - 1].next;
        return number;
    }
    if (h->count == MS_HOLDERS_MAX)
        return 0;
    h->items = ms_memory_grow(h->items, h->count + 1, &h->capacity, sizeof *h->items);
    return (uint32_t)++h->count;
}

static ms_holder_count *find(const ms_holders *h, const ms_holder_list *list, uint64_t stack) {
    for (uint32_t i = list->first; i; i = h->items[i - 1].next)
        if (h->items[i - 1].stack == stack)
            return &h->items[i - 1];
    return NULL;
}

static ms_holder_count *add(ms_holders *h, ms_holder_list *list, uint64_t stack) {
    uint32_t number = list->listed < MS_HOLDERS_EACH ? fresh(h) : 0;
    if (!number) {
        list->cut = true;
        return NULL;
    }
    h->items[number - 1] = (ms_holder_count){.stack = stack, .next = list->first};
    list->first = number;
    list->listed++;
    return &h->items[number - 1];
}

void ms_holders_add(ms_holders *h, ms_holder_list *list, uint64_t stack, bool is_ref) {
    ms_holder_count *holder = find(h, list, stack);
    if (!holder)
        holder = add(h, list, stack);
    if (!holder)
        return;
    holder->refs += is_ref && holder->refs < UINT32_MAX;
    holder->unrefs += !is_ref && holder->unrefs < UINT32_MAX;
}

bool ms_holders_restore(ms_holders *h, ms_holder_list *list, ms_holder_count holder) {
    ms_holder_count *to = add(h, list, holder.stack);
    if (!to)
        return false;
    to->refs = holder.refs;
    to->unrefs = holder.unrefs;
    return true;
}

void ms_holders_drop(ms_holders *h, ms_holder_list *list) {
    while (list->first) {
        uint32_t number = list->first;
        list->first = h->items[number - 1].next;
        h->items[number - 1].next = h->spare;
        h->spare = number;
    }
    *list = (ms_holder_list){0};
}
