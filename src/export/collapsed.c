/* Folded stacks, "outermost;...;innermost cost", one line per site: what flame graph tools read. */
#include "export/export.h"

#include <inttypes.h>

#include "util/arena.h"
#include "util/human.h"

/* A name as one element: what a reader would take for structure, and what a terminal would act on,
 * is escaped. */
static void write_name(ms_sink *sink, ms_arena *scratch, const char *name) {
    for (const char *p = ms_human_safe(scratch, name, 0, MS_CUT_END); *p; p++) {
        if (*p == ';')
            ms_sink_text(sink, "\\x3b");
        else
            ms_sink_write(sink, p, 1);
    }
}

static void write_frame(ms_sink *sink, ms_arena *scratch, const ms_frame *frame) {
    if (frame->function) {
        write_name(sink, scratch, frame->function);
        return;
    }
    write_name(sink, scratch, frame->module ? frame->module : "[unknown]");
    if (frame->address != MS_UNKNOWN)
        ms_sink_printf(sink, "+0x%" PRIx64, frame->address);
}

static void write_stack(ms_sink *sink, ms_arena *scratch, const ms_stack *stack, bool lift) {
    if (!stack || !stack->count) {
        ms_sink_text(sink, "[no stack]");
        return;
    }
    if (stack->frames[stack->count - 1].broken)
        ms_sink_text(sink, "[stack broke off];");
    uint32_t innermost = ms_blamed_frame(stack, lift);
    for (uint32_t i = stack->count; i-- > innermost;) {
        write_frame(sink, scratch, &stack->frames[i]);
        if (i > innermost)
            ms_sink_text(sink, ";");
    }
}

static ms_err write_collapsed(const ms_model *model, ms_sink *sink,
                              const ms_export_options *options, ms_error *error) {
    for (size_t i = 0; i < model->sites.count && !ms_sink_failed(sink); i++) {
        const ms_site *site = &model->sites.items[i];
        uint64_t cost = ms_site_cost(site, options->cost);
        if (!cost)
            continue;
        ms_arena *scratch = ms_arena_new();
        if (!scratch)
            return ms_fail(error, MS_ERR_NOMEM, "cannot write collapsed stacks: out of memory");
        write_stack(sink, scratch, ms_model_stack(model, site->stack), options->lift);
        ms_sink_printf(sink, " %" PRIu64 "\n", cost);
        ms_arena_free(scratch);
    }
    return MS_ERR_OK;
}

const ms_exporter ms_exporter_collapsed = {
    .name = "collapsed",
    .doc = "folded stacks for flame graph tools; --cost says what is counted",
    .endings = {"collapsed", "folded"},
    .write = write_collapsed,
};
