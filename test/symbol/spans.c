#include "symbol/spans.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define NOTHING UINT32_MAX

static uint32_t value_at(const ms_spans *spans, uint64_t address) {
    uint32_t value = NOTHING;
    return ms_spans_find(spans, address, &value) ? value : NOTHING;
}

static void add(ms_spans *spans, uint64_t low, uint64_t high, uint32_t value) {
    assert_true(ms_spans_add(spans, low, high, value));
}

static void nothing_is_found_in_an_empty_set(void **state) {
    (void)state;
    ms_spans spans = {0};
    assert_true(ms_spans_flatten(&spans));
    assert_int_equal(value_at(&spans, 0), NOTHING);
    ms_spans_deinit(&spans);
}

static void the_end_of_a_range_is_outside(void **state) {
    (void)state;
    ms_spans spans = {0};
    add(&spans, 10, 20, 7);
    assert_true(ms_spans_flatten(&spans));
    assert_int_equal(value_at(&spans, 9), NOTHING);
    assert_int_equal(value_at(&spans, 10), 7);
    assert_int_equal(value_at(&spans, 19), 7);
    assert_int_equal(value_at(&spans, 20), NOTHING);
    ms_spans_deinit(&spans);
}

static void the_innermost_range_wins_and_the_outer_one_resumes(void **state) {
    (void)state;
    ms_spans spans = {0};
    add(&spans, 14, 16, 3);
    add(&spans, 10, 30, 1);
    add(&spans, 12, 20, 2);
    assert_true(ms_spans_flatten(&spans));
    assert_int_equal(value_at(&spans, 11), 1);
    assert_int_equal(value_at(&spans, 13), 2);
    assert_int_equal(value_at(&spans, 15), 3);
    assert_int_equal(value_at(&spans, 16), 2);
    assert_int_equal(value_at(&spans, 20), 1);
    ms_spans_deinit(&spans);
}

static void of_equal_starts_the_larger_value_wins(void **state) {
    (void)state;
    ms_spans spans = {0};
    add(&spans, 10, 14, 2);
    add(&spans, 10, 20, 1);
    assert_true(ms_spans_flatten(&spans));
    assert_int_equal(value_at(&spans, 10), 2);
    assert_int_equal(value_at(&spans, 14), 1);
    ms_spans_deinit(&spans);
}

static void an_overlap_belongs_to_the_range_that_starts_last(void **state) {
    (void)state;
    ms_spans spans = {0};
    add(&spans, 10, 20, 1);
    add(&spans, 15, 25, 2);
    assert_true(ms_spans_flatten(&spans));
    assert_int_equal(value_at(&spans, 14), 1);
    assert_int_equal(value_at(&spans, 15), 2);
    assert_int_equal(value_at(&spans, 24), 2);
    assert_int_equal(value_at(&spans, 25), NOTHING);
    ms_spans_deinit(&spans);
}

static void empty_and_reversed_ranges_are_dropped(void **state) {
    (void)state;
    ms_spans spans = {0};
    add(&spans, 10, 10, 1);
    add(&spans, 20, 5, 2);
    assert_int_equal(spans.count, 0);
    ms_spans_deinit(&spans);
}

static void ranges_reach_the_ends_of_the_address_space(void **state) {
    (void)state;
    ms_spans spans = {0};
    add(&spans, 0, UINT64_MAX, 1);
    add(&spans, UINT64_MAX - 1, UINT64_MAX, 2);
    assert_true(ms_spans_flatten(&spans));
    assert_int_equal(value_at(&spans, 0), 1);
    assert_int_equal(value_at(&spans, UINT64_MAX - 1), 2);
    assert_int_equal(value_at(&spans, UINT64_MAX), NOTHING);
    ms_spans_deinit(&spans);
}

/* The rule of spans.h, read literally. */
static uint32_t slow_value_at(const ms_span *ranges, size_t count, uint64_t address) {
    const ms_span *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const ms_span *range = &ranges[i];
        bool holds = range->low <= address && address < range->high;
        if (holds && (!best || range->low > best->low ||
                      (range->low == best->low && range->value > best->value))) {
            best = range;
        }
    }
    return best ? best->value : NOTHING;
}

static void any_ranges_give_what_a_search_through_all_of_them_gives(void **state) {
    (void)state;
    srand(1);
    for (int round = 0; round < 200; round++) {
        ms_spans spans = {0};
        ms_span ranges[40];
        for (uint32_t i = 0; i < 40; i++) {
            uint64_t low = (uint64_t)rand() % 100;
            ranges[i] = (ms_span){low, low + (uint64_t)rand() % 40, i};
            add(&spans, ranges[i].low, ranges[i].high, i);
        }
        assert_true(ms_spans_flatten(&spans));
        for (uint64_t address = 0; address < 150; address++) {
            assert_int_equal(value_at(&spans, address), slow_value_at(ranges, 40, address));
        }
        ms_spans_deinit(&spans);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_found_in_an_empty_set),
        cmocka_unit_test(the_end_of_a_range_is_outside),
        cmocka_unit_test(the_innermost_range_wins_and_the_outer_one_resumes),
        cmocka_unit_test(of_equal_starts_the_larger_value_wins),
        cmocka_unit_test(an_overlap_belongs_to_the_range_that_starts_last),
        cmocka_unit_test(empty_and_reversed_ranges_are_dropped),
        cmocka_unit_test(ranges_reach_the_ends_of_the_address_space),
        cmocka_unit_test(any_ranges_give_what_a_search_through_all_of_them_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
