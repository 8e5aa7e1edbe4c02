/* One page that explains itself without script: for mails, issues and print. It can be looked at wherever
 * pictures can; where it opens as a document, every mark says in a tooltip what it stands for. */
#include "export/export.h"

#include <stdlib.h>

#include "export/svg_panels.h"
#include "export/svg_style.h"
#include "model/phrase.h"
#include "util/human.h"
#include "util/markup.h"

#define WIDTH 1200.0
#define MARGIN 32.0
#define GAP 28.0

typedef struct place {
    ms_svg_panel *draw;
    bool half; /* beside the next one */
} place;

static const place places[] = {
    {ms_svg_head, false},     {ms_svg_gauges, false},    {ms_svg_findings, false},
    {ms_svg_timeline, false}, {ms_svg_peak, true},       {ms_svg_live, true},
    {ms_svg_calls, false},    {ms_svg_types, true},      {ms_svg_sizes, true},
    {ms_svg_heat, false},     {ms_svg_variables, false}, {ms_svg_legend, false},
};

/* Returns the height of the page. */
static double draw_panels(ms_svg *svg) {
    double y = MARGIN, inside = WIDTH - 2 * MARGIN, half = (inside - GAP) / 2;
    size_t count = sizeof places / sizeof places[0];
    for (size_t i = 0; i < count; i++) {
        ms_panel at = {MARGIN, y, places[i].half ? half : inside};
        double end = places[i].draw(svg, at);
        if (places[i].half && i + 1 < count) {
            ms_panel beside = {MARGIN + half + GAP, y, half};
            double other = places[++i].draw(svg, beside);
            end = other > end ? other : end;
        }
        y = end > y ? end + GAP : y;
    }
    return y;
}

/* What a reader who sees nothing is told. */
static void describe(ms_svg *svg) {
    const ms_summary *s = &svg->model->summary;
    const char *command = ms_phrase_command(&svg->model->program, svg->arena, 200);
    ms_sink_text(svg->sink, "<title id=\"title\">memscope: ");
    ms_markup_text(svg->sink, ms_human_safe(svg->arena, command, 200, MS_CUT_END));
    ms_sink_printf(
        svg->sink,
        "</title>\n<desc id=\"desc\">Peak %s in %s at %s; %s in %s live at the end; %s.</desc>\n",
        ms_human_bytes_within(s->peak_bytes, s->peak_bytes_error).text,
        ms_svg_plural(svg, s->peak_blocks, "block"), ms_human_duration(s->peak_time_ns).text,
        ms_human_bytes_within(s->live_bytes, s->live_bytes_error).text,
        ms_svg_plural(svg, s->live_blocks, "block"),
        ms_svg_plural(svg, s->allocations, "allocation"));
}

/* The size of the page stands at its begin and is known at its end. */
static void write_page(ms_svg *svg, ms_sink *sink, ms_sink *body) {
    svg->sink = body;
    double height = draw_panels(svg);
    svg->sink = sink;
    ms_sink_printf(sink,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
                   "width=\"%.0f\" height=\"%.0f\" role=\"img\" aria-labelledby=\"title desc\">\n",
                   WIDTH, height, WIDTH, height);
    describe(svg);
    ms_svg_style(svg);
    ms_svg_box(svg, "page", 0, 0, WIDTH, height, NULL);
    size_t size;
    char *text = ms_sink_take(body, &size);
    if (text)
        ms_sink_write(sink, text, size);
    free(text);
    ms_sink_text(sink, "</svg>\n");
}

static ms_err write_svg(const ms_model *model, ms_sink *sink, const ms_export_options *options,
                        ms_error *error) {
    ms_arena *arena = ms_arena_new();
    ms_sink *body = ms_sink_memory();
    bool ready = arena && body;
    ms_svg svg = {.model = model, .arena = arena, .lift = options->lift};
    if (ready)
        write_page(&svg, sink, body);
    ms_sink_abandon(body);
    ms_arena_free(arena);
    return ready ? MS_ERR_OK
                 : ms_fail(error, MS_ERR_NOMEM, "cannot write the picture: out of memory");
}

const ms_exporter ms_exporter_svg = {
    .name = "svg",
    .doc = "one page as a picture: totals, findings, memory over time, who holds it",
    .endings = {"svg"},
    .rows = true,
    .write = write_svg,
};
