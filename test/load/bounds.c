#include "load/bounds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_thread_alone_is_exact(void **state) {
    (void)state;
    ms_bounds b;
    ms_bounds_init(&b, 100, 150);
    ms_bounds_move(&b, 0, 1000, 500); /* 600 */
    ms_bounds_move(&b, 0, 1000, -400);
    ms_bounds_move(&b, 0, 2000, 100);
    assert_int_equal(ms_bounds_finish(&b, 600), 0);
    ms_bounds_deinit(&b);
}

static void threads_in_one_stretch_may_meet_or_miss(void **state) {
    (void)state;
    ms_bounds b;
    ms_bounds_init(&b, 0, 0);
    ms_bounds_move(&b, 0, 1000, 70);
    ms_bounds_move(&b, 0, 1000, -70);
    ms_bounds_move(&b, 1, 1000, 30);
    ms_bounds_move(&b, 1, 1000, -30);
    ms_bounds_move(&b, 0, 2000, 0);
    ms_bounds_move(&b, 1, 2000, 0);
    /* read one after the other the peak is 70; together it would have been 100, and no instant is
     * known at which more than nothing was live */
    assert_int_equal(ms_bounds_finish(&b, 70), 70);
    ms_bounds_deinit(&b);
}

static void stretches_that_do_not_meet_do_not_add_up(void **state) {
    (void)state;
    ms_bounds b;
    ms_bounds_init(&b, 0, 0);
    ms_bounds_move(&b, 0, 1000, 50);
    ms_bounds_move(&b, 0, 2000, -50);
    ms_bounds_move(&b, 0, 3000, 0);
    ms_bounds_move(&b, 1, 3500, 50);
    ms_bounds_move(&b, 1, 4000, -50);
    assert_int_equal(ms_bounds_finish(&b, 50), 0);
    ms_bounds_deinit(&b);
}

static void a_quiet_thread_stands_still(void **state) {
    (void)state;
    ms_bounds b;
    ms_bounds_init(&b, 0, 0);
    ms_bounds_move(&b, 1, 1000, 1000);
    ms_bounds_move(&b, 1, 1000, -1000); /* then nothing more from it */
    for (uint64_t i = 1; i < 100; i++) {
        ms_bounds_move(&b, 0, 1000 + i * 10000, 5000);
        ms_bounds_move(&b, 0, 1000 + i * 10000, i < 50 ? -5000 : 0);
    }
    /* 250000 in the end; thread 1 may have added to what there was early on, not to that */
    assert_int_equal(ms_bounds_finish(&b, 250000), 0);
    ms_bounds_deinit(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_alone_is_exact),
        cmocka_unit_test(threads_in_one_stretch_may_meet_or_miss),
        cmocka_unit_test(stretches_that_do_not_meet_do_not_add_up),
        cmocka_unit_test(a_quiet_thread_stands_still),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
