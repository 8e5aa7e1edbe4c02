#include "track/task.h"

#include <pthread.h>

#include "track/note.h"
#include "../spoken.h"

enum { THREADS = 8, EACH = 2000 };

static struct memscope_place a_task = {.name = "task"};

/* Threads were switched to these tasks. */
static size_t switches(const heard *h, uint64_t *tasks, size_t most) {
    size_t count = 0;
    for (const ms_event *event; count < most && (event = heard_event(h, MS_EVENT_TASK, count));)
        tasks[count++] = event->number;
    return count;
}

static void a_task_begins_as_a_child_of_the_present_one(void **state) {
    (void)state;
    listen_now();
    uint64_t parent = calls->task_begin(&a_task);
    assert_int_equal(calls->task_current(), 0); /* nobody was switched to it */
    calls->task_switch(parent);
    uint64_t child = calls->task_begin(&a_task);
    calls->task_switch(child);
    assert_int_equal(calls->task_current(), child);
    calls->task_end(child);
    assert_int_equal(calls->task_current(), 0);
    calls->task_switch(parent);
    calls->task_switch(0);
    calls->task_end(parent);
    heard h = hear();
    const uint64_t expected[] = {parent, child, 0, parent, 0};
    uint64_t found[8];
    assert_int_equal(switches(&h, found, 8), 5);
    assert_memory_equal(found, expected, sizeof expected);
    assert_int_equal(heard_note(&h, 0)->number, parent);
    assert_int_equal(heard_note(&h, 0)->old, 0);
    assert_int_equal(heard_note(&h, 1)->number, child);
    assert_int_equal(heard_note(&h, 1)->old, parent);
    assert_int_equal(heard_note(&h, 2)->family, MS_NOTE_TASK_END);
    assert_int_equal(heard_note(&h, 2)->number, child);
    forget_heard(&h);
}

static void the_end_of_another_task_leaves_the_present_one(void **state) {
    (void)state;
    listen_now();
    uint64_t mine = calls->task_begin(&a_task), other = calls->task_begin(&a_task);
    calls->task_switch(mine);
    calls->task_end(other);
    calls->task_end(other); /* twice, and ... */
    calls->task_end(123);   /* ... never begun: the reader finds that out */
    calls->task_end(0);
    assert_int_equal(calls->task_current(), mine);
    calls->task_end(mine);
    assert_int_equal(calls->task_current(), 0);
    heard h = hear();
    assert_int_equal(heard_count(&h, MS_EVENT_NOTE), 2 + 5);
    forget_heard(&h);
}

static void a_thread_may_be_switched_to_tasks_that_nobody_began(void **state) {
    (void)state;
    const uint64_t expected[] = {7, UINT32_MAX, MS_WORD_VALUE_MASK, 0};
    uint64_t found[8];
    listen_now();
    calls->task_switch(7);
    calls->task_switch(7); /* says nothing new */
    calls->task_switch(UINT32_MAX);
    calls->task_switch(UINT64_MAX);
    assert_int_equal(calls->task_current(), UINT64_MAX);
    calls->task_switch(0);
    heard h = hear();
    assert_int_equal(switches(&h, found, 8), 4);
    assert_memory_equal(found, expected, sizeof expected);
    forget_heard(&h);
}

static void a_switch_holds_although_nothing_is_recorded(void **state) {
    (void)state;
    calls->task_switch(5);
    assert_int_equal(calls->task_current(), 5);
    listen_now();
    ms_note(&a_task, MS_NOTE_TAG, &a_task, NULL, 0, 0);
    assert_int_equal(calls->pause(), 0);
    calls->task_switch(6);
    assert_int_equal(calls->resume(), 0);
    ms_note(&a_task, MS_NOTE_TAG, &a_task, NULL, 0, 0);
    calls->task_switch(0);
    heard h = hear();
    const uint64_t expected[] = {5, 6, 0};
    uint64_t found[8];
    assert_int_equal(switches(&h, found, 8), 3);
    assert_memory_equal(found, expected, sizeof expected);
    forget_heard(&h);
}

static void *take_numbers(void *numbers) {
    for (int i = 0; i < EACH; i++)
        ((uint64_t *)numbers)[i] = ms_task_number(i % 2);
    return NULL;
}

static int by_number(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void no_two_tasks_have_one_number(void **state) {
    (void)state;
    static uint64_t numbers[THREADS][EACH];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_numbers, numbers[i]), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < EACH; i++)
        assert_int_equal(ms_task_is_found(numbers[0][i]), i % 2);
    uint64_t *all = numbers[0];
    qsort(all, (size_t)THREADS * EACH, sizeof *all, by_number);
    for (int i = 1; i < THREADS * EACH; i++)
        assert_true(all[i - 1] < all[i]);
    assert_true(all[0] > UINT32_MAX); /* below are the program's own */
    assert_false(ms_task_is_found(7));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_begins_as_a_child_of_the_present_one),
        cmocka_unit_test(the_end_of_another_task_leaves_the_present_one),
        cmocka_unit_test(a_thread_may_be_switched_to_tasks_that_nobody_began),
        cmocka_unit_test(a_switch_holds_although_nothing_is_recorded),
        cmocka_unit_test(no_two_tasks_have_one_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
