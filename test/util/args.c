#include "util/args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define WORDS(...) ((char *[]){__VA_ARGS__, NULL})

typedef struct result {
    ms_err code;
    ms_options options;
    ms_args args;
    ms_error error;
} result;

static result parse(char **words, unsigned where, bool stop_at_operand) {
    result r = {.options = ms_options_default()};
    int count = 0;
    while (words[count])
        count++;
    r.code = ms_args_parse(count, words, where, stop_at_operand, &r.options, &r.args, &r.error);
    return r;
}

static void assert_usage_error(result r, const char *part) {
    assert_int_equal(r.code, MS_ERR_USAGE);
    if (!strstr(r.error.message, part))
        fail_msg("'%s' does not say '%s'", r.error.message, part);
}

static void values_come_after_a_blank_or_an_equals_sign(void **state) {
    (void)state;
    result r = parse(WORDS("--format", "json", "--output=a=b", "--top=7"), MS_FOR_REPORT, false);
    assert_int_equal(r.code, MS_ERR_OK);
    assert_string_equal(r.options.format, "json");
    assert_string_equal(r.options.out, "a=b");
    assert_int_equal(r.options.top, 7);
    assert_int_equal(r.args.argc, 0);
}

static void short_flags_take_values_apart_or_attached(void **state) {
    (void)state;
    result r = parse(WORDS("-o", "x", "-fjson"), MS_FOR_REPORT, false);
    assert_string_equal(r.options.out, "x");
    assert_string_equal(r.options.format, "json");
}

static void short_flags_cluster(void **state) {
    (void)state;
    result r = parse(WORDS("-qo", "x", "prog"), MS_FOR_RUN, true);
    assert_true(r.options.quiet);
    assert_string_equal(r.options.output, "x");
    assert_int_equal(r.args.argc, 1);
}

static void switches_go_both_ways(void **state) {
    (void)state;
    result r = parse(WORDS("--quiet", "--no-stacks", "--mappings=no", "p"), MS_FOR_RUN, true);
    assert_true(r.options.quiet);
    assert_false(r.options.stacks);
    assert_false(r.options.mappings);
    assert_string_equal(r.args.argv[0], "p");
}

static void last_of_two_counts(void **state) {
    (void)state;
    result r =
        parse(WORDS("--stacks", "--no-stacks", "--top", "1", "--top", "2"), MS_FOR_RUN, true);
    assert_false(r.options.stacks);
    assert_int_equal(r.options.top, 2);
}

static void operands_may_stand_anywhere(void **state) {
    (void)state;
    result r = parse(WORDS("a", "--top", "3", "b", "-", "--", "--top", "c"), MS_FOR_REPORT, false);
    assert_int_equal(r.code, MS_ERR_OK);
    assert_int_equal(r.args.argc, 5);
    static const char *const expected[] = {"a", "b", "-", "--top", "c"};
    for (int i = 0; i < 5; i++)
        assert_string_equal(r.args.argv[i], expected[i]);
    assert_null(r.args.argv[5]);
    assert_int_equal(r.options.top, 3);
}

static void flags_of_the_command_are_left_to_it(void **state) {
    (void)state;
    result r = parse(WORDS("--quiet", "ls", "-h", "--foo", "--", "x"), MS_FOR_RUN, true);
    assert_int_equal(r.code, MS_ERR_OK);
    assert_false(r.args.help);
    assert_int_equal(r.args.argc, 5);
    assert_string_equal(r.args.argv[0], "ls");
    assert_string_equal(r.args.argv[3], "--");
}

static void two_dashes_end_the_options_of_run(void **state) {
    (void)state;
    result r = parse(WORDS("--quiet", "--", "-odd-name", "--top"), MS_FOR_RUN, true);
    assert_int_equal(r.args.argc, 2);
    assert_string_equal(r.args.argv[0], "-odd-name");
}

static void help_stops_parsing(void **state) {
    (void)state;
    assert_true(parse(WORDS("-h", "--nonsense"), MS_FOR_REPORT, false).args.help);
    assert_true(parse(WORDS("x", "--help"), MS_FOR_REPORT, false).args.help);
    assert_false(parse(WORDS("--", "--help"), MS_FOR_REPORT, false).args.help);
}

static void unknown_flag_names_the_nearest(void **state) {
    (void)state;
    assert_usage_error(parse(WORDS("--foramt", "x"), MS_FOR_REPORT, false),
                       "unknown option '--foramt'; did you mean '--format'?");
    assert_usage_error(parse(WORDS("--sysrot=x"), MS_FOR_REPORT, false),
                       "did you mean '--sysroot'?");
    assert_usage_error(parse(WORDS("--no-stack"), MS_FOR_RUN, true), "did you mean '--no-stacks'?");
    assert_usage_error(parse(WORDS("--debug-d"), MS_FOR_RUN, true), "did you mean '--debug-dir'?");
    assert_usage_error(parse(WORDS("--hepl"), MS_FOR_RUN, true), "did you mean '--help'?");
}

static void flag_far_from_all_gets_no_suggestion(void **state) {
    (void)state;
    result r = parse(WORDS("--zzzzzz"), MS_FOR_REPORT, false);
    assert_usage_error(r, "unknown option '--zzzzzz'; --help lists them");
    assert_usage_error(parse(WORDS("-z"), MS_FOR_REPORT, false), "'-z'");
    assert_usage_error(parse(WORDS("--="), MS_FOR_REPORT, false), "unknown option");
}

static void flag_of_another_verb_is_unknown(void **state) {
    (void)state;
    assert_usage_error(parse(WORDS("--quiet"), MS_FOR_REPORT, false), "unknown option '--quiet'");
    assert_usage_error(parse(WORDS("--sysroot=/"), MS_FOR_RUN, true), "unknown option '--sysroot'");
}

static void only_switches_have_a_no(void **state) {
    (void)state;
    assert_usage_error(parse(WORDS("--no-format"), MS_FOR_REPORT, false), "unknown option");
    assert_usage_error(parse(WORDS("--no-inlines=1"), MS_FOR_REPORT, false), "unknown option");
}

static void missing_value_is_an_error(void **state) {
    (void)state;
    assert_usage_error(parse(WORDS("--format"), MS_FOR_REPORT, false), "--format needs a value");
    assert_usage_error(parse(WORDS("-o"), MS_FOR_REPORT, false), "--output needs a value: OUT");
    assert_usage_error(parse(WORDS("--output", "--", "ls"), MS_FOR_RUN, true), "needs a value");
    assert_usage_error(parse(WORDS("--output="), MS_FOR_REPORT, false), "not empty");
}

static void wrong_value_says_what_is_right(void **state) {
    (void)state;
    assert_usage_error(parse(WORDS("--cost", "blood"), MS_FOR_REPORT, false), "peak|live");
    assert_usage_error(parse(WORDS("--top=many"), MS_FOR_REPORT, false),
                       "--top takes a number, not 'many'");
    assert_usage_error(parse(WORDS("--quiet=perhaps"), MS_FOR_RUN, true), "yes or no");
}

static void overlong_words_are_errors_like_others(void **state) {
    (void)state;
    char word[5000];
    memset(word, 'a', sizeof word);
    memcpy(word, "--", 2);
    word[sizeof word - 1] = 0;
    assert_usage_error(parse(WORDS(word), MS_FOR_REPORT, false), "unknown option");
}

static void distance_counts_edits(void **state) {
    (void)state;
    assert_int_equal(ms_edit_distance("", ""), 0);
    assert_int_equal(ms_edit_distance("abc", ""), 3);
    assert_int_equal(ms_edit_distance("", "abc"), 3);
    assert_int_equal(ms_edit_distance("report", "report"), 0);
    assert_int_equal(ms_edit_distance("reprot", "report"), 1); /* neighbours swapped */
    assert_int_equal(ms_edit_distance("rport", "report"), 1);
    assert_int_equal(ms_edit_distance("rreport", "report"), 1);
    assert_int_equal(ms_edit_distance("kitten", "sitting"), 3);
}

static void beginnings_are_near_and_strangers_are_not(void **state) {
    (void)state;
    assert_int_equal(ms_misspelling("format", "format"), 0);
    assert_int_equal(ms_misspelling("debug", "debug-dir"), 1);
    assert_true(ms_misspelling("ab", "xy") == SIZE_MAX);
    assert_true(ms_misspelling("", "run") == SIZE_MAX);
    assert_true(ms_misspelling("benchmark", "report") == SIZE_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_after_a_blank_or_an_equals_sign),
        cmocka_unit_test(short_flags_take_values_apart_or_attached),
        cmocka_unit_test(short_flags_cluster),
        cmocka_unit_test(switches_go_both_ways),
        cmocka_unit_test(last_of_two_counts),
        cmocka_unit_test(operands_may_stand_anywhere),
        cmocka_unit_test(flags_of_the_command_are_left_to_it),
        cmocka_unit_test(two_dashes_end_the_options_of_run),
        cmocka_unit_test(help_stops_parsing),
        cmocka_unit_test(unknown_flag_names_the_nearest),
        cmocka_unit_test(flag_far_from_all_gets_no_suggestion),
        cmocka_unit_test(flag_of_another_verb_is_unknown),
        cmocka_unit_test(only_switches_have_a_no),
        cmocka_unit_test(missing_value_is_an_error),
        cmocka_unit_test(wrong_value_says_what_is_right),
        cmocka_unit_test(overlong_words_are_errors_like_others),
        cmocka_unit_test(distance_counts_edits),
        cmocka_unit_test(beginnings_are_near_and_strangers_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
