#include "model/rank.h"

#include <stdlib.h>
#include <string.h>

#include "model/frame_key.h"
#include "util/arena.h"
#include "util/map.h"

ms_cost ms_cost_named(const char *name) {
    static const char *const names[] = {
#define MS_COST(name, text, unit, doc) text,
        MS_COSTS(MS_COST)
#undef MS_COST
    };
    ms_cost cost = 0;
    while (cost < MS_COST_COUNT && strcmp(names[cost], name))
        cost++;
    return cost;
}

uint64_t ms_site_cost(const ms_site *site, ms_cost cost) {
    switch (cost) {
    case MS_COST_PEAK: return site->peak_bytes;
    case MS_COST_LIVE: return site->live_bytes;
    case MS_COST_BYTES: return site->bytes_allocated;
    case MS_COST_ALLOCATIONS: return site->allocations;
    case MS_COST_TEMPORARY: return site->temporary == MS_UNKNOWN ? 0 : site->temporary;
    case MS_COST_CALLS: return site->allocations + site->reallocations;
    case MS_COST_COUNT: break;
    }
    return 0;
}

uint64_t ms_site_error(const ms_site *site, ms_cost cost) {
    switch (cost) {
    case MS_COST_PEAK: return site->peak_bytes_error;
    case MS_COST_LIVE: return site->live_bytes_error;
    case MS_COST_BYTES: return site->bytes_allocated_error;
    case MS_COST_ALLOCATIONS: return site->allocations_error;
    case MS_COST_CALLS: return ms_error_join(site->allocations_error, site->reallocations_error);
    case MS_COST_TEMPORARY:
    case MS_COST_COUNT: break;
    }
    return MS_UNKNOWN;
}

uint64_t ms_model_cost(const ms_model *model, ms_cost cost) {
    uint64_t sum = 0;
    for (size_t i = 0; i < model->sites.count; i++)
        sum += ms_site_cost(&model->sites.items[i], cost);
    return sum;
}

uint32_t ms_blamed_frame(const ms_stack *stack, bool lift) {
    return lift && stack->depth_lifted < stack->count ? stack->depth_lifted : 0;
}

static const ms_frame *frame_of(const ms_model *model, const ms_site *site, bool lift) {
    const ms_stack *stack = ms_model_stack(model, site->stack);
    return stack && stack->count ? &stack->frames[ms_blamed_frame(stack, lift)] : NULL;
}

static uint64_t key_of(const ms_frame *frame) {
    if (!frame)
        return 0;
    return frame->file ? ms_frame_place_key(frame) : ms_frame_function_key(frame);
}

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* What all sites say alike. */
static void add_names(ms_blame *blame, const ms_site *site) {
    bool first = blame->sites == 0;
    blame->variable = first || same_text(blame->variable, site->variable) ? site->variable : NULL;
    blame->type = first || same_text(blame->type, site->type) ? site->type : NULL;
    blame->unsure |= same_text(site->variable_confidence, "low");
}

static void add_site(ms_blame *blame, const ms_site *site, ms_cost cost) {
    add_names(blame, site);
    if (!blame->site || ms_site_cost(site, cost) > ms_site_cost(blame->site, cost))
        blame->site = site;
    blame->sites++;
    for (ms_cost c = 0; c < MS_COST_COUNT; c++) {
        blame->cost[c] += ms_site_cost(site, c);
        blame->error[c] = ms_error_join(blame->error[c], ms_site_error(site, c));
    }
    blame->peak_blocks += site->peak_blocks;
    blame->live_blocks += site->live_blocks;
    blame->reallocations += site->reallocations;
    blame->peak_blocks_error = ms_error_join(blame->peak_blocks_error, site->peak_blocks_error);
    blame->live_blocks_error = ms_error_join(blame->live_blocks_error, site->live_blocks_error);
    blame->reallocations_error =
        ms_error_join(blame->reallocations_error, site->reallocations_error);
    if (site->min_size != MS_UNKNOWN && site->min_size < blame->min_size)
        blame->min_size = site->min_size;
    if (site->max_size != MS_UNKNOWN &&
        (blame->max_size == MS_UNKNOWN || site->max_size > blame->max_size))
        blame->max_size = site->max_size;
}

static ms_blame new_blame(const ms_frame *frame) {
    ms_blame blame = {.frame = frame,
                      .min_size = MS_UNKNOWN,
                      .max_size = MS_UNKNOWN,
                      .peak_blocks_error = MS_UNKNOWN,
                      .live_blocks_error = MS_UNKNOWN,
                      .reallocations_error = MS_UNKNOWN};
    for (ms_cost c = 0; c < MS_COST_COUNT; c++)
        blame.error[c] = MS_UNKNOWN;
    return blame;
}

/* Only sites that cost something count into a blame: a list about the peak says nothing of a site
 * that held nothing then. */
static size_t merge(const ms_model *model, ms_map *by_frame, ms_blame *blames, ms_cost cost,
                    bool lift) {
    size_t count = 0;
    for (size_t i = 0; i < model->sites.count; i++) {
        const ms_site *site = &model->sites.items[i];
        if (!ms_site_cost(site, cost))
            continue;
        const ms_frame *frame = frame_of(model, site, lift);
        bool fresh;
        uint32_t *index = ms_map_at(by_frame, key_of(frame), &fresh);
        if (fresh) {
            *index = (uint32_t)count;
            blames[count++] = new_blame(frame);
        }
        add_site(&blames[*index], site, cost);
    }
    return count;
}

/* Most first; sites lie in one array, so their addresses settle ties. */
static int by_cost(const void *a, const void *b, void *context) {
    const ms_blame *x = a, *y = b;
    ms_cost cost = *(const ms_cost *)context;
    if (x->cost[cost] != y->cost[cost])
        return x->cost[cost] < y->cost[cost] ? 1 : -1;
    return (x->site > y->site) - (x->site < y->site);
}

const ms_blame *ms_rank(const ms_model *model, ms_arena *arena, ms_cost cost, bool lift, size_t top,
                        size_t *count, size_t *all) {
    ms_map by_frame;
    ms_map_init(&by_frame, arena);
    ms_blame *blames = ms_arena_alloc(arena, model->sites.count * sizeof *blames);
    size_t found = merge(model, &by_frame, blames, cost, lift);
    qsort_r(blames, found, sizeof *blames, by_cost, &cost);
    if (all)
        *all = found;
    *count = top && top < found ? top : found;
    return blames;
}
