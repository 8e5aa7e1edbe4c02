#include "load/weight.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_weight_is_one_over_the_probability(void **state) {
    (void)state;
    static const uint64_t sizes[] = {0, 1, 16, 4096, 1 << 20}, rates[] = {1, 512, 65536, 1 << 30};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
            double size = (double)(sizes[s] + 1 + rates[r] / 2048);
            double p = -expm1(-size / (double)rates[r]);
            ms_estimate weight = ms_weight(sizes[s], rates[r]);
            assert_true(fabs(1 + weight.excess - 1 / p) <= 1e-9 / p);
            assert_true(fabs(weight.variance - (1 - p) / (p * p)) <= 1e-9 / (p * p));
        }
    assert_true(ms_weight(77, 0).excess == 0 && ms_weight(77, 0).variance == 0);
}

static void what_was_held_and_left_leaves_nothing(void **state) {
    (void)state;
    ms_held held = {0};
    for (uint64_t i = 1; i < 1000; i++)
        ms_held_add(&held, ms_weight(i, 777), i);
    for (uint64_t i = 999; i > 0; i--)
        ms_held_remove(&held, ms_weight(i, 777), i);
    assert_int_equal(held.sampled, 0);
    assert_true(held.bytes.excess == 0 && held.bytes.variance == 0);
    assert_true(held.blocks.excess == 0 && held.blocks.variance == 0);
}

static void integers_are_rounded_and_bounded(void **state) {
    (void)state;
    assert_int_equal(ms_estimated(5, 2.6), 8);
    assert_int_equal(ms_estimated(5, -0.1), 5); /* rounding on the way */
    assert_true(ms_estimated(UINT64_MAX, 1) == UINT64_MAX);
    assert_true(ms_estimated(0, 1e30) == UINT64_MAX);
    assert_int_equal(ms_standard_error(6.3), 3);
    assert_int_equal(ms_standard_error(-1e-9), 0);
    assert_true(ms_standard_error(1e60) == UINT64_MAX - 1);
    assert_int_equal(ms_standard_error((double)NAN), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_weight_is_one_over_the_probability),
        cmocka_unit_test(what_was_held_and_left_leaves_nothing),
        cmocka_unit_test(integers_are_rounded_and_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
