#include "load/origins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void an_origin_keeps_its_number(void **state) {
    (void)state;
    ms_arena *arena = ms_arena_new();
    ms_origins o;
    ms_origins_init(&o, arena);
    uint32_t numbers[5 * 6 * 7];
    for (unsigned round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 5 * 6 * 7; i++) {
            ms_origin origin = {.thread = i % 5, .task = i / 5 % 6, .rate = i / 30};
            uint32_t number = ms_origins_of(&o, origin);
            if (round == 0)
                numbers[i] = number;
            ms_origin same = ms_origins_at(&o, number);
            assert_int_equal(number, numbers[i]);
            assert_int_equal(same.thread, origin.thread);
            assert_int_equal(same.task, origin.task);
            assert_int_equal(same.rate, origin.rate);
            assert_int_equal(ms_origin_is_plain(number), !origin.task && !origin.rate);
        }
    ms_origins_deinit(&o);
    ms_arena_free(arena);
}

static void there_is_room_for_rates_when_there_is_none_for_tasks(void **state) {
    (void)state;
    ms_arena *arena = ms_arena_new();
    ms_origins o;
    ms_origins_init(&o, arena);
    uint32_t first = ms_origins_of(&o, (ms_origin){.task = 1});
    for (uint32_t i = 2; i <= MS_ORIGINS_MAX; i++)
        assert_int_not_equal(ms_origins_of(&o, (ms_origin){.task = i}), UINT32_MAX);
    assert_int_equal(ms_origins_of(&o, (ms_origin){.task = MS_ORIGINS_MAX + 1}), UINT32_MAX);
    assert_int_equal(ms_origins_of(&o, (ms_origin){.thread = 9, .task = 1}), UINT32_MAX);
    assert_int_equal(ms_origins_of(&o, (ms_origin){.task = 1}), first);
    assert_int_not_equal(ms_origins_of(&o, (ms_origin){.thread = 9, .rate = 5}), UINT32_MAX);
    assert_int_equal(ms_origins_of(&o, (ms_origin){.thread = 9}), 9);
    ms_origins_deinit(&o);
    ms_arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_origin_keeps_its_number),
        cmocka_unit_test(there_is_room_for_rates_when_there_is_none_for_tasks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
