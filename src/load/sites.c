#include "load/sites.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "load/nodes.h"
#include "util/memory.h"

static void deinit(ms_site_count *site) {
    ms_lifetimes_deinit(&site->lifetimes);
    free(site->excess);
    free(site->growth);
}

void ms_sites_deinit(ms_sites *sites) {
    for (size_t i = 0; i < sites->count; i++)
        deinit(&sites->items[i]);
    free(sites->items);
    free(sites->of_node);
    free(sites->moved);
}

static uint32_t *place_of(ms_sites *sites, uint32_t node) {
    size_t had = sites->of_node_capacity;
    sites->of_node = ms_memory_grow(sites->of_node, (size_t)node + 1, &sites->of_node_capacity,
                                    sizeof *sites->of_node);
    if (sites->of_node_capacity > had)
        memset(sites->of_node + had, 0, (sites->of_node_capacity - had) * sizeof *sites->of_node);
    return &sites->of_node[node];
}

static uint32_t add(ms_sites *sites, uint32_t node, uint64_t stack, uint8_t family) {
    sites->items =
        ms_memory_grow(sites->items, sites->count + 1, &sites->capacity, sizeof *sites->items);
    sites->items[sites->count] =
        (ms_site_count){.node = node, .stack = stack, .family = family, .min_size = UINT64_MAX};
    return (uint32_t)sites->count++;
}

uint32_t ms_sites_of(ms_sites *sites, uint32_t node, uint64_t stack, uint8_t family) {
    if (node == MS_NODE_UNKNOWN)
        return add(sites, node, stack, family);
    uint32_t *place = place_of(sites, node);
    if (!*place)
        *place = add(sites, node, stack, family) + 1;
    return *place - 1;
}

ms_site_excess *ms_site_excess_of(ms_site_count *site) {
    if (!site->excess)
        site->excess = ms_memory_zeroed(1, sizeof *site->excess);
    return site->excess;
}

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

ms_growth *ms_growth_of(ms_site_count *site) {
    if (!site->growth)
        site->growth = ms_memory_zeroed(1, sizeof *site->growth);
    return site->growth;
}

void ms_growth_add(ms_growth *g, const ms_block *before, uint64_t size, bool is_copy) {
    uint64_t growths = ms_growths(before);
    g->arrays += growths == 0;
    g->growths++;
    g->copies += is_copy;
    g->copied_bytes += is_copy ? before->size : 0;
    g->grown_from += before->size;
    g->grown_to += size;
    g->max_bytes = most(g->max_bytes, size);
    g->max_growths = most(g->max_growths, least(growths + 1, MS_GROWTHS_MAX));
}

void ms_growth_merge(ms_growth *to, const ms_growth *from) {
    to->arrays += from->arrays;
    to->growths += from->growths;
    to->copies += from->copies;
    to->copied_bytes += from->copied_bytes;
    to->grown_from += from->grown_from;
    to->grown_to += from->grown_to;
    to->last_bytes += from->last_bytes;
    to->max_bytes = most(to->max_bytes, from->max_bytes);
    to->max_growths = most(to->max_growths, from->max_growths);
    to->live_arrays += from->live_arrays;
    to->live_bytes += from->live_bytes;
}

static void merge_excess(ms_site_excess *to, const ms_site_excess *from) {
    ms_estimate_merge(&to->allocations, from->allocations);
    ms_estimate_merge(&to->reallocations, from->reallocations);
    ms_estimate_merge(&to->frees, from->frees);
    ms_estimate_merge(&to->bytes_allocated, from->bytes_allocated);
    ms_held_merge(&to->live.now, &from->live.now);
    ms_held_merge(&to->live.at_peak, &from->live.at_peak);
}

static void merge_names(uint32_t *to, uint32_t from) {
    if (*to && from && *to != from)
        *to = MS_NAMED_VARIOUSLY;
    else if (from)
        *to = from;
}

static void merge(ms_site_count *to, const ms_site_count *from) {
    if (from->excess) {
        ms_site_excess *excess = ms_site_excess_of(to);
        merge_excess(excess, from->excess);
        if (from->own_peak_bytes > to->own_peak_bytes)
            excess->own_peak_variance = from->excess->own_peak_variance;
    }
    if (from->growth)
        ms_growth_merge(ms_growth_of(to), from->growth);
    if (from->first_us < to->first_us)
        to->family = from->family;
    merge_names(&to->named, from->named);
    merge_names(&to->tagged, from->tagged);
    to->live.bytes += from->live.bytes;
    to->live.blocks += from->live.blocks;
    to->live.peak_bytes += from->live.peak_bytes;
    to->live.peak_blocks += from->live.peak_blocks;
    to->allocations += from->allocations;
    to->reallocations += from->reallocations;
    to->frees += from->frees;
    to->temporary += from->temporary;
    to->bytes_allocated += from->bytes_allocated;
    to->own_peak_bytes = most(to->own_peak_bytes, from->own_peak_bytes);
    to->min_size = least(to->min_size, from->min_size);
    to->max_size = most(to->max_size, from->max_size);
    to->first_us = least(to->first_us, from->first_us);
    to->last_us = most(to->last_us, from->last_us);
    ms_lifetimes_merge(&to->lifetimes, &from->lifetimes);
}

/* Sites move up over those that were merged away, and their places follow; so a place is right both
 * for a site that has moved and for one that is still to come. */
void ms_sites_resolve(ms_sites *sites, uint64_t peak,
                      uint32_t (*node_of)(void *context, uint64_t stack), void *context) {
    for (size_t i = 0; i < sites->count; i++) {
        ms_share_settle(&sites->items[i].live, peak);
        if (sites->items[i].excess)
            ms_held_settle(&sites->items[i].excess->live, peak);
    }

    size_t kept = 0;
    sites->moved = ms_memory_zeroed(sites->count, sizeof *sites->moved);
    sites->moved_count = sites->count;
    for (size_t i = 0; i < sites->count; i++) {
        ms_site_count *site = &sites->items[i];
        bool late = site->node == MS_NODE_UNKNOWN;
        if (late)
            site->node = node_of(context, site->stack);
        uint32_t *place = place_of(sites, site->node);
        if (late && *place) {
            sites->moved[i] = *place - 1;
            merge(&sites->items[*place - 1], site);
            deinit(site);
            continue;
        }
        sites->moved[i] = (uint32_t)kept;
        sites->items[kept] = *site;
        *place = (uint32_t)++kept;
    }
    /* One that was merged into a site still to come goes where that one went. */
    for (size_t i = 0; i < sites->moved_count; i++)
        if (sites->moved[i] > i)
            sites->moved[i] = sites->moved[sites->moved[i]];
    sites->count = kept;
}
