#include "load/build_arrays.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/rank.h"
#include "util/arena.h"

/* Most copied bytes first; the rest makes the order the same every time. */
static int by_copied(const void *a, const void *b) {
    const ms_container *x = a, *y = b;
    if (x->copied_bytes != y->copied_bytes)
        return x->copied_bytes < y->copied_bytes ? 1 : -1;
    if (x->growths != y->growths)
        return x->growths < y->growths ? 1 : -1;
    return (x->site > y->site) - (x->site < y->site);
}

static const char *evidence(const ms_replay *r) {
    if (r->level.sampled)
        return "estimated";
    return r->history.gap_changes ? "derived" : "recorded";
}

static ms_container array(const ms_replay *r, const ms_site_count *count, const ms_site *site,
                          bool addresses) {
    const ms_growth *g = count->growth;
    return (ms_container){.kind = "realloc",
                          .evidence = evidence(r),
                          .site = site->id,
                          .line = MS_UNKNOWN,
                          .address = MS_UNKNOWN,
                          .containers = g->arrays,
                          .capacity = g->last_bytes,
                          .used = MS_UNKNOWN,
                          .slack_bytes = MS_UNKNOWN,
                          .elements = MS_UNKNOWN,
                          .slots = MS_UNKNOWN,
                          .load_factor = NAN,
                          .max_capacity = g->max_bytes,
                          .growths = g->growths,
                          .max_growths = g->max_growths,
                          .growth_factor =
                              g->grown_from ? (double)g->grown_to / (double)g->grown_from : NAN,
                          .copies = addresses ? g->copies : MS_UNKNOWN,
                          .copied_bytes = addresses ? g->copied_bytes : MS_UNKNOWN,
                          .live_containers = g->live_arrays,
                          .live_bytes = g->live_bytes,
                          .born_ns = site->first_ns,
                          .died_ns = MS_UNKNOWN,
                          .thread_id = MS_UNKNOWN};
}

/* One at which arrays only shrank is none. */
static bool has_grown(const ms_site_count *site) {
    return site->growth && site->growth->growths;
}

static size_t grown_sites(const ms_site_count *const *sites, size_t count) {
    size_t grown = 0;
    for (size_t i = 0; i < count; i++)
        grown += has_grown(sites[i]);
    return grown;
}

void ms_build_arrays(ms_model *m, const ms_replay *replay, const ms_site_count *const *sites,
                     size_t count) {
    size_t declared = m->containers.count, all = declared + grown_sites(sites, count);
    ms_container *items = ms_arena_alloc(m->arena, all * sizeof *items);
    if (declared)
        memcpy(items, m->containers.items, declared * sizeof *items);
    size_t at = declared;
    for (size_t i = 0; i < count; i++)
        if (has_grown(sites[i]))
            items[at++] = array(replay, sites[i], &m->sites.items[i], m->capture.addresses);
    if (all > declared)
        qsort(items + declared, all - declared, sizeof *items, by_copied);
    for (size_t i = declared; i < all; i++)
        items[i].id = i + 1;
    m->containers.items = items;
    m->containers.count = all;
}

static void name_array(const ms_model *m, ms_container *array) {
    const ms_site *site = &m->sites.items[array->site - 1];
    const ms_stack *stack = ms_model_stack(m, site->stack);
    array->name = site->variable;
    array->type = site->type;
    if (!stack || !stack->count)
        return;
    const ms_frame *frame = &stack->frames[ms_blamed_frame(stack, true)];
    array->function = frame->function;
    array->file = frame->file;
    array->line = frame->line;
}

void ms_name_arrays(ms_model *m) {
    for (size_t i = 0; i < m->containers.count; i++)
        if (m->containers.items[i].site != MS_UNKNOWN)
            name_array(m, &m->containers.items[i]);
}
