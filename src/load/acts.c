#include "load/acts.h"

#include <stdlib.h>

#include "util/memory.h"

void ms_acts_deinit(ms_acts *acts) {
    free(acts->items);
    acts->items = NULL;
}

bool ms_acts_restore(ms_acts *acts, ms_act_list *list, ms_done done) {
    if (list->listed == MS_ACTS_EACH || acts->count == MS_ACTS_MAX)
        return false;
    acts->items = ms_memory_grow(acts->items, acts->count + 1, &acts->capacity, sizeof(ms_done));
    acts->items[acts->count] = done;
    uint32_t number = (uint32_t)++acts->count;
    if (list->last)
        acts->items[list->last - 1].next = number;
    else
        list->first = number;
    list->last = number;
    list->listed++;
    return true;
}

void ms_acts_add(ms_acts *acts, ms_act_list *list, uint8_t what, uint64_t number,
                 const ms_said *said) {
    bool is_next = list->all == list->listed;
    list->all += list->all < UINT32_MAX;
    if (is_next)
        ms_acts_restore(acts, list,
                        (ms_done){.time_us = said->now_us,
                                  .stack = said->stack,
                                  .number = number,
                                  .thread = said->thread,
                                  .place = said->place,
                                  .what = what});
}

uint32_t ms_acts_shorten(ms_acts *acts, ms_act_list *list, uint32_t steps) {
    if (list->listed <= steps)
        return list->listed;
    list->listed = 0;
    list->last = 0;
    for (uint32_t i = list->first; list->listed < steps; i = acts->items[i - 1].next) {
        list->last = i;
        list->listed++;
    }
    if (list->last)
        acts->items[list->last - 1].next = 0;
    else
        list->first = 0;
    return steps;
}
