#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdint.h>
#include <string.h>

#include "util/arena.h"

static void memory_is_zero_and_aligned_and_apart(void **state) {
    (void)state;
    ms_arena *arena = ms_arena_new();
    unsigned char *last = NULL;
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *p = ms_arena_alloc(arena, size);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, size);
        assert_ptr_not_equal(p, last);
        last = p;
    }
    ms_arena_free(arena);
}

static void large_requests_do_not_waste_the_chunk_under_way(void **state) {
    (void)state;
    ms_arena *arena = ms_arena_new();
    char *before = ms_arena_alloc(arena, 16);
    memset(ms_arena_alloc(arena, 3 << 20), 1, 3 << 20);
    char *after = ms_arena_alloc(arena, 16);
    assert_ptr_equal(after, before + 16);
    ms_arena_free(arena);
}

static void texts_are_copied_and_terminated(void **state) {
    (void)state;
    ms_arena *arena = ms_arena_new();
    char source[] = "abcdef";
    char *text = ms_arena_text(arena, source, 3);
    source[0] = 'x';
    assert_string_equal(text, "abc");
    assert_string_equal(ms_arena_text(arena, NULL, 0), "");
    ms_arena_free(arena);
}

static void printf_takes_any_length(void **state) {
    (void)state;
    ms_arena *arena = ms_arena_new();
    assert_string_equal(ms_arena_printf(arena, "%d-%s", 7, "x"), "7-x");
    char *wide = ms_arena_printf(arena, "%*d", 100000, 1);
    assert_int_equal(strlen(wide), 100000);
    ms_arena_free(arena);
}

static void used_counts_what_was_handed_out(void **state) {
    (void)state;
    ms_arena *arena = ms_arena_new();
    assert_int_equal(ms_arena_used(arena), 0);
    ms_arena_alloc(arena, 100);
    ms_arena_alloc(arena, 1 << 20);
    assert_true(ms_arena_used(arena) >= 100 + (1 << 20));
    assert_true(ms_arena_used(arena) < 200 + (1 << 20));
    ms_arena_free(arena);
    ms_arena_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zero_and_aligned_and_apart),
        cmocka_unit_test(large_requests_do_not_waste_the_chunk_under_way),
        cmocka_unit_test(texts_are_copied_and_terminated),
        cmocka_unit_test(printf_takes_any_length),
        cmocka_unit_test(used_counts_what_was_handed_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
