/* tags.h - what the program says that its blocks belong to: each to one tag at a time, the latest. Tags are
 * counted by the place that gives them; places of one name are put together in the report. One thread at a
 * time. */
#ifndef MS_LOAD_TAGS_H
#define MS_LOAD_TAGS_H

#include <stddef.h>
#include <stdint.h>

#include "load/said.h"
#include "load/sites.h"

#define MS_TAGGED_MAX (1u << 22) /* blocks at one time */

typedef struct ms_tag_count {
    uint64_t blocks, bytes; /* that were tagged, in all */
    uint64_t strangers;     /* words about an address where no block was recorded */
    ms_share live;
} ms_tag_count;

/* A block that is tagged. */
typedef struct ms_tagged {
    uint64_t size;
    uint32_t place; /* index + 1; of a spare one the next spare number */
} ms_tagged;

typedef struct ms_tags {
    ms_tag_count *items; /* by place, index + 1 */
    size_t count, capacity;
    ms_tagged *tagged; /* by number - 1 */
    size_t tagged_count, tagged_capacity;
    uint32_t spare;
    uint64_t left_out; /* blocks beyond */
} ms_tags;

void ms_tags_deinit(ms_tags *tags);

/* The block of a TAG note belongs to its place from now on; `number`: what this returned for the block
 * before, or 0. Returns the number of the tagged block, 0 when there are too many. */
uint32_t ms_tags_put(ms_tags *tags, uint32_t number, const ms_said *said);

/* No block was recorded where the note says. */
void ms_tags_miss(ms_tags *tags, const ms_said *said);

/* All of a place, index + 1. Good until the next one. */
ms_tag_count *ms_tags_of(ms_tags *tags, uint32_t place);

/* A block that is tagged in a checkpoint: its number, 0 when there are too many. */
uint32_t ms_tags_restore(ms_tags *tags, ms_tagged block, uint64_t peak);

/* A tagged block is of another size; has ended. */
void ms_tags_resize(ms_tags *tags, uint32_t number, uint64_t size, uint64_t peak);
void ms_tags_end(ms_tags *tags, uint32_t number, uint64_t peak);

/* The trace is over: settles shares at the last peak. */
void ms_tags_finish(ms_tags *tags, uint64_t peak);

#endif
