#include "load/origins.h"

#include <stdlib.h>

#include "util/memory.h"

void ms_origins_init(ms_origins *o, ms_arena *arena) {
    *o = (ms_origins){0};
    ms_map_init(&o->rates, arena);
    ms_map_init(&o->paces, arena);
    ms_map_init(&o->duties, arena);
    ms_map_init(&o->of, arena);
}

void ms_origins_deinit(ms_origins *o) {
    free(o->items);
    o->items = NULL;
}

/* Keys of a map have 64 bits, and an origin more: so two numbers become one, again and again. */
static uint64_t number_of(ms_map *map, uint64_t key, uint32_t *count) {
    uint32_t *place = ms_map_at(map, key, NULL);
    if (!*place)
        *place = ++*count;
    return *place;
}

static uint64_t key_of(uint64_t high, uint64_t low) {
    return high << 32 | low;
}

/* One that is there already, or UINT32_MAX. Numbers of none are 0, and then nothing is found. */
static uint32_t find(const ms_origins *o, ms_origin origin) {
    uint32_t rate = ms_map_get(&o->rates, origin.rate);
    uint32_t pace = ms_map_get(&o->paces, key_of(origin.thread, rate));
    uint32_t duty = ms_map_get(&o->duties, key_of(pace, origin.task));
    uint32_t number = ms_map_get(&o->of, key_of(duty, origin.scope));
    return number ? number : UINT32_MAX;
}

static uint32_t add(ms_origins *o, ms_origin origin) {
    o->items = ms_memory_grow(o->items, o->count + 1, &o->capacity, sizeof *o->items);
    o->items[o->count] = origin;
    return (uint32_t)o->count++ | UINT32_C(1) << 31;
}

/* Those without task and scope have room of their own: a rate that is not known would make numbers wrong. */
uint32_t ms_origins_of(ms_origins *o, ms_origin origin) {
    if (!origin.rate && !origin.task && !origin.scope)
        return origin.thread;
    if (o->count >= (origin.task || origin.scope ? MS_ORIGINS_MAX : 2 * MS_ORIGINS_MAX))
        return find(o, origin);
    uint64_t rate = number_of(&o->rates, origin.rate, &o->rate_count);
    uint64_t pace = number_of(&o->paces, key_of(origin.thread, rate), &o->pace_count);
    uint64_t duty = number_of(&o->duties, key_of(pace, origin.task), &o->duty_count);
    uint32_t *number = ms_map_at(&o->of, key_of(duty, origin.scope), NULL);
    if (!*number)
        *number = add(o, origin);
    return *number;
}
