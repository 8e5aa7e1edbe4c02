/* misuse.h - what annotations got wrong: how often, and at which places first. */
#ifndef MS_LOAD_MISUSE_H
#define MS_LOAD_MISUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/said.h"
#include "trace/format.h"
#include "util/map.h"

#define MS_MISUSES_MAX 1024u /* rows; behind that only kinds are told apart */

typedef struct ms_misuse_count {
    uint32_t kind;  /* misuses.def */
    uint32_t place; /* that spoke: index + 1; 0: several, or not known */
    uint64_t count;
    uint64_t first_us;
    uint32_t thread; /* of the first: index */
} ms_misuse_count;

typedef struct ms_misuses {
    ms_misuse_count *items; /* in the order of their first time */
    size_t count, capacity;
    ms_map of; /* kind, place -> index + 1 */
} ms_misuses;

/* `arena` is borrowed. */
void ms_misuses_init(ms_misuses *misuses, ms_arena *arena);
void ms_misuses_deinit(ms_misuses *misuses);

/* A kind that no version of this program knows is not counted. */
void ms_misuses_add(ms_misuses *misuses, uint64_t kind, const ms_said *said);

/* One that is in a checkpoint. False: it cannot be. */
bool ms_misuses_restore(ms_misuses *misuses, ms_misuse_count misuse);

#endif
