#include "load/checkpoint.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "load/checkpoint_rows.h"
#include "util/memory.h"

/* A checkpoint holds all of a replay. What is new there has to be kept here, too: then this number is
 * to be set right. (Of notes only places, tasks and scopes are kept, on which other numbers rest; the
 * report says so. Rows are for a report only, and `moved` of sites for its end.) */
_Static_assert(sizeof(ms_replay) == 2328,
               "a replay has changed: does its checkpoint hold all of it?");

/* ---- the list --------------------------------------------------------------------------- */

#define MS_KEPT_TABLE(name, code, row, doc) typedef row row_##name;
#include "load/checkpoint.def"

#define MS_KEPT_TABLE(name, code, row, doc) static const ms_kept_cell cells_##name[] = {
#define MS_KEPT_CELL(table, cell, kept_codec, member, cell_doc)                                    \
    {#cell, cell_doc, MS_KEPT_##kept_codec, offsetof(row_##table, member),                         \
     sizeof(((row_##table *)0)->member)},
#define MS_KEPT_END(table)                                                                         \
    }                                                                                              \
    ;
#include "load/checkpoint.def"

const ms_kept_table ms_checkpoint_tables[] = {
#define MS_KEPT_TABLE(name, code, row, doc)                                                        \
    {#name, doc, code, sizeof(row), cells_##name, sizeof cells_##name / sizeof *cells_##name},
#include "load/checkpoint.def"
};
const size_t ms_checkpoint_table_count = MS_KEPT_TABLES;

void ms_checkpoint_deinit(ms_checkpoint *c) {
    free(c->replayed);
}

/* ---- writing ---------------------------------------------------------------------------- */

typedef struct saving {
    ms_checkpoint *from;
    ms_trace_writer *writer;
    ms_kept_bytes payload;
    bool failed;
} saving;

static void put_part(saving *s, const ms_kept_table *table, const void *rows, size_t count) {
    uint64_t now_us = s->from->replay->now_us;
    s->payload.size = 0;
    ms_kept_put(&s->payload, table, rows, count);
    s->failed = s->failed || !ms_trace_writer_append(s->writer, MS_KIND_CHECKPOINT,
                                                     s->payload.bytes, s->payload.size, 0, now_us);
}

static void put(saving *s, unsigned index, const void *rows, size_t count) {
    const ms_kept_table *table = &ms_checkpoint_tables[index];
    const uint8_t *at = rows;
    while (count > 0) {
        size_t part = count < MS_KEPT_ROWS ? count : MS_KEPT_ROWS;
        put_part(s, table, at, part);
        at += part * table->row_size;
        count -= part;
    }
}

static void put_totals(saving *s) {
    const ms_replay *r = s->from->replay;
    const ms_samples *samples = s->from->samples;
    ms_kept_file file = {.end_us = *s->from->end_us,
                         .sample_us = samples->last_us,
                         .taken = samples->taken,
                         .keep = samples->keep,
                         .skipped = samples->skipped,
                         .peak_rss = samples->peak_rss_bytes};
    put(s, MS_KEPT_totals, r, 1);
    put(s, MS_KEPT_file, &file, 1);
    put(s, MS_KEPT_lost, r->lost, MS_LOSS_COUNT);
}

/* ---- stacks and sites ------------------------------------------------------------------- */

static void put_modules(saving *s) {
    const ms_nodes *nodes = &s->from->replay->nodes;
    ms_kept_module *rows = ms_memory_zeroed(nodes->module_count, sizeof *rows);
    for (size_t i = 0; i < nodes->module_count; i++) {
        const ms_loaded *m = &nodes->modules[i];
        rows[i] = (ms_kept_module){m->bias, m->start, m->bytes, m->number, {m->text, m->text_size}};
    }
    put(s, MS_KEPT_modules, rows, nodes->module_count);
    free(rows);
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

static void put_stacks(saving *s) {
    const ms_nodes *nodes = &s->from->replay->nodes;
    ms_kept_stack *rows = ms_memory_zeroed(MS_KEPT_ROWS, sizeof *rows);
    size_t count = 0;
    const ms_stack_id *page;
    for (uint32_t first = 0; ms_nodes_page(nodes, &first, &page); first += MS_NODES_PAGE) {
        if (count + MS_NODES_PAGE > MS_KEPT_ROWS) {
            put(s, MS_KEPT_stacks, rows, count);
            count = 0;
        }
        for (uint32_t i = 0; i < MS_NODES_PAGE; i++)
            if (is_known(&page[i]))
                rows[count++] = kept_stack(&page[i], first + i);
    }
    put(s, MS_KEPT_stacks, rows, count);
    free(rows);
}

static void put_lifetimes(saving *s) {
    const ms_sites *sites = &s->from->replay->sites;
    ms_kept_lifetime *rows = NULL;
    size_t count = 0, capacity = 0;
    for (size_t i = 0; i < sites->count; i++) {
        const ms_lifetimes *l = &sites->items[i].lifetimes;
        rows = ms_memory_grow(rows, count + l->size, &capacity, sizeof *rows);
        for (unsigned b = 0; b < l->size; b++)
            if (l->buckets[b])
                rows[count++] = (ms_kept_lifetime){(uint32_t)i, l->first + b, l->buckets[b]};
    }
    put(s, MS_KEPT_lifetimes, rows, count);
    free(rows);
}

static void put_weighed(saving *s) {
    ms_replay *r = s->from->replay;
    ms_kept_weighed *rows = NULL;
    size_t count = 0, capacity = 0;
    for (size_t i = 0; i < r->sites.count; i++) {
        ms_site_excess *excess = r->sites.items[i].excess;
        if (!excess)
            continue;
        ms_held_settle(&excess->live, r->peak);
        rows = ms_memory_grow(rows, count + 1, &capacity, sizeof *rows);
        rows[count++] = (ms_kept_weighed){(uint32_t)i, *excess};
    }
    put(s, MS_KEPT_weighed, rows, count);
    free(rows);
}

static void put_grown(saving *s) {
    const ms_sites *sites = &s->from->replay->sites;
    ms_kept_grown *rows = NULL;
    size_t count = 0, capacity = 0;
    for (size_t i = 0; i < sites->count; i++) {
        if (!sites->items[i].growth)
            continue;
        rows = ms_memory_grow(rows, count + 1, &capacity, sizeof *rows);
        rows[count++] = (ms_kept_grown){(uint32_t)i, *sites->items[i].growth};
    }
    put(s, MS_KEPT_grown, rows, count);
    free(rows);
}

static void put_crossings(saving *s) {
    ms_replay *r = s->from->replay;
    ms_crossings_settle(&r->crossings, &r->sites, &r->nodes);
    put(s, MS_KEPT_freers, r->crossings.freers, r->crossings.freer_count);
    put(s, MS_KEPT_crossings, r->crossings.items, r->crossings.count);
}

static void put_sites(saving *s) {
    ms_replay *r = s->from->replay;
    for (size_t i = 0; i < r->sites.count; i++)
        ms_share_settle(&r->sites.items[i].live, r->peak);
    put_modules(s);
    put(s, MS_KEPT_nodes, r->nodes.items, r->nodes.count);
    put(s, MS_KEPT_sites, r->sites.items, r->sites.count);
    put_weighed(s);
    put_grown(s);
    put_lifetimes(s);
    put_crossings(s);
    put_stacks(s);
}

/* ---- threads and blocks ----------------------------------------------------------------- */

static void put_threads(saving *s) {
    ms_replay *r = s->from->replay;
    ms_kept_thread *rows = ms_memory_zeroed(r->thread_count, sizeof *rows);
    for (size_t i = 0; i < r->thread_count; i++) {
        ms_thread_count *t = &r->threads[i];
        ms_share_settle(&t->live, r->peak);
        ms_held_settle(&t->held, r->peak);
        rows[i] = (ms_kept_thread){
            *t, {(const uint8_t *)t->name, (uint32_t)strnlen(t->name, sizeof t->name)}};
    }
    put(s, MS_KEPT_threads, rows, r->thread_count);
    free(rows);
}

static void put_places(saving *s) {
    const ms_places *places = &s->from->replay->notes.places;
    ms_kept_place *rows = ms_memory_zeroed(places->count, sizeof *rows);
    for (size_t i = 0; i < places->count; i++) {
        const ms_place *p = &places->items[i];
        rows[i] = (ms_kept_place){p->id, p->line, p->kind, p->defined, p->text};
    }
    put(s, MS_KEPT_places, rows, places->count);
    free(rows);
}

static void put_scopes(saving *s) {
    const ms_scope_tree *scopes = &s->from->replay->notes.scopes;
    put(s, MS_KEPT_scopes, scopes->items, scopes->count);
    for (size_t i = 0; i < scopes->stack_count; i++)
        put(s, MS_KEPT_entered, scopes->stacks[i].items, scopes->stacks[i].count);
}

static void put_origins(saving *s) {
    const ms_replay *r = s->from->replay;
    const ms_origins *origins = &r->origins;
    ms_kept_origin *rows = ms_memory_zeroed(origins->count, sizeof *rows);
    for (size_t i = 0; i < origins->count; i++)
        rows[i].origin = origins->items[i];
    for (size_t i = 0; i < r->thread_count; i++)
        if (!ms_origin_is_plain(r->threads[i].origin))
            rows[ms_origin_row(r->threads[i].origin)].now = true;
    put(s, MS_KEPT_tasks, r->tasks.items, r->tasks.count);
    put_scopes(s);
    put(s, MS_KEPT_origins, rows, origins->count);
    free(rows);
}

static int by_address(const void *a, const void *b) {
    const ms_block *x = a, *y = b;
    return (x->address > y->address) - (x->address < y->address);
}

static void put_blocks(saving *s) {
    const ms_live *live = &s->from->replay->live;
    ms_block *rows = ms_memory_zeroed(live->count, sizeof *rows);
    size_t count = 0;
    for (size_t i = 0; i <= live->mask; i++)
        if (live->slots[i].address)
            rows[count++] = live->slots[i];
    if (count)
        qsort(rows, count, sizeof *rows, by_address);
    put(s, MS_KEPT_blocks, rows, count);
    free(rows);
}

static void put_pairs(saving *s) {
    const ms_pairs *pairs = &s->from->replay->pairs;
    ms_pair *rows = ms_memory_zeroed(pairs->count, sizeof *rows);
    size_t count = 0;
    for (uint32_t i = pairs->oldest; i; i = pairs->items[i].newer)
        rows[count++] = pairs->items[i];
    put(s, MS_KEPT_pairs, rows, count);
    free(rows);
}

static int by_died_address(const void *a, const void *b) {
    const ms_kept_died *x = a, *y = b;
    return (x->address > y->address) - (x->address < y->address);
}

/* What died longer ago than any answer may take is not looked at again. */
static void put_died(saving *s) {
    const ms_replay *r = s->from->replay;
    const ms_died *died = r->pairs.died;
    uint32_t now_ms = (uint32_t)(r->now_us / 1000), kept_ms = 2 * MS_PAIRS_SETTLE_US / 1000;
    ms_kept_died *rows = ms_memory_zeroed(MS_PAIRS_DIED, sizeof *rows);
    size_t count = 0;
    for (uint32_t i = 0; r->several && i < MS_PAIRS_DIED; i++)
        if (died[i].address && now_ms < died[i].time_ms + kept_ms)
            rows[count++] = (ms_kept_died){died[i].address, died[i].time_ms, died[i].thread + 1,
                                           i % MS_PAIRS_DIED_WAYS};
    if (count)
        qsort(rows, count, sizeof *rows, by_died_address);
    put(s, MS_KEPT_died, rows, count);
    free(rows);
}

/* ---- the rest --------------------------------------------------------------------------- */

static void put_times(saving *s) {
    const ms_replay *r = s->from->replay;
    put(s, MS_KEPT_ranges, r->mappings.items, r->mappings.count);
    put(s, MS_KEPT_moments, r->timeline.moments, r->timeline.count);
    put(s, MS_KEPT_rates, r->history.rates, r->history.rate_count);
    put(s, MS_KEPT_gaps, r->history.gaps, r->history.gap_count);
    put(s, MS_KEPT_stretches, r->bounds.threads, r->bounds.count);
    put(s, MS_KEPT_open, r->bounds.open, r->bounds.open_count);
    put(s, MS_KEPT_steps, r->bounds.steps, r->bounds.step_count);
}

static void put_samples(saving *s) {
    const ms_samples *samples = s->from->samples;
    put(s, MS_KEPT_resources, samples->items, samples->count);
    put(s, MS_KEPT_cpu, samples->cpu, samples->cpu_count);
}

bool ms_checkpoint_write(ms_checkpoint *c, ms_trace_writer *writer) {
    saving s = {.from = c, .writer = writer};
    put_totals(&s);
    put_places(&s);
    put_sites(&s);
    put_threads(&s);
    put_origins(&s);
    uint64_t before = ms_trace_writer_size(writer);
    put_blocks(&s);
    c->block_bytes = ms_trace_writer_size(writer) - before;
    put_pairs(&s);
    if (!c->last)
        put_died(&s);
    put_times(&s);
    put_samples(&s);
    put(&s, MS_KEPT_replayed, c->replayed, c->replayed_count);
    free(s.payload.bytes);
    return !s.failed;
}
