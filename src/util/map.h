/* map.h - numbers by 64-bit key: open addressing, grows, never forgets. Keys are mixed
 * here, so any will do. One thread at a time. */
#ifndef MS_UTIL_MAP_H
#define MS_UTIL_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"

typedef struct ms_map {
    ms_arena *arena; /* borrowed; the tables live and die there */
    struct ms_map_slot *slots;
    size_t capacity; /* 0 or a power of two */
    size_t count;
} ms_map;

/* Takes nothing from `arena` until the first key. */
void ms_map_init(ms_map *map, ms_arena *arena);

/* The value of `key`, 0 when it is new; `fresh` (may be NULL) says whether it is. The place is good
 * until the next call. Without memory the process ends, as everything in an arena does. */
uint32_t *ms_map_at(ms_map *map, uint64_t key, bool *fresh);

/* The value of `key`, 0 when there is none. */
uint32_t ms_map_get(const ms_map *map, uint64_t key);

/* Goes through the keys, in no certain order: `*at` starts at 0. False: there are no more. */
bool ms_map_next(const ms_map *map, size_t *at, uint64_t *key, uint32_t *value);

#endif
