#include "base/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const ms_option_info *option(const char *name) {
    for (size_t i = 0; i < ms_option_count; i++)
        if (strcmp(ms_option_infos[i].name, name) == 0)
            return &ms_option_infos[i];
    fail_msg("no option %s", name);
    return NULL;
}

/* A SIZE option to try: none in the list has to be one. */
static const ms_option_info size_option = {.name = "size", .flag = "size", .type = MS_OPTION_SIZE};

static uint64_t size_of(const char *text) {
    union {
        ms_options options;
        uint64_t value;
    } target = {.value = 7};
    assert_int_equal(size_option.offset, 0);
    return ms_option_set(&target.options, &size_option, text) ? target.value : UINT64_MAX - 7;
}

#define REFUSED (UINT64_MAX - 7)

static void default_is_what_the_list_says(void **state) {
    (void)state;
    ms_options options = ms_options_default();
    assert_null(options.output);
    assert_true(options.stacks);
    assert_int_equal(options.sample_interval, 50);
    assert_string_equal(options.color, "auto");
}

static void every_choice_accepts_its_default(void **state) {
    (void)state;
    for (size_t i = 0; i < ms_option_count; i++) {
        ms_options options = ms_options_default();
        char text[64];
        if (ms_option_infos[i].type == MS_OPTION_CHOICE &&
            ms_option_format(&options, &ms_option_infos[i], text, sizeof text))
            assert_true(ms_option_set(&options, &ms_option_infos[i], text));
    }
}

static void sizes_take_suffixes(void **state) {
    (void)state;
    assert_int_equal(size_of("0"), 0);
    assert_int_equal(size_of("4096"), 4096);
    assert_int_equal(size_of("64K"), 64 << 10);
    assert_int_equal(size_of("3m"), 3 << 20);
    assert_int_equal(size_of("2G"), UINT64_C(2) << 30);
    assert_int_equal(size_of("18446744073709551615"), UINT64_MAX);
    assert_int_equal(size_of("17179869183G"), UINT64_MAX >> 30 << 30);
}

static void sizes_that_are_none_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "K",
        "-1",
        " 1",
        "1 ",
        "1T",
        "1KB",
        "0x10",
        "1.5G",
        "18446744073709551616",
        "17179869184G",
        "99999999999999999999999",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(size_of(bad[i]), REFUSED);
}

static void numbers_take_no_suffix(void **state) {
    (void)state;
    ms_options options = ms_options_default();
    assert_true(ms_option_set(&options, option("top"), "25"));
    assert_int_equal(options.top, 25);
    assert_false(ms_option_set(&options, option("top"), "25K"));
    assert_false(ms_option_set(&options, option("top"), "18446744073709551616"));
    assert_int_equal(options.top, 25);
}

static void booleans_take_the_usual_words(void **state) {
    (void)state;
    static const char *const yes[] = {"1", "yes", "on", "true", "TRUE", "Yes"};
    static const char *const no[] = {"0", "no", "off", "false", "OFF"};
    static const char *const neither[] = {"", "2", "y", "tru", "truee", "01"};
    ms_options options = ms_options_default();
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        options.quiet = false;
        assert_true(ms_option_set(&options, option("quiet"), yes[i]));
        assert_true(options.quiet);
    }
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        options.quiet = true;
        assert_true(ms_option_set(&options, option("quiet"), no[i]));
        assert_false(options.quiet);
    }
    for (size_t i = 0; i < sizeof neither / sizeof *neither; i++)
        assert_false(ms_option_set(&options, option("quiet"), neither[i]));
}

static void choices_are_matched_whole(void **state) {
    (void)state;
    ms_options options = ms_options_default();
    assert_true(ms_option_set(&options, option("cost"), "live"));
    assert_string_equal(options.cost, "live");
    static const char *const bad[] = {"", "l", "liv", "lives", "live|bytes", "|", "LIVE"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(ms_option_set(&options, option("cost"), bad[i]));
    assert_string_equal(options.cost, "live");
}

static void values_print_as_they_are_read(void **state) {
    (void)state;
    static const char *const texts[] = {"0", "1000", "1K", "1536", "5M", "1025M", "3G"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        union {
            ms_options options;
            uint64_t value;
        } target = {.value = 7};
        char text[32];
        assert_true(ms_option_set(&target.options, &size_option, texts[i]));
        ms_option_format(&target.options, &size_option, text, sizeof text);
        assert_string_equal(text, texts[i]);
    }
}

static void text_that_does_not_fit_is_cut(void **state) {
    (void)state;
    ms_options options = ms_options_default();
    options.output = "abcdefgh";
    char text[5] = "....";
    assert_int_equal(ms_option_format(&options, option("output"), text, sizeof text), 4);
    assert_string_equal(text, "abcd");
    assert_int_equal(ms_option_variable(option("output"), text, sizeof text), 4);
    assert_string_equal(text, "MEMS");
}

static void variable_is_the_name_in_capitals(void **state) {
    (void)state;
    char text[64];
    ms_option_variable(option("sample_interval"), text, sizeof text);
    assert_string_equal(text, "MEMSCOPE_SAMPLE_INTERVAL");
}

static ms_options from(char *const *environment, unsigned where, ms_option_problems *problems) {
    ms_options options = ms_options_default();
    ms_options_from_environment(&options, environment, where, problems);
    return options;
}

static void environment_sets_options(void **state) {
    (void)state;
    char *environment[] = {"PATH=/bin", "MEMSCOPE_OUTPUT=a=b", "MEMSCOPE_STACKS=off", NULL};
    ms_option_problems problems;
    ms_options options = from(environment, MS_FOR_CAPTURE, &problems);
    assert_string_equal(options.output, "a=b");
    assert_false(options.stacks);
    assert_int_equal(problems.count, 0);
}

static void environment_may_be_missing(void **state) {
    (void)state;
    ms_option_problems problems;
    assert_true(from(NULL, MS_FOR_CAPTURE, &problems).stacks);
    assert_int_equal(problems.count, 0);
}

static void names_in_the_environment_match_whole(void **state) {
    (void)state;
    char *environment[] = {"MEMSCOPE_STACKS_=0", "XMEMSCOPE_STACKS=0", "MEMSCOPE_STACK=0",
                           "MEMSCOPE_STACKS", NULL};
    assert_true(from(environment, MS_FOR_CAPTURE, NULL).stacks);
}

static void options_of_others_are_not_taken(void **state) {
    (void)state;
    char *environment[] = {"MEMSCOPE_TOP=3", "MEMSCOPE_OUTPUT=trace", NULL};
    ms_options capture = from(environment, MS_FOR_CAPTURE, NULL);
    assert_int_equal(capture.top, 10);
    ms_options report = from(environment, MS_FOR_REPORT, NULL);
    assert_int_equal(report.top, 3);
    assert_null(report.out); /* or a report would be written over the trace */
}

static void flag_only_options_have_no_variable(void **state) {
    (void)state;
    char *environment[] = {"MEMSCOPE_OUT=x", "MEMSCOPE_JSON=1", "MEMSCOPE_INPUT=y", NULL};
    ms_options options = from(environment, ~0u, NULL);
    assert_null(options.out);
    assert_null(options.input);
    assert_false(options.json);
}

static void bad_values_keep_the_default_and_are_reported(void **state) {
    (void)state;
    char *environment[] = {"MEMSCOPE_STRATEGY=fastest", "MEMSCOPE_STACKS=perhaps",
                           "MEMSCOPE_FOLLOW=0", NULL};
    ms_option_problems problems;
    ms_options options = from(environment, MS_FOR_CAPTURE, &problems);
    assert_string_equal(options.strategy, "core");
    assert_true(options.stacks);
    assert_false(options.follow);
    assert_int_equal(problems.count, 2);
    assert_ptr_equal(problems.items[0].option, option("strategy"));
    assert_string_equal(problems.items[0].value, "fastest");
    assert_ptr_equal(problems.items[1].option, option("stacks"));
}

static void more_problems_than_fit_are_left_out(void **state) {
    (void)state;
    static const char *const names[] = {"STRATEGY", "FOLLOW", "STACKS", "MAPPINGS", "ENABLE",
                                        "QUIET",    "TOP",    "COLOR",  "PROGRESS", "INLINES"};
    enum { COUNT = sizeof names / sizeof *names };
    char texts[COUNT][64], *environment[COUNT + 1] = {NULL};
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(texts[i], sizeof texts[i], "MEMSCOPE_%s=?", names[i]);
        environment[i] = texts[i];
    }
    ms_option_problems problems;
    from(environment, ~0u, &problems);
    assert_int_equal(problems.count, MS_OPTION_PROBLEMS_MAX);
}

static void empty_variable_counts_as_not_set(void **state) {
    (void)state;
    char *environment[] = {"MEMSCOPE_OUTPUT=", "MEMSCOPE_STACKS=", "MEMSCOPE_DISABLED=", NULL};
    ms_option_problems problems;
    ms_options options = from(environment, MS_FOR_CAPTURE, &problems);
    assert_null(options.output);
    assert_true(options.stacks);
    assert_true(options.enable);
    assert_int_equal(problems.count, 0);
}

static void switches_of_older_habits_work(void **state) {
    (void)state;
    static const struct {
        char *entry;
        size_t offset;
        bool value;
    } cases[] = {
        {"MEMSCOPE_TEST_MODE=1", offsetof(ms_options, quiet), true},
        {"MEMSCOPE_DISABLE_GLOBAL=1", offsetof(ms_options, enable), false},
        {"MEMSCOPE_FAST_MODE=yes", offsetof(ms_options, mappings), false},
        {"MEMSCOPE_DISABLE_ANALYSIS=true", offsetof(ms_options, analysis), false},
        {"MEMSCOPE_DISABLE_BACKTRACE=anything", offsetof(ms_options, stacks), false},
        {"TRACE_TOOLS_DISABLED=1", offsetof(ms_options, enable), false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *environment[] = {cases[i].entry, NULL};
        ms_options options = from(environment, ~0u, NULL);
        assert_int_equal(*((bool *)((char *)&options + cases[i].offset)), cases[i].value);
    }
}

static void switch_that_is_0_or_no_switches_nothing(void **state) {
    (void)state;
    char *environment[] = {"MEMSCOPE_DISABLED=0", "MEMSCOPE_DISABLE_BACKTRACE=no", NULL};
    ms_options options = from(environment, MS_FOR_CAPTURE, NULL);
    assert_true(options.enable);
    assert_true(options.stacks);
}

static void own_variable_beats_a_switch(void **state) {
    (void)state;
    char *environment[] = {"MEMSCOPE_STACKS=1", "MEMSCOPE_DISABLE_BACKTRACE=1", NULL};
    assert_true(from(environment, MS_FOR_CAPTURE, NULL).stacks);
}

static void switches_of_others_are_not_taken(void **state) {
    (void)state;
    char *environment[] = {"MEMSCOPE_TEST_MODE=1", NULL};
    assert_false(from(environment, MS_FOR_CAPTURE, NULL).quiet);
    assert_true(from(environment, MS_FOR_RUN, NULL).quiet);
}

static void changed_options_are_listed_once(void **state) {
    (void)state;
    ms_options options = ms_options_default();
    size_t cursor = 0;
    char text[64];
    assert_int_equal(ms_options_next_changed(&options, ~0u, &cursor, text, sizeof text), 0);

    options.stacks = false;
    options.top = 3;
    options.output = "x.memscope";
    char color[] = "auto"; /* equal to the default, but not the same pointer */
    options.color = color;
    static const char *const expected[] = {"output=x.memscope", "stacks=0", "top=3"};
    cursor = 0;
    for (size_t i = 0; i < 3; i++) {
        size_t size = ms_options_next_changed(&options, ~0u, &cursor, text, sizeof text);
        assert_string_equal(text, expected[i]);
        assert_int_equal(size, strlen(expected[i]));
    }
    assert_int_equal(ms_options_next_changed(&options, ~0u, &cursor, text, sizeof text), 0);

    cursor = 0;
    assert_true(ms_options_next_changed(&options, MS_FOR_REPORT, &cursor, text, sizeof text));
    assert_string_equal(text, "top=3");
}

static void letters_belong_to_their_options(void **state) {
    (void)state;
    assert_int_equal(ms_option_letter(option("output")), 'o');
    assert_int_equal(ms_option_letter(option("out")), 'o');
    assert_int_equal(ms_option_letter(option("format")), 'f');
    assert_int_equal(ms_option_letter(option("stacks")), 0);
}

/* Two options may share a flag or a letter only when no verb takes both. */
static void flags_are_unique_for_each_verb(void **state) {
    (void)state;
    for (size_t i = 0; i < ms_option_count; i++) {
        for (size_t j = i + 1; j < ms_option_count; j++) {
            const ms_option_info *a = &ms_option_infos[i], *b = &ms_option_infos[j];
            if (!(a->where & b->where & 0xffffu))
                continue;
            assert_true(!*a->flag || strcmp(a->flag, b->flag) != 0);
            char letter = ms_option_letter(a);
            assert_true(!letter || letter != ms_option_letter(b));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_is_what_the_list_says),
        cmocka_unit_test(every_choice_accepts_its_default),
        cmocka_unit_test(sizes_take_suffixes),
        cmocka_unit_test(sizes_that_are_none_are_refused),
        cmocka_unit_test(numbers_take_no_suffix),
        cmocka_unit_test(booleans_take_the_usual_words),
        cmocka_unit_test(choices_are_matched_whole),
        cmocka_unit_test(values_print_as_they_are_read),
        cmocka_unit_test(text_that_does_not_fit_is_cut),
        cmocka_unit_test(variable_is_the_name_in_capitals),
        cmocka_unit_test(environment_sets_options),
        cmocka_unit_test(environment_may_be_missing),
        cmocka_unit_test(names_in_the_environment_match_whole),
        cmocka_unit_test(options_of_others_are_not_taken),
        cmocka_unit_test(flag_only_options_have_no_variable),
        cmocka_unit_test(bad_values_keep_the_default_and_are_reported),
        cmocka_unit_test(more_problems_than_fit_are_left_out),
        cmocka_unit_test(empty_variable_counts_as_not_set),
        cmocka_unit_test(switches_of_older_habits_work),
        cmocka_unit_test(switch_that_is_0_or_no_switches_nothing),
        cmocka_unit_test(own_variable_beats_a_switch),
        cmocka_unit_test(switches_of_others_are_not_taken),
        cmocka_unit_test(changed_options_are_listed_once),
        cmocka_unit_test(letters_belong_to_their_options),
        cmocka_unit_test(flags_are_unique_for_each_verb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
