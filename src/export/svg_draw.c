#include "export/svg_draw.h"

#include <math.h>

#include "util/human.h"
#include "util/markup.h"

#define NAME_COLUMNS 200u /* of a tooltip's names */

void ms_svg_title(ms_svg *svg, const char *title) {
    ms_sink_text(svg->sink, "<title>");
    ms_markup_text(svg->sink, ms_human_safe(svg->arena, title, 2 * NAME_COLUMNS, MS_CUT_END));
    ms_sink_text(svg->sink, "</title>");
}

void ms_svg_text(ms_svg *svg, double x, double y, const char *class, const char *text,
                 size_t columns) {
    ms_sink_printf(svg->sink, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
    ms_markup_text(svg->sink, ms_human_safe(svg->arena, text, columns, MS_CUT_END));
    ms_sink_text(svg->sink, "</text>\n");
}

void ms_svg_box(ms_svg *svg, const char *class, double x, double y, double width, double height,
                const char *title) {
    ms_sink_printf(svg->sink,
                   "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"", class,
                   x, y, width, height);
    if (!title) {
        ms_sink_text(svg->sink, "/>\n");
        return;
    }
    ms_sink_text(svg->sink, ">");
    ms_svg_title(svg, title);
    ms_sink_text(svg->sink, "</rect>\n");
}

void ms_svg_line(ms_svg *svg, const char *class, double x1, double y1, double x2, double y2) {
    ms_sink_printf(svg->sink,
                   "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", class,
                   x1, y1, x2, y2);
}

double ms_svg_heading(ms_svg *svg, ms_panel at, const char *heading, const char *remark) {
    ms_svg_line(svg, "rule", at.x, at.y, at.x + at.width, at.y);
    ms_svg_text(svg, at.x, at.y + 24, "heading", heading, 0);
    if (remark)
        ms_svg_text(svg, at.x, at.y + 42, "remark", remark, 0);
    return at.y + (remark ? 54 : 36);
}

double ms_svg_nothing(ms_svg *svg, ms_panel at, double y, const char *why) {
    ms_svg_box(svg, "nothing", at.x, y, at.width, 2 * MS_SVG_LINE, NULL);
    ms_svg_text(svg, at.x + 12, y + 23, "remark", why, 0);
    return y + 2 * MS_SVG_LINE;
}

/* Half of the width is the name's, a fifth the bar's. */
double ms_svg_bar_line(ms_svg *svg, ms_panel at, double y, const ms_svg_bar *bar) {
    double names = at.width * 0.52, bars = at.width * 0.22;
    size_t columns = (size_t)(names / MS_SVG_COLUMN) - 1;
    ms_sink_text(svg->sink, "<g>");
    ms_svg_title(svg, bar->title);
    ms_svg_text(svg, at.x, y + 13, "name", bar->name, columns);
    ms_svg_box(svg, "track", at.x + names, y + 3, bars, 11, NULL);
    ms_svg_box(svg, bar->class, at.x + names, y + 3, bars * bar->share, 11, NULL);
    ms_svg_text(svg, at.x + at.width, y + 13, "value end", bar->value, 0);
    ms_sink_text(svg->sink, "</g>\n");
    return y + MS_SVG_LINE + 2;
}

uint64_t ms_svg_whole(double value) {
    return value < 0x1p64 ? (uint64_t)fmax(value, 0) : UINT64_MAX;
}

uint64_t ms_svg_step_bytes(uint64_t max, unsigned count) {
    uint64_t step = 1;
    while (step < UINT64_MAX / 2 && max / step > count)
        step *= 2;
    return step;
}

uint64_t ms_svg_step_ns(uint64_t max, unsigned count) {
    static const uint64_t factors[] = {1, 2, 5};
    for (uint64_t power = 1; power < UINT64_MAX / 100; power *= 10)
        for (unsigned i = 0; i < 3; i++)
            if (max / (power * factors[i]) <= count)
                return power * factors[i];
    return UINT64_MAX;
}

double ms_svg_time_axis(ms_svg *svg, double x, double y, double width, double height,
                        uint64_t until_ns) {
    uint64_t step = ms_svg_step_ns(until_ns, 8);
    for (uint64_t ticks = 0; step <= until_ns && ticks <= until_ns / step; ticks++) {
        uint64_t at = ticks * step;
        double place = x + width * (double)at / (double)until_ns;
        ms_svg_line(svg, "grid", place, y - height, place, y + 4);
        ms_svg_text(svg, place, y + 17, "tick middle", ms_human_duration(at).text, 0);
    }
    return y + 22;
}

const char *ms_svg_plural(ms_svg *svg, uint64_t count, const char *noun) {
    return ms_arena_printf(svg->arena, "%s %s%s", ms_human_count(count).text, noun,
                           count == 1 ? "" : "s");
}
