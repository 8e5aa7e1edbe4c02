#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../golden.h"
#include "sample.h"

static void the_stacks_of_the_sample_are_the_golden(void **state) {
    (void)state;
    ms_model *model = sample_model();
    ms_export_options options = ms_export_defaults();
    char *text = exported(model, "collapsed", &options);
    check_golden("test/golden/sample.collapsed", text);
    free(text);
    ms_model_free(model);
}

/* The numbers behind the last space of each line. */
static uint64_t sum(const char *text) {
    uint64_t total = 0;
    for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
        const char *number = end;
        while (number > text && number[-1] != ' ')
            number--;
        total += strtoull(number, NULL, 10);
    }
    return total;
}

static void costs_add_up_to_the_totals(void **state) {
    (void)state;
    ms_model *model = sample_model();
    const uint64_t totals[] = {model->summary.peak_bytes, model->summary.live_bytes,
                               model->summary.bytes_allocated, model->summary.allocations,
                               model->summary.temporary_allocations};
    ms_export_options options = ms_export_defaults();
    for (options.cost = MS_COST_PEAK; options.cost <= MS_COST_TEMPORARY; options.cost++) {
        char *text = exported(model, "collapsed", &options);
        assert_int_equal(sum(text), totals[options.cost]);
        free(text);
    }
    ms_model_free(model);
}

static void wrappers_stay_when_not_lifted(void **state) {
    (void)state;
    ms_model *model = sample_model();
    ms_export_options options = ms_export_defaults();
    char *lifted = exported(model, "collapsed", &options);
    assert_null(strstr(lifted, "xmalloc"));
    options.lift = false;
    char *whole = exported(model, "collapsed", &options);
    assert_non_null(strstr(whole, "main;new_table;xmalloc 262144\n"));
    free(lifted);
    free(whole);
    ms_model_free(model);
}

static void names_cannot_break_the_lines(void **state) {
    (void)state;
    ms_model *model = ms_model_new();
    add_site(model, "f main", 1, 8, 8);
    ((ms_frame *)model->stacks.items[0].frames)[0].function = "a;b\nc \x1b\xff";
    ms_export_options options = ms_export_defaults();
    options.cost = MS_COST_BYTES;
    char *text = exported(model, "collapsed", &options);
    assert_string_equal(text, "main;a\\x3bb\\nc \\x1b\\xff 8\n");
    free(text);
    ms_model_free(model);
}

static void no_sites_are_no_lines(void **state) {
    (void)state;
    ms_model *model = ms_model_new();
    ms_export_options options = ms_export_defaults();
    char *text = exported(model, "collapsed", &options);
    assert_string_equal(text, "");
    free(text);
    ms_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stacks_of_the_sample_are_the_golden),
        cmocka_unit_test(costs_add_up_to_the_totals),
        cmocka_unit_test(wrappers_stay_when_not_lifted),
        cmocka_unit_test(names_cannot_break_the_lines),
        cmocka_unit_test(no_sites_are_no_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
