/* acts.h - what was done to counted objects and to blocks over a boundary, one list for each, in one pool.
 * Bounded for each and for all together; what is beyond is counted by whoever keeps the list. One thread
 * at a time. */
#ifndef MS_LOAD_ACTS_H
#define MS_LOAD_ACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/said.h"

#define MS_ACTS_MAX (1u << 21)
#define MS_ACTS_EACH 32u /* the report says so */

typedef struct ms_done {
    uint64_t time_us;
    uint64_t stack;  /* id; where the program said so */
    uint64_t number; /* the count after it; UINT64_MAX: not known */
    uint32_t thread; /* index, or MS_NOBODY */
    uint32_t place;  /* index + 1; 0: none */
    uint32_t next;   /* index + 1; 0: the last */
    uint8_t what;    /* notes.def; 0: the block was freed */
} ms_done;

typedef struct ms_acts {
    ms_done *items;
    size_t count, capacity;
} ms_acts;

/* A list in the pool. */
typedef struct ms_act_list {
    uint32_t first, last; /* index + 1; 0: none */
    uint32_t listed, all;
} ms_act_list;

void ms_acts_deinit(ms_acts *acts);

/* Appends one that is in a checkpoint, but does not count it. False: there is no room. */
bool ms_acts_restore(ms_acts *acts, ms_act_list *list, ms_done done);

/* The first `steps` of the list stay. Returns how many those are. */
uint32_t ms_acts_shorten(ms_acts *acts, ms_act_list *list, uint32_t steps);

/* Appends to the list, while there is room, and none was left out before. */
void ms_acts_add(ms_acts *acts, ms_act_list *list, uint8_t what, uint64_t number,
                 const ms_said *said);

#endif
