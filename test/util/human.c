#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/human.h"

#define ASSERT_TEXT(value, expected) assert_string_equal((value).text, expected)

static void bytes_have_binary_units_and_one_decimal(void **state) {
    (void)state;
    ASSERT_TEXT(ms_human_bytes(0), "0 B");
    ASSERT_TEXT(ms_human_bytes(1023), "1023 B");
    ASSERT_TEXT(ms_human_bytes(1024), "1.0 KiB");
    ASSERT_TEXT(ms_human_bytes(29779558), "28.4 MiB");
    ASSERT_TEXT(ms_human_bytes((1 << 20) - 1), "1.0 MiB"); /* not 1024.0 KiB */
    ASSERT_TEXT(ms_human_bytes(UINT64_MAX), "16.0 EiB");
}

static void errors_share_the_unit_and_are_never_too_small(void **state) {
    (void)state;
    ASSERT_TEXT(ms_human_bytes_within(12897485, 419430), "12.3 MiB ± 0.4");
    ASSERT_TEXT(ms_human_bytes_within(12897485, 1), "12.3 MiB ± 0.1");
    ASSERT_TEXT(ms_human_bytes_within(12897485, 0), "12.3 MiB ± 0.0");
    ASSERT_TEXT(ms_human_bytes_within(2048, 300000), "2.0 KiB ± 293.0");
    ASSERT_TEXT(ms_human_bytes_within(100, 7), "100 B ± 7");
    ASSERT_TEXT(ms_human_bytes_within(2048, UINT64_MAX), "2.0 KiB");
    ASSERT_TEXT(ms_human_count_within(1234567, 8900), "1,234,567 ± 8,900");
    ASSERT_TEXT(ms_human_count_within(12, UINT64_MAX), "12");
    ASSERT_TEXT(ms_human_count_within(UINT64_MAX, UINT64_MAX - 1),
                "18,446,744,073,709,551,615 ± 18,446,744,073,709,551,614");
}

static void counts_have_thousands(void **state) {
    (void)state;
    ASSERT_TEXT(ms_human_count(0), "0");
    ASSERT_TEXT(ms_human_count(999), "999");
    ASSERT_TEXT(ms_human_count(1000), "1,000");
    ASSERT_TEXT(ms_human_count(1234567), "1,234,567");
    ASSERT_TEXT(ms_human_count(UINT64_MAX), "18,446,744,073,709,551,615");
}

static void durations_have_the_unit_that_fits(void **state) {
    (void)state;
    ASSERT_TEXT(ms_human_duration(0), "0 ns");
    ASSERT_TEXT(ms_human_duration(999), "999 ns");
    ASSERT_TEXT(ms_human_duration(340000), "340 us");
    ASSERT_TEXT(ms_human_duration(999999), "1.0 ms"); /* not 1000 us */
    ASSERT_TEXT(ms_human_duration(1234567890), "1.2 s");
    ASSERT_TEXT(ms_human_duration(UINT64_C(59990000000)), "1 min 00 s");
    ASSERT_TEXT(ms_human_duration(UINT64_C(307000000000)), "5 min 07 s");
    ASSERT_TEXT(ms_human_duration(UINT64_C(12000000000000)), "3 h 20 min");
    ASSERT_TEXT(ms_human_duration(UINT64_C(187200000000000)), "2 d 04 h");
}

static void shares_never_round_to_nothing_or_all(void **state) {
    (void)state;
    ASSERT_TEXT(ms_human_share(1, 4), "25.0 %");
    ASSERT_TEXT(ms_human_share(4, 4), "100 %");
    ASSERT_TEXT(ms_human_share(0, 4), "0.0 %");
    ASSERT_TEXT(ms_human_share(1, 1000000), "<0.1 %");
    ASSERT_TEXT(ms_human_share(999999, 1000000), ">99.9 %");
    ASSERT_TEXT(ms_human_share(0, 0), "-");
}

static ms_arena *arena;

static int start(void **state) {
    (void)state;
    arena = ms_arena_new();
    return 0;
}

static int stop(void **state) {
    (void)state;
    ms_arena_free(arena);
    return 0;
}

static void names_cannot_act_on_a_terminal(void **state) {
    (void)state;
    assert_string_equal(ms_human_safe(arena, "plain \xc3\xa9", 0, MS_CUT_END), "plain \xc3\xa9");
    assert_string_equal(ms_human_safe(arena, "\x1b[31m\n\t\r\x7f", 0, MS_CUT_END),
                        "\\x1b[31m\\n\\t\\r\\x7f");
    assert_string_equal(ms_human_safe(arena, "\xff\xc2\x9b\xe2\x80\xae", 0, MS_CUT_END),
                        "\\xff\\x9b\\u202e");
    assert_string_equal(ms_human_safe(arena, "a\\x1b", 0, MS_CUT_END), "a\\\\x1b");
}

static void long_names_are_cut_at_either_end(void **state) {
    (void)state;
    assert_string_equal(ms_human_safe(arena, "abcdefghij", 10, MS_CUT_END), "abcdefghij");
    assert_string_equal(ms_human_safe(arena, "abcdefghij", 8, MS_CUT_END), "abcde...");
    assert_string_equal(ms_human_safe(arena, "abcdefghij", 8, MS_CUT_START), "...fghij");
    assert_string_equal(ms_human_safe(arena, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 4, MS_CUT_END),
                        "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9");
}

static void a_cut_never_splits_a_character_or_an_escape(void **state) {
    (void)state;
    for (size_t columns = 3; columns < 20; columns++) {
        for (ms_cut cut = MS_CUT_END; cut <= MS_CUT_START; cut++) {
            const char *text =
                ms_human_safe(arena, "\x1b\xc3\xa9\x1b\xc3\xa9\xff\\a\xe2\x80\xae", columns, cut);
            assert_true(ms_human_columns(text) <= columns);
            for (const char *p = text; (p = strchr(p, '\\')); p++) {
                assert_non_null(strchr("x\\u", p[1]));
                if (p[1] == '\\')
                    p++;
            }
            assert_null(strstr(text, "\\x1..."));
        }
    }
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_have_binary_units_and_one_decimal),
        cmocka_unit_test(errors_share_the_unit_and_are_never_too_small),
        cmocka_unit_test(counts_have_thousands),
        cmocka_unit_test(durations_have_the_unit_that_fits),
        cmocka_unit_test(shares_never_round_to_nothing_or_all),
        WITH_ARENA(names_cannot_act_on_a_terminal),
        WITH_ARENA(long_names_are_cut_at_either_end),
        WITH_ARENA(a_cut_never_splits_a_character_or_an_escape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
