/* Ranked lists with bars: who holds memory, and of which types it is. */
#include "export/svg_panels.h"

#include <inttypes.h>
#include <stdlib.h>

#include "model/phrase.h"
#include "util/human.h"

#define LIST_MAX 10u

/* ---- who holds it ----------------------------------------------------------------------- */

/* "parse_rule · node->label" where it is known what keeps the blocks, else the function alone. */
static const char *blame_name(ms_svg *svg, const ms_blame *blame) {
    const char *frame = ms_phrase_frame(blame->frame, svg->arena);
    if (!blame->variable || blame->unsure)
        return frame;
    return ms_arena_printf(svg->arena, "%s · %s", frame, blame->variable);
}

static const char *blame_title(ms_svg *svg, const ms_blame *blame, ms_cost cost) {
    const char *place = ms_phrase_place(blame->frame, svg->arena);
    uint64_t blocks = cost == MS_COST_PEAK ? blame->peak_blocks : blame->live_blocks;
    return ms_arena_printf(svg->arena, "%s%s%s%s%s: %s in %s",
                           ms_phrase_frame(blame->frame, svg->arena), place ? " at " : "",
                           place ? place : "", blame->type ? ", of " : "",
                           blame->type ? blame->type : "",
                           ms_human_bytes_within(blame->cost[cost], blame->error[cost]).text,
                           ms_svg_plural(svg, blocks, "block"));
}

static double rest_line(ms_svg *svg, ms_panel at, double y, size_t more) {
    if (!more)
        return y;
    ms_svg_text(svg, at.x, y + 13, "remark", ms_arena_printf(svg->arena, "and %zu more", more), 0);
    return y + MS_SVG_LINE;
}

static double blame_panel(ms_svg *svg, ms_panel at, const char *heading, ms_cost cost,
                          const char *none) {
    size_t count, all;
    const ms_blame *blames =
        ms_rank(svg->model, svg->arena, cost, svg->lift, LIST_MAX, &count, &all);
    uint64_t whole = ms_model_cost(svg->model, cost);
    double y = ms_svg_heading(svg, at, heading, NULL);
    if (!count)
        return ms_svg_nothing(svg, at, y, none);
    for (size_t i = 0; i < count; i++) {
        uint64_t bytes = blames[i].cost[cost];
        const char *value = ms_arena_printf(
            svg->arena, "%s  %s", ms_human_bytes_within(bytes, blames[i].error[cost]).text,
            ms_human_share(bytes, whole).text);
        ms_svg_bar bar = {.name = blame_name(svg, &blames[i]),
                          .value = value,
                          .title = blame_title(svg, &blames[i], cost),
                          .share = (double)bytes / (double)blames[0].cost[cost],
                          .class = cost == MS_COST_LIVE ? "kept" : "bar"};
        y = ms_svg_bar_line(svg, at, y, &bar);
    }
    return rest_line(svg, at, y, all - count);
}

double ms_svg_peak(ms_svg *svg, ms_panel at) {
    return blame_panel(svg, at, "Who held the peak", MS_COST_PEAK, "nothing was allocated");
}

double ms_svg_live(ms_svg *svg, ms_panel at) {
    return blame_panel(svg, at, "Who holds what is live at the end", MS_COST_LIVE,
                       "nothing is live at the end");
}

/* ---- types ------------------------------------------------------------------------------ */

static int by_peak(const void *a, const void *b) {
    const ms_type *x = *(const ms_type *const *)a, *y = *(const ms_type *const *)b;
    if (x->peak_bytes != y->peak_bytes)
        return x->peak_bytes > y->peak_bytes ? -1 : 1;
    return x < y ? -1 : x > y;
}

static const ms_type **types_by_peak(ms_svg *svg) {
    size_t count = svg->model->types.count;
    const ms_type **list = ms_arena_alloc(svg->arena, (count + 1) * sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = &svg->model->types.items[i];
    qsort(list, count, sizeof *list, by_peak);
    return list;
}

typedef struct slice {
    const char *name, *title, *class;
    uint64_t bytes, error;
} slice;

static double slice_line(ms_svg *svg, ms_panel at, double y, slice s, uint64_t most) {
    uint64_t whole = ms_model_cost(svg->model, MS_COST_PEAK);
    ms_svg_bar bar = {.name = s.name,
                      .title = s.title,
                      .class = s.class,
                      .share = most ? (double)s.bytes / (double)most : 0,
                      .value = ms_arena_printf(svg->arena, "%s  %s",
                                               ms_human_bytes_within(s.bytes, s.error).text,
                                               ms_human_share(s.bytes, whole).text)};
    return ms_svg_bar_line(svg, at, y, &bar);
}

static slice slice_of(ms_svg *svg, const ms_type *t) {
    const char *name = t->name ? t->name : "(no name)";
    const char *title =
        ms_arena_printf(svg->arena, "%s%s%s: %s live at the peak", name, t->class ? ", " : "",
                        t->class ? t->class : "", ms_human_count(t->peak_count).text);
    return (slice){name, title, "bar", t->peak_bytes, t->peak_bytes_error};
}

/* Bytes at the peak whose type nobody knows, and those of types that have no line. */
static slice remaining(ms_svg *svg, const ms_type **types, size_t from, slice *unknown) {
    slice others = {.class = "other", .error = MS_UNKNOWN};
    uint64_t known = 0, whole = ms_model_cost(svg->model, MS_COST_PEAK);
    size_t count = svg->model->types.count;
    for (size_t i = 0; i < count; i++) {
        known += types[i]->peak_bytes;
        others.bytes += i >= from ? types[i]->peak_bytes : 0;
    }
    if (count > from)
        others.name = ms_arena_printf(svg->arena, "(%zu other types)", count - from);
    others.title = others.name;
    *unknown = (slice){"(type not known)", "sites whose debug info and code tell no type", "other",
                       whole > known ? whole - known : 0, MS_UNKNOWN};
    return others;
}

double ms_svg_types(ms_svg *svg, ms_panel at) {
    const ms_type **types = types_by_peak(svg);
    size_t count = svg->model->types.count;
    size_t shown = count < LIST_MAX - 1 ? count : LIST_MAX - 1;
    double y = ms_svg_heading(svg, at, "Types at the peak", NULL);
    slice unknown, others = remaining(svg, types, shown, &unknown);
    uint64_t most = unknown.bytes > others.bytes ? unknown.bytes : others.bytes;
    if (shown && types[0]->peak_bytes > most)
        most = types[0]->peak_bytes;
    if (!most)
        return ms_svg_nothing(svg, at, y, "nothing was live");
    for (size_t i = 0; i < shown && types[i]->peak_bytes; i++)
        y = slice_line(svg, at, y, slice_of(svg, types[i]), most);
    if (others.bytes)
        y = slice_line(svg, at, y, others, most);
    if (unknown.bytes)
        y = slice_line(svg, at, y, unknown, most);
    return y;
}
