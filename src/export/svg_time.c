/* Over time: the heap, its trend, and resident memory. */
#include "export/svg_panels.h"

#include <math.h>

#include "util/human.h"

#define COLUMNS 540u /* one for two pixels */
#define HEIGHT 190.0
#define RSS_HEIGHT 56.0
#define SCALE_WIDTH 84.0
#define TREND_LEAST 0.5 /* of R squared: below, a line would say what is not there */

/* ---- the timeline in columns ------------------------------------------------------------ */

/* What was live: at the end of a column's time, and at most within it. */
typedef struct columns {
    double live[COLUMNS], most[COLUMNS];
    double top;
} columns;

static size_t column_of(uint64_t time_ns, uint64_t until_ns) {
    double place = (double)time_ns / (double)until_ns * COLUMNS;
    return place < COLUMNS ? (size_t)place : COLUMNS - 1;
}

/* Between two points of the timeline what was live is that of the first. */
static void fill_columns(columns *c, const ms_model *model, uint64_t until_ns) {
    size_t next = 0;
    double live = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        double most = live;
        for (; next < model->timeline.count; next++) {
            const ms_moment *m = &model->timeline.items[next];
            if (column_of(m->time_ns, until_ns) > i)
                break;
            live = (double)m->live_bytes;
            most = fmax(most, fmax(live, (double)m->max_live_bytes));
        }
        c->live[i] = live;
        c->most[i] = most;
        c->top = fmax(c->top, most);
    }
}

static void path_of(ms_svg *svg, const char *class, const double *values, double top, ms_panel at,
                    double height, bool closed) {
    ms_sink_printf(svg->sink, "<path class=\"%s\" d=\"", class);
    for (size_t i = 0; i < COLUMNS; i++)
        ms_sink_printf(svg->sink, "%s%.1f %.1f", i ? "L" : "M",
                       at.x + at.width * (double)i / (COLUMNS - 1),
                       at.y + height * (1 - values[i] / top));
    if (closed)
        ms_sink_printf(svg->sink, "L%.1f %.1fL%.1f %.1fZ", at.x + at.width, at.y + height, at.x,
                       at.y + height);
    ms_sink_text(svg->sink, "\"/>\n");
}

static void bytes_axis(ms_svg *svg, ms_panel at, double height, double top, unsigned count) {
    uint64_t most = ms_svg_whole(top), step = ms_svg_step_bytes(most, count);
    for (uint64_t ticks = 0; ticks <= most / step; ticks++) {
        uint64_t bytes = ticks * step;
        double y = at.y + height * (1 - (double)bytes / top);
        ms_svg_line(svg, "grid", at.x, y, at.x + at.width, y);
        ms_svg_text(svg, at.x - 8, y + 4, "tick end", ms_human_bytes(bytes).text, 0);
    }
}

/* ---- the trend: least squares ----------------------------------------------------------- */

typedef struct trend {
    double from, to; /* at both ends of the run */
    double r_squared;
} trend;

static trend fit(const double *values) {
    double n = COLUMNS, sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        double x = (double)i, y = values[i];
        sx += x, sy += y, sxx += x * x, sxy += x * y, syy += y * y;
    }
    double dx = n * sxx - sx * sx, dy = n * syy - sy * sy, dxy = n * sxy - sx * sy;
    double slope = dxy / dx, base = (sy - slope * sx) / n;
    return (trend){base, base + slope * (n - 1), dy > 0 ? dxy * dxy / (dx * dy) : 0};
}

static const char *trend_text(ms_svg *svg, const trend *t, uint64_t until_ns) {
    double change = (t->to - t->from) / ((double)until_ns / 1e9);
    if (t->r_squared < TREND_LEAST)
        return ms_arena_printf(svg->arena, "no steady trend (R² %.2f)", t->r_squared);
    return ms_arena_printf(svg->arena, "trend %s%s a second (derived: least squares, R² %.2f)",
                           change < 0 ? "-" : "+", ms_human_bytes(ms_svg_whole(fabs(change))).text,
                           t->r_squared);
}

static void draw_trend(ms_svg *svg, ms_panel at, const trend *t, double top) {
    double from = fmin(fmax(t->from, 0), top), to = fmin(fmax(t->to, 0), top);
    if (t->r_squared >= TREND_LEAST)
        ms_svg_line(svg, "trend", at.x, at.y + HEIGHT * (1 - from / top), at.x + at.width,
                    at.y + HEIGHT * (1 - to / top));
}

/* The label stands where there is room for it. */
static void draw_peak(ms_svg *svg, ms_panel at, uint64_t until_ns) {
    const ms_summary *s = &svg->model->summary;
    double part = (double)s->peak_time_ns / (double)until_ns;
    double x = at.x + at.width * fmin(part, 1);
    ms_svg_line(svg, "peak", x, at.y - 6, x, at.y + HEIGHT);
    ms_svg_text(svg, part > 0.8 ? x - 6 : x + 6, at.y - 2,
                part > 0.8 ? "peak-label end" : "peak-label",
                ms_arena_printf(svg->arena, "peak %s",
                                ms_human_bytes_within(s->peak_bytes, s->peak_bytes_error).text),
                0);
}

/* ---- resident memory -------------------------------------------------------------------- */

static double resident_top(const ms_model *model, size_t *samples) {
    double top = 0;
    for (size_t i = 0; i < model->resources.count; i++) {
        uint64_t rss = model->resources.items[i].rss_bytes;
        *samples += rss != MS_UNKNOWN;
        top = rss != MS_UNKNOWN ? fmax(top, (double)rss) : top;
    }
    return top;
}

/* Of many samples some: as many as a viewer can see. */
static double draw_resident(ms_svg *svg, ms_panel at, uint64_t until_ns) {
    size_t samples = 0, count = svg->model->resources.count;
    double top = resident_top(svg->model, &samples);
    if (samples < 2 || top <= 0)
        return at.y;
    ms_svg_text(svg, at.x, at.y + 10, "remark", "resident memory, sampled, on a scale of its own",
                0);
    at.y += 20;
    bytes_axis(svg, at, RSS_HEIGHT, top, 2);
    ms_sink_text(svg->sink, "<path class=\"rss\" d=\"");
    const char *next = "M";
    for (size_t i = 0; i < count; i += 1 + count / COLUMNS) {
        const ms_resource *r = &svg->model->resources.items[i];
        if (r->rss_bytes == MS_UNKNOWN)
            continue;
        ms_sink_printf(svg->sink, "%s%.1f %.1f", next,
                       at.x + at.width * fmin((double)r->time_ns / (double)until_ns, 1),
                       at.y + RSS_HEIGHT * (1 - (double)r->rss_bytes / top));
        next = "L";
    }
    ms_sink_text(svg->sink, "\"/>\n");
    return at.y + RSS_HEIGHT + 8;
}

/* ---- panel: memory over time ------------------------------------------------------------ */

static double draw_heap(ms_svg *svg, ms_panel at, const columns *c, uint64_t until_ns) {
    bytes_axis(svg, at, HEIGHT, c->top, 5);
    path_of(svg, "area", c->most, c->top, at, HEIGHT, true);
    path_of(svg, "edge", c->live, c->top, at, HEIGHT, false);
    draw_peak(svg, at, until_ns);
    return ms_svg_time_axis(svg, at.x, at.y + HEIGHT, at.width, HEIGHT, until_ns);
}

double ms_svg_timeline(ms_svg *svg, ms_panel at) {
    const ms_model *model = svg->model;
    uint64_t until_ns = model->program.duration_ns;
    columns c = {.top = 0};
    if (model->timeline.count && until_ns)
        fill_columns(&c, model, until_ns);
    if (c.top <= 0)
        return ms_svg_nothing(svg, at, ms_svg_heading(svg, at, "Memory over time", NULL),
                              "nothing was live at any time");
    trend t = fit(c.live);
    double y = ms_svg_heading(svg, at, "Memory over time",
                              ms_arena_printf(svg->arena,
                                              "line: live bytes; area: the most in between; %s",
                                              trend_text(svg, &t, until_ns)));
    ms_panel plot = {at.x + SCALE_WIDTH, y + 18, at.width - SCALE_WIDTH};
    y = draw_heap(svg, plot, &c, until_ns);
    draw_trend(svg, plot, &t, c.top);
    return draw_resident(svg, (ms_panel){plot.x, y + 8, plot.width}, until_ns);
}
