#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "model/phrase.h"
#include "util/arena.h"

static ms_arena *arena;

static int make_arena(void **state) {
    (void)state;
    arena = ms_arena_new();
    return arena ? 0 : -1;
}

static int free_arena(void **state) {
    (void)state;
    ms_arena_free(arena);
    return 0;
}

static void a_command_is_what_was_typed_without_its_directory(void **state) {
    (void)state;
    const char *argv[] = {"/usr/bin/demo", "--rules", "a b.txt"};
    ms_program program = {.executable = "/opt/other", .argv = {argv, 3}};
    assert_string_equal(ms_phrase_command(&program, arena, 80), "demo --rules a b.txt");
    assert_string_equal(ms_phrase_command(&program, arena, 4), "demo");
    program.argv.count = 0;
    assert_string_equal(ms_phrase_command(&program, arena, 80), "other");
    assert_string_equal(ms_phrase_command(&(ms_program){0}, arena, 80), "(unknown program)");
}

static void how_a_program_ended_is_told(void **state) {
    (void)state;
    ms_program program = {.exit_status = 3, .exit_signal = MS_UNKNOWN};
    assert_string_equal(ms_phrase_end(&program, arena), "exited with status 3");
    program = (ms_program){.exit_status = MS_UNKNOWN, .exit_signal = 11};
    assert_string_equal(ms_phrase_end(&program, arena), "killed by signal 11, SIGSEGV");
    program.exit_signal = UINT64_MAX - 1;
    assert_string_equal(ms_phrase_end(&program, arena), "killed by signal 18446744073709551614");
    program.exit_signal = MS_UNKNOWN;
    assert_string_equal(ms_phrase_end(&program, arena), "end: unknown");
    program.end = "detached";
    assert_string_equal(ms_phrase_end(&program, arena), "end: detached");
}

static void a_frame_is_its_function_or_where_it_is(void **state) {
    (void)state;
    ms_frame frame = {.function = "f", .module = "libx.so", .address = 0x1f, .line = MS_UNKNOWN};
    assert_string_equal(ms_phrase_frame(&frame, arena), "f");
    frame.function = NULL;
    assert_string_equal(ms_phrase_frame(&frame, arena), "libx.so+0x1f");
    frame.address = MS_UNKNOWN;
    assert_string_equal(ms_phrase_frame(&frame, arena), "libx.so");
    assert_string_equal(ms_phrase_frame(NULL, arena), "allocations without a stack");
}

static void a_place_is_as_exact_as_is_known(void **state) {
    (void)state;
    ms_frame frame = {.file = "a.c", .line = 7};
    assert_string_equal(ms_phrase_place(&frame, arena), "a.c:7");
    frame.line = MS_UNKNOWN;
    assert_string_equal(ms_phrase_place(&frame, arena), "a.c");
    frame.file = NULL;
    assert_null(ms_phrase_place(&frame, arena));
    assert_null(ms_phrase_place(NULL, arena));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_is_what_was_typed_without_its_directory),
        cmocka_unit_test(how_a_program_ended_is_told),
        cmocka_unit_test(a_frame_is_its_function_or_where_it_is),
        cmocka_unit_test(a_place_is_as_exact_as_is_known),
    };
    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
