/* The calls that lead to what was live at the peak: outermost on top, each as wide as what it holds. */
#include "export/svg_panels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/hash.h"
#include "export/svg_style.h"
#include "model/frame_key.h"
#include "model/phrase.h"
#include "util/human.h"
#include "util/map.h"

#define DEPTH_MAX 24u
#define ROW_HEIGHT 20.0
#define NARROWEST 2.0 /* narrower boxes are left out: nobody could tell them apart */
#define CODE_COLUMN 6.7

typedef struct node {
    const ms_frame *frame;
    uint64_t bytes;
    uint32_t first, next; /* child, sibling; 0: none */
} node;

/* Node 0 is the root, which is no call. */
typedef struct tree {
    node *nodes;
    size_t count, capacity;
    ms_map by_path; /* (parent, function) -> node */
    ms_map hues;    /* name of module -> hue + 1 */
} tree;

/* ---- building --------------------------------------------------------------------------- */

static uint32_t child_of(tree *t, uint32_t parent, const ms_frame *frame) {
    bool fresh;
    uint64_t key = ms_hash_u64(ms_frame_function_key(frame) + parent);
    uint32_t *place = ms_map_at(&t->by_path, key, &fresh);
    if (fresh) {
        t->nodes[t->count] = (node){.frame = frame, .next = t->nodes[parent].first};
        t->nodes[parent].first = (uint32_t)t->count;
        *place = (uint32_t)t->count++;
    }
    return *place;
}

static void add_stack(tree *t, const ms_stack *stack, uint64_t bytes, bool lift) {
    uint32_t at = 0, innermost = ms_blamed_frame(stack, lift);
    t->nodes[0].bytes += bytes;
    for (uint32_t i = stack->count, depth = 0; i-- > innermost && depth < DEPTH_MAX; depth++) {
        at = child_of(t, at, &stack->frames[i]);
        t->nodes[at].bytes += bytes;
    }
}

static tree build(ms_svg *svg) {
    const ms_model *model = svg->model;
    tree t = {.count = 1};
    t.nodes = ms_arena_alloc(svg->arena, (model->sites.count * DEPTH_MAX + 1) * sizeof *t.nodes);
    ms_map_init(&t.by_path, svg->arena);
    ms_map_init(&t.hues, svg->arena);
    for (size_t i = 0; i < model->sites.count; i++) {
        const ms_site *site = &model->sites.items[i];
        const ms_stack *stack = ms_model_stack(model, site->stack);
        if (site->peak_bytes && stack && stack->count)
            add_stack(&t, stack, site->peak_bytes, svg->lift);
    }
    return t;
}

/* What carries all of it is of no interest, but for the last such call. */
static uint32_t trunk(const tree *t) {
    uint32_t at = 0;
    for (;;) {
        uint32_t child = t->nodes[at].first;
        if (!child || t->nodes[child].next || t->nodes[child].bytes != t->nodes[0].bytes)
            return at;
        at = child;
    }
}

/* ---- colours ---------------------------------------------------------------------------- */

static uint64_t module_key(const char *module) {
    return module ? XXH3_64bits(module, strlen(module)) : 0;
}

static int by_bytes(const void *a, const void *b) {
    const ms_module *x = *(const ms_module *const *)a, *y = *(const ms_module *const *)b;
    if (x->bytes_allocated != y->bytes_allocated)
        return x->bytes_allocated > y->bytes_allocated ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static void choose_hues(ms_svg *svg, tree *t) {
    size_t count = svg->model->modules.count;
    const ms_module **list = ms_arena_alloc(svg->arena, (count + 1) * sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = &svg->model->modules.items[i];
    qsort(list, count, sizeof *list, by_bytes);
    for (size_t i = 0; i < count && i < MS_SVG_HUES; i++)
        *ms_map_at(&t->hues, module_key(list[i]->module), NULL) = (uint32_t)i + 1;
}

static const char *hue_of(ms_svg *svg, const tree *t, const ms_frame *frame) {
    uint32_t hue = ms_map_get(&t->hues, module_key(frame->module));
    if (!hue)
        return "frame hue-other";
    return ms_arena_printf(svg->arena, "frame hue-%u", hue - 1);
}

/* ---- drawing ---------------------------------------------------------------------------- */

static void draw_call(ms_svg *svg, const tree *t, const node *n, double x, double y, double width) {
    const char *name = ms_phrase_frame(n->frame, svg->arena);
    const char *title =
        ms_arena_printf(svg->arena, "%s: %s, %s of the peak", name, ms_human_bytes(n->bytes).text,
                        ms_human_share(n->bytes, ms_model_cost(svg->model, MS_COST_PEAK)).text);
    ms_svg_box(svg, hue_of(svg, t, n->frame), x, y, width, ROW_HEIGHT - 1, title);
    size_t columns = (size_t)(fmax(width - 6, 0) / CODE_COLUMN);
    if (columns >= 4)
        ms_svg_text(svg, x + 4, y + 14, "code", name, columns);
}

static int widest_first(const void *a, const void *b) {
    const node *x = *(const node *const *)a, *y = *(const node *const *)b;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return x < y ? -1 : x > y;
}

static const node **children_of(ms_svg *svg, const tree *t, const node *parent, size_t *count) {
    *count = 0;
    for (uint32_t i = parent->first; i; i = t->nodes[i].next)
        ++*count;
    const node **list = ms_arena_alloc(svg->arena, (*count + 1) * sizeof *list);
    size_t filled = 0;
    for (uint32_t i = parent->first; i; i = t->nodes[i].next)
        list[filled++] = &t->nodes[i];
    qsort(list, *count, sizeof *list, widest_first);
    return list;
}

/* Depth is bounded by DEPTH_MAX. Returns the y of the deepest row's end. */
static double draw_children(ms_svg *svg, const tree *t, const node *parent, double x, double y,
                            double scale) {
    size_t count;
    const node **children = children_of(svg, t, parent, &count);
    double end = y;
    for (size_t i = 0; i < count; i++) {
        double width = (double)children[i]->bytes * scale;
        if (width < NARROWEST)
            break; /* so are all that follow */
        draw_call(svg, t, children[i], x, y, width);
        end = fmax(end, draw_children(svg, t, children[i], x, y + ROW_HEIGHT, scale));
        end = fmax(end, y + ROW_HEIGHT);
        x += width;
    }
    return end;
}

double ms_svg_calls(ms_svg *svg, ms_panel at) {
    tree t = build(svg);
    if (!t.nodes[0].bytes)
        return ms_svg_nothing(svg, at, ms_svg_heading(svg, at, "Calls that held the peak", NULL),
                              "no stacks were recorded of what was live");
    choose_hues(svg, &t);
    uint32_t root = trunk(&t);
    double scale = at.width / (double)t.nodes[0].bytes;
    double y = ms_svg_heading(
        svg, at, "Calls that held the peak",
        "callers above, as wide as what was allocated below them; colours are modules");
    if (root) {
        draw_call(svg, &t, &t.nodes[root], at.x, y, at.width);
        y += ROW_HEIGHT;
    }
    return draw_children(svg, &t, &t.nodes[root], at.x, y, scale);
}
