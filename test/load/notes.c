#include "load/notes.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "words.h"

/* ---- scopes and tasks ------------------------------------------------------------------- */

static void a_scope_counts_what_is_born_in_it_and_within(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    say(&r, MS_NOTE_SCOPE_ENTER, 100, OUTER, (ms_event){0});
    play(&r, make_alloc(1, 110, P, 10, 0));
    say(&r, MS_NOTE_SCOPE_ENTER, 120, INNER, (ms_event){0});
    play(&r, make_alloc(1, 130, Q, 100, 0));
    track(&r, 131, NODE, Q);
    say(&r, MS_NOTE_SCOPE_LEAVE, 140, INNER, (ms_event){0});
    play(&r, make_free(2, 150, Q));
    say(&r, MS_NOTE_SCOPE_LEAVE, 160, OUTER, (ms_event){0});
    play(&r, make_alloc(1, 170, Q, 1000, 0));
    ms_model *m = finish(&r);
    assert_int_equal(m->scopes.count, 2);
    const ms_scope *outer = &m->scopes.items[0], *inner = &m->scopes.items[1];
    assert_string_equal(outer->scope, "outer");
    assert_int_equal(outer->parent, MS_UNKNOWN);
    assert_int_equal(outer->allocations, 2);
    assert_int_equal(outer->bytes_allocated, 110);
    assert_int_equal(outer->peak_bytes, 110);
    assert_int_equal(outer->live_bytes, 10);
    assert_int_equal(outer->total_ns, 60000);
    assert_string_equal(inner->scope, "inner");
    assert_int_equal(inner->parent, 1);
    assert_int_equal(inner->allocations, 1);
    assert_int_equal(inner->live_bytes, 0);
    assert_int_equal(inner->total_ns, 20000);
    assert_string_equal(m->variables.items[0].scope, "inner");
    assert_int_equal(m->variables.items[0].scope_id, 2);
    assert_int_equal(m->misuses.count, 0);
    end(&r, m);
}

static void scopes_left_in_another_order_are_counted(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    say(&r, MS_NOTE_SCOPE_LEAVE, 99, OUTER, (ms_event){0});
    say(&r, MS_NOTE_SCOPE_ENTER, 100, OUTER, (ms_event){0});
    say(&r, MS_NOTE_SCOPE_ENTER, 120, INNER, (ms_event){0});
    say(&r, MS_NOTE_SCOPE_LEAVE, 140, OUTER, (ms_event){0});
    play(&r, make_alloc(1, 150, P, 10, 0));
    ms_model *m = finish(&r);
    assert_int_equal(misuses(m, "scopes were left in another order than they were entered in"), 2);
    assert_int_equal(m->scopes.items[0].allocations, 0);
    assert_int_equal(m->scopes.items[1].open, 0);
    end(&r, m);
}

static void scopes_nest_without_end(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    enum { DEEP = 2 * MS_SCOPES_DEPTH };
    for (uint64_t i = 0; i < DEEP; i++)
        say(&r, MS_NOTE_SCOPE_ENTER, 100 + i, OUTER, (ms_event){0});
    play(&r, make_alloc(1, 1000, P, 10, 0));
    for (uint64_t i = 0; i < DEEP; i++)
        say(&r, MS_NOTE_SCOPE_LEAVE, 1000 + i, OUTER, (ms_event){0});
    ms_model *m = finish(&r);
    assert_int_equal(m->scopes.count, MS_SCOPES_DEPTH);
    assert_int_equal(m->scopes.items[MS_SCOPES_DEPTH - 1].allocations, 1);
    assert_int_equal(m->capture.scopes_left_out, DEEP - MS_SCOPES_DEPTH);
    assert_int_equal(m->misuses.count, 0);
    end(&r, m);
}

static ms_event task(uint32_t thread, uint64_t time_us, uint64_t id) {
    return (ms_event){.kind = MS_EVENT_TASK, .thread = thread, .time_us = time_us, .number = id};
}

static void a_task_has_a_name_a_parent_and_idle_times(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    say(&r, MS_NOTE_TASK_BEGIN, 100, JOB, (ms_event){.number = 7});
    play(&r, task(1, 110, 7));
    say(&r, MS_NOTE_TASK_BEGIN, 120, JOB, (ms_event){.number = 8, .old = 7});
    play(&r, task(1, 150, 0));
    play(&r, task(2, 250, 7));
    play(&r, task(2, 260, 0));
    say(&r, MS_NOTE_TASK_END, 300, 0, (ms_event){.number = 7});
    play(&r, make_alloc(1, 400, P, 10, 0));
    ms_model *m = finish(&r);
    assert_int_equal(m->tasks.count, 2);
    assert_string_equal(m->tasks.items[0].task, "job");
    assert_int_equal(m->tasks.items[0].line, 30);
    const ms_task_count *first = &r.tasks.items[0], *second = &r.tasks.items[1];
    assert_true(first->begun && first->ended);
    assert_int_equal(first->parent, 0);
    assert_int_equal(first->taken_up, 2);
    assert_int_equal(first->busy_us, 50);
    assert_int_equal(first->idle_us, 10 + 100 + 40);
    assert_int_equal(first->longest_idle_us, 100);
    assert_true(second->begun && !second->ended);
    assert_int_equal(second->parent, 7);
    assert_int_equal(second->idle_us, 280);
    end(&r, m);
}

static void a_task_that_begins_again_goes_on(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    say(&r, MS_NOTE_TASK_BEGIN, 100, JOB, (ms_event){.number = 7, .address = 0x4000});
    say(&r, MS_NOTE_TASK_END, 110, 0, (ms_event){.number = 7});
    say(&r, MS_NOTE_TASK_BEGIN, 500, OTHER, (ms_event){.number = 7, .address = 0x4000});
    play(&r, make_alloc(1, 530, P, 10, 0));
    ms_model *m = finish(&r);
    assert_true(m->tasks.items[0].zombie);
    assert_string_equal(m->tasks.items[0].task, "job");
    assert_int_equal(m->tasks.items[0].begun_ns, 100000);
    assert_int_equal(m->tasks.items[0].idle_ns, 10000 + 30000);
    assert_int_equal(m->misuses.count, 0);
    end(&r, m);
}

/* Of 100 tasks of a place number i takes i bytes; ten are never ended. Two found ones run the same, and one not. */
static void tasks_of_one_name_are_counted_together(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    for (uint64_t i = 1; i <= 100; i++) {
        say(&r, MS_NOTE_TASK_BEGIN, 10 * i, JOB, (ms_event){.number = i});
        play(&r, task(1, 10 * i + 1, i));
        play(&r, make_alloc(1, 10 * i + 2, P, i, 0));
        play(&r, make_free(1, 10 * i + 3, P));
        if (i % 10)
            say(&r, MS_NOTE_TASK_END, 10 * i + 4, 0, (ms_event){.number = i});
    }
    for (uint64_t i = 201; i <= 202; i++)
        say(&r, MS_NOTE_TASK_BEGIN, 2000, OTHER, (ms_event){.number = i, .address = 0x4000});
    say(&r, MS_NOTE_TASK_BEGIN, 2000, OTHER, (ms_event){.number = 203, .address = 0x5000});
    ms_model *m = finish(&r);
    assert_int_equal(m->task_groups.count, 3);
    const ms_task_group *g = &m->task_groups.items[0];
    assert_string_equal(g->task, "job");
    assert_int_equal(g->tasks, 100);
    assert_int_equal(g->ended, 90);
    assert_int_equal(g->zombies, 10);
    assert_int_equal(g->allocations, 100);
    assert_int_equal(g->bytes_allocated, 5050);
    assert_int_equal(g->bytes_allocated_error, MS_UNKNOWN);
    assert_int_equal(g->largest, 100);
    assert_int_equal(g->max_bytes, 100);
    assert_int_equal(g->max_peak_bytes, 100);
    assert_int_equal(g->p50_bytes, 50);
    assert_int_equal(g->p90_bytes, 90);
    assert_int_equal(g->p99_bytes, 99);
    assert_int_equal(m->task_groups.items[1].tasks, 2);
    assert_int_equal(m->task_groups.items[2].tasks, 1);
    assert_int_equal(m->task_groups.items[1].p50_bytes, 0);
    end(&r, m);
}

/* Two more than are listed: those that never ended are, and the larger ones of the others, in their order. */
static void of_many_tasks_those_are_listed_that_are_worth_it(void **state) {
    (void)state;
    enum { TASKS = MS_TASKS_LISTED + 2 };
    ms_replay r;
    start(&r);
    for (uint64_t i = 1; i <= TASKS; i++) {
        say(&r, MS_NOTE_TASK_BEGIN, 10 * i, JOB, (ms_event){.number = i});
        play(&r, task(1, 10 * i + 1, i));
        play(&r, make_alloc(1, 10 * i + 2, P, TASKS - i, 0));
        play(&r, make_free(1, 10 * i + 3, P));
        if (i != TASKS)
            say(&r, MS_NOTE_TASK_END, 10 * i + 4, 0, (ms_event){.number = i});
    }
    ms_model *m = finish(&r);
    assert_int_equal(m->tasks.count, MS_TASKS_LISTED);
    assert_int_equal(m->capture.tasks_left_out, 2);
    assert_int_equal(m->tasks.items[0].id, 1);
    assert_int_equal(m->tasks.items[MS_TASKS_LISTED - 2].id, MS_TASKS_LISTED - 1);
    assert_int_equal(m->tasks.items[MS_TASKS_LISTED - 1].id, TASKS);
    assert_int_equal(m->task_groups.items[0].tasks, TASKS);
    assert_int_equal(m->task_id_count, TASKS);
    assert_int_equal(m->task_ids[TASKS - 2], TASKS - 1);
    end(&r, m);
}

static void a_task_that_ends_twice_or_never_began_is_counted(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    say(&r, MS_NOTE_TASK_END, 90, 0, (ms_event){.number = 5, .thread = 2}); /* read too early */
    say(&r, MS_NOTE_TASK_BEGIN, 90, JOB, (ms_event){.number = 5});
    say(&r, MS_NOTE_TASK_BEGIN, 100, JOB, (ms_event){.number = 7});
    say(&r, MS_NOTE_TASK_END, 110, 0, (ms_event){.number = 7});
    say(&r, MS_NOTE_TASK_END, 120, 0, (ms_event){.number = 7});
    say(&r, MS_NOTE_TASK_END, 130, 0, (ms_event){.number = 4711});
    say(&r, MS_NOTE_TASK_END, 140, 0, (ms_event){.number = 0});
    ms_model *m = finish(&r);
    assert_int_equal(misuses(m, "a task was ended that had ended, or had never begun"), 3);
    end(&r, m);
}

/* ---- moments, definitions, nonsense ---------------------------------------------------------- */

static void moments_have_names(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    say(&r, MS_NOTE_SNAPSHOT, 150, MARK, (ms_event){0});
    play(&r, make_alloc(1, 200, Q, 64, 0));
    ms_model *m = finish(&r);
    assert_int_equal(m->snapshots.count, 1);
    assert_string_equal(m->snapshots.items[0].label, "half way");
    assert_int_equal(m->snapshots.items[0].live_bytes, 64);
    assert_int_equal(m->snapshots.items[0].time_ns, 150000);
    end(&r, m);
}

static void moments_without_room_are_counted(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    for (unsigned i = 0; i < MS_SNAPSHOTS_MAX + 3; i++)
        say(&r, MS_NOTE_SNAPSHOT, 150 + i, MARK, (ms_event){0});
    ms_model *m = finish(&r);
    assert_int_equal(m->snapshots.count, MS_SNAPSHOTS_MAX);
    assert_int_equal(m->capture.snapshots_left_out, 3);
    end(&r, m);
}

static void a_definition_may_come_late_or_cut_or_twice(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    track(&r, 101, 50, P);
    define(&r, 50, 1, "late\0ty", 7);
    define(&r, 50, 2, "again", 6);
    define(&r, 51, 3, NULL, 0);
    track(&r, 102, 51, P);
    track(&r, 103, NOWHERE, P);
    track(&r, 104, 0, P);
    ms_model *m = finish(&r);
    assert_int_equal(m->variables.count, 4);
    assert_string_equal(m->variables.items[0].name, "late");
    assert_string_equal(m->variables.items[0].type, "ty");
    assert_null(m->variables.items[0].file);
    assert_int_equal(m->variables.items[0].line, 1);
    for (size_t i = 1; i < 4; i++)
        assert_null(m->variables.items[i].name);
    assert_int_equal(m->variables.items[2].line, MS_UNKNOWN);
    end(&r, m);
}

/* Whatever is said: nothing breaks, and what is live stays right. */
static void any_words_are_survived(void **state) {
    (void)state;
    uint64_t random = 4;
    for (unsigned round = 0; round < 20; round++) {
        ms_replay r;
        start(&r);
        for (unsigned i = 0; i < 20000; i++) {
            uint64_t address = random_below(&random, 64) * 16, dice = random_below(&random, 10);
            uint32_t thread = 1 + (uint32_t)random_below(&random, 3);
            uint64_t other = random_below(&random, 64) * 16;
            if (dice < 2)
                play(&r, make_alloc(thread, i, address, random_below(&random, 100), 0));
            else if (dice < 4)
                play(&r, make_free(thread, i, address));
            else if (dice < 5)
                play(&r, make_realloc(thread, i, other, address, 50, 0));
            else
                say(&r, (uint8_t)random_below(&random, MS_NOTE_COUNT + 3), i,
                    random_below(&random, 12),
                    (ms_event){.thread = thread,
                               .address = address,
                               .old = other,
                               .size = random_u64(&random) >> random_below(&random, 64),
                               .number = random_u64(&random) >> random_below(&random, 64)});
        }
        ms_model *m = finish(&r);
        uint64_t live = 0;
        for (size_t i = 0; i < m->variable_groups.count; i++)
            live += m->variable_groups.items[i].live_variables;
        for (size_t i = 0; i < m->variables.count; i++)
            live -= !m->variables.items[i].end;
        assert_int_equal(live, 0);
        end(&r, m);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scope_counts_what_is_born_in_it_and_within),
        cmocka_unit_test(scopes_left_in_another_order_are_counted),
        cmocka_unit_test(scopes_nest_without_end),
        cmocka_unit_test(a_task_has_a_name_a_parent_and_idle_times),
        cmocka_unit_test(a_task_that_begins_again_goes_on),
        cmocka_unit_test(tasks_of_one_name_are_counted_together),
        cmocka_unit_test(of_many_tasks_those_are_listed_that_are_worth_it),
        cmocka_unit_test(a_task_that_ends_twice_or_never_began_is_counted),
        cmocka_unit_test(moments_have_names),
        cmocka_unit_test(moments_without_room_are_counted),
        cmocka_unit_test(a_definition_may_come_late_or_cut_or_twice),
        cmocka_unit_test(any_words_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
