#include "track/note.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "capture/clock.h"
#include "../spoken.h"

enum { STRANGE_ERRNO = 77 };

static struct memscope_place a_place = {.name = "a", .type = "int"};

/* ---- what is said ------------------------------------------------------------------------------- */

static void every_kind_of_word_arrives_as_it_was_said(void **state) {
    (void)state;
    listen_now();
    for (unsigned what = 1; what < MS_NOTE_COUNT; what++)
        ms_note(&a_place, what, (const void *)(uintptr_t)(0x1000 + what), (const void *)UINTPTR_MAX,
                SIZE_MAX - what, UINT64_MAX - what);
    heard h = hear();
    assert_int_equal(heard_count(&h, MS_EVENT_NOTE), MS_NOTE_COUNT - 1);
    assert_int_equal(heard_count(&h, MS_EVENT_SITE), 1);
    for (unsigned what = 1; what < MS_NOTE_COUNT; what++) {
        const ms_event *note = heard_note(&h, what - 1);
        assert_int_equal(note->family, what);
        assert_int_equal(note->address, 0x1000 + what);
        assert_int_equal(note->old, UINT64_MAX);
        assert_int_equal(note->size, SIZE_MAX - what);
        assert_int_equal(note->number, UINT64_MAX - what);
        assert_string_equal(heard_word(heard_site(&h, note->site), 0), "a");
    }
    forget_heard(&h);
}

/* The quick way, for a thread that knows the clock: with a recorder it mostly does. */
static void a_word_said_quickly_is_the_same(void **state) {
    (void)state;
    listen_now();
    ms_note(&a_place, MS_NOTE_TRACK, &a_place, NULL, 4, 1);
    ms_self->tick = g_ms.ring->tick_us;
    ms_note(&a_place, MS_NOTE_TRACK, &a_place, NULL, 4, 2);
    assert_int_equal(ms_self->state, MS_THREAD_READY);
    ms_note(NULL, MS_NOTE_TRACK, &a_place, NULL, 4, 3);
    ms_self->tick = g_ms.ring->tick_us;
    ms_note(&a_place, MS_NOTE_TRACK, NULL, NULL, 4, 4);
    heard h = hear();
    assert_int_equal(heard_count(&h, MS_EVENT_NOTE), 4);
    const ms_event *slow = heard_note(&h, 0), *quick = heard_note(&h, 1);
    assert_int_equal(quick->number, 2);
    assert_int_equal(quick->site, slow->site);
    assert_int_equal(quick->address, slow->address);
    assert_int_equal(heard_note(&h, 2)->site, 0);
    assert_int_equal(heard_note(&h, 3)->family, MS_NOTE_MISUSE);
    forget_heard(&h);
}

static void a_null_pointer_that_is_tracked_is_a_misuse(void **state) {
    (void)state;
    char *nothing = NULL;
    listen_now();
    MEMSCOPE_TRACK(nothing);
    MEMSCOPE_TRACK_AS(NULL, NULL, NULL);
    MEMSCOPE_UNTRACK(nothing); /* which the reader finds out */
    heard h = hear();
    const ms_event *misuse = heard_note(&h, 0);
    assert_int_equal(misuse->family, MS_NOTE_MISUSE);
    assert_int_equal(misuse->number, MS_MISUSE_NULL_TRACKED);
    assert_string_equal(heard_word(heard_site(&h, misuse->site), 0), "nothing");
    assert_int_equal(heard_note(&h, 1)->family, MS_NOTE_MISUSE);
    assert_int_equal(heard_note(&h, 2)->family, MS_NOTE_UNTRACK);
    forget_heard(&h);
}

/* So that the frame of the word is not the test's. */
static __attribute__((noinline)) void say_with_stack(void) {
    ms_note_stack(&a_place, MS_NOTE_REF, &a_place, NULL, 0, 1);
    __asm__ volatile("");
}

static const ms_event *stack_of(const heard *h, uint64_t id) {
    for (size_t i = 0; i < h->count; i++)
        if (h->events[i].kind == MS_EVENT_STACK && h->events[i].stack == id)
            return &h->events[i];
    return NULL;
}

static void a_word_with_a_stack_has_that_of_who_says_it(void **state) {
    (void)state;
    listen_now();
    say_with_stack();
    say_with_stack();
    heard h = hear();
    const ms_event *first = stack_of(&h, heard_note(&h, 0)->stack);
    const ms_event *second = stack_of(&h, heard_note(&h, 1)->stack);
    assert_non_null(first);
    assert_non_null(second);
    uintptr_t speaker = (uintptr_t)say_with_stack;
    assert_in_range(first->pc, speaker, speaker + 256);
    assert_int_equal(second->pc, first->pc);
    assert_int_not_equal(second->stack, first->stack); /* two places call it */
    forget_heard(&h);
}

static void a_type_stands_before_its_fields(void **state) {
    (void)state;
    struct thing {
        int count;
        double value;
    };
    listen_now();
    for (int i = 0; i < 3; i++) {
        MEMSCOPE_STRUCT(struct thing, count, value);
        MEMSCOPE_TYPE(struct thing, value);
    }
    memscope_type("struct other", 40);
    memscope_type(NULL, 0);
    ms_note_type(NULL, 8, 0, NULL, 0);
    heard h = hear();
    assert_int_equal(heard_count(&h, MS_EVENT_NOTE), 6);
    assert_int_equal(heard_note(&h, 0)->family, MS_NOTE_TYPE);
    assert_int_equal(heard_note(&h, 0)->size, sizeof(struct thing));
    assert_int_equal(heard_note(&h, 0)->number, UINT64_MAX);
    assert_int_equal(heard_note(&h, 1)->family, MS_NOTE_FIELD);
    assert_int_equal(heard_note(&h, 2)->number, offsetof(struct thing, value));
    assert_int_equal(heard_note(&h, 3)->number, offsetof(struct thing, value));
    assert_int_equal(heard_note(&h, 4)->number, 40);
    assert_int_equal(heard_note(&h, 4)->size, UINT64_MAX);
    assert_string_equal(heard_word(heard_site(&h, heard_note(&h, 4)->site), 0), "struct other");
    forget_heard(&h);
}

static void scopes_a_hundred_deep_are_entered_and_left_in_order(void **state) {
    (void)state;
    enum { DEEP = 100 };
    static struct memscope_place places[DEEP];
    char names[DEEP][16];
    listen_now();
    for (int i = 0; i < DEEP; i++) {
        snprintf(names[i], sizeof names[i], "level %d", i);
        places[i] = (struct memscope_place){.name = names[i]};
        memscope_scope_enter_(&places[i]);
    }
    for (int i = DEEP; i-- > 0;)
        memscope_scope_leave_(&places[i]);
    memset(names, 'x', sizeof names); /* they were copied */
    heard h = hear();
    assert_int_equal(heard_count(&h, MS_EVENT_SITE), DEEP);
    for (unsigned i = 0; i < DEEP; i++) {
        const ms_event *enter = heard_note(&h, i), *leave = heard_note(&h, 2 * DEEP - 1 - i);
        char name[16];
        snprintf(name, sizeof name, "level %u", i);
        assert_string_equal(heard_word(heard_site(&h, enter->site), 0), name);
        assert_int_equal(enter->site, leave->site);
        assert_int_equal(enter->family, MS_NOTE_SCOPE_ENTER);
        assert_int_equal(leave->family, MS_NOTE_SCOPE_LEAVE);
    }
    forget_heard(&h);
}

/* ---- when it is said ---------------------------------------------------------------------------- */

static void say_everything(void) {
    int variable = 1;
    MEMSCOPE_TRACK(variable);
    say_with_stack();
    memscope_type("struct other", 8);
    memscope_task_end(MEMSCOPE_TASK_BEGIN("task"));
}

static void words_before_the_start_and_after_the_end_are_not_recorded(void **state) {
    (void)state;
    say_everything();
    listen_now();
    heard empty = (say_everything(), hear());
    assert_true(empty.count > 0);
    size_t sites = heard_count(&empty, MS_EVENT_SITE), notes = heard_count(&empty, MS_EVENT_NOTE);
    say_everything();
    listen_now();
    say_everything();
    heard again = hear();
    say_everything();
    assert_int_equal(heard_count(&again, MS_EVENT_SITE), sites); /* each trace has all its places */
    assert_int_equal(heard_count(&again, MS_EVENT_NOTE), notes);
    forget_heard(&empty);
    forget_heard(&again);
}

static void words_of_a_pause_are_not_recorded(void **state) {
    (void)state;
    listen_now();
    ms_note(&a_place, MS_NOTE_TRACK, &a_place, NULL, 4, 1);
    assert_int_equal(calls->pause(), 0);
    ms_self->tick = MS_TICK_NONE;
    say_everything();
    ms_note(&a_place, MS_NOTE_TRACK, &a_place, NULL, 4, 2);
    assert_int_equal(calls->resume(), 0);
    ms_note(&a_place, MS_NOTE_TRACK, &a_place, NULL, 4, 3);
    heard h = hear();
    assert_int_equal(heard_count(&h, MS_EVENT_NOTE), 2);
    assert_int_equal(heard_note(&h, 1)->number, 3);
    assert_int_equal(heard_count(&h, MS_EVENT_GAP), 2); /* the first: before the start */
    forget_heard(&h);
}

static void *say_in_thread(void *number) {
    ms_note(&a_place, MS_NOTE_TRACK, &a_place, NULL, 4, (uintptr_t)number);
    return NULL;
}

static void each_thread_speaks_for_itself(void **state) {
    (void)state;
    enum { THREADS = 20 };
    pthread_t threads[THREADS];
    bool seen[THREADS] = {false};
    listen_now();
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, say_in_thread, (void *)i), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    heard h = hear();
    assert_int_equal(heard_count(&h, MS_EVENT_NOTE), THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        const ms_event *note = heard_note(&h, i);
        assert_true(note->number < THREADS && !seen[note->number]);
        seen[note->number] = true;
        assert_string_equal(heard_word(heard_site(&h, note->site), 0), "a");
        for (size_t other = 0; other < i; other++)
            assert_int_not_equal(heard_note(&h, other)->thread, note->thread);
    }
    forget_heard(&h);
}

enum { RACES = 500 };

static struct memscope_place raced[RACES];
static atomic_uint runners;

/* Comes to each place at the same time as the other one. */
static void *race(void *unused) {
    (void)unused;
    for (unsigned i = 0; i < RACES; i++) {
        atomic_fetch_add(&runners, 1);
        while (atomic_load(&runners) < 2 * (i + 1))
            sched_yield();
        ms_note(&raced[i], MS_NOTE_SCOPE_ENTER, NULL, NULL, 0, i);
        ms_note(&raced[i], MS_NOTE_SCOPE_LEAVE, NULL, NULL, 0, i);
    }
    return NULL;
}

static void a_place_that_two_threads_tell_at_once_has_one_number(void **state) {
    (void)state;
    pthread_t threads[2];
    listen_now();
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, race, NULL), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    heard h = hear();
    uint64_t number[RACES] = {0};
    assert_true(heard_count(&h, MS_EVENT_SITE) >= RACES); /* what it says may be there twice */
    assert_int_equal(heard_count(&h, MS_EVENT_NOTE), 4 * RACES);
    for (size_t i = 0; i < h.count; i++) {
        const ms_event *note = &h.events[i];
        if (note->kind != MS_EVENT_NOTE)
            continue;
        if (number[note->number] == 0)
            number[note->number] = note->site;
        assert_int_equal(note->site, number[note->number]);
    }
    forget_heard(&h);
}

/* ---- where nobody expects it -------------------------------------------------------------------- */

static void in_handler(int number) {
    (void)number;
    ms_note(&a_place, MS_NOTE_TRACK, &a_place, NULL, 4, 100);
}

static void a_signal_handler_may_speak(void **state) {
    (void)state;
    struct sigaction action = {.sa_handler = in_handler}, before;
    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    listen_now();
    ms_note(&a_place, MS_NOTE_TRACK, &a_place, NULL, 4, 1);
    assert_int_equal(raise(SIGUSR1), 0);
    ms_thread *in_hook = ms_enter(); /* it comes while we record ... */
    assert_int_equal(raise(SIGUSR1), 0);
    ms_thread *lane = ms_enter(); /* ... and while another one does so */
    assert_ptr_not_equal(lane, in_hook);
    assert_int_equal(raise(SIGUSR1), 0);
    ms_leave(lane);
    ms_leave(in_hook);
    heard h = hear();
    assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
    assert_int_equal(heard_count(&h, MS_EVENT_NOTE), 3);
    assert_int_equal(heard_note(&h, 1)->thread, heard_note(&h, 0)->thread);
    assert_int_not_equal(heard_note(&h, 2)->thread, heard_note(&h, 0)->thread);
    assert_int_equal(heard_note(&h, 2)->site, heard_note(&h, 0)->site);
    assert_int_equal(h.lost[MS_LOSS_REENTRANT], 1);
    forget_heard(&h);
}

static void a_forked_child_speaks_for_itself(void **state) {
    (void)state;
    char path[128];
    int status;
    listen_now();
    ms_note(&a_place, MS_NOTE_TRACK, &a_place, NULL, 4, 1);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 3; i++)
            ms_note(&a_place, MS_NOTE_TRACK, &a_place, NULL, 4, 7);
        _exit(ms_control_is_on() ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    heard h = hear();
    assert_int_equal(heard_count(&h, MS_EVENT_NOTE), 1);
    forget_heard(&h);
    snprintf(path, sizeof path, "%.*s.%d.memscope", (int)(strlen(heard_path) - strlen(".memscope")),
             heard_path, (int)child);
    h = hear_file(path);
    assert_int_equal(heard_count(&h, MS_EVENT_NOTE), 3);
    assert_int_equal(heard_count(&h, MS_EVENT_SITE), 1); /* the parent's are not its */
    assert_string_equal(heard_word(heard_site(&h, heard_note(&h, 0)->site), 0), "a");
    forget_heard(&h);
}

static void set_room(rlim_t bytes) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static uint64_t lost_so_far(void) {
    struct memscope_counts counts;
    assert_int_equal(calls->stats(&counts, sizeof counts), 0);
    return counts.lost;
}

static size_t notes_of(const heard *h, unsigned what) {
    size_t count = 0;
    for (size_t i = 0; i < h->count; i++)
        count += h->events[i].kind == MS_EVENT_NOTE && h->events[i].family == what;
    return count;
}

static void words_that_find_no_room_are_counted_and_later_ones_are_recorded(void **state) {
    (void)state;
    enum { WORDS = 20000 };
    static struct memscope_place late = {.name = "late"};
    set_room(MS_RING_HEADER_SIZE + MS_RING_GROUP * MS_RING_CHUNK_SIZE);
    listen_now();
    errno = STRANGE_ERRNO;
    for (uint64_t i = 0; i < WORDS; i++)
        ms_note(&a_place, MS_NOTE_TRACK, &a_place, NULL, 4, i);
    uint64_t lost = lost_so_far();
    ms_note(&late, MS_NOTE_TAG, &a_place, NULL, 0, 0);
    assert_int_equal(errno, STRANGE_ERRNO);
    assert_int_equal(late.id, 0); /* so it will be told again */
    assert_int_equal(lost_so_far(), lost + 2);
    set_room(RLIM_INFINITY);
    for (uint64_t i = 0; i < WORDS; i++)
        ms_note(&late, MS_NOTE_TAG, &a_place, NULL, 0, i);
    heard h = hear();
    size_t told = notes_of(&h, MS_NOTE_TRACK);
    assert_true(told > 0 && told < WORDS);
    assert_int_equal(told + lost, WORDS);
    assert_true(notes_of(&h, MS_NOTE_TAG) > WORDS / 2);
    const ms_event *last = heard_note(&h, heard_count(&h, MS_EVENT_NOTE) - 1);
    assert_int_equal(last->number, WORDS - 1);
    assert_string_equal(heard_word(heard_site(&h, last->site), 0), "late");
    forget_heard(&h);
}

static void errno_is_kept(void **state) {
    (void)state;
    for (int round = 0; round < 3; round++) {
        errno = STRANGE_ERRNO;
        say_everything();
        assert_int_equal(errno, STRANGE_ERRNO);
        if (round == 0)
            listen_now();
    }
    heard h = hear();
    forget_heard(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_word_arrives_as_it_was_said),
        cmocka_unit_test(a_word_said_quickly_is_the_same),
        cmocka_unit_test(a_null_pointer_that_is_tracked_is_a_misuse),
        cmocka_unit_test(a_word_with_a_stack_has_that_of_who_says_it),
        cmocka_unit_test(a_type_stands_before_its_fields),
        cmocka_unit_test(scopes_a_hundred_deep_are_entered_and_left_in_order),
        cmocka_unit_test(words_before_the_start_and_after_the_end_are_not_recorded),
        cmocka_unit_test(words_of_a_pause_are_not_recorded),
        cmocka_unit_test(each_thread_speaks_for_itself),
        cmocka_unit_test(a_place_that_two_threads_tell_at_once_has_one_number),
        cmocka_unit_test(a_signal_handler_may_speak),
        cmocka_unit_test(a_forked_child_speaks_for_itself),
        cmocka_unit_test(words_that_find_no_room_are_counted_and_later_ones_are_recorded),
        cmocka_unit_test(errno_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
