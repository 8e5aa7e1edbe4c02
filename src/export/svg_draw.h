/* svg_draw.h - marks on a page: text, boxes, bars, axes. Inside the SVG exporter only.
 *
 * All lengths are in user units, the pixels of a screen at 100 %. Widths of texts are not known, since fonts
 * are the viewer's: names are set in a monospaced one, whose columns can be counted, and cut to fit. */
#ifndef MS_EXPORT_SVG_DRAW_H
#define MS_EXPORT_SVG_DRAW_H

#include "export/export.h"
#include "util/arena.h"

#define MS_SVG_LINE 18.0   /* from line to line of small text */
#define MS_SVG_COLUMN 7.25 /* a character of a name */

typedef struct ms_svg {
    const ms_model *model;
    ms_sink *sink;
    ms_arena *arena; /* for texts under way; lives as long as the page */
    bool lift;
} ms_svg;

/* Where a panel is: its top left corner and width. Panels say where they end. */
typedef struct ms_panel {
    double x, y, width;
} ms_panel;

/* `text` is made safe; `columns` as in ms_human_safe. The class says how it looks: svg_style.c. */
void ms_svg_text(ms_svg *svg, double x, double y, const char *class, const char *text,
                 size_t columns);

/* A box with a tooltip, which is also what a screen reader says of it; NULL: an ornament without. */
void ms_svg_box(ms_svg *svg, const char *class, double x, double y, double width, double height,
                const char *title);

void ms_svg_line(ms_svg *svg, const char *class, double x1, double y1, double x2, double y2);

/* "<title>...</title>" of whatever element is open. */
void ms_svg_title(ms_svg *svg, const char *title);

/* A panel's heading, and what is to be known of what it shows; both ours. Returns the y of what follows. */
double ms_svg_heading(ms_svg *svg, ms_panel at, const char *heading, const char *remark);

/* A panel without data: says why. Returns its end. */
double ms_svg_nothing(ms_svg *svg, ms_panel at, double y, const char *why);

/* A line of a ranked list: name, bar, value. `share` is that of the longest bar. */
typedef struct ms_svg_bar {
    const char *name, *value;
    const char *title; /* tooltip */
    double share;
    const char *class; /* of the bar */
} ms_svg_bar;

/* Returns the y below it. */
double ms_svg_bar_line(ms_svg *svg, ms_panel at, double y, const ms_svg_bar *bar);

/* A whole number near `value`: 0 below that, and UINT64_MAX above. */
uint64_t ms_svg_whole(double value);

/* A distance between marks of an axis up to `max`, at most `count` of them, that reads well: of bytes a power
 * of two, of times 1, 2 or 5 times a power of ten. */
uint64_t ms_svg_step_bytes(uint64_t max, unsigned count);
uint64_t ms_svg_step_ns(uint64_t max, unsigned count);

/* The time axis below a plot that shows 0 .. `until_ns`. Returns the y below it. */
double ms_svg_time_axis(ms_svg *svg, double x, double y, double width, double height,
                        uint64_t until_ns);

/* "1,234 blocks". */
const char *ms_svg_plural(ms_svg *svg, uint64_t count, const char *noun);

#endif
