#include "load/declared.h"

#include <stdlib.h>

#include "util/memory.h"

void ms_declared_init(ms_declared *d, ms_arena *arena) {
    *d = (ms_declared){0};
    ms_map_init(&d->of, arena);
    ms_map_init(&d->speaking, arena);
}

void ms_declared_deinit(ms_declared *d) {
    free(d->items);
    free(d->members);
    d->items = NULL;
    d->members = NULL;
}

/* The fields that follow, if it is known, are known as well. */
void ms_declared_take_type(ms_declared *d, const ms_said *said) {
    uint32_t *speaking = ms_map_at(&d->speaking, said->thread + UINT64_C(1), NULL);
    *speaking = 0;
    if (!said->place || ms_map_get(&d->of, said->place))
        return;
    if (d->count == MS_DECLARED_MAX) {
        d->left_out++;
        return;
    }
    d->items = ms_memory_grow(d->items, d->count + 1, &d->capacity, sizeof *d->items);
    d->items[d->count++] =
        (ms_declared_count){.size = said->size, .count_offset = said->number, .place = said->place};
    *speaking = (uint32_t)d->count;
    *ms_map_at(&d->of, said->place, NULL) = (uint32_t)d->count;
}

void ms_declared_take_field(ms_declared *d, const ms_said *said) {
    uint32_t number = ms_map_get(&d->speaking, said->thread + UINT64_C(1));
    ms_declared_count *type = number ? &d->items[number - 1] : NULL;
    if (!type || type->members == MS_FIELDS_EACH)
        return;
    d->members =
        ms_memory_grow(d->members, d->member_count + 1, &d->member_capacity, sizeof *d->members);
    d->members[d->member_count] =
        (ms_declared_member){.offset = said->number, .size = said->size, .place = said->place};
    uint32_t member = (uint32_t)++d->member_count;
    if (type->last)
        d->members[type->last - 1].next = member;
    else
        type->first = member;
    type->last = member;
    type->members++;
}
