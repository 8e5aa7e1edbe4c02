#include "load/variables.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "words.h"

/* ---- variables -------------------------------------------------------------------------- */

static void a_pointer_has_the_life_of_its_block(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    track(&r, 101, NODE, P);
    play(&r, make_free(2, 200, P));
    play(&r, make_alloc(1, 300, P, 99, 0)); /* the same address, another block */
    ms_model *m = finish(&r);
    assert_int_equal(m->variables.count, 1);
    const ms_variable *v = &m->variables.items[0];
    assert_string_equal(v->name, "node");
    assert_string_equal(v->type, "struct node *");
    assert_string_equal(v->file, "a.c");
    assert_string_equal(v->function, "main");
    assert_string_equal(v->thread, "worker");
    assert_int_equal(v->line, 10);
    assert_int_equal(v->address, P);
    assert_int_equal(v->size, 64);
    assert_int_equal(v->born_ns, 101000);
    assert_int_equal(v->died_ns, 200000);
    assert_string_equal(v->end, "freed");
    assert_true(v->attached);
    assert_int_equal(v->history.count, 3);
    assert_string_equal(v->history.items[0].kind, "allocated");
    assert_int_equal(v->history.items[0].time_ns, 100000);
    assert_string_equal(v->history.items[1].kind, "tracked");
    assert_string_equal(v->history.items[2].kind, "freed");
    assert_int_equal(v->history.items[2].thread_id, 2);
    end(&r, m);
}

/* Ids of stacks; the frames behind them are another matter. */
static void each_step_has_the_stack_it_was_made_with(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    const ms_variables *variables = &r.notes.variables;
    for (uint64_t i = 0; i < 3; i++)
        play(&r, make_alloc(1, 100, P + 0x100 * i, 64, 0));
    say(&r, MS_NOTE_TRACK, 101, NODE, (ms_event){.address = P, .old = P, .stack = 20});
    say(&r, MS_NOTE_BORROW, 102, NODE, (ms_event){.address = P, .stack = 21});
    play(&r, (ms_event){.kind = MS_EVENT_FREER_STACK, .pc = 0x99, .stack = 22});
    play(&r, (ms_event){.kind = MS_EVENT_FREER_STACK, .thread = 2, .pc = 0x99, .stack = 23});
    play(&r, make_free(1, 103, P));
    assert_int_equal(variables->items[0].tracked_at, 20);
    assert_int_equal(variables->changes[0].stack, 21);
    assert_int_equal(variables->items[0].ended_at, 22);

    track(&r, 104, NODE, P + 0x100);
    play(&r, make_free(2, 105, P + 0x100));
    assert_int_equal(variables->items[1].tracked_at, 0);
    assert_int_equal(variables->items[1].ended_at, 23);

    track(&r, 106, NODE, P + 0x200);
    play(&r, (ms_event){.kind = MS_EVENT_FREER, .pc = 0x99}); /* who, but no more where */
    play(&r, make_free(1, 107, P + 0x200));
    assert_int_equal(variables->items[2].ended_at, 0);
    end(&r, finish(&r));
}

static void a_pointer_follows_its_block_through_realloc(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    track(&r, 101, NODE, P);
    play(&r, make_realloc(1, 150, P, P, 80, 0));
    play(&r, make_realloc(1, 200, P, Q, 1000, 0));
    play(&r, make_alloc(1, 250, P, 7, 0));
    play(&r, make_free(1, 260, P));
    ms_model *m = finish(&r);
    const ms_variable *v = &m->variables.items[0];
    assert_int_equal(v->address, Q);
    assert_int_equal(v->size, 1000);
    assert_int_equal(v->died_ns, MS_UNKNOWN);
    assert_null(v->end);
    assert_int_equal(v->history.count, 4);
    assert_int_equal(v->history.items[1].size, 64);
    assert_string_equal(v->history.items[2].kind, "resized");
    assert_int_equal(v->history.items[2].size, 80);
    assert_string_equal(v->history.items[3].kind, "moved");
    assert_int_equal(v->history.items[3].address, Q);
    assert_int_equal(m->variable_groups.items[0].live_bytes, 1000);
    assert_int_equal(m->variable_groups.items[0].live_variables, 1);
    end(&r, m);
}

static void a_pointer_into_a_block_has_the_life_of_the_block(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    track(&r, 101, NODE, P + 32);
    say(&r, MS_NOTE_TRACK, 102, COUNT, (ms_event){.address = P + 8, .size = 4, .number = 5});
    track(&r, 103, OTHER, P + 64); /* behind it */
    play(&r, make_free(2, 200, P));
    ms_model *m = finish(&r);
    const ms_variable *v = m->variables.items;
    assert_int_equal(m->variables.count, 3);
    assert_true(v[0].attached && v[1].attached);
    assert_int_equal(v[0].address, P + 32);
    assert_int_equal(v[0].offset, 32);
    assert_int_equal(v[0].size, 64); /* what it points into */
    assert_int_equal(v[0].died_ns, 200000);
    assert_int_equal(v[1].offset, 8);
    assert_int_equal(v[1].size, 4); /* its own */
    assert_string_equal(v[1].end, "freed");
    assert_false(v[2].attached);
    assert_int_equal(v[2].offset, MS_UNKNOWN);
    assert_null(v[2].end);
    assert_int_equal(r.notes.anchors.count, 1);
    end(&r, m);
}

static void what_is_in_a_block_goes_where_realloc_moves_it(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    track(&r, 101, NODE, P);
    track(&r, 102, OTHER, P + 16);
    say(&r, MS_NOTE_REF_NEW, 103, 0, (ms_event){.address = P + 24, .number = 1, .old = 2});
    say(&r, MS_NOTE_TRACK, 104, COUNT, (ms_event){.address = P + 60, .size = 4});
    play(&r, make_realloc(1, 150, P, Q, 100, 0));
    play(&r, make_alloc(1, 160, P, 64, 0)); /* nobody is there any more */
    play(&r, make_free(1, 170, P));
    play(&r, make_realloc(1, 180, Q, Q + 8, 40, 0)); /* it overlaps, and is shorter */
    ms_model *m = finish(&r);
    const ms_variable *v = m->variables.items;
    assert_int_equal(v[0].address, Q + 8);
    assert_int_equal(v[1].address, Q + 24);
    assert_int_equal(v[1].offset, 16);
    assert_int_equal(v[1].size, 40);
    assert_null(v[1].end);
    assert_int_equal(v[1].history.count, 4);
    assert_string_equal(v[1].history.items[2].kind, "moved");
    assert_int_equal(v[1].history.items[2].address, Q + 16);
    assert_int_equal(m->smart_pointers.items[0].address, Q + 32);
    assert_string_equal(v[2].end, "freed"); /* it was behind the end */
    assert_int_equal(v[2].died_ns, 180000);
    end(&r, m);
}

static void a_counted_object_ends_with_the_block_around_it(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 96, 0));
    say(&r, MS_NOTE_REF_NEW, 101, 0, (ms_event){.address = P + 32, .number = 1, .old = 2});
    say(&r, MS_NOTE_HANDOVER, 102, OTHER, (ms_event){.address = P + 32});
    play(&r, make_free(1, 103, P));
    say(&r, MS_NOTE_REF_NEW, 104, 0, (ms_event){.address = P + 32, .number = 1, .old = 2});
    ms_model *m = finish(&r);
    assert_int_equal(m->smart_pointers.count, 2);
    assert_true(m->smart_pointers.items[0].freed_early);
    assert_int_equal(m->smart_pointers.items[0].died_ns, 103000);
    assert_true(m->smart_pointers.items[1].leaked);
    assert_string_equal(m->passports.items[0].status, "freed_by_foreign");
    assert_int_equal(m->passports.items[0].size, 96);
    assert_int_equal(m->misuses.count, 0);
    end(&r, m);
}

static void a_scalar_that_is_tracked_again_keeps_its_values(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    for (uint64_t i = 0; i < 40; i++)
        say(&r, MS_NOTE_TRACK, 100 + i, COUNT,
            (ms_event){.address = LOCAL, .size = 4, .number = i - 1});
    say(&r, MS_NOTE_UNTRACK, 200, COUNT, (ms_event){.address = LOCAL});
    ms_model *m = finish(&r);
    assert_int_equal(m->variables.count, 1);
    const ms_variable *v = &m->variables.items[0];
    assert_int_equal(v->size, 4);
    assert_int_equal(v->changes, 39);
    assert_int_equal(v->history.count, MS_CHANGES_EACH + 2);
    assert_string_equal(v->history.items[0].value, "-1");
    assert_string_equal(v->history.items[7].value, "6");
    assert_string_equal(v->end, "untracked");
    assert_int_equal(v->died_ns, 200000);
    assert_false(v->attached);
    end(&r, m);
}

static void two_names_of_one_block_are_two_variables(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    track(&r, 101, NODE, P);
    track(&r, 102, OTHER, P);
    track(&r, 103, NODE_AGAIN, P); /* the same name again */
    say(&r, MS_NOTE_UNTRACK, 104, OTHER, (ms_event){.address = P});
    ms_model *m = finish(&r);
    assert_int_equal(m->variables.count, 2);
    assert_int_equal(m->variables.items[0].changes, 1);
    assert_null(m->variables.items[0].end);
    assert_string_equal(m->variables.items[1].name, "other");
    assert_string_equal(m->variables.items[1].end, "untracked");
    end(&r, m);
}

static void what_is_moved_ends_one_variable_and_begins_another(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    track(&r, 101, NODE, P);
    DEFINE(&r, HEIR, 50, "other\0node\0a.c\0main"); /* the type's place has the name of the owner */
    say(&r, MS_NOTE_MOVE, 102, HEIR, (ms_event){.address = P, .old = P});
    ms_model *m = finish(&r);
    assert_int_equal(m->variables.count, 2);
    assert_string_equal(m->variables.items[1].type, "struct node *");
    assert_string_equal(m->variables.items[0].end, "given");
    assert_int_equal(m->variables.items[0].given_to, 2);
    assert_int_equal(m->variables.items[0].came_from, MS_UNKNOWN);
    assert_int_equal(m->variables.items[1].came_from, 1);
    assert_string_equal(m->variables.items[1].came_by, "given");
    assert_int_equal(m->variables.items[1].given_to, MS_UNKNOWN);
    assert_string_equal(m->variables.items[1].name, "other");
    assert_int_equal(m->variables.items[1].size, 64);
    assert_null(m->variables.items[1].end);
    end(&r, m);
}

static void what_is_shared_has_two_variables_that_know_of_each_other(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    track(&r, 101, NODE, P);
    DEFINE(&r, HEIR, 50, "other\0node\0a.c\0main");
    say(&r, MS_NOTE_SHARE, 102, HEIR, (ms_event){.address = P, .old = P});
    say(&r, MS_NOTE_SHARE, 103, HEIR, (ms_event){.address = P, .old = P});
    ms_model *m = finish(&r);
    assert_int_equal(m->variables.count, 2);
    assert_null(m->variables.items[0].end);
    assert_int_equal(m->variables.items[0].given_to, MS_UNKNOWN);
    assert_null(m->variables.items[0].came_by);
    assert_int_equal(m->variables.items[1].came_from, 1);
    assert_string_equal(m->variables.items[1].came_by, "shared");
    end(&r, m);
}

static void what_is_moved_to_a_known_variable_tells_where_it_went(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    track(&r, 101, NODE, P);
    track(&r, 101, OTHER, P);
    DEFINE(&r, HEIR, 50, "other\0node\0a.c\0main");
    say(&r, MS_NOTE_MOVE, 102, HEIR, (ms_event){.address = P, .old = P});
    ms_model *m = finish(&r);
    assert_int_equal(m->variables.count, 2);
    assert_int_equal(m->variables.items[0].given_to, 2);
    assert_int_equal(m->variables.items[1].came_from, MS_UNKNOWN);
    end(&r, m);
}

static void a_block_that_is_copied_takes_its_variable_along(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    play(&r, make_alloc(1, 100, Q, 128, 0));
    track(&r, 101, NODE, P);
    say(&r, MS_NOTE_MOVE, 102, 0, (ms_event){.address = Q, .old = P});
    play(&r, make_free(1, 103, P));
    ms_model *m = finish(&r);
    assert_int_equal(m->variables.count, 1);
    assert_int_equal(m->variables.items[0].address, Q);
    assert_int_equal(m->variables.items[0].size, 128);
    assert_null(m->variables.items[0].end);
    end(&r, m);
}

static void borrows_conflict_when_one_may_change(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    track(&r, 101, NODE, P);
    say(&r, MS_NOTE_BORROW, 102, NODE, (ms_event){.address = P});
    say(&r, MS_NOTE_BORROW, 103, NODE, (ms_event){.address = P});
    say(&r, MS_NOTE_RETURN, 104, NODE, (ms_event){.address = P});
    say(&r, MS_NOTE_BORROW, 105, NODE, (ms_event){.address = P, .number = 1}); /* one still reads */
    say(&r, MS_NOTE_RETURN, 106, NODE, (ms_event){.address = P, .number = 1});
    say(&r, MS_NOTE_RETURN, 107, NODE, (ms_event){.address = P});
    say(&r, MS_NOTE_BORROW, 108, NODE, (ms_event){.address = P, .number = 1});
    ms_model *m = finish(&r);
    assert_int_equal(misuses(m, "something was borrowed to be changed while it was borrowed"), 1);
    end(&r, m);
}

#define TRACKED_FREED "a pointer was tracked to a block that had been freed"
#define BORROW_UNKNOWN "something was borrowed that was not tracked"

static void who_tracks_a_block_that_was_freed_is_told(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    play(&r, make_alloc(1, 101, Q, 64, 0));
    track(&r, 102, NODE, Q);
    play(&r, make_free(1, 103, Q));
    play(&r, make_free(1, 104, P));
    track(&r, 105, OTHER, P);        /* freed last */
    track(&r, 106, NODE, Q);         /* tracked before */
    track(&r, 107, HEIR, P + 0x100); /* nobody knows what that is */
    play(&r, make_alloc(1, 108, P, 64, 0));
    track(&r, 109, HEIR, P);
    ms_model *m = finish(&r);
    assert_int_equal(misuses(m, TRACKED_FREED), 2);
    assert_int_equal(m->misuses.count, 2);
    end(&r, m);
}

static void where_a_big_block_was_may_be_a_mapping(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 128 << 10, 0));
    track(&r, 101, NODE, P);
    play(&r, make_free(1, 102, P));
    track(&r, 103, NODE, P);
    ms_model *m = finish(&r);
    assert_int_equal(m->misuses.count, 0);
    end(&r, m);
}

static void who_borrows_what_nobody_tracks_is_told(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    say(&r, MS_NOTE_BORROW, 101, NODE, (ms_event){.address = P});
    track(&r, 102, NODE, P);
    say(&r, MS_NOTE_BORROW, 103, OTHER, (ms_event){.address = P + 8}); /* a part */
    play(&r, make_free(1, 104, P));
    say(&r, MS_NOTE_BORROW, 105, NODE, (ms_event){.address = P});
    say(&r, MS_NOTE_BORROW, 106, NODE, (ms_event){.address = 0});
    ms_model *m = finish(&r);
    assert_int_equal(misuses(m, BORROW_UNKNOWN), 2);
    assert_int_equal(m->misuses.count, 1);
    end(&r, m);
}

/* All of it may have been said and done in the gap, or by the other thread in another order. */
static void where_something_may_be_missing_nobody_is_told(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        ms_replay r;
        start(&r);
        if (i == 0)
            play(&r, (ms_event){.kind = MS_EVENT_GAP, .time_us = 90, .number = 50});
        else
            play(&r, make_alloc(2, 90, Q, 64, 0));
        play(&r, make_alloc(1, 100, P, 64, 0));
        play(&r, make_free(1, 101, P));
        track(&r, 102, NODE, P);
        say(&r, MS_NOTE_BORROW, 103, NODE, (ms_event){.address = P + 0x100});
        if (i == 0) {
            say(&r, MS_NOTE_UNTRACK, 104, NODE, (ms_event){.address = P + 0x100});
            say(&r, MS_NOTE_SCOPE_LEAVE, 105, OUTER, (ms_event){0});
            say(&r, MS_NOTE_TASK_END, 106, 0, (ms_event){.number = 7});
        }
        ms_model *m = finish(&r);
        assert_int_equal(m->misuses.count, 0);
        end(&r, m);
    }
}

static void a_site_has_the_name_all_its_blocks_agree_on(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_stack(1, MS_ROOT_COUNT, 0x10, MS_ROOT_COMPLETE));
    play(&r, make_stack(1, MS_ROOT_COUNT + 1, 0x20, MS_ROOT_COMPLETE));
    play(&r, make_alloc(1, 100, P, 64, MS_ROOT_COUNT));
    track(&r, 101, NODE, P);
    play(&r, make_alloc(1, 102, P + 64, 64, MS_ROOT_COUNT));
    track(&r, 103, NODE_AGAIN, P + 64);
    play(&r, make_alloc(1, 104, Q, 64, MS_ROOT_COUNT + 1));
    track(&r, 105, NODE, Q);
    play(&r, make_alloc(1, 106, Q + 64, 64, MS_ROOT_COUNT + 1));
    track(&r, 107, OTHER, Q + 64);
    assert_int_equal(r.sites.count, 2);
    assert_string_equal(ms_places_at(&r.notes.places, r.sites.items[0].named)->name, "node");
    assert_int_equal(r.sites.items[1].named, MS_NAMED_VARIOUSLY);
    ms_model *m = finish(&r);
    ms_site one = {0}, other = {0};
    ms_typing typing;
    ms_typing_init(&typing, NULL, &r.notes.places, 2);
    assert_null(ms_build_site_name(m, &r, &typing, &r.sites.items[0], &one)); /* only its name */
    assert_null(ms_build_site_name(m, &r, &typing, &r.sites.items[1], &other));
    ms_typing_deinit(&typing);
    assert_string_equal(one.variable, "node");
    assert_string_equal(one.type, "struct node");
    assert_string_equal(one.variable_evidence, "recorded");
    assert_null(other.variable);
    assert_null(other.variable_evidence);
    end(&r, m);
}

/* ---- wrong words ------------------------------------------------------------------------ */

static void who_is_untracked_after_its_block_was_freed_was_tracked(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    track(&r, 101, NODE, P);
    play(&r, make_free(1, 102, P));
    say(&r, MS_NOTE_UNTRACK, 103, NODE, (ms_event){.address = P});
    say(&r, MS_NOTE_UNTRACK, 104, OTHER, (ms_event){.address = Q});
    ms_model *m = finish(&r);
    assert_int_equal(misuses(m, "something was untracked that was not tracked"), 1);
    assert_string_equal(m->misuses.items[0].name, "other");
    assert_int_equal(m->misuses.items[0].line, 13);
    end(&r, m);
}

#define UNTRACKED_UNKNOWN "something was untracked that was not tracked"

static void untrack(ms_replay *r, uint64_t time_us, uint64_t site, uint64_t address) {
    say(r, MS_NOTE_UNTRACK, time_us, site, (ms_event){.address = address});
}

static void an_end_is_excused_once(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    track(&r, 101, NODE, P);
    track(&r, 101, OTHER, P);
    play(&r, make_free(1, 102, P));
    untrack(&r, 103, NODE_AGAIN, P);
    untrack(&r, 103, JOB, P); /* by another name: the one that is left */
    untrack(&r, 104, NODE_AGAIN, P);
    untrack(&r, 104, JOB, P);
    ms_model *m = finish(&r);
    assert_int_equal(misuses(m, UNTRACKED_UNKNOWN), 2);
    end(&r, m);
}

static void what_was_there_excuses_nobody_who_speaks_of_another_block(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    track(&r, 101, NODE, P);
    play(&r, make_free(1, 102, P));
    play(&r, make_alloc(1, 103, P, 64, 0));
    untrack(&r, 104, JOB, P); /* the new one, which was never tracked */
    untrack(&r, 104, NODE_AGAIN, P);
    ms_model *m = finish(&r);
    assert_int_equal(misuses(m, UNTRACKED_UNKNOWN), 1);
    assert_string_equal(m->misuses.items[0].name, "job");
    end(&r, m);
}

/* Their order is an estimate: the word may have been said before. */
static void who_speaks_after_another_thread_is_excused(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    track(&r, 101, NODE, P);
    play(&r, make_free(1, 102, P));
    for (uint32_t thread = 1; thread <= 2; thread++)
        for (unsigned i = 0; i < 3; i++)
            say(&r, MS_NOTE_UNTRACK, 103, NODE_AGAIN, (ms_event){.address = P, .thread = thread});
    ms_model *m = finish(&r);
    assert_int_equal(misuses(m, UNTRACKED_UNKNOWN), 2); /* of thread 1, which has one to spend */
    end(&r, m);
}

static void who_gave_its_block_away_does_not_end_the_heir(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    DEFINE(&r, HEIR, 50, "heir\0node\0a.c\0main");
    for (unsigned i = 0; i < 2; i++) {
        play(&r, make_alloc(1, 100, P, 64, 0));
        track(&r, 101, NODE, P);
        say(&r, MS_NOTE_MOVE, 102, HEIR, (ms_event){.address = P, .old = P});
        if (i == 0) /* the order in which they go does not matter */
            untrack(&r, 103, NODE_AGAIN, P);
        assert_false(r.notes.variables.items[2 * i + 1].dead);
        play(&r, make_free(1, 104, P));
        untrack(&r, 105, HEIR, P);
        if (i == 1)
            untrack(&r, 106, NODE_AGAIN, P);
    }
    untrack(&r, 107, NODE_AGAIN, P);
    ms_model *m = finish(&r);
    assert_int_equal(misuses(m, UNTRACKED_UNKNOWN), 1);
    assert_string_equal(m->variables.items[0].end, "given");
    assert_string_equal(m->variables.items[1].end, "freed");
    end(&r, m);
}

static void a_variable_may_be_untracked_by_another_name(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    track(&r, 101, NODE, P);
    untrack(&r, 102, JOB, P);
    untrack(&r, 103, JOB, P);
    ms_model *m = finish(&r);
    assert_string_equal(m->variables.items[0].end, "untracked");
    assert_int_equal(misuses(m, UNTRACKED_UNKNOWN), 1);
    end(&r, m);
}

/* As MEMSCOPE_OWNED does, wherever its pointer points by then. */
static void who_tracks_and_untracks_by_one_word_is_excused(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    track(&r, 101, NODE, P);
    play(&r, make_realloc(1, 102, P, Q, 64, 0));
    play(&r, make_free(1, 103, Q));
    untrack(&r, 104, NODE, P);
    ms_model *m = finish(&r);
    assert_int_equal(misuses(m, UNTRACKED_UNKNOWN), 0);
    end(&r, m);
}

/* Its function returned, and nobody untracked it: capture/locals.h. */
static void a_local_that_is_out_of_scope_has_ended_and_is_a_misuse(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    track(&r, 101, NODE, P);
    say(&r, MS_NOTE_TRACK, 102, COUNT, (ms_event){.address = LOCAL, .size = 8, .number = 1});
    say(&r, MS_NOTE_OUT_OF_SCOPE, 103, 0, (ms_event){.thread = 2, .address = LOCAL});
    say(&r, MS_NOTE_OUT_OF_SCOPE, 104, 0, (ms_event){.address = P});
    say(&r, MS_NOTE_OUT_OF_SCOPE, 105, 0, (ms_event){.address = Q});
    say(&r, MS_NOTE_OUT_OF_SCOPE, 106, 0, (ms_event){.address = LOCAL});
    say(&r, MS_NOTE_OUT_OF_SCOPE, 107, 0, (ms_event){.address = LOCAL});
    ms_model *m = finish(&r);
    assert_null(m->variables.items[0].end); /* a block is in no scope */
    assert_string_equal(m->variables.items[1].end, "out_of_scope");
    assert_int_equal(m->variables.items[1].died_ns, 106000);
    assert_int_equal(m->misuses.count, 1);
    assert_string_equal(m->misuses.items[0].name, m->variables.items[1].name);
    assert_int_equal(m->misuses.items[0].count, 1);
    end(&r, m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pointer_has_the_life_of_its_block),
        cmocka_unit_test(each_step_has_the_stack_it_was_made_with),
        cmocka_unit_test(a_pointer_follows_its_block_through_realloc),
        cmocka_unit_test(a_pointer_into_a_block_has_the_life_of_the_block),
        cmocka_unit_test(what_is_in_a_block_goes_where_realloc_moves_it),
        cmocka_unit_test(a_counted_object_ends_with_the_block_around_it),
        cmocka_unit_test(a_scalar_that_is_tracked_again_keeps_its_values),
        cmocka_unit_test(two_names_of_one_block_are_two_variables),
        cmocka_unit_test(what_is_moved_ends_one_variable_and_begins_another),
        cmocka_unit_test(what_is_shared_has_two_variables_that_know_of_each_other),
        cmocka_unit_test(what_is_moved_to_a_known_variable_tells_where_it_went),
        cmocka_unit_test(a_block_that_is_copied_takes_its_variable_along),
        cmocka_unit_test(borrows_conflict_when_one_may_change),
        cmocka_unit_test(who_tracks_a_block_that_was_freed_is_told),
        cmocka_unit_test(where_a_big_block_was_may_be_a_mapping),
        cmocka_unit_test(who_borrows_what_nobody_tracks_is_told),
        cmocka_unit_test(where_something_may_be_missing_nobody_is_told),
        cmocka_unit_test(a_site_has_the_name_all_its_blocks_agree_on),
        cmocka_unit_test(who_is_untracked_after_its_block_was_freed_was_tracked),
        cmocka_unit_test(an_end_is_excused_once),
        cmocka_unit_test(what_was_there_excuses_nobody_who_speaks_of_another_block),
        cmocka_unit_test(who_speaks_after_another_thread_is_excused),
        cmocka_unit_test(who_gave_its_block_away_does_not_end_the_heir),
        cmocka_unit_test(a_variable_may_be_untracked_by_another_name),
        cmocka_unit_test(who_tracks_and_untracks_by_one_word_is_excused),
        cmocka_unit_test(a_local_that_is_out_of_scope_has_ended_and_is_a_misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
