/* Single blocks in classes: by size, and by size and lifetime. */
#include "export/svg_panels.h"

#include <math.h>
#include <string.h>

#include "export/svg_style.h"
#include "model/rows.h"
#include "util/human.h"

/* ---- what the blocks are ---------------------------------------------------------------- */

/* Blocks are counted by what a row stands for: see model/rows.h. */
typedef void on_block(void *self, const ms_allocation *block);

static void each_block(const ms_model *model, on_block *act, void *self) {
    size_t count = model->rows ? ms_rows_count(model->rows) : 0;
    for (size_t i = 0; i < count; i++) {
        ms_allocation block;
        ms_rows_at(model, i, &block);
        act(self, &block);
    }
}

/* Which blocks there are to be seen; NULL: none. */
static const char *coverage(ms_svg *svg) {
    const ms_model *model = svg->model;
    size_t kept = model->rows ? ms_rows_count(model->rows) : 0;
    uint64_t seen = kept ? ms_rows_seen(model->rows) : 0;
    if (!kept)
        return NULL;
    bool sampled = model->summary.peak_bytes_error != MS_UNKNOWN;
    const char *which = model->capture.events_from_ns != MS_UNKNOWN
                            ? ms_arena_printf(svg->arena, " that were live at %s or born since",
                                              ms_human_duration(model->capture.events_from_ns).text)
                            : "";
    if (kept == seen && !sampled)
        return ms_arena_printf(svg->arena, "all %s%s", ms_svg_plural(svg, seen, "block"), which);
    return ms_arena_printf(svg->arena, "estimated from %s of %s%s", ms_human_count(kept).text,
                           ms_svg_plural(svg, seen, sampled ? "sampled block" : "block"), which);
}

static const char *why_none(const ms_model *model) {
    return model->rows ? "no single blocks are recorded in this trace"
                       : "a JSON report lists no single blocks: make the picture from its trace";
}

/* ---- sizes ------------------------------------------------------------------------------ */

#define SIZE_CLASSES 12u

/* 1..16, ..32, ..64 and so on; the last has no end. */
typedef struct sizes {
    double blocks[SIZE_CLASSES], bytes[SIZE_CLASSES];
} sizes;

static uint64_t class_end(unsigned class) {
    return (uint64_t)16 << class;
}

static unsigned class_of(uint64_t size) {
    unsigned class = 0;
    while (class + 1 < SIZE_CLASSES && size > class_end(class))
        class ++;
    return class;
}

static void count_size(void *self, const ms_allocation *block) {
    sizes *s = self;
    unsigned class = class_of(block->size);
    s->blocks[class] += block->stands_for;
    s->bytes[class] += block->stands_for * (double)block->size;
}

static double size_line(ms_svg *svg, ms_panel at, double y, const sizes *s, unsigned class,
                        double most) {
    bool last = class + 1 == SIZE_CLASSES;
    uint64_t end = class_end(last ? class - 1 : class);
    const char *name = ms_arena_printf(svg->arena, "%s %s", last ? "more than" : "up to",
                                       ms_human_bytes(end).text);
    uint64_t blocks = (uint64_t)llround(s->blocks[class]);
    const char *value = ms_arena_printf(svg->arena, "%s, %s", ms_human_count(blocks).text,
                                        ms_human_bytes((uint64_t)s->bytes[class]).text);
    ms_svg_bar bar = {name, value, name, s->blocks[class] / most, "bar"};
    return ms_svg_bar_line(svg, at, y, &bar);
}

double ms_svg_sizes(ms_svg *svg, ms_panel at) {
    const char *which = coverage(svg);
    double most = 0, y = ms_svg_heading(svg, at, "Blocks by size", which);
    sizes s = {.blocks = {0}};
    each_block(svg->model, count_size, &s);
    for (unsigned i = 0; i < SIZE_CLASSES; i++)
        most = fmax(most, s.blocks[i]);
    if (!which || most <= 0)
        return ms_svg_nothing(svg, at, y, why_none(svg->model));
    for (unsigned i = 0; i < SIZE_CLASSES; i++)
        y = size_line(svg, at, y, &s, i, most);
    return y;
}

/* ---- size and lifetime ------------------------------------------------------------------ */

#define HEAT_COLUMNS 20u
#define HEAT_ROWS 8u
#define CELL_HEIGHT 22.0
#define SCALE_WIDTH 124.0

/* Lifetimes in steps of one power from 1 us to that of the program, and a column for those that have none
 * yet; sizes by powers of 4 from 16 B. */
typedef struct heat {
    double cells[HEAT_ROWS][HEAT_COLUMNS + 1];
    double top;
    double log_until; /* of the longest lifetime there can be, in us */
} heat;

static unsigned column_of(const heat *h, const ms_allocation *block) {
    if (block->died_ns == MS_UNKNOWN)
        return HEAT_COLUMNS;
    double us = (double)(block->died_ns - block->born_ns) / 1000;
    double place = us <= 1 ? 0 : log(us) / h->log_until * HEAT_COLUMNS;
    return place < HEAT_COLUMNS ? (unsigned)place : HEAT_COLUMNS - 1;
}

static unsigned row_of(uint64_t size) {
    unsigned row = 0;
    while (row + 1 < HEAT_ROWS && size > (uint64_t)16 << (2 * row))
        row++;
    return row;
}

static void count_heat(void *self, const ms_allocation *block) {
    heat *h = self;
    double *cell = &h->cells[row_of(block->size)][column_of(h, block)];
    *cell += block->stands_for;
    h->top = fmax(h->top, *cell);
}

static uint64_t lifetime_ns(const heat *h, unsigned column) {
    return (uint64_t)(exp(h->log_until * column / HEAT_COLUMNS) * 1000);
}

static const char *sizes_of_row(ms_svg *svg, unsigned row) {
    bool last = row + 1 == HEAT_ROWS;
    return ms_arena_printf(svg->arena, "%s %s", last ? "more than" : "up to",
                           ms_human_bytes((uint64_t)16 << (2 * (last ? row - 1 : row))).text);
}

static const char *cell_title(ms_svg *svg, const heat *h, unsigned row, unsigned column) {
    uint64_t blocks = (uint64_t)llround(h->cells[row][column]);
    const char *lived = column == HEAT_COLUMNS
                            ? "live at the end"
                            : ms_arena_printf(svg->arena, "lived up to %s",
                                              ms_human_duration(lifetime_ns(h, column + 1)).text);
    return ms_arena_printf(svg->arena, "%s of %s, %s", ms_svg_plural(svg, blocks, "block"),
                           sizes_of_row(svg, row), lived);
}

/* Logarithmic, as few and many are to be seen in one picture. */
static void draw_cell(ms_svg *svg, const heat *h, unsigned row, unsigned column, double x, double y,
                      double width) {
    double blocks = h->cells[row][column];
    if (blocks <= 0)
        return;
    double part = h->top > 1 ? log(fmax(blocks, 1)) / log(h->top) : 1;
    unsigned shade = 1 + (unsigned)(part * (MS_SVG_HEATS - 1) + 0.5);
    const char *class =
        ms_arena_printf(svg->arena, "heat-%u", shade < MS_SVG_HEATS ? shade : MS_SVG_HEATS);
    ms_svg_box(svg, class, x, y, width - 1.5, CELL_HEIGHT - 1.5, cell_title(svg, h, row, column));
}

/* The column of those that live stands apart. */
static double draw_heat(ms_svg *svg, ms_panel at, const heat *h) {
    double cell = (at.width - 16) / (HEAT_COLUMNS + 2), y = at.y;
    double apart = at.x + HEAT_COLUMNS * cell + 16;
    for (unsigned row = HEAT_ROWS; row-- > 0; y += CELL_HEIGHT) {
        ms_svg_text(svg, at.x - 8, y + 15, "tick end", sizes_of_row(svg, row), 0);
        ms_svg_box(svg, "track", at.x, y, HEAT_COLUMNS * cell - 1.5, CELL_HEIGHT - 1.5, NULL);
        ms_svg_box(svg, "track", apart, y, 2 * cell, CELL_HEIGHT - 1.5, NULL);
        for (unsigned column = 0; column < HEAT_COLUMNS; column++)
            draw_cell(svg, h, row, column, at.x + column * cell, y, cell);
        draw_cell(svg, h, row, HEAT_COLUMNS, apart, y, 2 * cell + 1.5);
    }
    for (unsigned column = 0; column <= HEAT_COLUMNS; column += 4)
        ms_svg_text(svg, at.x + column * cell, y + 15, "tick middle",
                    ms_human_duration(lifetime_ns(h, column)).text, 0);
    ms_svg_text(svg, apart + cell, y + 15, "tick middle", "live", 0);
    return y + 22;
}

double ms_svg_heat(ms_svg *svg, ms_panel at) {
    const char *which = coverage(svg);
    double until_us = (double)svg->model->program.duration_ns / 1000;
    heat h = {.log_until = log(fmax(until_us, 10))};
    each_block(svg->model, count_heat, &h);
    const char *remark = "";
    if (which)
        remark = ms_arena_printf(svg->arena, "%s; across: lifetime, upwards: size, both by powers",
                                 which);
    double y = ms_svg_heading(svg, at, "Blocks by size and lifetime", which ? remark : NULL);
    if (h.top <= 0)
        return ms_svg_nothing(svg, at, y, why_none(svg->model));
    return draw_heat(svg, (ms_panel){at.x + SCALE_WIDTH, y, at.width - SCALE_WIDTH}, &h);
}
