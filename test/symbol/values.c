#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "symbol/values.h"

static ms_values values;

static int start(void **state) {
    *state = ms_arena_new();
    ms_values_init(&values, *state);
    return *state ? 0 : -1;
}

static int stop(void **state) {
    ms_values_deinit(&values);
    ms_arena_free(*state);
    return 0;
}

static ms_value entry(uint32_t reg) {
    return ms_values_make(&values, (ms_term){.kind = MS_TERM_ENTRY, .a = reg});
}

static void equal_terms_are_one(void **state) {
    (void)state;
    ms_value a = ms_values_load(&values, ms_value_plus(entry(5), 16));
    ms_value b = ms_values_load(&values, ms_value_plus(entry(5), 16));
    ms_value c = ms_values_load(&values, ms_value_plus(entry(5), 24));
    assert_true(ms_value_equal(a, b));
    assert_false(ms_value_equal(a, c));
}

static void nothing_equals_what_is_unknown(void **state) {
    (void)state;
    assert_false(ms_value_equal(ms_unknown(), ms_unknown()));
    assert_int_equal(ms_values_add(&values, entry(1), ms_unknown()).term, MS_TERM_UNKNOWN);
    assert_int_equal(ms_values_load(&values, ms_unknown()).term, MS_TERM_UNKNOWN);
}

static void numbers_are_computed(void **state) {
    (void)state;
    assert_true(ms_value_equal(ms_values_add(&values, ms_number(7), ms_number(-9)), ms_number(-2)));
    assert_true(ms_value_equal(ms_values_scale(&values, ms_number(6), 7), ms_number(42)));
    ms_value there = ms_values_add(&values, entry(3), ms_number(8));
    assert_true(ms_value_equal(there, ms_value_plus(entry(3), 8)));
    assert_true(ms_value_equal(ms_values_subtract(&values, there, entry(3)), ms_number(8)));
}

/* As compilers multiply by 24: i + i + i, then times 8. */
static void a_sum_of_one_term_is_a_multiple(void **state) {
    (void)state;
    ms_value i = ms_value_plus(entry(2), 1);
    ms_value three = ms_values_add(&values, ms_values_add(&values, i, i), i);
    ms_value all = ms_values_scale(&values, three, 8);
    assert_true(ms_value_equal(all, ms_values_scale(&values, i, 24)));
    assert_int_equal(all.offset, 24);
    assert_int_equal(ms_values_at(&values, all.term)->k, 24);
    assert_true(ms_value_equal(ms_values_subtract(&values, ms_values_scale(&values, i, 8), i),
                               ms_values_scale(&values, i, 7)));
}

static void the_index_of_a_sum_comes_last_whatever_the_order(void **state) {
    (void)state;
    ms_value base = entry(9), index = ms_values_scale(&values, entry(1), 16);
    ms_value a = ms_values_add(&values, base, index), b = ms_values_add(&values, index, base);
    assert_true(ms_value_equal(a, b));
    assert_int_equal(ms_values_at(&values, a.term)->a, base.term);
}

static void offsets_wrap_instead_of_overflowing(void **state) {
    (void)state;
    ms_value far = ms_value_plus(entry(4), INT64_MAX);
    assert_true(ms_value_equal(ms_value_plus(far, 1), ms_value_plus(entry(4), INT64_MIN)));
    assert_int_equal(ms_values_scale(&values, far, 4).offset, -4);
}

#define ON_VALUES(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_VALUES(equal_terms_are_one),
        ON_VALUES(nothing_equals_what_is_unknown),
        ON_VALUES(numbers_are_computed),
        ON_VALUES(a_sum_of_one_term_is_a_multiple),
        ON_VALUES(the_index_of_a_sum_comes_last_whatever_the_order),
        ON_VALUES(offsets_wrap_instead_of_overflowing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
