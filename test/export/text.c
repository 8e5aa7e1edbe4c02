#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../golden.h"
#include "sample.h"

static char *report(const ms_model *model, const ms_export_options *options) {
    char *text = exported(model, "text", options);
    assert_non_null(text);
    return text;
}

static char *summary(const ms_model *model, const ms_export_options *options) {
    ms_sink *sink = ms_sink_memory();
    ms_text_summary(model, sink, options);
    char *text = ms_sink_take(sink, NULL);
    ms_sink_abandon(sink);
    return text;
}

static void the_report_of_the_sample_is_the_golden(void **state) {
    (void)state;
    ms_model *model = sample_model();
    ms_export_options options = ms_export_defaults();
    char *text = report(model, &options);
    check_golden("test/golden/sample.txt", text);
    free(text);
    ms_model_free(model);
}

static void the_summary_of_the_sample_is_the_golden(void **state) {
    (void)state;
    ms_model *model = sample_model();
    ms_export_options options = ms_export_defaults();
    options.trace = "my traces/demo.memscope";
    char *text = summary(model, &options);
    check_golden("test/golden/summary.txt", text);
    free(text);
    ms_model_free(model);
}

static void an_empty_model_has_a_short_report(void **state) {
    (void)state;
    ms_model *model = ms_model_new();
    ms_export_options options = ms_export_defaults();
    char *text = report(model, &options);
    assert_non_null(strstr(text, "(unknown program)"));
    assert_non_null(strstr(text, "Live at exit: nothing.\n"));
    assert_non_null(strstr(text, "Calls: no allocations.\n"));
    free(text);
    free(summary(model, &options));
    ms_model_free(model);
}

static void without_lifting_the_wrapper_is_blamed(void **state) {
    (void)state;
    ms_model *model = sample_model();
    ms_export_options options = ms_export_defaults();
    options.lift = false;
    char *text = report(model, &options);
    assert_non_null(strstr(text, "%  xmalloc\n"));
    assert_null(strstr(text, "via xmalloc"));
    free(text);
    ms_model_free(model);
}

static void the_top_limits_each_list_and_the_rest_is_summed_up(void **state) {
    (void)state;
    ms_model *model = sample_model();
    ms_export_options options = ms_export_defaults();
    options.top = 1;
    char *text = report(model, &options);
    assert_null(strstr(text, "\n  2 "));
    assert_non_null(strstr(text, "3.9 %  in 4 more places\n"));
    free(text);
    ms_model_free(model);
}

/* Columns of the widest line, escape sequences left out. */
static size_t widest(const char *text) {
    size_t most = 0, columns = 0;
    for (; *text; text++) {
        if (*text == '\x1b')
            text = strchr(text, 'm');
        else if (*text == '\n')
            columns = 0;
        else if ((*text & 0xc0) != 0x80 && ++columns > most)
            most = columns;
    }
    return most;
}

static void no_line_is_wider_than_asked_for(void **state) {
    (void)state;
    ms_model *model = sample_model();
    char name[400];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = 0;
    ms_frame *frame = (ms_frame *)&model->stacks.items[0].frames[1];
    frame->function = frame->file = frame->module = name;
    frame[1] = frame[0];
    model->program.argv.items[1] = name;
    ms_export_options options = ms_export_defaults();
    for (size_t width = 60; width < 200; width += 35) {
        options.width = width;
        options.color = width % 2;
        char *text = report(model, &options);
        assert_true(widest(text) <= width);
        free(text);
        text = summary(model, &options);
        assert_true(widest(text) <= width);
        free(text);
    }
    ms_model_free(model);
}

static void colours_are_used_only_when_asked_for(void **state) {
    (void)state;
    ms_model *model = sample_model();
    ms_export_options options = ms_export_defaults();
    char *plain = report(model, &options);
    assert_null(strchr(plain, '\x1b'));
    options.color = true;
    char *coloured = report(model, &options);
    assert_non_null(strstr(coloured, "\x1b[1m"));
    char *end = plain;
    for (const char *p = coloured; *p; p++) { /* but for the colours nothing changes */
        if (*p == '\x1b')
            p = strchr(p, 'm');
        else
            assert_int_equal(*p, *end++);
    }
    assert_int_equal(*end, 0);
    free(plain);
    free(coloured);
    ms_model_free(model);
}

static void hostile_names_reach_no_terminal(void **state) {
    (void)state;
    ms_model *model = sample_model();
    const char *evil = "\x1b]0;owned\a\x9b\xff\n\xe2\x80\xae";
    ms_frame *frames = (ms_frame *)model->stacks.items[0].frames;
    for (int i = 0; i < 4; i++)
        frames[i].function = frames[i].file = frames[i].module = evil;
    ((ms_frame *)model->stacks.items[6].frames)[1].broken = evil;
    model->program.argv.items[0] = model->program.argv.items[1] = evil;
    model->program.host = evil;
    model->modules.items[0].module = model->modules.items[0].advice = evil;
    model->program.end = evil;
    model->program.exit_status = MS_UNKNOWN;
    ms_export_options options = ms_export_defaults();
    options.trace = evil;
    char *texts[] = {report(model, &options), summary(model, &options)};
    for (int i = 0; i < 2; i++) {
        for (const char *p = texts[i]; *p; p++)
            assert_true(*p == '\n' || (*p >= ' ' && *p < 0x7f));
        assert_non_null(strstr(texts[i], "\\x1b]0;owned"));
        free(texts[i]);
    }
    ms_model_free(model);
}

static void a_path_is_quoted_for_the_shell(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"a-1.memscope", "report a-1.memscope\n"},
        {"a b", "report 'a b'\n"},
        {"it's", "report $'it\\'s'\n"},
        {"a\nb", "report $'a\\nb'\n"},
    };
    ms_model *model = ms_model_new();
    ms_export_options options = ms_export_defaults();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        options.trace = cases[i][0];
        char *text = summary(model, &options);
        assert_non_null(strstr(text, cases[i][1]));
        free(text);
    }
    ms_model_free(model);
}

static void what_the_numbers_leave_out_is_said(void **state) {
    (void)state;
    ms_model *model = sample_model();
    model->capture.dropped.no_space = 1234;
    model->capture.truncated = true;
    model->capture.truncated_at = 77;
    model->capture.implied_frees = 2;
    model->capture.order_uncertainty_bytes = 2048;
    model->modules.items[0].advice = "install demo-dbgsym";
    for (size_t i = 0; i < model->stacks.count; i++) { /* and it is blamed without a line */
        const ms_stack *stack = &model->stacks.items[i];
        for (uint32_t f = 0; f < stack->count; f++)
            ((ms_frame *)(uintptr_t)stack->frames)[f].file = NULL;
    }
    ms_export_options options = ms_export_defaults();
    options.width = 200;
    char *text = report(model, &options);
    assert_non_null(strstr(text, "! 1,234 no_space: the file system was full\n"));
    assert_non_null(strstr(text, "damaged at byte 77:"));
    assert_non_null(strstr(text, "! 2 releases not recorded"));
    assert_non_null(strstr(text, "+-2.0 KiB (order of threads)"));
    assert_non_null(strstr(text, "install demo-dbgsym\n"));
    assert_null(strstr(text, "unmatched"));
    free(text);
    model->summary.unmatched_frees = 3;
    text = report(model, &options);
    assert_non_null(strstr(text, "unmatched frees"));
    free(text);
    ms_model_free(model);
}

/* The sample as if it had been sampled: errors of a tenth. */
static ms_model *sampled_model(void) {
    ms_model *model = sample_model();
    for (size_t i = 0; i < model->sites.count; i++) {
        ms_site *site = &model->sites.items[i];
        site->temporary = MS_UNKNOWN;
        site->allocations_error = site->allocations / 10;
        site->reallocations_error = site->reallocations / 10;
        site->bytes_allocated_error = site->bytes_allocated / 10;
        site->peak_bytes_error = site->peak_bytes / 10;
        site->peak_blocks_error = site->peak_blocks / 10;
        site->live_bytes_error = site->live_bytes / 10;
        site->live_blocks_error = site->live_blocks / 10;
    }
    ms_summary *s = &model->summary;
    s->evidence = "estimated";
    s->temporary_allocations = MS_UNKNOWN;
    s->peak_bytes_error = s->peak_bytes / 10;
    s->peak_blocks_error = s->peak_blocks / 10;
    s->live_bytes_error = s->live_bytes / 10;
    s->live_blocks_error = s->live_blocks / 10;
    model->capture.sample_bytes = 512 << 10;
    model->capture.exact_until_ns = 200000000;
    return model;
}

static void estimates_are_shown_with_their_errors(void **state) {
    (void)state;
    ms_model *model = sampled_model();
    ms_export_options options = ms_export_defaults();
    char *text = report(model, &options);
    check_golden("test/golden/sampled.txt", text);
    assert_non_null(strstr(text, "266.5 KiB ± 26.7"));
    assert_non_null(strstr(text, "from 200 ms on (exact before), one per"));
    assert_non_null(strstr(text, "counted exactly"));
    assert_null(strstr(text, "temporary"));
    assert_null(strstr(text, "Temporary"));
    free(text);
    model->capture.exact_until_ns = 0;
    model->capture.sample_bytes = MS_UNKNOWN;
    text = summary(model, &options);
    assert_non_null(strstr(text, "from the start, at changing rates"));
    free(text);
    ms_model_free(model);
}

static void gaps_and_what_they_leave_open_are_told(void **state) {
    (void)state;
    ms_model *model = sample_model();
    model->capture.gaps = 2;
    model->capture.gap_ns = 3000000000;
    model->summary.uncertain_blocks = 5;
    model->summary.uncertain_bytes = 2048;
    model->summary.gap_frees = 7;
    model->capture.changes_left_out = 1;
    ms_export_options options = ms_export_defaults();
    options.width = 200;
    char *text = report(model, &options);
    assert_non_null(strstr(text, "! recording was off 2 times, for 3.0 s in all"));
    assert_non_null(strstr(text, "2.0 KiB  in 5 blocks: live, or freed while recording was off"));
    assert_non_null(strstr(text, "! 7 frees after that of blocks not seen born"));
    assert_non_null(strstr(text, "! 1 change of task or rate not followed"));
    assert_null(strstr(text, "±"));
    free(text);
    ms_model_free(model);
}

static void what_is_not_listed_is_told(void **state) {
    (void)state;
    ms_model *model = sample_model();
    ms_export_options options = ms_export_defaults();
    options.width = 200;
    char *text = report(model, &options);
    assert_null(strstr(text, "not listed, for"));
    free(text);
    model->capture.variables_left_out = 5;
    model->capture.scopes_left_out = 2;
    model->capture.snapshots_left_out = 1;
    text = report(model, &options);
    assert_non_null(strstr(text, "! not listed, for there were too many: 5 variables, 2 entered "
                                 "scopes, 1 snapshot\n"));
    free(text);
    ms_model_free(model);
}

static void how_it_ended_is_told(void **state) {
    (void)state;
    ms_model *model = sample_model();
    ms_export_options options = ms_export_defaults();
    model->program.exit_status = MS_UNKNOWN;
    model->program.exit_signal = 11;
    char *text = report(model, &options);
    assert_non_null(strstr(text, "killed by signal 11, SIGSEGV\n"));
    free(text);
    model->program.exit_signal = MS_UNKNOWN;
    model->program.end = "gone";
    text = report(model, &options);
    assert_non_null(strstr(text, "end: gone\n"));
    free(text);
    ms_model_free(model);
}

static void nothing_is_called_a_leak_and_every_lifetime_is_about(void **state) {
    (void)state;
    ms_model *model = sample_model();
    ms_export_options options = ms_export_defaults();
    char *text = report(model, &options);
    assert_null(strcasestr(text, "leak"));
    const char *lived = strstr(text, "lived");
    assert_non_null(lived);
    for (; lived; lived = strstr(lived + 1, "lived"))
        assert_true(strcspn(lived, "~") < strcspn(lived, "0123456789"));
    free(text);
    ms_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_report_of_the_sample_is_the_golden),
        cmocka_unit_test(the_summary_of_the_sample_is_the_golden),
        cmocka_unit_test(an_empty_model_has_a_short_report),
        cmocka_unit_test(without_lifting_the_wrapper_is_blamed),
        cmocka_unit_test(the_top_limits_each_list_and_the_rest_is_summed_up),
        cmocka_unit_test(no_line_is_wider_than_asked_for),
        cmocka_unit_test(colours_are_used_only_when_asked_for),
        cmocka_unit_test(hostile_names_reach_no_terminal),
        cmocka_unit_test(a_path_is_quoted_for_the_shell),
        cmocka_unit_test(what_the_numbers_leave_out_is_said),
        cmocka_unit_test(estimates_are_shown_with_their_errors),
        cmocka_unit_test(gaps_and_what_they_leave_open_are_told),
        cmocka_unit_test(how_it_ended_is_told),
        cmocka_unit_test(what_is_not_listed_is_told),
        cmocka_unit_test(nothing_is_called_a_leak_and_every_lifetime_is_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
