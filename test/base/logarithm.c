#include "base/logarithm.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Within 2e-11 of the value, or of 1 where that is smaller. */
static void assert_close(double x) {
    double expected = log(x), scale = fabs(expected) > 1 ? fabs(expected) : 1;
    if (fabs(ms_logarithm(x) - expected) > 2e-11 * scale)
        fail_msg("ln(%.17g) is %.17g, not %.17g", x, expected, ms_logarithm(x));
}

static void it_is_the_logarithm(void **state) {
    (void)state;
    for (double x = 0x1p-53; x < 0x1p60; x *= 1.0009765625)
        assert_close(x);
    for (double x = 0.5; x < 2; x += 0x1p-12)
        assert_close(x);
}

static void of_one_it_is_nothing(void **state) {
    (void)state;
    assert_true(ms_logarithm(1) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_logarithm),
        cmocka_unit_test(of_one_it_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
