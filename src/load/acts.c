#include "load/acts.h"

#include <stdlib.h>

#include "util/memory.h"

void ms_acts_deinit(ms_acts *acts) {
    free(acts->items);
    acts->items = NULL;
}

void ms_acts_add(ms_acts *acts, ms_act_list *list, uint8_t what, uint64_t number,
                 const ms_said *said) {
    list->all += list->all < UINT32_MAX;
    if (list->listed == MS_ACTS_EACH || acts->count == MS_ACTS_MAX)
        return;
    acts->items = ms_memory_grow(acts->items, acts->count + 1, &acts->capacity, sizeof(ms_done));
    acts->items[acts->count] = (ms_done){.time_us = said->now_us,
                                         .stack = said->stack,
                                         .number = number,
                                         .thread = said->thread,
                                         .place = said->place,
                                         .what = what};
    uint32_t number_of_it = (uint32_t)++acts->count;
    if (list->last)
        acts->items[list->last - 1].next = number_of_it;
    else
        list->first = number_of_it;
    list->last = number_of_it;
    list->listed++;
}
