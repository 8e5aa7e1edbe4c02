#include "model/warnings.h"

#include <inttypes.h>
#include <string.h>

#include "model/rank.h"
#include "util/arena.h"
#include "util/human.h"

#define BYTES(n) ms_human_bytes(n).text
#define COUNT(n) ms_human_count(n).text
#define DURATION(n) ms_human_duration(n).text
#define SHARE(part, whole) ms_human_share(part, whole).text

typedef struct list {
    const ms_model *model;
    ms_arena *arena;
    bool lift;
    const char **items;
    size_t count, capacity;
} list;

static void warn(list *l, const char *text) {
    if (l->count == l->capacity) {
        size_t capacity = l->capacity ? 2 * l->capacity : 16;
        const char **larger = ms_arena_alloc(l->arena, capacity * sizeof *larger);
        if (l->count)
            memcpy(larger, l->items, l->count * sizeof *larger);
        l->items = larger;
        l->capacity = capacity;
    }
    l->items[l->count++] = text;
}

static const char *plural(list *l, uint64_t count, const char *noun) {
    return ms_arena_printf(l->arena, "%s %s%s", COUNT(count), noun, count == 1 ? "" : "s");
}

/* ---- what is missing -------------------------------------------------------------------- */

/* By the descriptors, so that a new cause of loss is never a silent one. */
static void warn_of_losses(list *l) {
    bool any = false;
    for (size_t i = 0; i < ms_record_drops.field_count; i++) {
        const ms_field_info *field = &ms_record_drops.fields[i];
        uint64_t count;
        memcpy(&count, (const char *)&l->model->capture.dropped + field->offset, sizeof count);
        if (!count)
            continue;
        any = true;
        warn(l, ms_arena_printf(l->arena, "%s %s: %s", COUNT(count), field->name, field->doc));
    }
    if (any)
        warn(l, "the numbers below leave out what was lost");
}

static void warn_of_version(list *l) {
    const ms_model *model = l->model;
    if (model->lacking)
        warn(l,
             ms_arena_printf(
                 l->arena,
                 "made from the report of another version of memscope, which did not have %s that "
                 "stand here, %s first: they are not known, or 0",
                 plural(l, model->lacking, "value"), model->first_lacking));
}

static void warn_of_cut(list *l) {
    const ms_capture *capture = &l->model->capture;
    if (capture->truncated) {
        const char *where =
            capture->truncated_at == MS_UNKNOWN
                ? ""
                : ms_arena_printf(l->arena, " at byte %" PRIu64, capture->truncated_at);
        warn(l, ms_arena_printf(l->arena,
                                "the trace ends early or is damaged%s: this is what was "
                                "readable, and \"live at exit\" means live there",
                                where));
    } else if (!capture->complete && !capture->gaps) {
        warn(l, "not recorded from the first allocation to the end of the process");
    }
    if (capture->implied_frees)
        warn(l, ms_arena_printf(l->arena, "%s not recorded: the address was handed out again",
                                plural(l, capture->implied_frees, "release")));
}

static void warn_of_gaps(list *l) {
    const ms_capture *capture = &l->model->capture;
    const ms_summary *s = &l->model->summary;
    if (capture->gaps)
        warn(l, ms_arena_printf(
                    l->arena,
                    "recording was off %s, for %s in all: what happened then is not known, "
                    "blocks born then are not counted",
                    plural(l, capture->gaps, "time"), DURATION(capture->gap_ns)));
    if (s->gap_frees)
        warn(l, ms_arena_printf(l->arena,
                                "%s after that of blocks not seen born: most likely born then",
                                plural(l, s->gap_frees, "free")));
    if (s->unsampled_frees)
        warn(l, ms_arena_printf(l->arena, "%s of blocks not seen born: most likely not sampled",
                                plural(l, s->unsampled_frees, "free")));
    if (capture->changes_left_out)
        warn(l,
             ms_arena_printf(l->arena, "%s of task or rate not followed: there were too many kinds",
                             plural(l, capture->changes_left_out, "change")));
}

/* Of all allocations, how many lack what a blame needs? */
static void warn_of_stacks(list *l) {
    const ms_model *model = l->model;
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
        warn(l, ms_arena_printf(l->arena,
                                "%s of the allocations have a stack that broke off (%s): their "
                                "outer callers are not shown",
                                SHARE(broken, all), ms_human_safe(l->arena, why, 60, MS_CUT_END)));
    if (none)
        warn(l, ms_arena_printf(l->arena, "%s of the allocations have no stack", SHARE(none, all)));
}

/* Calls that are blamed on code of `module` without saying which line. */
static uint64_t nameless_calls(const list *l, const ms_module *module) {
    uint64_t calls = 0;
    for (size_t i = 0; i < l->model->sites.count; i++) {
        const ms_site *site = &l->model->sites.items[i];
        const ms_stack *stack = ms_model_stack(l->model, site->stack);
        if (!stack || !stack->count)
            continue;
        const ms_frame *blamed = &stack->frames[l->lift ? stack->depth_lifted : 0];
        if (!blamed->file && blamed->module && module->module &&
            strcmp(blamed->module, module->module) == 0)
            calls += ms_site_cost(site, MS_COST_CALLS);
    }
    return calls;
}

/* Only where it matters: a module that is blamed for a hundredth of the calls, three at most. */
static void warn_of_symbols(list *l) {
    const ms_model *model = l->model;
    uint64_t all = ms_model_cost(model, MS_COST_CALLS);
    size_t shown = 0;
    for (size_t i = 0; i < model->modules.count && shown < 3; i++) {
        const ms_module *m = &model->modules.items[i];
        uint64_t calls = m->advice ? nameless_calls(l, m) : 0;
        if (calls == 0 || calls < (all + 99) / 100)
            continue;
        shown++;
        warn(l,
             ms_arena_printf(l->arena, "%s of the allocations are blamed on %s without lines: %s",
                             SHARE(calls, all), ms_human_safe(l->arena, m->module, 40, MS_CUT_END),
                             ms_human_safe(l->arena, m->advice, 0, MS_CUT_END)));
    }
}

static bool has_option(const ms_capture *capture, const char *name) {
    size_t size = strlen(name);
    for (size_t i = 0; i < capture->options.count; i++)
        if (strncmp(capture->options.items[i], name, size) == 0 &&
            capture->options.items[i][size] == '=')
            return true;
    return false;
}

static const char *how_good(const list *l) {
    if (l->model->capture.thinned_from_ns != MS_UNKNOWN)
        return "exact, but for what is live";
    const char *evidence = l->model->summary.evidence;
    return evidence && strcmp(evidence, "estimated") == 0 ? "as good as with all" : "exact";
}

/* Words that took too much room: forget.h of the loader. */
static void warn_of_words(list *l) {
    const ms_capture *c = &l->model->capture;
    uint64_t things = c->variables_left_out + c->references_left_out + c->passports_left_out +
                      c->containers_left_out;
    const char *steps = plural(l, c->history_steps_kept, "step");
    const char *kept = c->history_steps_kept
                           ? ms_arena_printf(l->arena, ", end and the first %s between", steps)
                           : " and end";
    const char *over = things ? ms_arena_printf(l->arena, "; nor are %s that had ended",
                                                plural(l, things, "thing"))
                              : "";
    warn(l, ms_arena_printf(l->arena,
                            "the program said more than the trace has room for: of each life "
                            "begin%s are listed, %s are not%s",
                            kept, plural(l, c->history_steps_left_out, "step"), over));
}

/* "12 variables, 1 snapshot", of what its own section does not tell. */
static const char *unlisted(list *l) {
    const ms_capture *c = &l->model->capture;
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
    const char *those = "";
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].count)
            those = ms_arena_printf(l->arena, "%s%s%s", those, *those ? ", " : "",
                                    plural(l, all[i].count, all[i].noun));
    return those;
}

static void warn_of_many(list *l) {
    const char *those = unlisted(l);
    if (*those)
        warn(l, ms_arena_printf(l->arena, "not listed, for there were too many: %s", those));
}

/* What was kept short, and what should have been. */
static void warn_of_bounds(list *l) {
    const ms_capture *capture = &l->model->capture;
    bool asked = has_option(capture, "max_trace") || has_option(capture, "ring") ||
                 has_option(capture, "aggregate");
    bool lone = asked && capture->lone;
    if (lone)
        warn(l, "recorded without `memscope run`: max-trace, ring and aggregate had no effect");
    if (capture->events_from_ns != MS_UNKNOWN)
        warn(l, ms_arena_printf(l->arena,
                                "the trace has the events from %s on; of those before it has "
                                "what they came to: the numbers below are %s",
                                DURATION(capture->events_from_ns), how_good(l)));
    if (capture->thinned_from_ns != MS_UNKNOWN)
        warn(l, ms_arena_printf(l->arena,
                                "live blocks were too many for the trace: since %s only a "
                                "sample of them is kept, one for %s; what is live, and peaks "
                                "since then, are estimates",
                                DURATION(capture->thinned_from_ns), BYTES(capture->thinned_rate)));
    if (capture->history_steps_kept != MS_UNKNOWN)
        warn_of_words(l);
    if (capture->held_ns)
        warn(l, ms_arena_printf(l->arena,
                                "to keep the trace short, recording was held for %s: the "
                                "program may have waited for it",
                                DURATION(capture->held_ns)));
}

/* ---- all of them ------------------------------------------------------------------------ */

size_t ms_warnings(const ms_model *model, ms_arena *arena, bool lift, const char ***warnings) {
    list l = {.model = model, .arena = arena, .lift = lift};
    warn_of_version(&l);
    warn_of_losses(&l);
    warn_of_cut(&l);
    warn_of_bounds(&l);
    warn_of_many(&l);
    warn_of_gaps(&l);
    warn_of_stacks(&l);
    warn_of_symbols(&l);
    *warnings = l.items;
    return l.count;
}
