#include "track/place.h"

#include <pthread.h>

#include "../spoken.h"
#include "track/note.h"

static void a_place_has_one_number_in_a_trace_and_another_in_the_next(void **state) {
    (void)state;
    static struct memscope_place first = {.name = "first"}, second = {.name = "second"};
    for (int round = 0; round < 2; round++) {
        listen_now();
        assert_false(ms_place_is_told(&first)); /* the number that it has is of another trace */
        for (int i = 0; i < 3; i++) {
            ms_note(&second, MS_NOTE_TAG, &first, NULL, 0, 0);
            ms_note(&first, MS_NOTE_TAG, &first, NULL, 0, 0);
        }
        assert_true(ms_place_is_told(&first));
        uint32_t number = (uint32_t)ms_place_id(&first);
        heard h = hear();
        assert_int_equal(number, 2);
        assert_int_equal(heard_count(&h, MS_EVENT_SITE), 2);
        assert_string_equal(heard_word(heard_site(&h, 1), 0), "second");
        assert_string_equal(heard_word(heard_site(&h, 2), 0), "first");
        forget_heard(&h);
    }
}

static void who_has_no_place_has_no_number(void **state) {
    (void)state;
    listen_now();
    ms_note(NULL, MS_NOTE_TAG, listen_now, NULL, 0, 0);
    heard h = hear();
    assert_int_equal(heard_count(&h, MS_EVENT_SITE), 0);
    assert_int_equal(heard_note(&h, 0)->site, 0);
    forget_heard(&h);
}

enum { THREADS = 8, PLACES = 500 };

static struct memscope_place places[PLACES];
static char names[PLACES][8];
static pthread_barrier_t all_there;

static void *tell_all(void *unused) {
    (void)unused;
    pthread_barrier_wait(&all_there);
    for (int i = 0; i < PLACES; i++)
        ms_note(&places[i], MS_NOTE_TAG, &places[i], NULL, 0, (uint64_t)i);
    return NULL;
}

/* They may tell it twice, but never wrongly, nor speak by a number that nobody tells. */
static void threads_may_tell_one_place_at_once(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    for (int i = 0; i < PLACES; i++) {
        snprintf(names[i], sizeof names[i], "%d", i);
        places[i].name = names[i];
    }
    assert_int_equal(pthread_barrier_init(&all_there, NULL, THREADS), 0);
    listen_now();
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, tell_all, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    heard h = hear();
    assert_in_range(heard_count(&h, MS_EVENT_SITE), PLACES, THREADS * PLACES);
    size_t count = 0;
    for (size_t i = 0; i < h.count; i++) {
        const ms_event *note = &h.events[i];
        if (note->kind != MS_EVENT_NOTE)
            continue;
        count++;
        assert_string_equal(heard_word(heard_site(&h, note->site), 0), names[note->number]);
    }
    assert_int_equal(count, THREADS * PLACES);
    forget_heard(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_has_one_number_in_a_trace_and_another_in_the_next),
        cmocka_unit_test(who_has_no_place_has_no_number),
        cmocka_unit_test(threads_may_tell_one_place_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
