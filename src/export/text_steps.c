#include "export/text_steps.h"

#include <string.h>

#include "model/rank.h"
#include "util/human.h"

enum {
    STEPS_MAX = 8,    /* lines of one life; of a longer one */
    STEPS_FIRST = 5,  /* so many from its begin, */
    STEPS_LAST = 2,   /* so many up to its end, and one that tells of the others */
    WHAT_COLUMNS = 20 /* of a step, where it is aligned */
};

/* ---- where ------------------------------------------------------------------------------ */

const char *ms_step_at(ms_page *page, const ms_frame *frame) {
    const char *function = ms_page_function(page, frame, page->width / 3);
    const char *file = ms_page_location(page, frame, true, page->width / 3);
    return file ? ms_arena_printf(page->arena, "%s, %s", function, file) : function;
}

/* A caller is named where the line has room for it; who calls main is nobody's business. */
static const char *with_caller(ms_page *page, const ms_stack *stack, uint32_t at) {
    const char *text = ms_step_at(page, &stack->frames[at]);
    const char *function = stack->frames[at].function;
    if (at + 1 == stack->count || (function && strcmp(function, "main") == 0))
        return text;
    const char *caller = ms_page_function(page, &stack->frames[at + 1], page->width / 3);
    const char *both = ms_arena_printf(page->arena, "%s, from %s", text, caller);
    size_t room = page->width - (MS_PAGE_VALUE + 2 + WHAT_COLUMNS + 2);
    return ms_human_columns(both) <= room ? both : text;
}

const char *ms_step_at_stack(ms_page *page, uint32_t number) {
    const ms_stack *stack = ms_model_stack(page->model, number);
    return stack && stack->count ? with_caller(page, stack, 0) : NULL;
}

const char *ms_step_at_site(ms_page *page, uint64_t number) {
    const ms_site *site = ms_model_site(page->model, number);
    const ms_stack *stack = site ? ms_model_stack(page->model, site->stack) : NULL;
    bool any = stack && stack->count;
    return any ? with_caller(page, stack, ms_blamed_frame(stack, page->options->lift)) : NULL;
}

/* ---- steps ------------------------------------------------------------------------------ */

/* When: of the first since the start, of the others since the one before; the clock stands still within a
 * tick. */
static const char *when(ms_page *page, const ms_step *s, const ms_step *before) {
    if (before && s->time_ns <= before->time_ns)
        return "";
    uint64_t since_ns = before ? s->time_ns - before->time_ns : s->time_ns;
    return ms_arena_printf(page->arena, "%s%s", before ? "+" : "",
                           ms_human_duration(since_ns).text);
}

static const char *whereabouts(ms_page *page, const ms_step *s, const ms_step *before) {
    if (!before || s->thread_id == before->thread_id || s->thread_id == MS_UNKNOWN)
        return s->where;
    return ms_arena_printf(page->arena, "thread %llu%s%s", (unsigned long long)s->thread_id,
                           s->where ? ": " : "", s->where ? s->where : "");
}

static void put_step(ms_page *page, const ms_step *s, const ms_step *before) {
    const char *where = whereabouts(page, s, before);
    size_t columns = ms_human_columns(s->what);
    ms_page_right(page, MS_DIM, MS_PAGE_VALUE, when(page, s, before));
    ms_sink_printf(page->sink, "  %s", s->what);
    if (!where) {
        ms_sink_text(page->sink, "\n");
        return;
    }
    int gap = columns < WHAT_COLUMNS ? (int)(WHAT_COLUMNS - columns) : 0;
    ms_sink_printf(page->sink, "%*s  ", gap, "");
    ms_page_wrap(page, MS_PLAIN, MS_PAGE_VALUE + 2 + columns + (size_t)gap + 2, where);
}

void ms_steps_put(ms_page *page, const ms_step *steps, size_t count, uint64_t unlisted,
                  bool is_ended) {
    bool all = count <= STEPS_MAX && unlisted == 0;
    size_t behind = unlisted == 0 ? STEPS_LAST : is_ended;
    size_t last = all ? count : count - behind;
    size_t first = all || last < STEPS_FIRST ? last : STEPS_FIRST;
    for (size_t i = 0; i < first; i++)
        put_step(page, &steps[i], i ? &steps[i - 1] : NULL);
    if (!all)
        ms_sink_printf(page->sink, "%*s  and %s\n", MS_PAGE_VALUE, "",
                       ms_page_plural(page, last - first + unlisted, "more step"));
    for (size_t i = last; i < count; i++)
        put_step(page, &steps[i], &steps[i - 1]);
}

static bool was_given(const ms_page *page, const char *option) {
    const ms_capture *c = &page->model->capture;
    for (size_t i = 0; i < c->options.count; i++)
        if (strcmp(c->options.items[i], option) == 0)
            return true;
    return false;
}

/* For those who did not know; whoever takes no stacks at all does. */
static void advise(ms_page *page, ms_untold untold) {
    bool words = untold.words && !was_given(page, "word_stacks=1");
    bool frees = untold.frees && !was_given(page, "free_stacks=1");
    if ((!words && !frees) || was_given(page, "stacks=0"))
        return;
    ms_sink_text(page->sink, "  ");
    ms_page_wrap(page, MS_DIM, 2,
                 ms_arena_printf(page->arena, "where the other steps were: memscope run%s%s",
                                 words ? " --word-stacks" : "", frees ? " --free-stacks" : ""));
}

void ms_steps_end(ms_page *page, size_t more, ms_untold untold) {
    if (more)
        ms_sink_printf(page->sink, "%*s  and %s more: --top 0, --format json\n", MS_PAGE_VALUE, "",
                       ms_human_count(more).text);
    advise(page, untold);
    ms_sink_text(page->sink, "\n");
}
