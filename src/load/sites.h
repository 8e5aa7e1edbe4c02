/* sites.h - counters of each allocating stack, with an exact share of the program's peak.
 *
 * When a new peak is reached, every site's share is what it has live at that moment. Copying them all
 * for each new peak would cost (sites x events); instead the peak has a number, and a site copies its
 * share when it changes for the first time after a peak: what it had live then is what it had at the
 * peak. So each event costs a compare. */
#ifndef MS_LOAD_SITES_H
#define MS_LOAD_SITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/lifetimes.h"
#include "load/live.h"
#include "load/weight.h"

/* Bytes and blocks now, and at the program's latest peak as of `peak`. */
typedef struct ms_share {
    uint64_t bytes, blocks;
    uint64_t peak_bytes, peak_blocks;
    uint64_t peak; /* number of the peak the line above is of */
} ms_share;

/* To be called before a share changes, and once at the end. */
static inline void ms_share_settle(ms_share *share, uint64_t peak) {
    if (share->peak != peak) {
        share->peak_bytes = share->bytes;
        share->peak_blocks = share->blocks;
        share->peak = peak;
    }
}

static inline void ms_share_add(ms_share *share, uint64_t peak, uint64_t bytes) {
    ms_share_settle(share, peak);
    share->bytes += bytes;
    share->blocks++;
}

static inline void ms_share_remove(ms_share *share, uint64_t peak, uint64_t bytes) {
    ms_share_settle(share, peak);
    share->bytes -= bytes;
    share->blocks--;
}

/* What the sampled births of a site stand for beyond themselves. */
typedef struct ms_site_excess {
    ms_estimate allocations, reallocations, frees, bytes_allocated;
    ms_held_share live;
    double own_peak_variance;
} ms_site_excess;

/* Of a site at which arrays grow: blocks that live on from realloc to realloc, larger than before. */
typedef struct ms_growth {
    uint64_t arrays; /* that grew there first */
    uint64_t growths;
    uint64_t copies, copied_bytes;    /* of those growths after which they were elsewhere */
    uint64_t grown_from, grown_to;    /* bytes before and behind each growth, summed up */
    uint64_t max_bytes, max_growths;  /* of one; MS_GROWTHS_MAX: that or more */
    uint64_t last_bytes;              /* of arrays that ended there, summed up */
    uint64_t live_arrays, live_bytes; /* of those there at the end */
} ms_growth;

#define MS_NAMED_VARIOUSLY UINT32_MAX

/* What was recorded; but own_peak_bytes is estimated where there is an excess. */
typedef struct ms_site_count {
    uint64_t stack;  /* id of its first event */
    uint32_t node;   /* MS_NODE_UNKNOWN while the definition is missing */
    uint8_t family;  /* of its first event */
    uint32_t named;  /* place of the variables on its blocks, index + 1; 0: none is tracked */
    uint32_t tagged; /* likewise of the tags of its blocks */
    ms_share live;
    uint64_t allocations, reallocations, frees, temporary;
    uint64_t bytes_allocated;
    uint64_t own_peak_bytes;
    ms_site_excess *excess; /* NULL: no birth of it was sampled */
    uint32_t freer;   /* who released its blocks last, and how many in a row: see crossings.h */
    uint32_t changed; /* when what is live did last: see series.h */
    uint64_t freed_blocks, freed_bytes;
    ms_growth *growth; /* NULL: no array has grown there */
    uint64_t min_size, max_size;
    uint64_t first_us, last_us;
    ms_lifetimes lifetimes;
} ms_site_count;

typedef struct ms_sites {
    ms_site_count *items;
    size_t count, capacity;
    uint32_t *of_node; /* node number -> index + 1 */
    size_t of_node_capacity;
    uint32_t *moved; /* when resolved: index before -> index now */
    size_t moved_count;
} ms_sites;

void ms_sites_deinit(ms_sites *sites);

/* The index of the site of `node`, made if need be (with `stack` and `family`). For MS_NODE_UNKNOWN
 * always a new one: see ms_sites_resolve(). */
uint32_t ms_sites_of(ms_sites *sites, uint32_t node, uint64_t stack, uint8_t family);

/* The excess of a site, made if need be. */
ms_site_excess *ms_site_excess_of(ms_site_count *site);

/* The growth of a site, made if need be. */
ms_growth *ms_growth_of(ms_site_count *site);

/* An array has grown from `before`, to `size` bytes, elsewhere or not. */
void ms_growth_add(ms_growth *growth, const ms_block *before, uint64_t size, bool is_copy);
void ms_growth_merge(ms_growth *to, const ms_growth *from);

/* Settles all shares at the last peak, gives each site that waits for its definition the node that
 * `node_of` now has for its stack id, and adds up those that are one. (Of those the sum of the own
 * peaks is not known: the larger one stays, a lower bound.) */
void ms_sites_resolve(ms_sites *sites, uint64_t peak,
                      uint32_t (*node_of)(void *context, uint64_t stack), void *context);

#endif
