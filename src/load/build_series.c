#include "load/build_series.h"

#include <stdlib.h>

#include "util/arena.h"
#include "util/memory.h"

/* Of more, areas on each other cannot be told apart; and 18 series are some hundred KiB of JSON at most, however
 * long the run. */
#define MOST_TYPES 16u

/* Squares of errors: whole, so that what has been added can be taken away again. */
__extension__ typedef unsigned __int128 square;

/* What is live of one series. */
typedef struct sum {
    uint64_t count, bytes, padding;
    square count_variance, bytes_variance, padding_variance;
} sum;

/* A walk over the steps of all sites: from one moment to the next, what is live of each series. */
typedef struct walk {
    ms_model *model;
    const ms_replay *replay;
    const ms_content *contents;
    const uint64_t *site_ids;
    const uint32_t *series_of; /* by number of the type; 0 are the blocks without one */
    sum *sums;                 /* by series */
    const ms_site_level **now; /* by index of the site before it was resolved; NULL: nothing yet */
    bool sampled;              /* some level by now is an estimate */
} walk;

/* ---- steps ------------------------------------------------------------------------------ */

static const ms_content *content_of(const walk *w, uint32_t site) {
    return &w->contents[w->site_ids[w->replay->sites.moved[site]] - 1];
}

static uint64_t padding_of(const walk *w, uint32_t type) {
    uint64_t padding = type ? w->model->types.items[type - 1].padding_bytes : 0;
    return padding == MS_UNKNOWN ? 0 : padding;
}

static square squared(uint64_t error) {
    return error == MS_UNKNOWN ? 0 : (square)error * error;
}

static sum sum_of(const walk *w, const ms_content *content, const ms_site_level *level) {
    ms_form form = content->form;
    uint64_t padding = padding_of(w, content->type), size = content->size, error = MS_UNKNOWN;
    uint64_t count = ms_form_count(form, size, level->blocks, level->bytes);
    if (level->bytes_error != MS_UNKNOWN)
        error = ms_form_count(form, size, level->blocks_error, level->bytes_error);
    return (sum){.count = count,
                 .bytes = level->bytes,
                 .padding = padding * count,
                 .count_variance = squared(error),
                 .bytes_variance = squared(level->bytes_error),
                 .padding_variance = squared(error) * padding * padding};
}

static void add(sum *to, const sum *from) {
    to->count += from->count;
    to->bytes += from->bytes;
    to->padding += from->padding;
    to->count_variance += from->count_variance;
    to->bytes_variance += from->bytes_variance;
    to->padding_variance += from->padding_variance;
}

static void take_away(sum *to, const sum *from) {
    to->count -= from->count;
    to->bytes -= from->bytes;
    to->padding -= from->padding;
    to->count_variance -= from->count_variance;
    to->bytes_variance -= from->bytes_variance;
    to->padding_variance -= from->padding_variance;
}

static void step(walk *w, const ms_series_step *to) {
    const ms_content *content = content_of(w, to->site);
    sum *live = &w->sums[w->series_of[content->type]];
    const ms_site_level *before = w->now[to->site];
    sum had = before ? sum_of(w, content, before) : (sum){0};
    sum has = sum_of(w, content, &to->level);
    take_away(live, &had);
    add(live, &has);
    w->now[to->site] = &to->level;
    w->sampled |= to->level.bytes_error != MS_UNKNOWN;
}

typedef void at_moment(walk *walk, uint32_t moment, void *context);

/* Calls `at` for each moment, the end too. */
static void walk_on(walk *w, at_moment *at, void *context) {
    const ms_series *s = &w->replay->series;
    size_t next = 0;
    for (uint32_t moment = 0; moment <= s->moments; moment++) {
        for (; next < s->count && s->steps[next].moment == moment; next++)
            step(w, &s->steps[next]);
        at(w, moment, context);
    }
}

static void walk_all(const walk *from, const uint32_t *series_of, size_t count, at_moment *at,
                     void *context) {
    walk w = *from;
    w.series_of = series_of;
    w.sums = ms_memory_zeroed(count, sizeof *w.sums);
    w.now = ms_memory_zeroed(w.replay->sites.moved_count, sizeof *w.now);
    walk_on(&w, at, context);
    free(w.sums);
    free(w.now);
}

/* ---- which types ------------------------------------------------------------------------ */

typedef struct ranked {
    uint64_t bytes; /* most at one moment, or at the peak */
    uint32_t type;
} ranked;

static void note_most(walk *w, uint32_t moment, void *context) {
    ranked *types = context;
    (void)moment;
    for (size_t i = 0; i < w->model->types.count; i++)
        if (w->sums[i + 1].bytes > types[i].bytes)
            types[i].bytes = w->sums[i + 1].bytes;
}

static int by_bytes(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return (x->type > y->type) - (x->type < y->type);
}

/* All types, the largest first; to be freed. */
static ranked *rank(const walk *w) {
    size_t count = w->model->types.count;
    ranked *types = ms_memory_zeroed(count, sizeof *types);
    uint32_t *each = ms_memory_zeroed(count + 1, sizeof *each);
    for (uint32_t i = 0; i < count; i++) {
        types[i] = (ranked){w->model->types.items[i].peak_bytes, i + 1};
        each[i + 1] = i + 1;
    }
    walk_all(w, each, count + 1, note_most, types);
    qsort(types, count, sizeof *types, by_bytes);
    free(each);
    return types;
}

/* ---- points ----------------------------------------------------------------------------- */

static uint64_t error_of(const walk *w, square variance) {
    return w->sampled ? ms_standard_error((double)variance) : MS_UNKNOWN;
}

static bool has_padding(const ms_model *model, const ms_type_series *series) {
    if (series->type != MS_UNKNOWN)
        return model->types.items[series->type - 1].padding_bytes != MS_UNKNOWN;
    return series->types > 0;
}

static void add_points(walk *w, uint64_t time_us, bool peak) {
    for (size_t i = 0; i < w->model->type_series.count; i++) {
        ms_type_series *series = &w->model->type_series.items[i];
        const sum *live = &w->sums[i];
        bool padded = has_padding(w->model, series);
        series->points.items[series->points.count++] = (ms_type_point){
            .time_ns = time_us * 1000,
            .peak = peak,
            .live_count = live->count,
            .live_bytes = live->bytes,
            .padding_bytes = padded ? live->padding : MS_UNKNOWN,
            .live_count_error = error_of(w, live->count_variance),
            .live_bytes_error = error_of(w, live->bytes_variance),
            .padding_bytes_error = padded ? error_of(w, live->padding_variance) : MS_UNKNOWN};
        if (live->bytes > series->max_live_bytes)
            series->max_live_bytes = live->bytes;
    }
}

/* What the sites have at the peak, and types with them. */
static void add_peak(const walk *from) {
    walk w = *from;
    w.sums = ms_memory_zeroed(w.model->type_series.count, sizeof *w.sums);
    w.sampled = w.model->summary.peak_bytes_error != MS_UNKNOWN;
    for (size_t i = 0; i < w.model->sites.count; i++) {
        const ms_site *s = &w.model->sites.items[i];
        ms_site_level level = {s->peak_bytes, s->peak_blocks, s->peak_bytes_error,
                               s->peak_blocks_error};
        sum peak = sum_of(&w, &w.contents[i], &level);
        add(&w.sums[w.series_of[w.contents[i].type]], &peak);
    }
    add_points(&w, w.replay->peak_us, true);
    free(w.sums);
}

/* A moment that was due when the run ended was before its last events. */
static void note_moment(walk *w, uint32_t moment, void *context) {
    const ms_series *s = &w->replay->series;
    uint64_t end_us = *(const uint64_t *)context, peak_us = w->replay->peak_us;
    bool last = moment == s->moments;
    uint64_t time_us = last ? end_us : ms_series_us(s, moment);
    bool peak_is_here =
        (moment == 0 || peak_us >= ms_series_us(s, moment - 1)) && (last || peak_us < time_us);
    if (peak_is_here && w->replay->peak_bytes)
        add_peak(w);
    if (last || time_us < end_us)
        add_points(w, time_us, false);
}

/* ---- series ----------------------------------------------------------------------------- */

static bool has_unknown(const walk *w) {
    for (size_t i = 0; i < w->model->sites.count; i++)
        if (w->contents[i].type == 0)
            return true;
    return false;
}

static uint32_t add_series(walk *w, const char *what, uint64_t types) {
    size_t most = w->replay->series.moments + 2u; /* with the peak and the end */
    ms_type_series *series = &w->model->type_series.items[w->model->type_series.count];
    *series = (ms_type_series){.what = what, .type = MS_UNKNOWN, .types = types};
    series->points.items = ms_arena_alloc(w->model->arena, most * sizeof *series->points.items);
    return (uint32_t)w->model->type_series.count++;
}

/* Returns which series each type is in, by its number; to be freed. */
static uint32_t *add_all(walk *w) {
    size_t count = w->model->types.count;
    uint32_t *of = ms_memory_zeroed(count + 1, sizeof *of);
    ranked *types = rank(w);
    size_t most = (MOST_TYPES + 2) * sizeof *w->model->type_series.items;
    w->model->type_series.items = ms_arena_alloc(w->model->arena, most);
    for (size_t i = 0; i < count && i < MOST_TYPES; i++) {
        uint32_t series = of[types[i].type] = add_series(w, "type", 1);
        w->model->type_series.items[series].type = types[i].type;
        w->model->type_series.items[series].name = w->model->types.items[types[i].type - 1].name;
    }
    uint32_t others = count > MOST_TYPES ? add_series(w, "others", count - MOST_TYPES) : 0;
    for (size_t i = MOST_TYPES; i < count; i++)
        of[types[i].type] = others;
    of[0] = has_unknown(w) ? add_series(w, "unknown", 0) : 0;
    free(types);
    return of;
}

void ms_build_series(ms_model *model, ms_replay *replay, uint64_t end_us,
                     const ms_content *contents, const uint64_t *site_ids) {
    if (!model->types.count || !replay->series.interval_us)
        return;
    ms_series_finish(&replay->series, end_us);
    walk w = {.model = model, .replay = replay, .contents = contents, .site_ids = site_ids};
    uint32_t *series_of = add_all(&w);
    walk_all(&w, series_of, model->type_series.count, note_moment, &end_us);
    free(series_of);
}
