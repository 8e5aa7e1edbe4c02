/* crossings.h - whose code releases the blocks of a site: FREER events. A site counts its releases as long as
 * they are made by one object, so that a release costs a compare; changes are rare. One thread at a time. */
#ifndef MS_LOAD_CROSSINGS_H
#define MS_LOAD_CROSSINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/nodes.h"
#include "load/sites.h"
#include "util/map.h"

#define MS_FREERS_MAX (1u << 16)
#define MS_CROSSINGS_MAX (1u << 22)

typedef struct ms_freer_count {
    uint64_t pc;     /* a return address of its code */
    uint32_t module; /* index; MS_NO_MODULE: not known yet, or none */
} ms_freer_count;

typedef struct ms_crossing {
    uint32_t site;  /* index */
    uint32_t freer; /* index + 1; 0: not known */
    uint64_t blocks, bytes;
} ms_crossing;

typedef struct ms_crossings {
    ms_freer_count *freers;
    size_t freer_count, freer_capacity;
    ms_map freer_of; /* module + 1, or the page of code without one -> index + 1 */
    ms_crossing *items;
    size_t count, capacity;
    ms_map of; /* site, freer -> index + 1 */
} ms_crossings;

/* `arena` is borrowed. */
void ms_crossings_init(ms_crossings *crossings, ms_arena *arena);
void ms_crossings_deinit(ms_crossings *crossings);

/* Who releases blocks with code that returns to `pc`: index + 1, made if need be; 0: there are too many. */
uint32_t ms_crossings_freer(ms_crossings *crossings, const ms_nodes *nodes, uint64_t pc);

/* One that is in a checkpoint. False: it is there already, or cannot be. */
bool ms_crossings_restore(ms_crossings *crossings, const ms_nodes *nodes, ms_freer_count freer);

/* Adds to what is known of a site and a freer. */
void ms_crossings_add(ms_crossings *crossings, uint32_t site, uint32_t freer, uint64_t blocks,
                      uint64_t bytes);

/* What a site has counted goes into the table; from now on it counts for `freer`. */
void ms_crossings_flush(ms_crossings *crossings, ms_sites *sites, uint32_t site, uint32_t freer);

/* Counts a release. */
static inline void ms_crossings_note(ms_crossings *crossings, ms_sites *sites, uint32_t site,
                                     uint32_t freer, uint64_t bytes) {
    if (sites->items[site].freer != freer)
        ms_crossings_flush(crossings, sites, site, freer);
    sites->items[site].freed_blocks++;
    sites->items[site].freed_bytes += bytes;
}

/* All that sites have counted goes into the table, and what was not known is looked up once more. */
void ms_crossings_settle(ms_crossings *crossings, ms_sites *sites, const ms_nodes *nodes);

#endif
