/* rank.h - who is to blame: the sites merged by the frame that attribution is lifted to, and ranked.
 * The answers to what held the peak, what is live at exit, who allocates most and who allocates only
 * to release at once. */
#ifndef MS_MODEL_RANK_H
#define MS_MODEL_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/model.h"

/* What may be ranked and counted: MS_COST(NAME, text, unit, doc). */
#define MS_COSTS(MS_COST)                                                                          \
    MS_COST(PEAK, "peak", BYTES, "bytes live at the program's peak")                               \
    MS_COST(LIVE, "live", BYTES, "bytes live at the end")                                          \
    MS_COST(BYTES, "bytes", BYTES, "bytes requested in all")                                       \
    MS_COST(ALLOCATIONS, "allocations", COUNT, "allocations")                                      \
    MS_COST(TEMPORARY, "temporary", COUNT, "temporary allocations")                                \
    MS_COST(CALLS, "calls", COUNT, "allocations and reallocations")

typedef enum ms_cost {
#define MS_COST(name, text, unit, doc) MS_COST_##name,
    MS_COSTS(MS_COST)
#undef MS_COST
        MS_COST_COUNT
} ms_cost;

/* The cost called `name`, or MS_COST_COUNT. */
ms_cost ms_cost_named(const char *name);

/* What a site costs; 0 where it is not known. */
uint64_t ms_site_cost(const ms_site *site, ms_cost cost);

/* The standard error of that; MS_UNKNOWN: it is exact. */
uint64_t ms_site_error(const ms_site *site, ms_cost cost);

/* The sum over all sites: what a share is a share of. */
uint64_t ms_model_cost(const ms_model *model, ms_cost cost);

/* Sites with one blamed frame: the same function and line, or the same address where there is no
 * name. Sites without a stack share one blame. */
typedef struct ms_blame {
    const ms_frame *frame; /* whom; NULL: no stack was taken */
    const ms_site *site;   /* of them the one that costs most: whose stack to show */
    size_t sites;
    uint64_t cost[MS_COST_COUNT];
    uint64_t peak_blocks;
    uint64_t live_blocks;
    uint64_t reallocations;
    uint64_t error[MS_COST_COUNT]; /* standard errors; MS_UNKNOWN: exact */
    uint64_t peak_blocks_error, live_blocks_error, reallocations_error;
    uint64_t min_size, max_size; /* MS_UNKNOWN where no site knows */
    const char *variable, *type; /* NULL: not known, or not the same for all of them */
    bool unsure;                 /* of both, by what the names rest on */
} ms_blame;

/* The blames that cost anything, most first, ties in the order of the sites; at most `top` (0: all)
 * of them. `lift` false blames the innermost frame. Borrows from `model`; the list is allocated in
 * `arena`, which may be the model's. `*count` is how many there are, `*all` (may be NULL) how many
 * there would be without `top`. */
const ms_blame *ms_rank(const ms_model *model, ms_arena *arena, ms_cost cost, bool lift, size_t top,
                        size_t *count, size_t *all);

/* The frame of a site's stack that is to blame, by its index; the stack must have frames. */
uint32_t ms_blamed_frame(const ms_stack *stack, bool lift);

#endif
