#include "load/pairs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static ms_moved moved(uint64_t address, uint32_t thread, uint64_t stamp_us, uint64_t until_us) {
    return (ms_moved){.address = address,
                      .thread = thread,
                      .stamp_us = stamp_us,
                      .until_us = until_us,
                      .is_free = true};
}

static int set_up(void **state) {
    static ms_pairs pairs;
    ms_pairs_init(&pairs);
    *state = &pairs;
    return 0;
}

static int tear_down(void **state) {
    ms_pairs_deinit(*state);
    return 0;
}

static void a_late_birth_answers_an_early_death(void **state) {
    ms_pairs *pairs = *state;
    ms_moved death = moved(0x10, 2, 100, 200), birth = moved(0x10, 1, 150, 160);
    ms_moved taken = {.is_free = false};
    ms_pairs_early(pairs, &death);
    assert_true(ms_pairs_answer_early(pairs, &birth, false, &taken));
    assert_true(taken.is_free);
    assert_false(ms_pairs_answer_early(pairs, &birth, false, &taken));
    assert_int_equal(pairs->count, 0);
}

static void what_came_later_is_no_answer(void **state) {
    ms_pairs *pairs = *state;
    ms_moved death = moved(0x10, 2, 100, 200);
    ms_moved later = moved(0x10, 1, 201, 300), own = moved(0x10, 2, 150, 200);
    ms_moved elsewhere = moved(0x20, 1, 150, 160);
    ms_moved taken;
    ms_pairs_early(pairs, &death);
    assert_false(ms_pairs_answer_early(pairs, &later, false, &taken));
    assert_false(ms_pairs_answer_early(pairs, &own, false, &taken));
    assert_false(ms_pairs_answer_early(pairs, &elsewhere, true, &taken));
    assert_true(ms_pairs_answer_early(pairs, &later, true, &taken)); /* no other way */
}

static void any_birth_answers_a_second_death(void **state) {
    ms_pairs *pairs = *state;
    ms_moved first = moved(0x10, 1, 100, 110), second = moved(0x10, 2, 105, 110);
    ms_moved birth = moved(0x10, 2, 5000, 5001);
    ms_moved taken;
    ms_pairs_died(pairs, &first, true);
    ms_pairs_early(pairs, &second);
    assert_true(ms_pairs_answer_early(pairs, &birth, false, &taken));
}

static void a_second_death_in_one_thread_is_no_disorder(void **state) {
    ms_pairs *pairs = *state;
    ms_moved first = moved(0x10, 1, 100, 110), second = moved(0x10, 1, 105, 110);
    ms_moved birth = moved(0x10, 1, 106, 110);
    ms_moved taken;
    ms_pairs_died(pairs, &first, true);
    ms_pairs_early(pairs, &second);
    assert_false(ms_pairs_answer_early(pairs, &birth, false, &taken));
}

static void a_late_death_is_that_of_the_oldest_in_the_shadow(void **state) {
    ms_pairs *pairs = *state;
    ms_moved birth = moved(0x10, 1, 100, 200), death = moved(0x10, 2, 150, 160);
    ms_block first = {.address = 0x10, .size = 1}, second = {.address = 0x10, .size = 2}, dead;
    uint64_t number = 0;
    ms_pairs_over(pairs, &birth, &first, 5);
    ms_pairs_over(pairs, &birth, &second, 6);
    assert_true(ms_pairs_answer_over(pairs, &death, false, &dead, &number));
    assert_int_equal(dead.size, 1);
    assert_int_equal(number, 5);
    ms_moved own = moved(0x10, 1, 150, 160);
    assert_false(ms_pairs_answer_over(pairs, &own, false, &dead, &number));
    assert_true(ms_pairs_answer_over(pairs, &own, true, &dead, &number));
    assert_int_equal(dead.size, 2);
    assert_int_equal(number, 6);
}

static void what_is_not_answered_is_settled_oldest_first(void **state) {
    ms_pairs *pairs = *state;
    ms_moved a = moved(0x10, 1, 1000, 1000), b = moved(0x20, 1, 2000, 2000);
    ms_pair pair;
    ms_pairs_early(pairs, &a);
    ms_pairs_early(pairs, &b);
    assert_false(ms_pairs_settle(pairs, 1000 + MS_PAIRS_SETTLE_US, false, &pair));
    assert_true(ms_pairs_settle(pairs, 1001 + MS_PAIRS_SETTLE_US, false, &pair));
    assert_int_equal(pair.moved.address, 0x10);
    assert_false(ms_pairs_settle(pairs, 1001 + MS_PAIRS_SETTLE_US, false, &pair));
    assert_true(ms_pairs_settle(pairs, 0, true, &pair));
    assert_int_equal(pair.moved.address, 0x20);
    assert_false(ms_pairs_settle(pairs, 0, true, &pair));
}

static void there_is_always_room_after_settling(void **state) {
    ms_pairs *pairs = *state;
    ms_pair pair;
    for (uint64_t i = 0; i < 3 * (uint64_t)MS_PAIRS_MAX; i++) {
        ms_moved death = moved(16 * (i + 1), 1, 1, 1);
        while (ms_pairs_settle(pairs, 1, false, &pair))
            assert_int_equal(pair.kind, MS_PAIR_EARLY);
        ms_pairs_early(pairs, &death);
        assert_true(pairs->count <= MS_PAIRS_MAX);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_late_birth_answers_an_early_death),
        TEST(what_came_later_is_no_answer),
        TEST(any_birth_answers_a_second_death),
        TEST(a_second_death_in_one_thread_is_no_disorder),
        TEST(a_late_death_is_that_of_the_oldest_in_the_shadow),
        TEST(what_is_not_answered_is_settled_oldest_first),
        TEST(there_is_always_room_after_settling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
