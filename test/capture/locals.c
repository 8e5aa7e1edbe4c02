#include "capture/locals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define LOW 0x10000
#define HIGH 0x20000

static void track(ms_locals *locals, uint64_t address, uint64_t cfa) {
    ms_locals_track(locals, address, cfa, LOW, HIGH);
}

static void what_is_below_a_frame_is_gone(void **state) {
    (void)state;
    ms_locals locals;
    ms_locals_init(&locals);
    assert_false(ms_locals_gone(&locals, HIGH));
    track(&locals, 0x1f000, 0x1e000);
    track(&locals, 0x1d000, 0x1c000);
    track(&locals, 0x1d100, 0x1c000);
    assert_false(ms_locals_gone(&locals, 0x1d000));
    assert_true(ms_locals_gone(&locals, 0x1d001));
    assert_int_equal(ms_locals_take(&locals, 0x1e000), 0x1d000);
    assert_int_equal(ms_locals_take(&locals, 0x1e000), 0x1d100);
    assert_int_equal(ms_locals_take(&locals, 0x1e000), 0);
    assert_int_equal(ms_locals_take(&locals, HIGH), 0x1f000);
    assert_false(ms_locals_gone(&locals, HIGH));
}

static void what_is_untracked_is_not_asked_for(void **state) {
    (void)state;
    ms_locals locals;
    ms_locals_init(&locals);
    track(&locals, 0x1f000, 0x1e000);
    track(&locals, 0x1e800, 0x1e000);
    track(&locals, 0x1e800, 0x1e000); /* again: its value has changed */
    ms_locals_untrack(&locals, 0x1f000);
    ms_locals_untrack(&locals, 0x1234);
    assert_int_equal(ms_locals_take(&locals, HIGH), 0x1e800);
    assert_int_equal(ms_locals_take(&locals, HIGH), 0);
}

static void other_memory_is_not_looked_at(void **state) {
    (void)state;
    ms_locals locals;
    ms_locals_init(&locals);
    track(&locals, 0x1d000, 0x1e000); /* below the frame: no local of a caller */
    track(&locals, HIGH, 0x1e000);
    assert_false(ms_locals_gone(&locals, HIGH));
    track(&locals, 0x1f000, 0x1e000);
    ms_locals_track(&locals, 0x81000, 0x80000, 0x78000, 0x90000); /* on another stack */
    assert_int_equal(ms_locals_take(&locals, 0x90000), 0);        /* nor from there */
    assert_int_equal(ms_locals_take(&locals, LOW), 0);
    assert_int_equal(ms_locals_take(&locals, HIGH), 0x1f000);
}

static void many_are_cut(void **state) {
    (void)state;
    ms_locals locals;
    ms_locals_init(&locals);
    for (uint64_t i = 0; i < MS_LOCALS_MAX + 5; i++)
        track(&locals, 0x1f000 - 8 * i, 0x11000);
    unsigned taken = 0;
    while (ms_locals_take(&locals, HIGH))
        taken++;
    assert_int_equal(taken, MS_LOCALS_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_below_a_frame_is_gone),
        cmocka_unit_test(what_is_untracked_is_not_asked_for),
        cmocka_unit_test(other_memory_is_not_looked_at),
        cmocka_unit_test(many_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
