/* The other half of checkpoint.h: a checkpoint becomes a replay again. Whatever the bytes say, what is
 * taken over fits together: rows name rows that are there, and what is live is counted, not read. */
#include <stdlib.h>
#include <string.h>

#include "load/checkpoint.h"
#include "load/checkpoint_rows.h"
#include "util/memory.h"

/* Sums of a few of these stay numbers. */
#define AMOUNT_MAX (INT64_C(1) << 56)

static bool is_amount(int64_t value) {
    return value > -AMOUNT_MAX && value < AMOUNT_MAX;
}

static bool is_time(uint64_t time_us) {
    return time_us <= MS_TIME_MAX_US;
}

/* ---- totals ----------------------------------------------------------------------------- */

/* All ones: never. */
static bool check_history(const ms_history *h) {
    return (is_time(h->sampled_from_us) || h->sampled_from_us == UINT64_MAX) &&
           (is_time(h->first_gap_until_us) || h->first_gap_until_us == UINT64_MAX) &&
           is_time(h->gap_us) && is_time(h->gap_until_us);
}

static bool check_totals(const ms_replay *row) {
    const ms_bounds *b = &row->bounds;
    return is_time(row->now_us) && is_time(row->timeline.next_us) &&
           is_time(row->timeline.interval_us) && row->timeline.interval_us && is_amount(b->tops) &&
           is_amount(b->bottoms) && is_amount(b->upper) && is_amount(b->lower) &&
           is_time(b->time_us) && is_time(b->looked_us) && check_history(&row->history);
}

static bool take_totals(ms_checkpoint *c, const ms_replay *row, size_t count) {
    const ms_kept_table *table = &ms_checkpoint_tables[MS_KEPT_totals];
    if (count != 1 || c->read || !check_totals(row))
        return false;
    for (size_t i = 0; i < table->cell_count; i++) {
        const ms_kept_cell *cell = &table->cells[i];
        memcpy((uint8_t *)c->replay + cell->offset, (const uint8_t *)row + cell->offset,
               cell->size);
    }
    c->read = true;
    c->until_us = row->now_us;
    c->replay->notes.partial = row->notes.count > 0;
    return true;
}

static bool take_file(ms_checkpoint *c, const ms_kept_file *row, size_t count) {
    if (count != 1 || !is_time(row->end_us) || !is_time(row->sample_us) || row->keep == 0)
        return false;
    ms_samples *s = c->samples;
    if (row->end_us > *c->end_us)
        *c->end_us = row->end_us;
    s->last_us = row->sample_us;
    s->taken = row->taken;
    s->keep = row->keep;
    s->skipped = row->skipped;
    s->peak_rss_bytes = row->peak_rss;
    return true;
}

static bool take_lost(ms_checkpoint *c, const ms_kept_number *rows, size_t count) {
    for (size_t i = 0; i < count && i < MS_LOSS_COUNT; i++)
        c->replay->lost[i] = rows[i].value;
    return true;
}

/* ---- stacks and sites ------------------------------------------------------------------- */

static bool take_modules(ms_checkpoint *c, const ms_kept_module *rows, size_t count) {
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

static bool is_node(const ms_nodes *nodes, uint32_t number) {
    return number < MS_ROOT_COUNT + nodes->count;
}

/* A caller stands before those it calls, so there are no cycles. */
static bool take_nodes(ms_checkpoint *c, const ms_node *rows, size_t count) {
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

static bool is_name(const ms_replay *r, uint32_t place) {
    return place <= r->notes.places.count || place == MS_NAMED_VARIOUSLY;
}

static bool take_sites(ms_checkpoint *c, const ms_site_count *rows, size_t count) {
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

static bool take_weighed(ms_checkpoint *c, const ms_kept_weighed *rows, size_t count) {
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

static bool take_grown(ms_checkpoint *c, const ms_kept_grown *rows, size_t count) {
    ms_sites *sites = &c->replay->sites;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].site >= sites->count || sites->items[rows[i].site].growth)
            return false;
        *ms_growth_of(&sites->items[rows[i].site]) = rows[i].growth;
    }
    return true;
}

static bool take_lifetimes(ms_checkpoint *c, const ms_kept_lifetime *rows, size_t count) {
    ms_sites *sites = &c->replay->sites;
    for (size_t i = 0; i < count; i++)
        if (rows[i].site >= sites->count ||
            !ms_lifetimes_restore(&sites->items[rows[i].site].lifetimes, rows[i].bucket,
                                  rows[i].count))
            return false;
    return true;
}

static bool take_stacks(ms_checkpoint *c, const ms_kept_stack *rows, size_t count) {
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

/* ---- threads and blocks ----------------------------------------------------------------- */

static bool take_threads(ms_checkpoint *c, const ms_kept_thread *rows, size_t count) {
    ms_replay *r = c->replay;
    for (size_t i = 0; i < count; i++) {
        uint32_t *place = ms_map_at(&r->thread_of, rows[i].count.serial, NULL);
        if (*place || rows[i].count.freer > r->crossings.freer_count)
            return false; /* twice, or by nobody */
        r->threads = ms_memory_grow(r->threads, r->thread_count + 1, &r->thread_capacity,
                                    sizeof *r->threads);
        ms_thread_count *thread = &r->threads[r->thread_count];
        *thread = rows[i].count;
        thread->origin = (uint32_t)r->thread_count;
        thread->live.peak = r->peak;
        thread->held.number = r->peak;
        size_t room = sizeof thread->name - 1, size = rows[i].name.size;
        if (size)
            memcpy(thread->name, rows[i].name.bytes, size < room ? size : room);
        *place = (uint32_t)++r->thread_count;
    }
    return true;
}

static bool take_freers(ms_checkpoint *c, const ms_freer_count *rows, size_t count) {
    ms_crossings *crossings = &c->replay->crossings;
    for (size_t i = 0; i < count; i++)
        if (!ms_crossings_restore(crossings, &c->replay->nodes, rows[i]))
            return false;
    return true;
}

static bool take_crossings(ms_checkpoint *c, const ms_crossing *rows, size_t count) {
    ms_replay *r = c->replay;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].site >= r->sites.count || rows[i].freer > r->crossings.freer_count)
            return false;
        ms_crossings_add(&r->crossings, rows[i].site, rows[i].freer, rows[i].blocks, rows[i].bytes);
    }
    return true;
}

/* ---- words of the program --------------------------------------------------------------- */

static bool take_places(ms_checkpoint *c, const ms_kept_place *rows, size_t count) {
    ms_places *places = &c->replay->notes.places;
    for (size_t i = 0; i < count; i++) {
        size_t had = places->count;
        ms_event event = {.kind = MS_EVENT_SITE,
                          .size = rows[i].line,
                          .number = rows[i].kind,
                          .text = rows[i].text,
                          .site = rows[i].id};
        if (ms_places_of(places, rows[i].id) != had + 1)
            return false; /* none, twice, or too many */
        if (rows[i].defined)
            ms_places_define(places, &event);
    }
    return true;
}

static bool is_place(const ms_checkpoint *c, uint32_t number) {
    return number <= c->replay->notes.places.count;
}

static bool take_scopes(ms_checkpoint *c, const ms_scope_count *rows, size_t count) {
    ms_scope_tree *scopes = &c->replay->notes.scopes;
    for (size_t i = 0; i < count; i++) {
        size_t had = scopes->count;
        const ms_scope_count *row = &rows[i];
        if (row->place == 0 || !is_place(c, row->place) || row->parent > had ||
            !is_time(row->first_us) || !is_time(row->total_us) ||
            ms_scope_tree_of(scopes, row->parent, row->place, 0) != had + 1)
            return false;
        uint32_t depth = scopes->items[had].depth;
        scopes->items[had] = *row;
        scopes->items[had].depth = depth;
    }
    return true;
}

static bool take_entered(ms_checkpoint *c, const ms_entered *rows, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (rows[i].thread >= c->replay->thread_count || !is_place(c, rows[i].place) ||
            rows[i].since_us > c->replay->now_us ||
            !ms_scope_tree_restore(&c->replay->notes.scopes, rows[i]))
            return false;
    return true;
}

static bool check_task(const ms_checkpoint *c, const ms_task_count *row) {
    return is_place(c, row->place) && is_time(row->first_us) && is_time(row->begun_us) &&
           is_time(row->ended_us) && is_time(row->busy_us) && is_time(row->idle_us) &&
           is_time(row->longest_idle_us) && row->since_us <= c->replay->now_us;
}

static bool take_tasks(ms_checkpoint *c, const ms_task_count *rows, size_t count) {
    ms_tasks *tasks = &c->replay->tasks;
    for (size_t i = 0; i < count; i++) {
        size_t had = tasks->count;
        if (ms_tasks_of(tasks, rows[i].id, 0) != had + 1 || !check_task(c, &rows[i]))
            return false; /* none, twice, or too many */
        tasks->items[had] = rows[i];
    }
    return true;
}

static bool take_origins(ms_checkpoint *c, const ms_kept_origin *rows, size_t count) {
    ms_replay *r = c->replay;
    for (size_t i = 0; i < count; i++) {
        ms_origin origin = rows[i].origin;
        size_t had = r->origins.count;
        if (origin.thread >= r->thread_count || origin.task > r->tasks.count ||
            origin.scope > r->notes.scopes.count)
            return false;
        uint32_t number = ms_origins_of(&r->origins, origin);
        if (r->origins.count == had)
            return false; /* plain, twice, or too many */
        if (rows[i].now)
            r->threads[origin.thread].origin = number;
    }
    return true;
}

static bool is_origin(const ms_replay *r, uint32_t number) {
    return ms_origin_is_plain(number) ? number < r->thread_count
                                      : ms_origin_row(number) < r->origins.count;
}

static bool is_block(const ms_replay *r, const ms_block *block) {
    return block->site < r->sites.count && is_origin(r, block->origin);
}

static void count_in_tally(ms_tally *tally, const ms_block *block) {
    tally->live_bytes += block->size;
    tally->live_blocks++;
    tally->held.sampled++;
}

/* What it stands for beyond itself was read, so that it is the same to the last bit. */
static void count_sampled(ms_replay *r, const ms_block *block, ms_origin origin) {
    const ms_scope_tree *scopes = &r->notes.scopes;
    if (origin.task)
        count_in_tally(&r->tasks.items[origin.task - 1].tally, block);
    for (uint32_t i = origin.scope; i; i = scopes->items[i - 1].parent)
        count_in_tally(&scopes->items[i - 1].tally, block);
    if (!origin.rate)
        return;
    r->level.held.sampled++;
    r->threads[origin.thread].held.now.sampled++;
    ms_site_excess_of(&r->sites.items[block->site])->live.now.sampled++;
}

/* As it did when it was born. */
static void count_live(ms_replay *r, const ms_block *block) {
    ms_origin origin = ms_origins_at(&r->origins, block->origin);
    ms_share_add(&r->sites.items[block->site].live, r->peak, block->size);
    ms_share_add(&r->threads[origin.thread].live, r->peak, block->size);
    r->level.live_bytes += block->size;
    r->level.live_blocks++;
    count_sampled(r, block, origin);
}

static bool take_blocks(ms_checkpoint *c, const ms_block *rows, size_t count) {
    ms_replay *r = c->replay;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].address == 0 || !is_block(r, &rows[i]) || ms_live_at(&r->live, rows[i].address))
            return false;
        ms_live_add(&r->live, rows[i]);
        count_live(r, &rows[i]);
    }
    return true;
}

static bool take_pairs(ms_checkpoint *c, const ms_pair *rows, size_t count) {
    ms_replay *r = c->replay;
    for (size_t i = 0; i < count; i++) {
        bool over = rows[i].kind == MS_PAIR_OVER;
        if ((over && !is_block(r, &rows[i].block)) || (!over && rows[i].kind != MS_PAIR_EARLY) ||
            rows[i].moved.thread >= r->thread_count || !is_origin(r, rows[i].moved.origin) ||
            rows[i].moved.freer > r->crossings.freer_count || !is_time(rows[i].moved.stamp_us) ||
            !ms_pairs_restore(&r->pairs, &rows[i]))
            return false;
        if (over)
            count_live(r, &rows[i].block);
    }
    return true;
}

static bool take_died(ms_checkpoint *c, const ms_kept_died *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (rows[i].way >= MS_PAIRS_DIED_WAYS)
            return false;
        ms_pairs_restore_died(&c->replay->pairs, rows[i].way,
                              (ms_died){rows[i].address, rows[i].time_ms, rows[i].thread - 1});
    }
    return true;
}

/* ---- mappings, timeline, samples -------------------------------------------------------- */

static bool take_ranges(ms_checkpoint *c, const ms_range *rows, size_t count) {
    ms_replay *r = c->replay;
    for (size_t i = 0; i < count; i++)
        if (!ms_mappings_restore(&r->mappings, &rows[i]))
            return false;
    r->level.mapped_bytes = r->mappings.bytes;
    return true;
}

/* There is room for two more, as ever. */
static bool take_moments(ms_checkpoint *c, const ms_moment *rows, size_t count) {
    ms_timeline *t = &c->replay->timeline;
    for (size_t i = 0; i < count; i++) {
        if (t->count + 3 >= MS_TIMELINE_MAX || !is_time(rows[i].time_ns))
            return false;
        t->moments[t->count] = rows[i];
        t->moments[t->count++].rss_bytes = MS_UNKNOWN;
    }
    return true;
}

static bool take_rates(ms_checkpoint *c, const ms_rate_change *rows, size_t count) {
    ms_history *h = &c->replay->history;
    if (h->rate_count + count > MS_HISTORY_MAX)
        return false;
    h->rates = ms_memory_grow(h->rates, h->rate_count + count, &h->rate_capacity, sizeof *rows);
    memcpy(h->rates + h->rate_count, rows, count * sizeof *rows);
    h->rate_count += count;
    return true;
}

static bool take_gaps(ms_checkpoint *c, const ms_recording_gap *rows, size_t count) {
    ms_history *h = &c->replay->history;
    if (h->gap_count + count > MS_HISTORY_MAX)
        return false;
    h->gaps = ms_memory_grow(h->gaps, h->gap_count + count, &h->gap_capacity, sizeof *rows);
    memcpy(h->gaps + h->gap_count, rows, count * sizeof *rows);
    h->gap_count += count;
    return true;
}

static bool take_resources(ms_checkpoint *c, const ms_resource *rows, size_t count) {
    ms_samples *s = c->samples;
    if (!s->items)
        s->items = ms_memory_zeroed(MS_SAMPLES_MAX, sizeof *s->items);
    for (size_t i = 0; i < count; i++) {
        if (s->count + 1 >= MS_SAMPLES_MAX)
            return false;
        s->items[s->count++] = rows[i];
    }
    return true;
}

static bool take_cpu(ms_checkpoint *c, const ms_cpu *rows, size_t count) {
    for (size_t i = 0; i < count; i++)
        ms_samples_note_cpu(c->samples, rows[i].tid, rows[i].ns);
    return true;
}

/* ---- what bounds the peak --------------------------------------------------------------- */

static bool take_stretches(ms_checkpoint *c, const ms_bound *rows, size_t count) {
    ms_bounds *b = &c->replay->bounds;
    if (b->count + count > c->replay->thread_count)
        return false;
    for (size_t i = 0; i < count; i++) {
        const ms_bound *row = &rows[i];
        if (!is_amount(row->net) || !is_amount(row->top) || !is_amount(row->bottom) ||
            !is_amount(row->swept_top) || !is_amount(row->swept_bottom) || !is_time(row->stamp_us))
            return false;
        b->threads = ms_memory_grow(b->threads, b->count + 1, &b->capacity, sizeof *b->threads);
        b->threads[b->count++] = *row;
    }
    return true;
}

static bool take_open(ms_checkpoint *c, const ms_kept_row *rows, size_t count) {
    ms_bounds *b = &c->replay->bounds;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].row >= b->count || !b->threads[rows[i].row].open || b->open_count >= b->count)
            return false;
        b->open = ms_memory_grow(b->open, b->open_count + 1, &b->open_capacity, sizeof *b->open);
        b->open[b->open_count++] = rows[i].row;
    }
    return true;
}

static bool take_steps(ms_checkpoint *c, const ms_bound_step *rows, size_t count) {
    ms_bounds *b = &c->replay->bounds;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].thread >= b->count || !is_amount(rows[i].top) || !is_amount(rows[i].bottom))
            return false;
        b->steps = ms_memory_grow(b->steps, b->step_count + 1, &b->step_capacity, sizeof *b->steps);
        b->steps[b->step_count++] = rows[i];
    }
    return true;
}

/* ---- the door --------------------------------------------------------------------------- */

static bool take_replayed(ms_checkpoint *c, const ms_kept_number *rows, size_t count) {
    c->replayed = ms_memory_grow(c->replayed, c->replayed_count + count, &c->replayed_capacity,
                                 sizeof *c->replayed);
    for (size_t i = 0; i < count; i++)
        c->replayed[c->replayed_count++] = rows[i].value;
    return true;
}

static bool take(ms_checkpoint *c, unsigned index, const void *rows, size_t count) {
    bool taken = true;
    switch (index) {
#define MS_KEPT_TABLE(name, code, row, doc)                                                        \
    case MS_KEPT_##name:                                                                           \
        taken = take_##name(c, rows, count);                                                       \
        break;
#include "load/checkpoint.def"
    default: break;
    }
    return taken;
}

bool ms_checkpoint_read(ms_checkpoint *c, const uint8_t *payload, size_t size) {
    ms_kept_head head;
    unsigned index = 0;
    if (!ms_kept_open(payload, size, &head))
        return false;
    while (index < MS_KEPT_TABLES && ms_checkpoint_tables[index].code != head.code)
        index++;
    if (index == MS_KEPT_TABLES)
        return true; /* of a later version */
    if (index != MS_KEPT_totals && !c->read)
        return false; /* the first one is missing */
    const ms_kept_table *table = &ms_checkpoint_tables[index];
    void *rows = ms_memory_zeroed((size_t)head.rows, table->row_size);
    bool taken = ms_kept_get(&head, table, rows) && take(c, index, rows, (size_t)head.rows);
    free(rows);
    return taken;
}
