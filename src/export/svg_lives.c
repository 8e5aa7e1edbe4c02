/* Tracked variables, each a bar from birth to death. */
#include "export/svg_panels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/hash.h"
#include "util/human.h"
#include "util/map.h"

#define VARIABLES_MAX 30u
#define PLACE_MAX 3u /* of one place: a thousand sessions are no more than three to look at */
#define NAMES_WIDTH 400.0
#define SIZES_WIDTH 90.0

static uint64_t size_of(const ms_variable *v) {
    return v->size == MS_UNKNOWN ? 0 : v->size;
}

/* Largest first; of equal ones the older. */
static int by_size(const void *a, const void *b) {
    const ms_variable *x = *(const ms_variable *const *)a, *y = *(const ms_variable *const *)b;
    if (size_of(x) != size_of(y))
        return size_of(x) > size_of(y) ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static int by_birth(const void *a, const void *b) {
    const ms_variable *x = *(const ms_variable *const *)a, *y = *(const ms_variable *const *)b;
    if (x->born_ns != y->born_ns)
        return x->born_ns < y->born_ns ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* The place that a variable is tracked at. */
static uint64_t place_of(const ms_variable *v) {
    uint64_t key = ms_hash_u64(v->line);
    if (v->file)
        key = XXH3_64bits_withSeed(v->file, strlen(v->file), key);
    return v->name ? XXH3_64bits_withSeed(v->name, strlen(v->name), key) : key;
}

/* The largest, few of each place, in the order of their births. */
static const ms_variable **choose(ms_svg *svg, size_t *count) {
    size_t all = svg->model->variables.count;
    const ms_variable **list = ms_arena_alloc(svg->arena, all * sizeof *list);
    ms_map taken;
    ms_map_init(&taken, svg->arena);
    for (size_t i = 0; i < all; i++)
        list[i] = &svg->model->variables.items[i];
    qsort(list, all, sizeof *list, by_size);
    *count = 0;
    for (size_t i = 0; i < all && *count < VARIABLES_MAX; i++)
        if (++*ms_map_at(&taken, place_of(list[i]), NULL) <= PLACE_MAX)
            list[(*count)++] = list[i];
    qsort(list, *count, sizeof *list, by_birth);
    return list;
}

static const char *life_of(ms_svg *svg, const ms_variable *v) {
    return ms_arena_printf(
        svg->arena, "%s%s%s: %s; born at %s, %s%s", v->name ? v->name : "(no name)",
        v->type ? " of type " : "", v->type ? v->type : "",
        v->size == MS_UNKNOWN ? "size not known" : ms_human_bytes(v->size).text,
        ms_human_duration(v->born_ns).text, v->end ? v->end : "alive at the end",
        v->died_ns == MS_UNKNOWN
            ? ""
            : ms_arena_printf(svg->arena, " at %s", ms_human_duration(v->died_ns).text));
}

/* A bar from birth to death with a mark at each change. */
static void draw_life(ms_svg *svg, ms_panel at, double y, const ms_variable *v, uint64_t until_ns) {
    bool alive = v->died_ns == MS_UNKNOWN;
    double scale = at.width / (double)until_ns;
    double from = fmin((double)v->born_ns * scale, at.width);
    double to = alive ? at.width : fmin((double)v->died_ns * scale, at.width);
    ms_svg_box(svg, alive ? "kept" : "bar", at.x + from, y + 4, fmax(to - from, 2), 9,
               life_of(svg, v));
    for (size_t i = 1; i + (alive ? 0 : 1) < v->history.count; i++) {
        double x = at.x + fmin((double)v->history.items[i].time_ns * scale, at.width);
        ms_svg_line(svg, "mark", x, y + 2, x, y + 15);
    }
}

static double draw_variable(ms_svg *svg, ms_panel at, double y, const ms_variable *v,
                            uint64_t until_ns) {
    const char *name = ms_arena_printf(svg->arena, "%s%s%s", v->name ? v->name : "(no name)",
                                       v->type ? ": " : "", v->type ? v->type : "");
    ms_svg_text(svg, at.x, y + 13, "name", name, (size_t)((NAMES_WIDTH - 8) / MS_SVG_COLUMN));
    ms_svg_text(svg, at.x + NAMES_WIDTH + SIZES_WIDTH - 12, y + 13, "value end",
                v->size == MS_UNKNOWN ? "" : ms_human_bytes(v->size).text, 0);
    draw_life(svg,
              (ms_panel){at.x + NAMES_WIDTH + SIZES_WIDTH, y, at.width - NAMES_WIDTH - SIZES_WIDTH},
              y, v, until_ns);
    return y + MS_SVG_LINE;
}

double ms_svg_variables(ms_svg *svg, ms_panel at) {
    size_t count, all = svg->model->variables.count;
    uint64_t until_ns = svg->model->program.duration_ns;
    if (!all || !until_ns)
        return ms_svg_nothing(
            svg, at, ms_svg_heading(svg, at, "Lives of variables", NULL),
            "no variable is tracked: MEMSCOPE_TRACK(x) of memscope.h in the program does it");
    const ms_variable **list = choose(svg, &count);
    double y = ms_svg_heading(
        svg, at, "Lives of variables",
        ms_arena_printf(svg->arena,
                        "%zu of %s tracked ones, the largest and at most %u of a place, from birth "
                        "to death; a mark is a change",
                        count, ms_human_count(all).text, PLACE_MAX));
    double top = y;
    for (size_t i = 0; i < count; i++)
        y = draw_variable(svg, at, y, list[i], until_ns);
    return ms_svg_time_axis(svg, at.x + NAMES_WIDTH + SIZES_WIDTH, y,
                            at.width - NAMES_WIDTH - SIZES_WIDTH, y - top, until_ns);
}
