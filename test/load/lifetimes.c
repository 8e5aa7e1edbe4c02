#include "load/lifetimes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "builder.h"

static int compare(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void assert_near(uint64_t estimate, uint64_t exact) {
    uint64_t off = estimate > exact ? estimate - exact : exact - estimate;
    assert_true(off * 100 <= exact * 6);
}

static void percentiles_are_within_6_percent(void **state) {
    (void)state;
    enum { COUNT = 20000 };
    static uint64_t all[COUNT];
    uint64_t seed = 5;
    ms_lifetimes l = {0}, half = {0};
    for (size_t i = 0; i < COUNT; i++) {
        all[i] = random_u64(&seed) >> (20 + random_below(&seed, 44));
        ms_lifetimes_add(i % 2 ? &l : &half, all[i], MS_LIFETIME_ONE);
    }
    ms_lifetimes_merge(&l, &half);
    qsort(all, COUNT, sizeof *all, compare);
    assert_int_equal(l.count, COUNT);
    assert_int_equal(l.max_us, all[COUNT - 1]);
    for (unsigned percent = 1; percent <= 100; percent++)
        assert_near(ms_lifetimes_at(&l, percent), all[COUNT * percent / 100 - 1]);
    ms_lifetimes_deinit(&l);
    ms_lifetimes_deinit(&half);
}

static void extremes_have_their_place(void **state) {
    (void)state;
    ms_lifetimes l = {0};
    assert_true(ms_lifetimes_at(&l, 50) == UINT64_MAX);
    ms_lifetimes_add(&l, 0, MS_LIFETIME_ONE);
    assert_int_equal(ms_lifetimes_at(&l, 99), 0);
    ms_lifetimes_add(&l, UINT64_MAX, MS_LIFETIME_ONE);
    ms_lifetimes_add(&l, 15, MS_LIFETIME_ONE);
    assert_int_equal(ms_lifetimes_at(&l, 50), 15);
    assert_near(ms_lifetimes_at(&l, 100), UINT64_MAX);
    ms_lifetimes_deinit(&l);
}

static void a_block_that_stands_for_others_counts_as_many(void **state) {
    (void)state;
    ms_lifetimes l = {0};
    for (unsigned i = 0; i < 9; i++)
        ms_lifetimes_add(&l, 3, MS_LIFETIME_ONE);
    ms_lifetimes_add(&l, 7, ms_lifetime_weight(20));
    assert_int_equal(ms_lifetimes_at(&l, 30), 3);
    assert_int_equal(ms_lifetimes_at(&l, 31), 7);
    assert_int_equal(l.count, 10);
    ms_lifetimes_add(&l, 0, ms_lifetime_weight(1e300));
    assert_int_equal(ms_lifetimes_at(&l, 99), 0);
    ms_lifetimes_deinit(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_within_6_percent),
        cmocka_unit_test(extremes_have_their_place),
        cmocka_unit_test(a_block_that_stands_for_others_counts_as_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
