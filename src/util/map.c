#include "util/map.h"

#include "base/hash.h"

#define FIRST_CAPACITY 64

struct ms_map_slot {
    uint64_t key;
    uint32_t value;
    bool used;
};

void ms_map_init(ms_map *map, ms_arena *arena) {
    *map = (ms_map){.arena = arena};
}

/* The slot of `key`, or the free one where it belongs. */
static struct ms_map_slot *slot_of(const ms_map *map, uint64_t key) {
    size_t mask = map->capacity - 1;
    size_t i = (size_t)ms_hash_u64(key) & mask;
    while (map->slots[i].used && map->slots[i].key != key)
        i = (i + 1) & mask;
    return &map->slots[i];
}

/* The old table stays in the arena: all of them together are smaller than the new one. */
static void grow(ms_map *map) {
    ms_map old = *map;
    map->capacity = old.capacity ? old.capacity * 2 : FIRST_CAPACITY;
    map->slots = ms_arena_alloc(map->arena, map->capacity * sizeof *map->slots);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].used)
            *slot_of(map, old.slots[i].key) = old.slots[i];
}

uint32_t *ms_map_at(ms_map *map, uint64_t key, bool *fresh) {
    if (map->count >= map->capacity / 4 * 3)
        grow(map);
    struct ms_map_slot *slot = slot_of(map, key);
    if (fresh)
        *fresh = !slot->used;
    if (!slot->used) {
        slot->used = true;
        slot->key = key;
        map->count++;
    }
    return &slot->value;
}

uint32_t ms_map_get(const ms_map *map, uint64_t key) {
    const struct ms_map_slot *slot = map->count ? slot_of(map, key) : NULL;
    return slot && slot->used ? slot->value : 0;
}

bool ms_map_next(const ms_map *map, size_t *at, uint64_t *key, uint32_t *value) {
    while (*at < map->capacity && !map->slots[*at].used)
        ++*at;
    if (*at >= map->capacity)
        return false;
    *key = map->slots[*at].key;
    *value = map->slots[*at].value;
    ++*at;
    return true;
}
