/* mappings.h - what the program has mapped with mmap, as ranges, since pages go in other pieces than
 * they came. */
#ifndef MS_LOAD_MAPPINGS_H
#define MS_LOAD_MAPPINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/event.h"

typedef struct ms_range {
    uint64_t start, end;
} ms_range;

typedef struct ms_mappings {
    ms_range *items; /* by address; they do not overlap */
    size_t count, capacity;
    uint64_t bytes; /* mapped now */
    uint64_t peak_bytes;
    uint64_t total_bytes; /* mapped in all */
} ms_mappings;

void ms_mappings_deinit(ms_mappings *mappings);

/* Adds a range behind all others, without counting it as mapped anew; false when it is not behind them or
 * there is no room. */
bool ms_mappings_restore(ms_mappings *mappings, const ms_range *range);

/* Takes a MAP, UNMAP or REMAP event; others, and those of the break, are ignored. */
void ms_mappings_event(ms_mappings *mappings, const ms_event *event);

#endif
