#include "export/html_static.h"

#include <inttypes.h>
#include <string.h>

#include "model/phrase.h"
#include "model/warnings.h"
#include "util/arena.h"
#include "util/human.h"
#include "util/markup.h"

#define NAME_COLUMNS 240u /* longer names are cut: here, not in the tables */
#define LIST_DEFAULT 10u

typedef struct page {
    const ms_model *model;
    ms_sink *sink;
    ms_arena *arena;
    bool lift;
    size_t top;
} page;

/* ---- pieces ----------------------------------------------------------------------------- */

/* Text of ours as it is. */
static void put(page *p, const char *markup) {
    ms_sink_text(p->sink, markup);
}

/* Text from the trace: what is markup, or would reorder the text around it, is made visible. */
static void put_name(ms_sink *sink, ms_arena *arena, const char *name) {
    ms_markup_text(sink, ms_human_safe(arena, name, NAME_COLUMNS, MS_CUT_END));
}

static void name(page *p, const char *text) {
    put(p, "<bdi>");
    put_name(p->sink, p->arena, text);
    put(p, "</bdi>");
}

/* "parse_rule (src/parse.c:120)" */
static void blamed(page *p, const ms_frame *frame) {
    if (!frame) {
        put(p, "allocations without a stack");
        return;
    }
    put(p, "<code>");
    name(p, ms_phrase_frame(frame, p->arena));
    put(p, "</code>");
    const char *place = ms_phrase_place(frame, p->arena);
    if (!place)
        return;
    put(p, " <small>");
    name(p, place);
    put(p, "</small>");
}

/* ", kept in session->token: char", as far as all of its sites say so. */
static void kept(page *p, const ms_blame *blame) {
    const char *variable = blame->unsure ? NULL : blame->variable;
    if (!variable && !blame->type)
        return;
    put(p, variable ? ", kept in <code>" : ", of type <code>");
    name(p, variable ? variable : blame->type);
    put(p, "</code>");
    if (!variable || !blame->type)
        return;
    put(p, ": <code>");
    name(p, blame->type);
    put(p, "</code>");
}

/* "557 ± 169 blocks" */
static const char *plural(page *p, uint64_t count, uint64_t error, const char *noun) {
    return ms_arena_printf(p->arena, "%s %s%s", ms_human_count_within(count, error).text, noun,
                           count == 1 ? "" : "s");
}

/* In MiB whatever the size, so that the peaks of two pages are compared at a glance. */
static const char *mebibytes(page *p, uint64_t bytes) {
    return ms_arena_printf(p->arena, "%.1f MiB", (double)bytes / (1 << 20));
}

/* ---- verdict ---------------------------------------------------------------------------- */

static const ms_blame *first_of(page *p, ms_cost cost) {
    size_t count;
    const ms_blame *blames = ms_rank(p->model, p->arena, cost, p->lift, 1, &count, NULL);
    return count ? blames : NULL;
}

static void say_first(page *p, ms_cost cost, const char *of_it) {
    const ms_blame *first = first_of(p, cost);
    if (!first)
        return;
    ms_sink_printf(p->sink, " %s %s (%s) from ",
                   ms_human_bytes_within(first->cost[cost], first->error[cost]).text, of_it,
                   ms_human_share(first->cost[cost], ms_model_cost(p->model, cost)).text);
    blamed(p, first->frame);
    kept(p, first);
    put(p, ".");
}

static void say_live(page *p) {
    const ms_summary *s = &p->model->summary;
    if (!s->live_blocks) {
        put(p, " Nothing is live at the end.");
        return;
    }
    ms_sink_printf(p->sink, " %s in %s %s live at the end.",
                   ms_human_bytes_within(s->live_bytes, s->live_bytes_error).text,
                   plural(p, s->live_blocks, s->live_blocks_error, "block"),
                   s->live_blocks == 1 ? "is" : "are");
    say_first(p, MS_COST_LIVE, "of that come");
}

static void say_temporary(page *p) {
    const ms_summary *s = &p->model->summary;
    if (s->temporary_allocations == MS_UNKNOWN || s->temporary_allocations * 10 < s->allocations ||
        !s->allocations)
        return;
    ms_sink_printf(p->sink, " %s of the allocations are released before the next.",
                   ms_human_share(s->temporary_allocations, s->allocations).text);
}

static void write_verdict(page *p) {
    const ms_summary *s = &p->model->summary;
    put(p, "<p id=\"verdict\">");
    if (!s->allocations && !s->peak_bytes) {
        put(p, "Nothing was allocated.</p>\n");
        return;
    }
    ms_sink_printf(p->sink, "Peak <strong>%s</strong>", mebibytes(p, s->peak_bytes));
    if (s->peak_bytes_error != MS_UNKNOWN)
        ms_sink_printf(p->sink, " (&plusmn; %s)", ms_human_bytes(s->peak_bytes_error).text);
    ms_sink_printf(p->sink, " in %s at %s.",
                   plural(p, s->peak_blocks, s->peak_blocks_error, "block"),
                   ms_human_duration(s->peak_time_ns).text);
    say_first(p, MS_COST_PEAK, "of it come");
    say_live(p);
    say_temporary(p);
    put(p, "</p>\n");
}

static void write_warnings(page *p) {
    const char **warnings;
    size_t count = ms_warnings(p->model, p->arena, p->lift, &warnings);
    if (!count)
        return;
    put(p, "<ul id=\"warnings\">\n");
    for (size_t i = 0; i < count; i++) {
        put(p, "<li>");
        ms_markup_text(p->sink, warnings[i]);
        put(p, "</li>\n");
    }
    put(p, "</ul>\n");
}

/* ---- summary ---------------------------------------------------------------------------- */

static const char *readable(page *p, const ms_field_info *field, uint64_t value) {
    if (strcmp(field->name, "peak_bytes") == 0)
        return mebibytes(p, value);
    switch (field->unit) {
    case MS_UNIT_BYTES: return ms_arena_printf(p->arena, "%s", ms_human_bytes(value).text);
    case MS_UNIT_NS: return ms_arena_printf(p->arena, "%s", ms_human_duration(value).text);
    default: return "";
    }
}

static void summary_row(page *p, const ms_field_info *field) {
    const char *place = (const char *)&p->model->summary + field->offset;
    const char *text = NULL;
    uint64_t value = 0;
    if (field->kind == MS_TEXT)
        memcpy(&text, place, sizeof text);
    else
        memcpy(&value, place, sizeof value);
    bool known = field->kind == MS_TEXT ? text != NULL : value != MS_UNKNOWN;
    if (!known && strstr(field->name, "_error"))
        return; /* exact */
    ms_sink_printf(p->sink, "<tr title=\"");
    put_name(p->sink, p->arena, field->doc);
    ms_sink_printf(p->sink, "\"><th scope=\"row\">%s</th><td data-field=\"%s\">", field->name,
                   field->name);
    if (!known)
        put(p, "not recorded");
    else if (field->kind == MS_TEXT)
        name(p, text);
    else
        ms_sink_printf(p->sink, "%" PRIu64, value);
    ms_sink_printf(p->sink, "</td><td>%s</td></tr>\n",
                   known && field->kind != MS_TEXT ? readable(p, field, value) : "");
}

static void write_summary(page *p) {
    put(p,
        "<section><h2>Summary</h2>\n<table><thead><tr><th scope=\"col\">what</th><th scope=\"col\">"
        "exactly</th><th scope=\"col\">about</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < ms_record_summary.field_count; i++)
        summary_row(p, &ms_record_summary.fields[i]);
    put(p, "</tbody></table></section>\n");
}

/* ---- findings, lists -------------------------------------------------------------------- */

static void write_findings(page *p) {
    size_t count = p->model->findings.count;
    if (!count)
        return;
    ms_sink_printf(p->sink, "<section><h2>Findings: %zu</h2>\n<ol>\n", count);
    for (size_t i = 0; i < count && i < p->top; i++) {
        const ms_finding *f = &p->model->findings.items[i];
        put(p, "<li><strong>");
        name(p, f->title ? f->title : f->kind);
        put(p, "</strong>");
        if (f->detail) {
            put(p, "<br>");
            name(p, f->detail);
        }
        if (f->advice) {
            put(p, "<br>");
            name(p, f->advice);
        }
        put(p, "</li>\n");
    }
    put(p, "</ol></section>\n");
}

static void write_list(page *p, ms_cost cost, const char *title, bool bytes) {
    size_t count, all;
    const ms_blame *blames = ms_rank(p->model, p->arena, cost, p->lift, p->top, &count, &all);
    uint64_t whole = ms_model_cost(p->model, cost);
    if (!count)
        return;
    ms_sink_printf(p->sink, "<section><h2>%s</h2>\n<ol>\n", title);
    for (size_t i = 0; i < count; i++) {
        uint64_t value = blames[i].cost[cost], error = blames[i].error[cost];
        ms_human text =
            bytes ? ms_human_bytes_within(value, error) : ms_human_count_within(value, error);
        ms_sink_printf(p->sink, "<li><b>%s</b> %s ", text.text, ms_human_share(value, whole).text);
        blamed(p, blames[i].frame);
        put(p, "</li>\n");
    }
    put(p, "</ol>");
    if (all > count)
        ms_sink_printf(p->sink, "<p>and %zu more</p>", all - count);
    put(p, "</section>\n");
}

static const char *base_name(const char *path) {
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path ? path : "program";
}

void ms_html_write_title(const ms_model *model, ms_sink *sink) {
    ms_arena *arena = ms_arena_new();
    if (!arena)
        return;
    put_name(sink, arena, base_name(model->program.executable));
    ms_sink_printf(sink, " (%" PRIu64 ")", model->program.pid);
    ms_arena_free(arena);
}

void ms_html_write_static(const ms_model *model, ms_sink *sink, const ms_export_options *options) {
    page p = {.model = model,
              .sink = sink,
              .arena = ms_arena_new(),
              .lift = options->lift,
              .top = options->top ? options->top : LIST_DEFAULT};
    if (!p.arena)
        return;
    put(&p, "<main id=\"static\">\n<h1>");
    name(&p, base_name(model->program.executable));
    put(&p, "</h1>\n");
    write_verdict(&p);
    write_warnings(&p);
    write_findings(&p);
    write_list(&p, MS_COST_PEAK, "Held the peak", true);
    write_list(&p, MS_COST_LIVE, "Live at the end", true);
    write_list(&p, MS_COST_ALLOCATIONS, "Allocate most", false);
    write_list(&p, MS_COST_TEMPORARY, "Allocate to release at once", false);
    write_summary(&p);
    put(&p, "</main>\n");
    ms_arena_free(p.arena);
}
