/* What ran, its totals, what was found, and what the page rests on. */
#include "export/svg_panels.h"

#include <inttypes.h>
#include <string.h>

#include "export/svg_style.h"
#include "model/phrase.h"
#include "util/human.h"

#define FINDINGS_MAX 6u

/* ---- head ------------------------------------------------------------------------------- */

static const char *how_recorded(ms_svg *svg) {
    const ms_capture *c = &svg->model->capture;
    if (c->truncated)
        return "the trace is cut: this is what was readable, and the end is where it ends";
    if (strcmp(svg->model->summary.evidence ? svg->model->summary.evidence : "", "estimated") == 0)
        return "allocations were sampled: values with ± are estimates with their standard error";
    if (c->gaps)
        return "recording was off at times: what happened then is not known";
    return "every allocation was recorded";
}

static uint64_t events_lost(const ms_capture *capture) {
    uint64_t lost = 0;
    for (size_t i = 0; i < ms_record_drops.field_count; i++) {
        uint64_t count;
        memcpy(&count, (const char *)&capture->dropped + ms_record_drops.fields[i].offset,
               sizeof count);
        lost += count;
    }
    return lost;
}

double ms_svg_head(ms_svg *svg, ms_panel at) {
    const ms_program *program = &svg->model->program;
    ms_svg_text(svg, at.x, at.y + 22, "program", ms_phrase_command(program, svg->arena, 120), 84);
    ms_svg_text(svg, at.x, at.y + 46, "remark",
                ms_arena_printf(svg->arena, "pid %" PRIu64 "%s%s, started %s, ran %s, %s",
                                program->pid, program->host ? " on " : "",
                                program->host ? program->host : "",
                                program->start ? program->start : "at a time not known",
                                ms_human_duration(program->duration_ns).text,
                                ms_phrase_end(program, svg->arena)),
                160);
    uint64_t lost = events_lost(&svg->model->capture);
    const char *how = how_recorded(svg);
    if (lost)
        how = ms_arena_printf(svg->arena, "%s; %s lost, and missing here", how,
                              ms_svg_plural(svg, lost, "event"));
    ms_svg_text(svg, at.x, at.y + 64, "remark", how, 0);
    return at.y + 68;
}

/* ---- gauges ----------------------------------------------------------------------------- */

static void number_gauge(ms_svg *svg, double x, double y, const char *label, const char *value,
                         const char *remark) {
    ms_svg_text(svg, x, y + 14, "label", label, 0);
    ms_svg_text(svg, x, y + 42, "big", value, 0);
    ms_svg_text(svg, x, y + 62, "remark", remark, 0);
}

/* `part` of `whole` as an arc; of nothing there is none. */
static void share_gauge(ms_svg *svg, double x, double y, const char *label, uint64_t part,
                        uint64_t whole) {
    const double radius = 26, round = 2 * 3.14159265 * radius;
    double middle_x = x + 34, middle_y = y + 38;
    ms_sink_text(svg->sink, "<g>");
    ms_svg_title(svg, label);
    ms_sink_printf(svg->sink, "<circle class=\"ring\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.0f\"/>",
                   middle_x, middle_y, radius);
    if (whole)
        ms_sink_printf(svg->sink,
                       "<circle class=\"arc\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.0f\" "
                       "stroke-dasharray=\"%.2f %.2f\" transform=\"rotate(-90 %.1f %.1f)\"/>\n",
                       middle_x, middle_y, radius,
                       round * (double)(part < whole ? part : whole) / (double)whole, round,
                       middle_x, middle_y);
    ms_svg_text(svg, x + 72, y + 36, "value", whole ? ms_human_share(part, whole).text : "-", 0);
    ms_svg_text(svg, x + 72, y + 52, "remark", label, 0);
    ms_sink_text(svg->sink, "</g>\n");
}

static void draw_numbers(ms_svg *svg, ms_panel at, double step) {
    const ms_summary *s = &svg->model->summary;
    number_gauge(
        svg, at.x, at.y, "Peak", ms_human_bytes_within(s->peak_bytes, s->peak_bytes_error).text,
        ms_arena_printf(svg->arena, "at %s, in %s", ms_human_duration(s->peak_time_ns).text,
                        ms_svg_plural(svg, s->peak_blocks, "block")));
    number_gauge(svg, at.x + step, at.y, "Live at the end",
                 ms_human_bytes_within(s->live_bytes, s->live_bytes_error).text,
                 ms_arena_printf(svg->arena, "in %s", ms_svg_plural(svg, s->live_blocks, "block")));
    number_gauge(
        svg, at.x + 2 * step, at.y, "Allocations", ms_human_count(s->allocations).text,
        ms_arena_printf(svg->arena, "%s requested", ms_human_bytes(s->bytes_allocated).text));
    bool known = s->peak_rss_bytes != MS_UNKNOWN;
    number_gauge(svg, at.x + 3 * step, at.y, "Resident, at most",
                 known ? ms_human_bytes(s->peak_rss_bytes).text : "not recorded",
                 known ? "sampled" : "the run was too short");
}

/* Bytes at the peak whose type is known. */
static uint64_t typed_bytes(const ms_model *model) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < model->sites.count; i++)
        bytes += model->sites.items[i].type ? model->sites.items[i].peak_bytes : 0;
    return bytes;
}

static void draw_shares(ms_svg *svg, ms_panel at, double step) {
    const ms_summary *s = &svg->model->summary;
    uint64_t kept = s->live_blocks + s->uncertain_blocks;
    uint64_t released = s->allocations > kept ? s->allocations - kept : 0;
    share_gauge(svg, at.x, at.y, "of the blocks released", released, s->allocations);
    if (s->temporary_allocations != MS_UNKNOWN)
        share_gauge(svg, at.x + step, at.y, "released before the next", s->temporary_allocations,
                    s->allocations);
    else
        number_gauge(svg, at.x + step, at.y, "Temporary", "not recorded", "samples do not tell");
    share_gauge(svg, at.x + 2 * step, at.y, "of the peak live at the end", s->live_bytes,
                s->peak_bytes);
    share_gauge(svg, at.x + 3 * step, at.y, "of the peak with known type", typed_bytes(svg->model),
                ms_model_cost(svg->model, MS_COST_PEAK));
}

double ms_svg_gauges(ms_svg *svg, ms_panel at) {
    double step = at.width / 4;
    draw_numbers(svg, at, step);
    at.y += 78;
    draw_shares(svg, at, step);
    return at.y + 74;
}

/* ---- findings --------------------------------------------------------------------------- */

/* Of the styles that svg_style.c has. */
static const char *class_of(const char *severity) {
    static const char *const classes[] = {"low", "medium", "high"};
    for (size_t i = 0; severity && i < sizeof classes / sizeof *classes; i++)
        if (strcmp(severity, classes[i]) == 0)
            return classes[i];
    return "info";
}

double ms_svg_findings(ms_svg *svg, ms_panel at) {
    size_t count = svg->model->findings.count;
    size_t shown = count < FINDINGS_MAX ? count : FINDINGS_MAX;
    double y = ms_svg_heading(
        svg, at, ms_arena_printf(svg->arena, "Findings: %s", ms_human_count(count).text), NULL);
    if (!count)
        return ms_svg_nothing(svg, at, y, "nothing was found that is worth a warning");
    for (size_t i = 0; i < shown; i++) {
        const ms_finding *f = &svg->model->findings.items[i];
        ms_svg_box(svg, class_of(f->severity), at.x, y + 3, 11, 11, f->severity);
        ms_svg_text(svg, at.x + 20, y + 13, "name", f->title ? f->title : f->kind, 150);
        y += MS_SVG_LINE;
        if (f->advice)
            ms_svg_text(svg, at.x + 20, y + 13, "remark", f->advice, 170);
        y += f->advice ? MS_SVG_LINE + 4 : 4;
    }
    if (count > shown)
        ms_svg_text(svg, at.x + 20, y + 13, "remark",
                    ms_arena_printf(svg->arena, "and %zu more", count - shown), 0);
    return count > shown ? y + MS_SVG_LINE : y;
}

/* ---- legend ----------------------------------------------------------------------------- */

static double legend_line(ms_svg *svg, ms_panel at, double y, const char *class, const char *text) {
    ms_svg_box(svg, class, at.x, y + 3, 11, 11, NULL);
    ms_svg_text(svg, at.x + 20, y + 13, "remark", text, 0);
    return y + MS_SVG_LINE;
}

double ms_svg_legend(ms_svg *svg, ms_panel at) {
    double y = ms_svg_heading(svg, at, "How to read this", NULL);
    y = legend_line(svg, at, y, "bar",
                    "a part of the whole that the panel names; of variables: freed");
    y = legend_line(svg, at, y, "kept", "still live at the end; an open end is alive");
    y = legend_line(svg, at, y, "heat-6",
                    "the darker (by night: the brighter) the more, in steps of a power");
    y = legend_line(svg, at, y, "hue-0",
                    "calls, by module: the modules that allocate most have colours of their own");
    ms_svg_text(svg, at.x, y + 15, "remark",
                "Bytes are those the program asked for. What an allocator adds is not in them. "
                "B, KiB, MiB: by 1,024.",
                0);
    return y + MS_SVG_LINE + 4;
}
