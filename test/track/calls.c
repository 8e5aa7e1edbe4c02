#include "../spoken.h"

/* As functions with names, for whoever has no use for a C header: which has those names, too. */
extern __typeof__(int(void)) resume_by_name __asm__("memscope_resume");
extern __typeof__(int(void)) pause_by_name __asm__("memscope_pause");
extern __typeof__(int(void)) is_recording_by_name __asm__("memscope_is_recording");
extern __typeof__(void(uint64_t)) switch_by_name __asm__("memscope_task_switch");

static void the_table_says_how_long_it_is_and_has_no_gaps(void **state) {
    (void)state;
    void *entries[sizeof *calls / sizeof(void *)];
    assert_int_equal(calls->size, sizeof *calls);
    memcpy(entries, calls, sizeof *calls);
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        assert_non_null(entries[i]);
    assert_ptr_equal(memscope_calls_(), calls);
}

static void without_a_trace_nothing_can_be_switched_or_counted(void **state) {
    (void)state;
    struct memscope_counts counts = {.written = 1};
    assert_int_equal(calls->pause(), -1);
    assert_int_equal(calls->resume(), -1);
    assert_int_equal(calls->is_recording(), 0);
    assert_int_equal(calls->stats(&counts, sizeof counts), -1);
    assert_int_equal(counts.written, 1);
    assert_int_equal(memscope_stats(&counts), -1);
    assert_int_equal(counts.written, 0);
}

static void functions_with_names_do_the_same(void **state) {
    (void)state;
    listen_now();
    assert_int_equal(pause_by_name(), 0);
    assert_int_equal(is_recording_by_name(), 0);
    assert_int_equal(pause_by_name(), 0); /* it is already */
    assert_int_equal(resume_by_name(), 0);
    assert_int_equal(is_recording_by_name(), 1);
    switch_by_name(9);
    assert_int_equal(calls->task_current(), 9);
    switch_by_name(0);
    heard h = hear();
    assert_int_equal(heard_count(&h, MS_EVENT_TASK), 2);
    forget_heard(&h);
}

static void numbers_are_those_of_the_trace(void **state) {
    (void)state;
    enum { WORDS = 10000 };
    struct memscope_counts counts;
    int variable = 0;
    listen_now();
    memscope_task_switch(3);
    for (int i = 0; i < WORDS; i++)
        MEMSCOPE_TRACK(variable);
    memscope_ref_changed(&variable, 1);
    assert_int_equal(calls->stats(&counts, sizeof counts), 0);
    assert_int_equal(counts.recording, 1);
    assert_int_equal(counts.task, 3);
    assert_int_equal(counts.threads, 1);
    assert_int_equal(counts.places, 1);
    assert_true(counts.stacks > 1);
    assert_in_range(counts.written, (WORDS * 5 * 8) - MS_RING_CHUNK_SIZE, WORDS * 5 * 8 + 65536);
    assert_int_equal(counts.lost, 0);
    assert_true(counts.time_ns > 0);
    assert_int_equal(counts.allocations, MEMSCOPE_UNKNOWN); /* its recorder would count */
    assert_int_equal(counts.counted_ns, MEMSCOPE_UNKNOWN);
    memscope_task_switch(0);
    heard h = hear();
    assert_int_equal(heard_count(&h, MS_EVENT_NOTE), WORDS + 1);
    assert_int_equal(heard_count(&h, MS_EVENT_STACK), counts.stacks);
    forget_heard(&h);
}

static void of_an_older_struct_only_what_it_has_is_filled_in(void **state) {
    (void)state;
    struct memscope_counts counts;
    memset(&counts, 0xee, sizeof counts);
    listen_now();
    assert_int_equal(calls->stats(&counts, offsetof(struct memscope_counts, places)), 0);
    assert_int_equal(counts.recording, 1);
    assert_int_equal(counts.places, 0xeeeeeeeeeeeeeeee);
    assert_int_equal(counts.bytes_allocated, 0xeeeeeeeeeeeeeeee);
    assert_int_equal(calls->stop(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_says_how_long_it_is_and_has_no_gaps),
        cmocka_unit_test(without_a_trace_nothing_can_be_switched_or_counted),
        cmocka_unit_test(functions_with_names_do_the_same),
        cmocka_unit_test(numbers_are_those_of_the_trace),
        cmocka_unit_test(of_an_older_struct_only_what_it_has_is_filled_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
