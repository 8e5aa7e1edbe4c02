#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "util/map.h"

static void keys_keep_their_values_while_it_grows(void **state) {
    (void)state;
    ms_arena *arena = ms_arena_new();
    ms_map map;
    ms_map_init(&map, arena);
    bool fresh;
    for (uint32_t i = 0; i < 10000; i++) {
        uint32_t *value = ms_map_at(&map, (uint64_t)i << 32, &fresh); /* alike in the low bits */
        assert_true(fresh);
        assert_int_equal(*value, 0);
        *value = i + 1;
    }
    for (uint32_t i = 0; i < 10000; i++) {
        assert_int_equal(*ms_map_at(&map, (uint64_t)i << 32, &fresh), i + 1);
        assert_false(fresh);
    }
    assert_int_equal(map.count, 10000);
    ms_arena_free(arena);
}

static void zero_is_a_key_like_any_other(void **state) {
    (void)state;
    ms_arena *arena = ms_arena_new();
    ms_map map;
    ms_map_init(&map, arena);
    bool fresh;
    *ms_map_at(&map, 0, &fresh) = 5;
    assert_true(fresh);
    assert_int_equal(*ms_map_at(&map, UINT64_MAX, NULL), 0);
    assert_int_equal(*ms_map_at(&map, 0, &fresh), 5);
    assert_false(fresh);
    ms_arena_free(arena);
}

static void looking_up_adds_no_key(void **state) {
    (void)state;
    ms_arena *arena = ms_arena_new();
    ms_map map;
    ms_map_init(&map, arena);
    assert_int_equal(ms_map_get(&map, 3), 0);
    *ms_map_at(&map, 3, NULL) = 7;
    assert_int_equal(ms_map_get(&map, 3), 7);
    assert_int_equal(ms_map_get(&map, 4), 0);
    assert_int_equal(map.count, 1);
    ms_arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_keep_their_values_while_it_grows),
        cmocka_unit_test(zero_is_a_key_like_any_other),
        cmocka_unit_test(looking_up_adds_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
