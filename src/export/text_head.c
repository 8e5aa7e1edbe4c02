#include "export/text_head.h"

#include <inttypes.h>
#include <string.h>

#include "model/phrase.h"
#include "util/human.h"

#define BYTES(n) ms_human_bytes(n).text
#define WITHIN(n, error) ms_human_bytes_within(n, error).text
#define COUNT(n) ms_human_count(n).text
#define DURATION(n) ms_human_duration(n).text
#define SHARE(part, whole) ms_human_share(part, whole).text

/* ---- what ran --------------------------------------------------------------------------- */

void ms_text_head(ms_page *page) {
    const ms_program *program = &page->model->program;
    const char *command = ms_phrase_command(program, page->arena, 4 * page->width);
    ms_page_put(page, MS_BOLD, ms_page_name(page, command, page->width));
    ms_sink_printf(page->sink, "\npid %" PRIu64, program->pid);
    if (program->host)
        ms_sink_printf(page->sink, " on %s", ms_page_name(page, program->host, 30));
    ms_sink_printf(page->sink, ", ran %s, %s\n", DURATION(program->duration_ns),
                   ms_page_name(page, ms_phrase_end(program, page->arena), 60));
    if (program->forked)
        ms_page_wrap(page, MS_PLAIN, 0,
                     "born by fork: the blocks it has from its parent are not counted");
    ms_sink_text(page->sink, "\n");
}

/* ---- totals ----------------------------------------------------------------------------- */

static void total(ms_page *page, const char *label, const char *value, const char *remark) {
    size_t columns = page->estimated ? 20 : 14;
    ms_sink_printf(page->sink, "  %-15s ", label);
    ms_page_right(page, MS_BOLD, columns, value);
    if (*remark)
        ms_sink_text(page->sink, "  ");
    ms_page_wrap(page, MS_PLAIN, 20 + columns, remark);
}

static void count_totals(ms_page *page) {
    const ms_summary *s = &page->model->summary;
    total(page, "allocations", COUNT(s->allocations),
          ms_arena_printf(page->arena, "%s requested; %s", BYTES(s->bytes_allocated),
                          ms_page_plural(page, s->frees, "free")));
    if (s->reallocations)
        total(page, "reallocations", COUNT(s->reallocations), "");
    if (s->temporary_allocations != MS_UNKNOWN)
        total(page, "temporary", COUNT(s->temporary_allocations),
              ms_arena_printf(page->arena, "%s of the allocations",
                              SHARE(s->temporary_allocations, s->allocations)));
    if (s->unmatched_frees)
        total(page, "unmatched frees", COUNT(s->unmatched_frees), "of blocks not seen born");
    if (s->inherited_frees)
        total(page, "inherited frees", COUNT(s->inherited_frees), "of blocks of its parent");
    total(page, "threads", COUNT(s->threads), "");
}

static const char *peak_remark(ms_page *page) {
    const ms_summary *s = &page->model->summary;
    uint64_t doubt = page->model->capture.order_uncertainty_bytes;
    const char *remark =
        ms_arena_printf(page->arena, "in %s, at %s",
                        ms_page_plural_within(page, s->peak_blocks, s->peak_blocks_error, "block"),
                        DURATION(s->peak_time_ns));
    if (!doubt)
        return remark;
    return ms_arena_printf(page->arena, "%s, +-%s (order of threads)", remark, BYTES(doubt));
}

static const char *in_blocks(ms_page *page, uint64_t blocks, uint64_t error) {
    return ms_arena_printf(page->arena, "in %s",
                           ms_page_plural_within(page, blocks, error, "block"));
}

static void byte_totals(ms_page *page) {
    const ms_summary *s = &page->model->summary;
    total(page, "peak", WITHIN(s->peak_bytes, s->peak_bytes_error),
          s->peak_bytes ? peak_remark(page) : "");
    total(page, "live at exit", WITHIN(s->live_bytes, s->live_bytes_error),
          s->live_blocks ? in_blocks(page, s->live_blocks, s->live_blocks_error) : "");
    if (s->uncertain_blocks)
        total(page, "uncertain", WITHIN(s->uncertain_bytes, s->uncertain_bytes_error),
              ms_arena_printf(page->arena, "%s: live, or freed while recording was off",
                              in_blocks(page, s->uncertain_blocks, s->uncertain_blocks_error)));
    if (s->mapped_bytes)
        total(page, "mapped peak", BYTES(s->peak_mapped_bytes),
              ms_arena_printf(page->arena, "by its own mmap calls; %s in all",
                              BYTES(s->mapped_bytes)));
    if (s->peak_rss_bytes != MS_UNKNOWN)
        total(page, "RSS peak", BYTES(s->peak_rss_bytes), "resident memory, sampled");
}

/* At which rate, since when, and what that means. */
static void sampling(ms_page *page) {
    const ms_capture *c = &page->model->capture;
    const char *rate =
        c->sample_bytes == MS_UNKNOWN
            ? "at changing rates"
            : ms_arena_printf(page->arena, "one per %s on average", BYTES(c->sample_bytes));
    const char *exact = c->exact_until_ns == MS_UNKNOWN || !c->exact_until_ns
                            ? "from the start"
                            : ms_arena_printf(page->arena, "from %s on (exact before)",
                                              DURATION(c->exact_until_ns));
    ms_sink_text(page->sink, "  ");
    ms_page_wrap(page, MS_PLAIN, 2,
                 ms_arena_printf(page->arena,
                                 "allocations were sampled %s, %s: counts of the whole program are "
                                 "exact, values with ± are estimates, and places that allocate "
                                 "little may be missing",
                                 exact, rate));
}

void ms_text_totals(ms_page *page) {
    byte_totals(page);
    count_totals(page);
    ms_sink_text(page->sink, "\n");
    if (page->estimated) {
        sampling(page);
        ms_sink_text(page->sink, "\n");
    }
}

/* ---- warnings --------------------------------------------------------------------------- */

static void warn(ms_page *page, const char *text) {
    ms_page_put(page, MS_LOUD, "! ");
    ms_page_wrap(page, MS_LOUD, 2, text);
}

/* By the descriptors, so that a new cause of loss is never a silent one. */
static bool warn_of_losses(ms_page *page) {
    bool any = false;
    for (size_t i = 0; i < ms_record_drops.field_count; i++) {
        const ms_field_info *field = &ms_record_drops.fields[i];
        uint64_t count;
        memcpy(&count, (const char *)&page->model->capture.dropped + field->offset, sizeof count);
        if (!count)
            continue;
        any = true;
        warn(page,
             ms_arena_printf(page->arena, "%s %s: %s", COUNT(count), field->name, field->doc));
    }
    if (any)
        warn(page, "the numbers below leave out what was lost");
    return any;
}

static bool warn_of_cut(ms_page *page) {
    const ms_capture *capture = &page->model->capture;
    if (capture->truncated) {
        const char *where =
            capture->truncated_at == MS_UNKNOWN
                ? ""
                : ms_arena_printf(page->arena, " at byte %" PRIu64, capture->truncated_at);
        warn(page, ms_arena_printf(page->arena,
                                   "the trace ends early or is damaged%s: this is what was "
                                   "readable, and \"live at exit\" means live there",
                                   where));
    } else if (!capture->complete && !capture->gaps) {
        warn(page, "not recorded from the first allocation to the end of the process");
    }
    if (capture->implied_frees)
        warn(page, ms_arena_printf(page->arena, "%s not recorded: the address was handed out again",
                                   ms_page_plural(page, capture->implied_frees, "release")));
    return capture->truncated || !capture->complete || capture->implied_frees;
}

static bool warn_of_gaps(ms_page *page) {
    const ms_capture *capture = &page->model->capture;
    const ms_summary *s = &page->model->summary;
    if (capture->gaps)
        warn(page, ms_arena_printf(
                       page->arena,
                       "recording was off %s, for %s in all: what happened then is not known, "
                       "blocks born then are not counted",
                       ms_page_plural(page, capture->gaps, "time"), DURATION(capture->gap_ns)));
    if (s->gap_frees)
        warn(page, ms_arena_printf(page->arena,
                                   "%s after that of blocks not seen born: most likely born then",
                                   ms_page_plural(page, s->gap_frees, "free")));
    if (s->unsampled_frees)
        warn(page,
             ms_arena_printf(page->arena, "%s of blocks not seen born: most likely not sampled",
                             ms_page_plural(page, s->unsampled_frees, "free")));
    if (capture->changes_left_out)
        warn(page, ms_arena_printf(page->arena,
                                   "%s of task or rate not followed: there were too many kinds",
                                   ms_page_plural(page, capture->changes_left_out, "change")));
    return capture->gaps || s->gap_frees || s->unsampled_frees || capture->changes_left_out;
}

/* Of all allocations, how many lack what a blame needs? */
static bool warn_of_stacks(ms_page *page) {
    const ms_model *model = page->model;
    uint64_t broken = 0, none = 0, all = ms_model_cost(model, MS_COST_CALLS);
    const char *why = NULL;
    for (size_t i = 0; i < model->sites.count; i++) {
        const ms_site *site = &model->sites.items[i];
        const ms_stack *stack = ms_model_stack(model, site->stack);
        uint64_t calls = ms_site_cost(site, MS_COST_CALLS);
        if (!stack || !stack->count) {
            none += calls;
        } else if (stack->frames[stack->count - 1].broken) {
            broken += calls;
            why = stack->frames[stack->count - 1].broken;
        }
    }
    if (broken > all / 1000) /* start-up code without unwind rules is in every C++ program */
        warn(page, ms_arena_printf(page->arena,
                                   "%s of the allocations have a stack that broke off (%s): their "
                                   "outer callers are not shown",
                                   SHARE(broken, all), ms_page_name(page, why, 60)));
    if (none)
        warn(page,
             ms_arena_printf(page->arena, "%s of the allocations have no stack", SHARE(none, all)));
    return broken > all / 1000 || none;
}

/* Calls that are blamed on code of `module` without saying which line. */
static uint64_t nameless_calls(const ms_page *page, const ms_module *module) {
    uint64_t calls = 0;
    for (size_t i = 0; i < page->model->sites.count; i++) {
        const ms_site *site = &page->model->sites.items[i];
        const ms_stack *stack = ms_model_stack(page->model, site->stack);
        if (!stack || !stack->count)
            continue;
        const ms_frame *blamed = &stack->frames[page->options->lift ? stack->depth_lifted : 0];
        if (!blamed->file && blamed->module && module->module &&
            strcmp(blamed->module, module->module) == 0)
            calls += ms_site_cost(site, MS_COST_CALLS);
    }
    return calls;
}

/* Only where it matters: a module that is blamed for a hundredth of the calls, three at most. */
static bool warn_of_symbols(ms_page *page) {
    const ms_model *model = page->model;
    uint64_t all = ms_model_cost(model, MS_COST_CALLS);
    size_t shown = 0;
    for (size_t i = 0; i < model->modules.count && shown < 3; i++) {
        const ms_module *m = &model->modules.items[i];
        uint64_t calls = m->advice ? nameless_calls(page, m) : 0;
        if (calls == 0 || calls < (all + 99) / 100)
            continue;
        shown++;
        warn(page, ms_arena_printf(page->arena,
                                   "%s of the allocations are blamed on %s without lines: %s",
                                   SHARE(calls, all), ms_page_name(page, m->module, 40),
                                   ms_page_name(page, m->advice, 0)));
    }
    return shown;
}

static bool has_option(const ms_capture *capture, const char *name) {
    size_t size = strlen(name);
    for (size_t i = 0; i < capture->options.count; i++)
        if (strncmp(capture->options.items[i], name, size) == 0 &&
            capture->options.items[i][size] == '=')
            return true;
    return false;
}

static const char *how_good(const ms_page *page) {
    if (page->model->capture.thinned_from_ns != MS_UNKNOWN)
        return "exact, but for what is live";
    return page->estimated ? "as good as with all" : "exact";
}

/* Words that took too much room: forget.h of the loader. */
static void warn_of_words(ms_page *page) {
    const ms_capture *c = &page->model->capture;
    uint64_t things = c->variables_left_out + c->references_left_out + c->passports_left_out +
                      c->containers_left_out;
    const char *steps = ms_page_plural(page, c->history_steps_kept, "step");
    const char *kept = c->history_steps_kept
                           ? ms_arena_printf(page->arena, ", end and the first %s between", steps)
                           : " and end";
    const char *over = things ? ms_arena_printf(page->arena, "; nor are %s that had ended",
                                                ms_page_plural(page, things, "thing"))
                              : "";
    warn(page,
         ms_arena_printf(page->arena,
                         "the program said more than the trace has room for: of each life "
                         "begin%s are listed, %s are not%s",
                         kept, ms_page_plural(page, c->history_steps_left_out, "step"), over));
}

/* "12 variables, 1 snapshot", of what its own section does not tell. */
static const char *unlisted(ms_page *page) {
    const ms_capture *c = &page->model->capture;
    bool told = c->history_steps_kept != MS_UNKNOWN; /* of the first three, by warn_of_words() */
    const struct {
        const char *noun;
        uint64_t count;
    } all[] = {
        {"variable", told ? 0 : c->variables_left_out},
        {"passport", told ? 0 : c->passports_left_out},
        {"container", told ? 0 : c->containers_left_out},
        {"entered scope", c->scopes_left_out},
        {"tagged block", c->tags_left_out},
        {"described type", c->declared_types_left_out},
        {"snapshot", c->snapshots_left_out},
    };
    const char *list = "";
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].count)
            list = ms_arena_printf(page->arena, "%s%s%s", list, *list ? ", " : "",
                                   ms_page_plural(page, all[i].count, all[i].noun));
    return list;
}

static bool warn_of_many(ms_page *page) {
    const char *list = unlisted(page);
    if (*list)
        warn(page, ms_arena_printf(page->arena, "not listed, for there were too many: %s", list));
    return *list;
}

/* What was kept short, and what should have been. */
static bool warn_of_bounds(ms_page *page) {
    const ms_capture *capture = &page->model->capture;
    bool asked = has_option(capture, "max_trace") || has_option(capture, "ring") ||
                 has_option(capture, "aggregate");
    bool lone = asked && capture->lone;
    if (lone)
        warn(page, "recorded without `memscope run`: max-trace, ring and aggregate had no effect");
    if (capture->events_from_ns != MS_UNKNOWN)
        warn(page, ms_arena_printf(page->arena,
                                   "the trace has the events from %s on; of those before it has "
                                   "what they came to: the numbers below are %s",
                                   DURATION(capture->events_from_ns), how_good(page)));
    if (capture->thinned_from_ns != MS_UNKNOWN)
        warn(page,
             ms_arena_printf(page->arena,
                             "live blocks were too many for the trace: since %s only a "
                             "sample of them is kept, one for %s; what is live, and peaks "
                             "since then, are estimates",
                             DURATION(capture->thinned_from_ns), BYTES(capture->thinned_rate)));
    if (capture->history_steps_kept != MS_UNKNOWN)
        warn_of_words(page);
    if (capture->held_ns)
        warn(page, ms_arena_printf(page->arena,
                                   "to keep the trace short, recording was held for %s: the "
                                   "program may have waited for it",
                                   DURATION(capture->held_ns)));
    return lone || capture->events_from_ns != MS_UNKNOWN || capture->held_ns;
}

void ms_text_warnings(ms_page *page) {
    bool any = warn_of_losses(page);
    any |= warn_of_cut(page);
    any |= warn_of_bounds(page);
    any |= warn_of_many(page);
    any |= warn_of_gaps(page);
    any |= warn_of_stacks(page);
    any |= warn_of_symbols(page);
    if (any)
        ms_sink_text(page->sink, "\n");
}
