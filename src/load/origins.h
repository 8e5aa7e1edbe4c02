/* origins.h - under which circumstances blocks are born: by which thread, at which sampling rate, for
 * which task, in which scope. A block keeps its origin as a number, four bytes for all of it:
 *
 *      0 | index of the thread               every birth was recorded, no task, no scope: most traces
 *      1 | index in the table of origins     has the rest */
#ifndef MS_LOAD_ORIGINS_H
#define MS_LOAD_ORIGINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/map.h"

/* Of those with a task or scope, and of those without: a broken trace changes both without end. */
#define MS_ORIGINS_MAX (UINT32_C(1) << 22)

typedef struct ms_origin {
    uint32_t thread; /* index */
    uint32_t task;   /* index + 1; 0: none */
    uint64_t rate;   /* 0: every birth is recorded */
    uint32_t scope;  /* index + 1 of the innermost; 0: none */
} ms_origin;

static inline bool ms_origin_is_plain(uint32_t number) {
    return number >> 31 == 0;
}

/* The index in the table of one that is not plain. */
static inline uint32_t ms_origin_row(uint32_t number) {
    return number & INT32_MAX;
}

typedef struct ms_origins {
    ms_origin *items;
    size_t count, capacity;
    ms_map rates;  /* rate -> its number */
    ms_map paces;  /* thread, number of the rate -> number of both */
    ms_map duties; /* number of both, task -> number of the three */
    ms_map of;     /* that, scope -> number of the origin */
    uint32_t rate_count, pace_count, duty_count;
} ms_origins;

/* `arena` is borrowed. */
void ms_origins_init(ms_origins *origins, ms_arena *arena);
void ms_origins_deinit(ms_origins *origins);

/* The number of an origin, made if need be; UINT32_MAX when there are too many others. */
uint32_t ms_origins_of(ms_origins *origins, ms_origin origin);

static inline ms_origin ms_origins_at(const ms_origins *origins, uint32_t number) {
    if (ms_origin_is_plain(number))
        return (ms_origin){.thread = number};
    return origins->items[ms_origin_row(number)];
}

/* The thread that made a block: its index. */
static inline uint32_t ms_origins_maker(const ms_origins *origins, uint32_t number) {
    return ms_origin_is_plain(number) ? number : origins->items[ms_origin_row(number)].thread;
}

#endif
