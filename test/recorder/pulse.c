#include "recorder/pulse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

enum { SECOND_MS = 1000, FOR_EVER_MS = 20000 };

static uint32_t now(const uint32_t *beats) {
    return __atomic_load_n(beats, __ATOMIC_ACQUIRE);
}

static void rest(void) {
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

static void wait_for_beat(const uint32_t *beats) {
    uint32_t seen = now(beats);
    for (int ms = 0; now(beats) == seen; ms += 10) {
        assert_true(ms < FOR_EVER_MS);
        rest();
    }
}

static void all_rings_beat_while_the_loop_is_busy(void **state) {
    (void)state;
    uint32_t beats[40] = {0};
    ms_pulse *pulse = ms_pulse_start();
    assert_non_null(pulse);
    for (int i = 0; i < 40; i++)
        ms_pulse_add(pulse, &beats[i]);
    for (int i = 0; i < 40; i++)
        wait_for_beat(&beats[i]);
    ms_pulse_stop(pulse);
}

static void a_ring_that_was_removed_beats_no_more(void **state) {
    (void)state;
    uint32_t gone = 0, stays = 0;
    ms_pulse *pulse = ms_pulse_start();
    ms_pulse_add(pulse, &gone);
    ms_pulse_add(pulse, &stays);
    wait_for_beat(&gone);
    ms_pulse_remove(pulse, &gone);
    uint32_t last = now(&gone);
    for (int i = 0; i < 3; i++)
        wait_for_beat(&stays);
    assert_int_equal(now(&gone), last);
    ms_pulse_remove(pulse, &gone); /* it is not there */
    ms_pulse_stop(pulse);
    last = now(&stays);
    rest();
    assert_int_equal(now(&stays), last);
}

static void nobody_waits_for_a_loop_that_stands_still_for_ever(void **state) {
    (void)state;
    uint32_t beats = 0, last;
    ms_pulse *pulse = ms_pulse_start();
    ms_pulse_add(pulse, &beats);
    int still_ms = 0;
    for (int ms = 0; still_ms < SECOND_MS; ms += 10) {
        assert_true(ms < 2 * FOR_EVER_MS);
        last = now(&beats);
        rest();
        still_ms = now(&beats) == last ? still_ms + 10 : 0;
    }
    ms_pulse_turn(pulse);
    wait_for_beat(&beats);
    ms_pulse_stop(pulse);
}

static void without_a_pulse_nothing_is_done(void **state) {
    (void)state;
    uint32_t beats = 7;
    ms_pulse_add(NULL, &beats);
    ms_pulse_turn(NULL);
    ms_pulse_remove(NULL, &beats);
    ms_pulse_stop(NULL);
    assert_int_equal(beats, 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_rings_beat_while_the_loop_is_busy),
        cmocka_unit_test(a_ring_that_was_removed_beats_no_more),
        cmocka_unit_test(nobody_waits_for_a_loop_that_stands_still_for_ever),
        cmocka_unit_test(without_a_pulse_nothing_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
