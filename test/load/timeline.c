#include "load/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void moments_stay_few_and_keep_the_peak(void **state) {
    (void)state;
    for (uint64_t length_us = 100; length_us < UINT64_C(1) << 50; length_us = length_us * 7 + 3) {
        ms_model *model = ms_model_new();
        ms_timeline t;
        ms_level level = {0};
        ms_timeline_init(&t);
        for (uint64_t i = 0; i < 1000; i++) {
            ms_timeline_due(&t, length_us / 1000 * i, &level);
            level.live_bytes = i == 444 ? 99 : 1;
            level.births = i;
            ms_timeline_live(&t, level.live_bytes, &level);
        }
        ms_timeline_finish(&t, length_us, &level, model);
        uint64_t max = 0;
        assert_in_range(model->timeline.count, 1, MS_TIMELINE_MAX);
        for (size_t i = 0; i < model->timeline.count; i++) {
            const ms_moment *moment = &model->timeline.items[i];
            max = moment->max_live_bytes > max ? moment->max_live_bytes : max;
            assert_true(i == 0 || moment->time_ns > moment[-1].time_ns);
            assert_true(moment->max_live_bytes >= moment->live_bytes);
        }
        assert_int_equal(max, 99);
        assert_int_equal(model->timeline.items[model->timeline.count - 1].time_ns,
                         length_us * 1000);
        ms_timeline_deinit(&t);
        ms_model_free(model);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_stay_few_and_keep_the_peak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
