#include "model/lift.h"

#include <string.h>

#include "base/hash.h"
#include "model/frame_key.h"
#include "model/lift_names.h"
#include "util/arena.h"
#include "util/map.h"

/* How far out from the allocator, or from the wrapper found last, the next one may be, in frames. */
#define REACH 8
#define ROUNDS 8

/* The evidence asked for; lift.h says why. */
#define FEW_CALLERS 3   /* where each call has its own size */
#define NAMED_CALLERS 2 /* the same, of a function that calls itself an allocator */
#define MANY_CALLERS 5  /* where sizes vary within each call */
#define CALLS_PER_PATH 2
#define SPAN 4 /* largest to smallest size: less is a structure and its variable end */

/* What a round learns about a function. Counts are of distinct things. */
typedef struct behaviour {
    uint32_t sites;       /* stacks it is on */
    uint32_t far;         /* of them: further than REACH from the allocator */
    uint32_t paths;       /* from it to the allocator */
    uint32_t callers;     /* other functions that call it */
    uint32_t calls;       /* places they call it from */
    uint32_t wishes;      /* calls, each path apart */
    uint32_t steady;      /* wishes uttered more than once, and always for the same size */
    uint32_t usual;       /* wishes for the size that most wishes on their path are for */
    uint64_t least, most; /* sizes */
    uint32_t seen;        /* the last site counted, plus 1: recursion counts once */
    bool named;
    bool wrapper;
} behaviour;

/* What one call of one function asked for on one path, over all sites. */
typedef struct wish {
    uint32_t function;
    uint64_t path;
    uint64_t min_size, max_size, births;
} wish;

/* Who a frame is, worked out once: comparing names in every round would be slow. */
typedef struct frame_key {
    uint32_t function; /* index into lifter.functions; by name and module, or the bare address */
    uint64_t place;    /* function and line, or the bare address */
} frame_key;

typedef struct lifter {
    ms_model *model;
    ms_arena *arena;  /* of this call */
    frame_key **keys; /* by stack, then frame */
    behaviour *functions;
    uint32_t function_count;
    /* of one round */
    ms_arena *round;
    ms_map distinct; /* what was counted */
    wish *wishes;
    size_t wish_count, wish_room;
} lifter;

/* ---- identity --------------------------------------------------------------------------- */

static void key_frames(lifter *l) {
    ms_stacks stacks = l->model->stacks;
    ms_map by_hash;
    ms_map_init(&by_hash, l->arena);
    l->keys = ms_arena_alloc(l->arena, stacks.count * sizeof *l->keys);
    for (size_t s = 0; s < stacks.count; s++) {
        const ms_stack *stack = &stacks.items[s];
        l->keys[s] = ms_arena_alloc(l->arena, stack->count * sizeof **l->keys);
        for (uint32_t i = 0; i < stack->count; i++) {
            bool fresh;
            uint32_t *index = ms_map_at(&by_hash, ms_frame_function_key(&stack->frames[i]), &fresh);
            if (fresh)
                *index = l->function_count++;
            l->keys[s][i] = (frame_key){*index, ms_frame_place_key(&stack->frames[i])};
        }
    }
}

static void new_functions(lifter *l) {
    l->functions = ms_arena_alloc(l->arena, l->function_count * sizeof *l->functions);
    for (size_t s = 0; s < l->model->stacks.count; s++) {
        const ms_stack *stack = &l->model->stacks.items[s];
        for (uint32_t i = 0; i < stack->count; i++)
            l->functions[l->keys[s][i].function].named =
                ms_name_is_alloc(stack->frames[i].function);
    }
}

/* ---- one round: watching ---------------------------------------------------------------- */

typedef enum what { PATH = 1, CALLER, CALL, WISH, SIZE, USUAL } what;

static uint32_t *distinct(lifter *l, what kind, uint32_t function, uint64_t value, bool *fresh) {
    uint64_t key = ms_mum(ms_mum(value, MS_HASH_K) ^ function, ((uint64_t)kind << 32) | 0x9e37);
    return ms_map_at(&l->distinct, key, fresh);
}

static bool is_new(lifter *l, what kind, uint32_t function, uint64_t value) {
    bool fresh;
    distinct(l, kind, function, value, &fresh);
    return fresh;
}

static wish *new_wish(lifter *l) {
    if (l->wish_count == l->wish_room) {
        size_t room = l->wish_room ? l->wish_room * 2 : 256;
        wish *larger = ms_arena_alloc(l->round, room * sizeof *larger);
        if (l->wish_count)
            memcpy(larger, l->wishes, l->wish_count * sizeof *larger);
        l->wishes = larger;
        l->wish_room = room;
    }
    return &l->wishes[l->wish_count++];
}

static wish *wish_of(lifter *l, uint32_t function, uint64_t path, uint64_t place) {
    bool fresh;
    uint32_t *index = distinct(l, WISH, function, ms_hash_frame(path, place), &fresh);
    if (fresh) {
        *index = (uint32_t)l->wish_count;
        *new_wish(l) = (wish){.function = function, .path = path, .min_size = UINT64_MAX};
        l->functions[function].wishes++;
    }
    return &l->wishes[*index];
}

static void watch_call(lifter *l, const ms_site *site, uint32_t function, uint64_t path,
                       frame_key caller) {
    l->functions[function].callers += is_new(l, CALLER, function, caller.function);
    l->functions[function].calls += is_new(l, CALL, function, caller.place);
    wish *w = wish_of(l, function, path, caller.place);
    w->births += site->allocations + site->reallocations;
    if (site->min_size != MS_UNKNOWN && site->min_size < w->min_size)
        w->min_size = site->min_size;
    if (site->max_size != MS_UNKNOWN && site->max_size > w->max_size)
        w->max_size = site->max_size;
}

static void watch_site(lifter *l, uint32_t number, const ms_site *site) {
    const ms_stack *stack = ms_model_stack(l->model, site->stack);
    if (!stack)
        return;
    const frame_key *keys = l->keys[site->stack];
    uint64_t path = 1;
    for (uint32_t i = 0; i < stack->count; i++) {
        behaviour *f = &l->functions[keys[i].function];
        if (i >= stack->depth_lifted)
            path = ms_hash_frame(path, keys[i].place);
        if (f->seen == number + 1)
            continue;
        f->seen = number + 1;
        f->sites++;
        if (i >= stack->depth_lifted + REACH) {
            f->far++;
            continue;
        }
        f->paths += is_new(l, PATH, keys[i].function, path);
        uint32_t out = i + 1;
        while (out < stack->count && keys[out].function == keys[i].function)
            out++;
        if (out < stack->count)
            watch_call(l, site, keys[i].function, path, keys[out]);
    }
}

/* ---- one round: judging ----------------------------------------------------------------- */

static void sum_up_wishes(lifter *l) {
    for (size_t i = 0; i < l->wish_count; i++) {
        const wish *w = &l->wishes[i];
        behaviour *f = &l->functions[w->function];
        f->least = w->min_size < f->least ? w->min_size : f->least;
        f->most = w->max_size > f->most ? w->max_size : f->most;
        if (w->min_size != w->max_size)
            continue;
        f->steady += w->births > 1;
        uint32_t same =
            ++*distinct(l, SIZE, w->function, ms_hash_frame(w->path, w->min_size), NULL);
        uint32_t *usual = distinct(l, USUAL, w->function, w->path, NULL);
        if (same > *usual) { /* by one */
            *usual = same;
            f->usual++;
        }
    }
}

static bool sizes_differ(const behaviour *f) {
    bool many = (f->wishes - f->usual) * 3 > f->wishes;
    return many && (f->named || f->most / SPAN >= f->least);
}

static bool behaves_as_wrapper(const behaviour *f) {
    bool is_near = f->far <= f->sites / 4;
    bool is_funnel = f->calls >= f->paths * CALLS_PER_PATH;
    bool own_sizes = f->steady * 2 >= f->wishes;
    uint32_t enough = !own_sizes ? MANY_CALLERS : f->named ? NAMED_CALLERS : FEW_CALLERS;
    return is_near && is_funnel && sizes_differ(f) && f->callers >= enough;
}

static void start_round(lifter *l) {
    l->wishes = NULL;
    l->wish_count = l->wish_room = 0;
    ms_map_init(&l->distinct, l->round);
    for (uint32_t i = 0; i < l->function_count; i++)
        l->functions[i] = (behaviour){.least = UINT64_MAX,
                                      .named = l->functions[i].named,
                                      .wrapper = l->functions[i].wrapper};
}

/* False without memory. */
static bool find_wrappers(lifter *l) {
    l->round = ms_arena_new();
    if (!l->round)
        return false;
    start_round(l);
    for (size_t i = 0; i < l->model->sites.count; i++)
        watch_site(l, (uint32_t)i, &l->model->sites.items[i]);
    sum_up_wishes(l);
    for (uint32_t i = 0; i < l->function_count; i++)
        l->functions[i].wrapper |= behaves_as_wrapper(&l->functions[i]);
    ms_arena_free(l->round);
    return true;
}

/* ---- lifting ---------------------------------------------------------------------------- */

static bool is_glue(const ms_frame *frame) {
    return ms_name_is_glue(frame->function) || ms_module_is_glue(frame->module);
}

static bool may_be_lifted(const ms_stack *stack, uint32_t i) {
    return i + 1 < stack->count && !ms_name_is_entry(stack->frames[i].function) &&
           !ms_name_is_startup(stack->frames[i + 1].function);
}

/* Past the glue that begins at depth_lifted, unless there is nothing else to blame. */
static void lift_glue(ms_stack *stack) {
    uint32_t i = stack->depth_lifted;
    while (is_glue(&stack->frames[i])) {
        if (!may_be_lifted(stack, i))
            return;
        i++;
    }
    stack->depth_lifted = i;
}

/* From wrapper to wrapper; what lies between two goes along, for a wrapper's few paths are its own. */
static bool lift_stack(const lifter *l, ms_stack *stack, const frame_key *keys) {
    uint32_t start = stack->depth_lifted;
    if (!stack->count)
        return false;
    lift_glue(stack);
    uint32_t i = stack->depth_lifted;
    while (may_be_lifted(stack, i) && i < stack->depth_lifted + REACH) {
        if (!l->functions[keys[i++].function].wrapper)
            continue;
        stack->depth_lifted = i;
        lift_glue(stack);
        i = stack->depth_lifted;
    }
    return stack->depth_lifted > start;
}

static bool lift_stacks(lifter *l) {
    bool any = false;
    for (size_t i = 0; i < l->model->stacks.count; i++)
        any |= lift_stack(l, &l->model->stacks.items[i], l->keys[i]);
    return any;
}

/* Frames are the loader's, made writable; only readers of the finished model see them as const. */
static void mark_frames(ms_model *model) {
    for (size_t i = 0; i < model->stacks.count; i++) {
        const ms_stack *stack = &model->stacks.items[i];
        for (uint32_t f = 0; f < stack->depth_lifted; f++)
            ((ms_frame *)stack->frames)[f].wrapper = true;
    }
}

void ms_lift(ms_model *model) {
    lifter l = {.model = model, .arena = ms_arena_new()};
    if (!l.arena)
        return; /* nothing is lifted: every blame is still true, only less helpful */
    key_frames(&l);
    new_functions(&l);
    lift_stacks(&l); /* glue */
    for (int round = 0; round < ROUNDS; round++)
        if (!find_wrappers(&l) || !lift_stacks(&l))
            break;
    mark_frames(model);
    ms_arena_free(l.arena);
}
