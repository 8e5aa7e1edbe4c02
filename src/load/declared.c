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

uint32_t ms_declared_by(const ms_declared *d, uint32_t thread) {
    return ms_map_get(&d->speaking, thread + UINT64_C(1));
}

bool ms_declared_restore_thread(ms_declared *d, uint32_t thread, uint32_t type) {
    if (type > d->count)
        return false;
    *ms_map_at(&d->speaking, thread + UINT64_C(1), NULL) = type;
    return true;
}

bool ms_declared_restore(ms_declared *d, ms_declared_count type) {
    if (!type.place || ms_map_get(&d->of, type.place) || d->count == MS_DECLARED_MAX)
        return false;
    d->items = ms_memory_grow(d->items, d->count + 1, &d->capacity, sizeof *d->items);
    d->items[d->count++] = type;
    *ms_map_at(&d->of, type.place, NULL) = (uint32_t)d->count;
    return true;
}

/* The fields that follow, if it is known, are known as well. */
void ms_declared_take_type(ms_declared *d, const ms_said *said) {
    ms_declared_count type = {
        .size = said->size, .count_offset = said->number, .place = said->place};
    bool is_new = said->place && !ms_map_get(&d->of, said->place);
    bool taken = ms_declared_restore(d, type);
    d->left_out += is_new && !taken;
    ms_declared_restore_thread(d, said->thread, taken ? (uint32_t)d->count : 0);
}

bool ms_declared_restore_field(ms_declared *d, uint32_t number, ms_declared_member field) {
    ms_declared_count *type = number < d->count ? &d->items[number] : NULL;
    if (!type || type->members == MS_FIELDS_EACH)
        return false;
    d->members =
        ms_memory_grow(d->members, d->member_count + 1, &d->member_capacity, sizeof *d->members);
    d->members[d->member_count] = field;
    uint32_t member = (uint32_t)++d->member_count;
    if (type->last)
        d->members[type->last - 1].next = member;
    else
        type->first = member;
    type->last = member;
    type->members++;
    return true;
}

void ms_declared_take_field(ms_declared *d, const ms_said *said) {
    uint32_t number = ms_declared_by(d, said->thread);
    if (number)
        ms_declared_restore_field(
            d, number - 1,
            (ms_declared_member){.offset = said->number, .size = said->size, .place = said->place});
}
