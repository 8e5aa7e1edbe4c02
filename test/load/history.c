#include "load/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void the_lists_are_bounded_and_the_sums_are_not(void **state) {
    (void)state;
    ms_history h;
    ms_history_init(&h);
    for (uint64_t i = 1; i <= 2 * MS_HISTORY_MAX; i++) {
        ms_history_rate(&h, i * 10, 1, 512 + i % 2);
        ms_history_gap(&h, i * 10, i * 10 - 3);
    }
    ms_model *model = ms_model_new();
    ms_history_finish(&h, model);
    assert_int_equal(model->capture.rates.count, MS_HISTORY_MAX);
    assert_int_equal(model->capture.rate_changes, 2 * MS_HISTORY_MAX);
    assert_int_equal(model->capture.recording_gaps.count, MS_HISTORY_MAX);
    assert_int_equal(model->capture.gaps, 2 * MS_HISTORY_MAX);
    assert_int_equal(model->capture.gap_ns, 2 * MS_HISTORY_MAX * 3000);
    assert_int_equal(model->capture.exact_until_ns, 10000);
    assert_true(model->capture.sample_bytes == MS_UNKNOWN);
    ms_model_free(model);
    ms_history_deinit(&h);
}

static void one_rate_is_the_sampling_rate_though_it_pauses(void **state) {
    (void)state;
    ms_history h;
    ms_history_init(&h);
    ms_history_rate(&h, 10, 1, 512);
    ms_history_rate(&h, 20, 1, 0);
    ms_history_rate(&h, 30, 1, 512);
    ms_model *model = ms_model_new();
    ms_history_finish(&h, model);
    assert_int_equal(model->capture.sample_bytes, 512);
    assert_int_equal(model->capture.rates.items[1].bytes, 0);
    ms_model_free(model);
    ms_history_deinit(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lists_are_bounded_and_the_sums_are_not),
        cmocka_unit_test(one_rate_is_the_sampling_rate_though_it_pauses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
