/* Of the run as a whole: totals, samples, the timeline, what was mapped, how it was recorded. */
#include "load/keep.h"

#include <string.h>

#include "util/memory.h"

/* A checkpoint holds all of a replay. What is new there has to be kept here, too: then this number is
 * to be set right. (Rows and the numbers of blocks are for a report only, and `moved` of sites for its
 * end.) */
_Static_assert(sizeof(ms_replay) == 2512,
               "a replay has changed: does its checkpoint hold all of it?");

/* Sums of a few of these stay numbers. */
#define AMOUNT_MAX (INT64_C(1) << 56)

/* ---- totals ----------------------------------------------------------------------------- */

void ms_save_totals(ms_saving *s, ms_checkpoint *c) {
    ms_save_rows(s, c->replay, 1);
}

static bool is_amount(int64_t value) {
    return value > -AMOUNT_MAX && value < AMOUNT_MAX;
}

/* All ones: never. */
static bool check_history(const ms_history *h) {
    return (ms_is_time(h->sampled_from_us) || h->sampled_from_us == UINT64_MAX) &&
           (ms_is_time(h->first_gap_until_us) || h->first_gap_until_us == UINT64_MAX) &&
           ms_is_time(h->gap_us) && ms_is_time(h->gap_until_us);
}

static bool check_totals(const ms_replay *row) {
    const ms_bounds *b = &row->bounds;
    return ms_is_time(row->now_us) && ms_is_time(row->timeline.next_us) &&
           ms_is_time(row->notes.from_us) && ms_is_time(row->timeline.interval_us) &&
           row->timeline.interval_us && is_amount(b->tops) && is_amount(b->bottoms) &&
           is_amount(b->upper) && is_amount(b->lower) && ms_is_time(b->time_us) &&
           ms_is_time(b->looked_us) && ms_is_time(row->series.interval_us) &&
           row->series.moments < MS_SERIES_MOMENTS && check_history(&row->history);
}

bool ms_take_totals(ms_checkpoint *c, const ms_replay *row, size_t count) {
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
    if (row->notes.within.asked)
        ms_within_begin(&c->replay->notes.within, &c->replay->live);
    return true;
}

void ms_save_file(ms_saving *s, ms_checkpoint *c) {
    const ms_samples *samples = c->samples;
    MS_SAVE(s, ms_kept_file, .end_us = *c->end_us, .sample_us = samples->last_us,
            .taken = samples->taken, .keep = samples->keep, .skipped = samples->skipped,
            .peak_rss = samples->peak_rss_bytes, .words = true);
}

bool ms_take_file(ms_checkpoint *c, const ms_kept_file *row, size_t count) {
    if (count != 1 || !ms_is_time(row->end_us) || !ms_is_time(row->sample_us) || row->keep == 0)
        return false;
    ms_samples *s = c->samples;
    if (!row->words && c->replay->notes.count)
        c->replay->notes.from_us = c->until_us;
    if (row->end_us > *c->end_us)
        *c->end_us = row->end_us;
    s->last_us = row->sample_us;
    s->taken = row->taken;
    s->keep = row->keep;
    s->skipped = row->skipped;
    s->peak_rss_bytes = row->peak_rss;
    return true;
}

void ms_save_lost(ms_saving *s, ms_checkpoint *c) {
    ms_save_rows(s, c->replay->lost, MS_LOSS_COUNT);
}

bool ms_take_lost(ms_checkpoint *c, const ms_kept_number *rows, size_t count) {
    for (size_t i = 0; i < count && i < MS_LOSS_COUNT; i++)
        c->replay->lost[i] = rows[i].value;
    return true;
}

/* ---- times ------------------------------------------------------------------------------ */

void ms_save_ranges(ms_saving *s, ms_checkpoint *c) {
    ms_save_rows(s, c->replay->mappings.items, c->replay->mappings.count);
}

bool ms_take_ranges(ms_checkpoint *c, const ms_range *rows, size_t count) {
    ms_replay *r = c->replay;
    for (size_t i = 0; i < count; i++)
        if (!ms_mappings_restore(&r->mappings, &rows[i]))
            return false;
    r->level.mapped_bytes = r->mappings.bytes;
    return true;
}

void ms_save_moments(ms_saving *s, ms_checkpoint *c) {
    ms_save_rows(s, c->replay->timeline.moments, c->replay->timeline.count);
}

/* There is room for two more, as ever. */
bool ms_take_moments(ms_checkpoint *c, const ms_moment *rows, size_t count) {
    ms_timeline *t = &c->replay->timeline;
    for (size_t i = 0; i < count; i++) {
        if (t->count + 3 >= MS_TIMELINE_MAX || !ms_is_time(rows[i].time_ns))
            return false;
        t->moments[t->count] = rows[i];
        t->moments[t->count++].rss_bytes = MS_UNKNOWN;
    }
    return true;
}

void ms_save_rates(ms_saving *s, ms_checkpoint *c) {
    ms_save_rows(s, c->replay->history.rates, c->replay->history.rate_count);
}

bool ms_take_rates(ms_checkpoint *c, const ms_rate_change *rows, size_t count) {
    ms_history *h = &c->replay->history;
    if (h->rate_count + count > MS_HISTORY_MAX)
        return false;
    h->rates = ms_memory_grow(h->rates, h->rate_count + count, &h->rate_capacity, sizeof *rows);
    memcpy(h->rates + h->rate_count, rows, count * sizeof *rows);
    h->rate_count += count;
    return true;
}

void ms_save_gaps(ms_saving *s, ms_checkpoint *c) {
    ms_save_rows(s, c->replay->history.gaps, c->replay->history.gap_count);
}

bool ms_take_gaps(ms_checkpoint *c, const ms_recording_gap *rows, size_t count) {
    ms_history *h = &c->replay->history;
    if (h->gap_count + count > MS_HISTORY_MAX)
        return false;
    h->gaps = ms_memory_grow(h->gaps, h->gap_count + count, &h->gap_capacity, sizeof *rows);
    memcpy(h->gaps + h->gap_count, rows, count * sizeof *rows);
    h->gap_count += count;
    return true;
}

void ms_save_resources(ms_saving *s, ms_checkpoint *c) {
    ms_save_rows(s, c->samples->items, c->samples->count);
}

bool ms_take_resources(ms_checkpoint *c, const ms_resource *rows, size_t count) {
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

void ms_save_cpu(ms_saving *s, ms_checkpoint *c) {
    ms_save_rows(s, c->samples->cpu, c->samples->cpu_count);
}

bool ms_take_cpu(ms_checkpoint *c, const ms_cpu *rows, size_t count) {
    for (size_t i = 0; i < count; i++)
        ms_samples_note_cpu(c->samples, rows[i].tid, rows[i].ns);
    return true;
}

void ms_save_replayed(ms_saving *s, ms_checkpoint *c) {
    ms_save_rows(s, c->replayed, c->replayed_count);
}

bool ms_take_replayed(ms_checkpoint *c, const ms_kept_number *rows, size_t count) {
    c->replayed = ms_memory_grow(c->replayed, c->replayed_count + count, &c->replayed_capacity,
                                 sizeof *c->replayed);
    for (size_t i = 0; i < count; i++)
        c->replayed[c->replayed_count++] = rows[i].value;
    return true;
}

/* ---- what bounds the peak --------------------------------------------------------------- */

void ms_save_stretches(ms_saving *s, ms_checkpoint *c) {
    ms_save_rows(s, c->replay->bounds.threads, c->replay->bounds.count);
}

bool ms_take_stretches(ms_checkpoint *c, const ms_bound *rows, size_t count) {
    ms_bounds *b = &c->replay->bounds;
    if (b->count + count > c->replay->thread_count)
        return false;
    for (size_t i = 0; i < count; i++) {
        const ms_bound *row = &rows[i];
        if (!is_amount(row->net) || !is_amount(row->top) || !is_amount(row->bottom) ||
            !is_amount(row->swept_top) || !is_amount(row->swept_bottom) ||
            !ms_is_time(row->stamp_us))
            return false;
        b->threads = ms_memory_grow(b->threads, b->count + 1, &b->capacity, sizeof *b->threads);
        b->threads[b->count++] = *row;
    }
    return true;
}

void ms_save_open(ms_saving *s, ms_checkpoint *c) {
    ms_save_rows(s, c->replay->bounds.open, c->replay->bounds.open_count);
}

bool ms_take_open(ms_checkpoint *c, const ms_kept_row *rows, size_t count) {
    ms_bounds *b = &c->replay->bounds;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].row >= b->count || !b->threads[rows[i].row].open || b->open_count >= b->count)
            return false;
        b->open = ms_memory_grow(b->open, b->open_count + 1, &b->open_capacity, sizeof *b->open);
        b->open[b->open_count++] = rows[i].row;
    }
    return true;
}

void ms_save_steps(ms_saving *s, ms_checkpoint *c) {
    ms_save_rows(s, c->replay->bounds.steps, c->replay->bounds.step_count);
}

bool ms_take_steps(ms_checkpoint *c, const ms_bound_step *rows, size_t count) {
    ms_bounds *b = &c->replay->bounds;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].thread >= b->count || !is_amount(rows[i].top) || !is_amount(rows[i].bottom))
            return false;
        b->steps = ms_memory_grow(b->steps, b->step_count + 1, &b->step_capacity, sizeof *b->steps);
        b->steps[b->step_count++] = rows[i];
    }
    return true;
}
