/* Where memory comes from and goes to: modules, stacks, sites. */
#include "load/keep.h"

#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

/* ---- stacks ----------------------------------------------------------------------------- */

void ms_save_modules(ms_saving *s, ms_checkpoint *c) {
    const ms_nodes *nodes = &c->replay->nodes;
    for (size_t i = 0; i < nodes->module_count; i++) {
        const ms_loaded *m = &nodes->modules[i];
        MS_SAVE(s, ms_kept_module, m->bias, m->start, m->bytes, m->number, {m->text, m->text_size});
    }
}

bool ms_take_modules(ms_checkpoint *c, const ms_kept_module *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        ms_event event = {.kind = MS_EVENT_MODULE,
                          .address = rows[i].bias,
                          .old = rows[i].start,
                          .size = rows[i].bytes,
                          .number = rows[i].number,
                          .text = rows[i].text};
        ms_nodes_add_module(&c->replay->nodes, &event);
    }
    return true;
}

void ms_save_nodes(ms_saving *s, ms_checkpoint *c) {
    ms_save_rows(s, c->replay->nodes.items, c->replay->nodes.count);
}

static bool is_node(const ms_nodes *nodes, uint32_t number) {
    return number < MS_ROOT_COUNT + nodes->count;
}

/* A caller stands before those it calls, so there are no cycles. */
bool ms_take_nodes(ms_checkpoint *c, const ms_node *rows, size_t count) {
    ms_nodes *nodes = &c->replay->nodes;
    for (size_t i = 0; i < count; i++) {
        size_t had = nodes->count;
        bool has_module = rows[i].module < nodes->module_count || rows[i].module == MS_NO_MODULE;
        if (!is_node(nodes, rows[i].parent) || !has_module)
            return false;
        ms_nodes_intern(nodes, rows[i]);
        if (nodes->count == had)
            return false; /* twice */
    }
    return true;
}

static bool is_known(const ms_stack_id *id) {
    return id->defined || id->node || id->site;
}

/* Of an id that has its node nothing else is looked at any more. */
static ms_kept_stack kept_stack(const ms_stack_id *stack, uint32_t id) {
    return (ms_kept_stack){.id = id,
                           .defined = stack->defined,
                           .node = stack->node,
                           .site = stack->site,
                           .pc = stack->node ? 0 : stack->pc,
                           .parent = stack->node ? 0 : stack->parent};
}

void ms_save_stacks(ms_saving *s, ms_checkpoint *c) {
    const ms_nodes *nodes = &c->replay->nodes;
    const ms_stack_id *page;
    for (uint32_t first = 0; ms_nodes_page(nodes, &first, &page); first += MS_NODES_PAGE)
        for (uint32_t i = 0; i < MS_NODES_PAGE; i++)
            if (is_known(&page[i]))
                *(ms_kept_stack *)ms_save_row(s) = kept_stack(&page[i], first + i);
}

bool ms_take_stacks(ms_checkpoint *c, const ms_kept_stack *rows, size_t count) {
    ms_replay *r = c->replay;
    for (size_t i = 0; i < count; i++) {
        if (!is_node(&r->nodes, rows[i].node) || rows[i].site > r->sites.count)
            return false;
        ms_stack_id *id = ms_nodes_id(&r->nodes, rows[i].id);
        r->nodes.defined += rows[i].defined && !id->defined;
        *id = (ms_stack_id){.pc = rows[i].pc,
                            .parent = rows[i].parent,
                            .node = rows[i].node,
                            .site = rows[i].site,
                            .defined = rows[i].defined};
    }
    return true;
}

/* ---- sites ------------------------------------------------------------------------------ */

void ms_save_sites(ms_saving *s, ms_checkpoint *c) {
    ms_replay *r = c->replay;
    for (size_t i = 0; i < r->sites.count; i++)
        ms_share_settle(&r->sites.items[i].live, r->peak);
    ms_save_rows(s, r->sites.items, r->sites.count);
}

static bool is_name(const ms_replay *r, uint32_t place) {
    return place <= r->notes.places.count || place == MS_NAMED_VARIOUSLY;
}

bool ms_take_sites(ms_checkpoint *c, const ms_site_count *rows, size_t count) {
    ms_replay *r = c->replay;
    for (size_t i = 0; i < count; i++) {
        const ms_site_count *row = &rows[i];
        size_t had = r->sites.count;
        if ((row->node != MS_NODE_UNKNOWN && !is_node(&r->nodes, row->node)) ||
            !is_name(r, row->named) || !is_name(r, row->tagged))
            return false;
        ms_sites_of(&r->sites, row->node, row->stack, row->family);
        if (r->sites.count == had)
            return false; /* twice */
        ms_site_count *site = &r->sites.items[had];
        *site = *row;
        site->live.peak = r->peak;
    }
    return true;
}

void ms_save_weighed(ms_saving *s, ms_checkpoint *c) {
    ms_replay *r = c->replay;
    for (size_t i = 0; i < r->sites.count; i++) {
        ms_site_excess *excess = r->sites.items[i].excess;
        if (!excess)
            continue;
        ms_held_settle(&excess->live, r->peak);
        MS_SAVE(s, ms_kept_weighed, (uint32_t)i, *excess);
    }
}

bool ms_take_weighed(ms_checkpoint *c, const ms_kept_weighed *rows, size_t count) {
    ms_sites *sites = &c->replay->sites;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].site >= sites->count || sites->items[rows[i].site].excess)
            return false;
        ms_site_excess *excess = ms_site_excess_of(&sites->items[rows[i].site]);
        *excess = rows[i].excess;
        excess->live.number = c->replay->peak;
    }
    return true;
}

void ms_save_grown(ms_saving *s, ms_checkpoint *c) {
    const ms_sites *sites = &c->replay->sites;
    for (size_t i = 0; i < sites->count; i++)
        if (sites->items[i].growth)
            MS_SAVE(s, ms_kept_grown, (uint32_t)i, *sites->items[i].growth);
}

bool ms_take_grown(ms_checkpoint *c, const ms_kept_grown *rows, size_t count) {
    ms_sites *sites = &c->replay->sites;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].site >= sites->count || sites->items[rows[i].site].growth)
            return false;
        *ms_growth_of(&sites->items[rows[i].site]) = rows[i].growth;
    }
    return true;
}

void ms_save_lifetimes(ms_saving *s, ms_checkpoint *c) {
    const ms_sites *sites = &c->replay->sites;
    for (size_t i = 0; i < sites->count; i++) {
        const ms_lifetimes *l = &sites->items[i].lifetimes;
        for (unsigned b = 0; b < l->size; b++)
            if (l->buckets[b])
                MS_SAVE(s, ms_kept_lifetime, (uint32_t)i, l->first + b, l->buckets[b]);
    }
}

bool ms_take_lifetimes(ms_checkpoint *c, const ms_kept_lifetime *rows, size_t count) {
    ms_sites *sites = &c->replay->sites;
    for (size_t i = 0; i < count; i++)
        if (rows[i].site >= sites->count ||
            !ms_lifetimes_restore(&sites->items[rows[i].site].lifetimes, rows[i].bucket,
                                  rows[i].count))
            return false;
    return true;
}

/* ---- what they had live over time ------------------------------------------------------- */

static int by_moment_and_site(const void *a, const void *b) {
    const ms_series_step *x = a, *y = b;
    if (x->moment != y->moment)
        return x->moment < y->moment ? -1 : 1;
    return (x->site > y->site) - (x->site < y->site);
}

void ms_save_levels(ms_saving *s, ms_checkpoint *c) {
    const ms_series *series = &c->replay->series;
    ms_series_step *rows = ms_memory_zeroed(series->count, sizeof *rows);
    if (series->count) {
        memcpy(rows, series->steps, series->count * sizeof *rows);
        qsort(rows, series->count, sizeof *rows, by_moment_and_site);
    }
    ms_save_rows(s, rows, series->count);
    free(rows);
}

bool ms_take_levels(ms_checkpoint *c, const ms_series_step *rows, size_t count) {
    ms_series *series = &c->replay->series;
    for (size_t i = 0; i < count; i++) {
        uint32_t before = series->count ? series->steps[series->count - 1].moment : 0;
        if (rows[i].site >= c->replay->sites.count || rows[i].moment < before ||
            rows[i].moment >= series->moments || !series->interval_us)
            return false;
        ms_series_restore(series, &rows[i]);
    }
    return true;
}

static int by_row(const void *a, const void *b) {
    const ms_kept_row *x = a, *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

void ms_save_changed(ms_saving *s, ms_checkpoint *c) {
    const ms_series *series = &c->replay->series;
    ms_kept_row *rows = ms_memory_zeroed(series->changed_count, sizeof *rows);
    for (size_t i = 0; i < series->changed_count; i++)
        rows[i] = (ms_kept_row){series->changed[i]};
    if (series->changed_count)
        qsort(rows, series->changed_count, sizeof *rows, by_row);
    ms_save_rows(s, rows, series->changed_count);
    free(rows);
}

bool ms_take_changed(ms_checkpoint *c, const ms_kept_row *rows, size_t count) {
    ms_replay *r = c->replay;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].row >= r->sites.count)
            return false;
        ms_series_touch(&r->series, &r->sites.items[rows[i].row], rows[i].row);
    }
    return true;
}

/* ---- who releases their blocks ---------------------------------------------------------- */

void ms_save_freers(ms_saving *s, ms_checkpoint *c) {
    ms_replay *r = c->replay;
    ms_crossings_settle(&r->crossings, &r->sites, &r->nodes);
    ms_save_rows(s, r->crossings.freers, r->crossings.freer_count);
}

bool ms_take_freers(ms_checkpoint *c, const ms_freer_count *rows, size_t count) {
    ms_crossings *crossings = &c->replay->crossings;
    for (size_t i = 0; i < count; i++)
        if (!ms_crossings_restore(crossings, &c->replay->nodes, rows[i]))
            return false;
    return true;
}

void ms_save_crossings(ms_saving *s, ms_checkpoint *c) {
    ms_save_rows(s, c->replay->crossings.items, c->replay->crossings.count);
}

bool ms_take_crossings(ms_checkpoint *c, const ms_crossing *rows, size_t count) {
    ms_replay *r = c->replay;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].site >= r->sites.count || rows[i].freer > r->crossings.freer_count)
            return false;
        ms_crossings_add(&r->crossings, rows[i].site, rows[i].freer, rows[i].blocks, rows[i].bytes);
    }
    return true;
}
