/* The report for a terminal: the totals, then who is to blame for the peak, for what is live at
 * exit, for the number of calls, and for allocations that were released at once. */
#include "export/export.h"

#include <string.h>

#include "export/text_head.h"
#include "export/text_notes.h"
#include "export/text_page.h"
#include "export/text_types.h"
#include "model/lift_names.h"
#include "util/human.h"

#define CALLERS_SHOWN 4
#define WRAPPERS_SHOWN 3

/* One of the four questions. */
typedef struct question {
    ms_cost cost;
    const char *title;
    const char *nothing; /* said when the answer is: nobody */
} question;

static const question questions[] = {
    {MS_COST_PEAK, "Peak", "Peak: no bytes were live at any time."},
    {MS_COST_LIVE, "Live at exit", "Live at exit: nothing."},
    {MS_COST_CALLS, "Calls", "Calls: no allocations."},
    {MS_COST_TEMPORARY, "Temporary", "Temporary: no allocations were released at once."},
};

static bool is_of_bytes(ms_cost cost) {
    return cost == MS_COST_PEAK || cost == MS_COST_LIVE;
}

static ms_human cost_text(ms_cost cost, uint64_t value, uint64_t error) {
    return is_of_bytes(cost) ? ms_human_bytes_within(value, error)
                             : ms_human_count_within(value, error);
}

static size_t value_columns(const ms_page *page) {
    return page->estimated ? 20 : 11;
}

/* Where the text of an entry begins: rank, value and share stand before. */
static size_t text_column(const ms_page *page) {
    return 5 + value_columns(page) + 11;
}

/* ---- one entry -------------------------------------------------------------------------- */

static void indent(ms_page *page) {
    ms_sink_printf(page->sink, "%*s", (int)text_column(page), "");
}

static size_t room(const ms_page *page) {
    return page->width - text_column(page);
}

static void line(ms_page *page, ms_style style, const char *text) {
    indent(page);
    ms_page_put(page, style, text);
    ms_sink_text(page->sink, "\n");
}

/* "of 16 B", "of 16 B to 4.0 KiB", or nothing. */
static const char *sizes(ms_page *page, const ms_blame *blame) {
    if (blame->min_size == MS_UNKNOWN || blame->max_size == MS_UNKNOWN)
        return "";
    if (blame->min_size == blame->max_size)
        return ms_arena_printf(page->arena, " of %s", ms_human_bytes(blame->min_size).text);
    return ms_arena_printf(page->arena, " of %s to %s", ms_human_bytes(blame->min_size).text,
                           ms_human_bytes(blame->max_size).text);
}

static const char *amount(ms_page *page, const ms_blame *blame, ms_cost cost) {
    uint64_t allocations = blame->cost[MS_COST_ALLOCATIONS];
    uint64_t count = allocations, error = blame->error[MS_COST_ALLOCATIONS];
    const char *noun = is_of_bytes(cost) ? "block" : "allocation";
    if (cost == MS_COST_PEAK)
        count = blame->peak_blocks, error = blame->peak_blocks_error;
    if (cost == MS_COST_LIVE)
        count = blame->live_blocks, error = blame->live_blocks_error;
    const char *text = ms_arena_printf(
        page->arena, "%s%s", ms_page_plural_within(page, count, error, noun), sizes(page, blame));
    if (cost == MS_COST_TEMPORARY)
        return ms_arena_printf(page->arena, "%s of its %s",
                               ms_human_share(blame->cost[cost], allocations).text, text);
    if (cost != MS_COST_CALLS)
        return text;
    if (blame->reallocations)
        text = ms_arena_printf(page->arena, "%s, %s", text,
                               ms_page_plural_within(page, blame->reallocations,
                                                     blame->reallocations_error, "reallocation"));
    ms_human bytes = ms_human_bytes_within(blame->cost[MS_COST_BYTES], blame->error[MS_COST_BYTES]);
    return ms_arena_printf(page->arena, "%s, %s in all", text, bytes.text);
}

/* Percentiles of several sites cannot be merged, so only a lone site tells. */
static const char *lifetime(ms_page *page, const ms_blame *blame, ms_cost cost) {
    uint64_t median = blame->site->lifetime_ns.p50;
    if (is_of_bytes(cost) || blame->sites > 1 || median == MS_UNKNOWN)
        return "";
    if (!median)
        return ", half lived less than a clock tick";
    return ms_arena_printf(page->arena, ", half lived less than ~%s",
                           ms_human_duration(median).text);
}

static bool is_same_function(const ms_frame *a, const ms_frame *b) {
    return a->function && b->function && !strcmp(a->function, b->function);
}

/* What was lifted, the blamed function's own callee first. */
static void wrappers(ms_page *page, const ms_stack *stack, uint32_t blamed) {
    const char *text = "via ";
    unsigned shown = 0;
    for (uint32_t i = blamed; i-- > 0;) {
        const ms_frame *frame = &stack->frames[i];
        if (is_same_function(frame, frame + 1))
            continue;
        if (shown++ == WRAPPERS_SHOWN) {
            text = ms_arena_printf(page->arena, "%s, ...", text);
            break;
        }
        text = ms_arena_printf(page->arena, "%s%s%s", text, shown > 1 ? ", " : "",
                               ms_page_function(page, frame, room(page) - 4));
    }
    indent(page);
    ms_page_wrap(page, MS_DIM, text_column(page), text);
}

static void caller(ms_page *page, const ms_frame *frame) {
    const char *location = ms_page_location(page, frame, true, room(page) / 2);
    size_t taken = location ? ms_human_columns(location) + 2 : 0;
    const char *function = ms_page_function(page, frame, room(page) - 2 - taken);
    line(page, MS_DIM,
         ms_arena_printf(page->arena, "< %s%s%s", function, location ? "  " : "",
                         location ? location : ""));
}

/* Recursion shows once, and the start of the process not at all. */
static void callers(ms_page *page, const ms_stack *stack, uint32_t blamed) {
    unsigned shown = 0;
    uint32_t i = blamed + 1;
    for (; i < stack->count && shown < CALLERS_SHOWN; i++) {
        const ms_frame *frame = &stack->frames[i];
        if (ms_name_is_startup(frame->function) || is_same_function(frame, frame - 1))
            continue;
        caller(page, frame);
        shown++;
    }
    const char *broken = stack->frames[stack->count - 1].broken;
    if (broken && i == stack->count) {
        indent(page);
        ms_page_wrap(page, MS_DIM, text_column(page) + 2,
                     ms_arena_printf(page->arena, "< (the stack broke off: %s)",
                                     ms_page_name(page, broken, room(page))));
    }
}

static void number(ms_page *page, const ms_blame *blame, size_t rank, const question *q,
                   uint64_t whole) {
    ms_human value = cost_text(q->cost, blame->cost[q->cost], blame->error[q->cost]);
    ms_human share = ms_human_share(blame->cost[q->cost], whole);
    ms_sink_printf(page->sink, "%3zu  ", rank);
    ms_page_right(page, MS_PLAIN, value_columns(page), value.text);
    ms_sink_printf(page->sink, "  %7s  ", share.text);
}

/* "src/table.c:12 in libfoo.so", or what is known of it. */
static void place(ms_page *page, const ms_frame *frame) {
    if (!frame || !frame->function)
        return; /* then the module stands in the place of the name */
    const char *location = ms_page_location(page, frame, false, room(page));
    const char *module = frame->module ? ms_page_name(page, frame->module, room(page) - 3) : NULL;
    if (location && module &&
        ms_human_columns(location) + 4 + ms_human_columns(module) <= room(page)) {
        line(page, MS_PLAIN, ms_arena_printf(page->arena, "%s in %s", location, module));
        return;
    }
    if (location)
        line(page, MS_PLAIN, location);
    if (module)
        line(page, MS_PLAIN, ms_arena_printf(page->arena, "in %s", module));
}

/* "for server.db (struct db)": what keeps the blocks, and what they are. */
static void kept(ms_page *page, const ms_blame *blame) {
    const char *variable =
        blame->variable ? ms_page_name(page, blame->variable, room(page) / 2) : NULL;
    const char *type = blame->type ? ms_page_name(page, blame->type, room(page) / 2) : NULL;
    const char *perhaps = blame->unsure ? "perhaps " : "";
    if (variable && type)
        line(page, MS_PLAIN,
             ms_arena_printf(page->arena, "%sfor %s (%s)", perhaps, variable, type));
    else if (variable)
        line(page, MS_PLAIN, ms_arena_printf(page->arena, "%sfor %s", perhaps, variable));
    else if (type)
        line(page, MS_PLAIN, ms_arena_printf(page->arena, "%sof type %s", perhaps, type));
}

static void entry(ms_page *page, const ms_blame *blame, ms_cost cost) {
    const ms_stack *stack = ms_model_stack(page->model, blame->site->stack);
    ms_page_put(page, MS_BOLD, ms_page_function(page, blame->frame, room(page)));
    ms_sink_text(page->sink, "\n");
    place(page, blame->frame);
    indent(page);
    ms_page_wrap(page, MS_PLAIN, text_column(page),
                 ms_arena_printf(page->arena, "%s%s", amount(page, blame, cost),
                                 lifetime(page, blame, cost)));
    kept(page, blame);
    if (stack && stack->count) {
        uint32_t blamed = ms_blamed_frame(stack, page->options->lift);
        if (blamed)
            wrappers(page, stack, blamed);
        callers(page, stack, blamed);
    }
    if (blame->sites > 1)
        line(page, MS_DIM,
             ms_arena_printf(page->arena, "+%s",
                             ms_page_plural(page, blame->sites - 1, "more site")));
}

/* The whole entry on one line. */
static void brief_entry(ms_page *page, const ms_blame *blame) {
    const char *location = ms_page_location(page, blame->frame, true, room(page) / 2);
    size_t taken = location ? ms_human_columns(location) + 2 : 0;
    ms_page_put(page, MS_BOLD, ms_page_function(page, blame->frame, room(page) - taken));
    if (location)
        ms_sink_printf(page->sink, "  %s", location);
    ms_sink_text(page->sink, "\n");
}

/* ---- lists ------------------------------------------------------------------------------ */

static const char *title_remark(ms_page *page, ms_cost cost, uint64_t whole) {
    const ms_summary *s = &page->model->summary;
    switch (cost) {
    case MS_COST_PEAK:
        return ms_arena_printf(page->arena, "%s at %s, held by",
                               ms_human_bytes_within(whole, s->peak_bytes_error).text,
                               ms_human_duration(s->peak_time_ns).text);
    case MS_COST_LIVE:
        return ms_arena_printf(
            page->arena, "%s in %s, allocated by",
            ms_human_bytes_within(whole, s->live_bytes_error).text,
            ms_page_plural_within(page, s->live_blocks, s->live_blocks_error, "block"));
    case MS_COST_CALLS: /* of samples the sum is an estimate, but this is known */
        return ms_arena_printf(
            page->arena, "%s allocations and reallocations, made by",
            ms_human_count(page->estimated ? s->allocations + s->reallocations : whole).text);
    default:
        return ms_arena_printf(page->arena, "%s, released before the next of the thread, made by",
                               ms_page_plural(page, whole, "allocation"));
    }
}

/* What the list leaves out. */
static void rest(ms_page *page, const ms_blame *blames, size_t count, ms_cost cost,
                 uint64_t whole) {
    uint64_t sum = 0, error = MS_UNKNOWN;
    for (size_t i = 0; i < count; i++) {
        sum += blames[i].cost[cost];
        error = ms_error_join(error, blames[i].error[cost]);
    }
    ms_sink_printf(page->sink, "%5s", "");
    ms_page_right(page, MS_PLAIN, value_columns(page), cost_text(cost, sum, error).text);
    ms_sink_printf(page->sink, "  %7s  in %s\n", ms_human_share(sum, whole).text,
                   ms_page_plural(page, count, "more place"));
}

static void list(ms_page *page, const question *q, size_t top, bool brief) {
    uint64_t whole = ms_model_cost(page->model, q->cost);
    size_t all;
    const ms_blame *blames =
        ms_rank(page->model, page->arena, q->cost, page->options->lift, 0, &all, NULL);
    size_t count = top && top < all ? top : all;
    if (!count) {
        if (q->cost != MS_COST_TEMPORARY || !page->estimated) /* then that is not known */
            ms_sink_printf(page->sink, "%s\n", q->nothing);
        return;
    }
    ms_page_put(page, MS_BOLD, q->title);
    ms_sink_text(page->sink, ": ");
    ms_page_wrap(page, MS_PLAIN, strlen(q->title) + 2, title_remark(page, q->cost, whole));
    for (size_t i = 0; i < count; i++) {
        number(page, &blames[i], i + 1, q, whole);
        if (brief)
            brief_entry(page, &blames[i]);
        else
            entry(page, &blames[i], q->cost);
    }
    if (all > count && !brief)
        rest(page, blames + count, all - count, q->cost, whole);
    if (!brief)
        ms_sink_text(page->sink, "\n");
}

/* ---- the two forms ---------------------------------------------------------------------- */

static const char *footnote(const ms_page *page) {
    if (page->estimated)
        return "Allocations, reallocations, frees and requested bytes of the whole program are "
               "counted exactly. What has a ± is estimated from samples, and its standard error "
               "with "
               "it: the true value lies within one in two cases of three, within three nearly "
               "always, less surely where samples are few. Shares are derived from that; sizes are "
               "those of the samples; lifetimes (~) are estimated from their deaths.";
    return "Counts and sizes are recorded; peak, live at exit, temporary and all shares are "
           "derived from them; lifetimes (~) are estimated, at most 6 % off.";
}

static ms_err write_text(const ms_model *model, ms_sink *sink, const ms_export_options *options,
                         ms_error *error) {
    ms_page page;
    if (!ms_page_open(&page, model, sink, options))
        return ms_fail(error, MS_ERR_NOMEM, "cannot write the report: out of memory");
    ms_text_head(&page);
    ms_text_totals(&page);
    ms_text_warnings(&page);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        list(&page, &questions[i], options->top, false);
    ms_text_types(&page, options->top);
    ms_text_keepers(&page, options->top);
    ms_text_notes(&page, options->top);
    ms_page_wrap(&page, MS_DIM, 0, footnote(&page));
    ms_page_close(&page);
    return MS_ERR_OK;
}

/* `path` as a shell takes it. What ms_page_name escapes, $'...' reads back. */
static const char *quoted(ms_page *page, const char *path) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+=.,/:@%";
    const char *safe = ms_page_name(page, path, 0);
    if (*safe && !safe[strspn(safe, plain)])
        return safe;
    if (!safe[strcspn(safe, "'\\")])
        return ms_arena_printf(page->arena, "'%s'", safe);
    char *text = ms_arena_alloc(page->arena, 2 * strlen(safe) + 4), *end = stpcpy(text, "$'");
    for (; *safe; safe++)
        end = stpcpy(end, *safe == '\'' ? "\\'" : (char[]){*safe, 0});
    stpcpy(end, "'");
    return text;
}

void ms_text_summary(const ms_model *model, ms_sink *sink, const ms_export_options *options) {
    static const size_t tops[] = {3, 3, 0, 1}; /* by question; 0: not asked */
    ms_page page;
    if (!ms_page_open(&page, model, sink, options))
        return;
    ms_text_head(&page);
    ms_text_totals(&page);
    ms_text_warnings(&page);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        if (tops[i])
            list(&page, &questions[i], tops[i], true);
    if (options->trace)
        ms_sink_printf(sink, "\nmore: memscope report %s\n", quoted(&page, options->trace));
    ms_page_close(&page);
}

const ms_exporter ms_exporter_text = {
    .name = "text",
    .doc = "for people: totals and ranked lists",
    .endings = {"txt", "text"},
    .write = write_text,
};
