#include "export/text_head.h"

#include <inttypes.h>
#include <string.h>

#include "model/phrase.h"
#include "model/warnings.h"
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

void ms_text_warnings(ms_page *page) {
    const char **warnings;
    size_t count = ms_warnings(page->model, page->arena, page->options->lift, &warnings);
    for (size_t i = 0; i < count; i++) {
        ms_page_put(page, MS_LOUD, "! ");
        ms_page_wrap(page, MS_LOUD, 2, warnings[i]);
    }
    if (count)
        ms_sink_text(page->sink, "\n");
}
