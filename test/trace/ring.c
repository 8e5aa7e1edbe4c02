#include "trace/ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "random_event.h"
#include "trace/format.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The text "libx" as the ring holds it. */
#define LIBX 0x7862696cu

static ms_event decode(const uint64_t *words, size_t count, size_t expected) {
    ms_event event = {.thread = 7, .tid = 70, .time_us = 5, .size = 99};
    assert_int_equal(ms_ring_event(words, count, &event), expected);
    return event;
}

static void an_allocation_takes_two_words(void **state) {
    (void)state;
    uint64_t words[] = {ms_word(MS_EVENT_ALLOC, MS_FAMILY_CALLOC, 0x7fff12345678),
                        UINT64_C(42) << 32 | 4096};
    ms_event e = decode(words, COUNT(words), 2);
    assert_int_equal(e.kind, MS_EVENT_ALLOC);
    assert_int_equal(e.family, MS_FAMILY_CALLOC);
    assert_true(e.address == 0x7fff12345678 && e.stack == 42 && e.size == 4096);
    assert_true(e.thread == 7 && e.tid == 70 && e.time_us == 5);
}

static void a_wide_allocation_takes_three_words(void **state) {
    (void)state;
    uint64_t words[] = {ms_word(MS_EVENT_ALLOC, MS_FAMILY_MALLOC, 16),
                        UINT64_C(0xffffffff) << 32 | MS_SIZE_WIDE, UINT64_C(1) << 40};
    ms_event e = decode(words, COUNT(words), 3);
    assert_true(e.stack == 0xffffffff && e.size == UINT64_C(1) << 40);
    decode(words, 2, 0);
}

static void time_sets_the_time(void **state) {
    (void)state;
    uint64_t words[] = {ms_word(MS_EVENT_TIME, 0, 123456)};
    assert_int_equal(decode(words, 1, 1).time_us, 123456);
}

static void events_of_fixed_length_carry_their_columns(void **state) {
    (void)state;
    uint64_t words[] = {ms_word(MS_EVENT_REALLOC, MS_FAMILY_REALLOC, 1), UINT64_C(2) << 32, 3, 4};
    ms_event e = decode(words, COUNT(words), 4);
    assert_true(e.address == 1 && e.stack == 2 && e.old == 3 && e.size == 4);

    uint64_t remap[] = {ms_word(MS_EVENT_REMAP, 0, 1), UINT64_C(2) << 32, 3, 4, 5};
    e = decode(remap, COUNT(remap), 5);
    assert_true(e.address == 1 && e.stack == 2 && e.old == 3 && e.size == 4 && e.number == 5);

    uint64_t stack[] = {ms_word(MS_EVENT_STACK, 0, 1), 2, 3};
    e = decode(stack, COUNT(stack), 3);
    assert_true(e.stack == 1 && e.pc == 2 && e.parent == 3 && e.address == 0);

    uint64_t map[] = {ms_word(MS_EVENT_MAP, MS_FAMILY_MMAP, 1), UINT64_C(2) << 32 | 3, 4};
    e = decode(map, COUNT(map), 3);
    assert_true(e.address == 1 && e.stack == 2 && e.number == 3 && e.size == 4);

    uint64_t freer[] = {ms_word(MS_EVENT_FREER_STACK, 0, 1), 2};
    e = decode(freer, COUNT(freer), 2);
    assert_true(e.pc == 1 && e.stack == 2);
    decode(freer, 1, 0);

    uint64_t loss[] = {ms_word(MS_EVENT_LOSS, MS_LOSS_NO_SPACE, 9)};
    e = decode(loss, 1, 1);
    assert_true(e.family == MS_LOSS_NO_SPACE && e.number == 9);
}

static void module_and_thread_carry_text(void **state) {
    (void)state;
    uint64_t module[] = {ms_word(MS_EVENT_MODULE, 0, 7), 1, 2, 3, 4, 4, LIBX};
    ms_event e = decode(module, COUNT(module), 7);
    assert_true(e.address == 1 && e.old == 2 && e.size == 3 && e.number == 4);
    assert_int_equal(e.text.size, 4);
    assert_memory_equal(e.text.bytes, "libx", 4);

    uint64_t thread[] = {ms_word(MS_EVENT_THREAD, 0, 4), 77, 4, LIBX};
    e = decode(thread, COUNT(thread), 4);
    assert_true(e.number == 77 && e.text.size == 4);
}

static void a_hole_and_the_end_are_no_events(void **state) {
    (void)state;
    uint64_t hole[] = {0, 5};
    decode(hole, 2, 0);
    decode(hole, 0, 0);
}

static void wild_lengths_are_skipped_by_one_word(void **state) {
    (void)state;
    uint64_t words[MS_RING_EVENT_WORDS + 8] = {0};
    uint64_t lengths[] = {0, 1, 5, MS_RING_EVENT_WORDS + 1, MS_WORD_VALUE_MASK};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        words[0] = ms_word(MS_EVENT_MODULE, 0, lengths[i]);
        ms_event e = decode(words, COUNT(words), 1);
        assert_int_equal(e.kind, MS_EVENT_NONE);
    }
    words[0] = ms_word(MS_EVENT_MODULE, 0, 7);
    words[5] = 9; /* one word of text cannot hold 9 bytes */
    assert_int_equal(decode(words, COUNT(words), 1).kind, MS_EVENT_NONE);
    words[0] = ms_word(0xee, 0, 7);
    assert_int_equal(decode(words, COUNT(words), 1).kind, MS_EVENT_NONE);
}

static void random_words_never_reach_behind_their_end(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        uint64_t words[24];
        size_t count = random_below(&seed, COUNT(words));
        for (size_t i = 0; i < count; i++)
            words[i] = random_below(&seed, 2) ? random_below(&seed, 32) : random_u64(&seed);
        if (count)
            words[0] = ms_word((unsigned)random_below(&seed, 16), 1, random_below(&seed, 40));
        ms_event e = {0};
        size_t taken = ms_ring_event(words, count, &e);
        assert_true(taken <= count);
        const uint8_t *end = (const uint8_t *)(words + count);
        assert_true(e.text.size == 0 || e.text.bytes + e.text.size <= end);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_allocation_takes_two_words),
        cmocka_unit_test(a_wide_allocation_takes_three_words),
        cmocka_unit_test(time_sets_the_time),
        cmocka_unit_test(events_of_fixed_length_carry_their_columns),
        cmocka_unit_test(module_and_thread_carry_text),
        cmocka_unit_test(a_hole_and_the_end_are_no_events),
        cmocka_unit_test(wild_lengths_are_skipped_by_one_word),
        cmocka_unit_test(random_words_never_reach_behind_their_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
