#include "export/text_types.h"

#include <stdlib.h>
#include <string.h>

#include "util/human.h"

static int by_peak(const void *a, const void *b) {
    const ms_type *x = *(const ms_type *const *)a, *y = *(const ms_type *const *)b;
    if (x->peak_bytes != y->peak_bytes)
        return x->peak_bytes < y->peak_bytes ? 1 : -1;
    if (x->live_bytes != y->live_bytes)
        return x->live_bytes < y->live_bytes ? 1 : -1;
    return strcmp(x->name, y->name);
}

static const char *bytes(ms_page *page, uint64_t value, uint64_t error) {
    return ms_arena_printf(page->arena, "%s", ms_human_bytes_within(value, error).text);
}

static const char *named(ms_page *page, const char *name) {
    return ms_page_name(page, name, page->width / 3);
}

/* "1,000 of 40 B" of what is counted one by one, "3 blocks" of characters and of what has no size. */
static const char *count(ms_page *page, const ms_type *t) {
    if (t->size == MS_UNKNOWN || t->size <= 1)
        return ms_page_plural_within(page, t->peak_blocks, t->peak_blocks_error, "block");
    bool more = t->form && (strcmp(t->form, "flexible") == 0 || strcmp(t->form, "header") == 0);
    return ms_arena_printf(page->arena, "%s of %s%s",
                           ms_human_count_within(t->peak_count, t->peak_count_error).text,
                           ms_human_bytes(t->size).text, more ? " and more" : "");
}

/* ", 16 B of each padding (15.6 KiB)", or nothing. */
static const char *padding(ms_page *page, const ms_type *t) {
    if (t->padding_bytes == MS_UNKNOWN || t->padding_bytes == 0)
        return "";
    return ms_arena_printf(page->arena, ", %s of each padding (%s)",
                           ms_human_bytes(t->padding_bytes).text,
                           ms_human_bytes(t->peak_padding_bytes).text);
}

/* ---- growth ----------------------------------------------------------------------------- */

#define FEWEST_POINTS 8u

/* NULL: it has none of its own. */
static const ms_type_series *series_of(const ms_model *m, const ms_type *t) {
    for (size_t i = 0; i < m->type_series.count; i++)
        if (m->type_series.items[i].type == t->id)
            return &m->type_series.items[i];
    return NULL;
}

/* The last point that is not behind `time_ns`; the first, if all are. */
static const ms_type_point *point_at(const ms_type_series *series, uint64_t time_ns) {
    size_t at = series->points.count;
    while (at > 1 && series->points.items[at - 1].time_ns > time_ns)
        at--;
    return &series->points.items[at - 1];
}

/* So many bytes more that the errors of both do not explain it. */
static bool is_more(const ms_type_point *now, const ms_type_point *before) {
    uint64_t error = ms_error_join(now->live_bytes_error, before->live_bytes_error);
    return now->live_bytes > before->live_bytes &&
           (error == MS_UNKNOWN || now->live_bytes - before->live_bytes > 2 * error);
}

static const ms_type_point *highest_from(const ms_type_series *series, const ms_type_point *from) {
    const ms_type_point *end = series->points.items + series->points.count, *highest = from;
    for (; from < end; from++)
        if (from->live_bytes > highest->live_bytes)
            highest = from;
    return highest;
}

/* "; grows: 1.0 MiB, 2.0 MiB, 3.0 MiB at the quarters of the run": more in each of them. Else nothing. */
static const char *growth(ms_page *page, const ms_type *t) {
    const ms_type_series *series = series_of(page->model, t);
    if (!series || series->points.count < FEWEST_POINTS)
        return "";
    const ms_type_point *at[4];
    for (unsigned i = 0; i < 3; i++)
        at[i] = point_at(series, page->model->program.duration_ns / 4 * (i + 1));
    at[3] = highest_from(series, at[2]);
    for (unsigned i = 0; i < 3; i++)
        if (!is_more(at[i + 1], at[i]))
            return "";
    return ms_arena_printf(page->arena, "; grows: %s, %s, %s at the quarters of the run",
                           bytes(page, at[0]->live_bytes, at[0]->live_bytes_error),
                           bytes(page, at[1]->live_bytes, at[1]->live_bytes_error),
                           bytes(page, at[2]->live_bytes, at[2]->live_bytes_error));
}

static void type(ms_page *page, const ms_type *t) {
    ms_page_row(page, bytes(page, t->peak_bytes, t->peak_bytes_error), named(page, t->name),
                ms_arena_printf(page->arena, "%s%s%s; %s live at exit", count(page, t),
                                padding(page, t), growth(page, t),
                                bytes(page, t->live_bytes, t->live_bytes_error)));
}

void ms_text_types(ms_page *page, size_t top) {
    const ms_model *m = page->model;
    size_t all = m->types.count, shown = top && top < all ? top : all;
    if (!all)
        return;
    const ms_type **order = ms_arena_alloc(page->arena, all * sizeof *order);
    uint64_t known = 0;
    for (size_t i = 0; i < all; i++) {
        order[i] = &m->types.items[i];
        known += order[i]->peak_bytes;
    }
    qsort(order, all, sizeof *order, by_peak);
    ms_page_title(page, "Types",
                  ms_arena_printf(page->arena,
                                  "of %s of the peak the type is known; by what they had then",
                                  ms_human_share(known, m->summary.peak_bytes).text));
    for (size_t i = 0; i < shown; i++)
        type(page, order[i]);
    ms_page_rest(page, all - shown);
}

/* ---- variables -------------------------------------------------------------------------- */

static void keeper(ms_page *page, const ms_keeper *h) {
    const char *blocks = ms_page_plural_within(page, h->peak_blocks, h->peak_blocks_error, "block");
    const char *kind = h->type ? ms_page_name(page, h->type, page->width / 2) : NULL;
    const char *function = h->function ? ms_page_name(page, h->function, page->width / 2) : NULL;
    ms_page_row(page, bytes(page, h->peak_bytes, h->peak_bytes_error), named(page, h->variable),
                ms_arena_printf(page->arena, "%s%s%s%s%s; %s live at exit", blocks,
                                kind ? " of " : "", kind ? kind : "", function ? ", in " : "",
                                function ? function : "",
                                bytes(page, h->live_bytes, h->live_bytes_error)));
}

void ms_text_keepers(ms_page *page, size_t top) {
    const ms_model *m = page->model;
    size_t all = m->keepers.count, shown = top && top < all ? top : all;
    bool inferred = false;
    for (size_t i = 0; i < all; i++)
        inferred |= m->keepers.items[i].confidence != NULL;
    if (!inferred)
        return;
    ms_page_title(page, "Kept in", "variables and members, by the bytes they kept at the peak");
    for (size_t i = 0; i < shown; i++)
        keeper(page, &m->keepers.items[i]);
    ms_page_rest(page, all - shown);
}
