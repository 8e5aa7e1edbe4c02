#include "load/forget.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "through_checkpoint.h"
#include "words.h"

enum { THINGS = 20, CHANGES = 10 };

static uint64_t place_of(uint64_t thing) {
    return P + thing * 0x100;
}

/* A block with a variable that changes, an object, a passport and a container. */
static void begin_thing(ms_replay *r, uint64_t thing) {
    uint64_t block = place_of(thing), time_us = 100 * thing;
    play(r, make_alloc(1, time_us, block, 64, 0));
    track(r, time_us + 1, NODE, block);
    for (uint64_t i = 0; i < CHANGES; i++)
        track(r, time_us + 2, NODE, block);
    say(r, MS_NOTE_REF_NEW, time_us + 3, 0, (ms_event){.address = block, .number = 1, .old = 2});
    for (uint64_t i = 0; i < CHANGES; i++)
        say(r, MS_NOTE_REF, time_us + 4, 0, (ms_event){.address = block, .number = UINT64_MAX});
    say(r, MS_NOTE_HANDOVER, time_us + 5, OTHER, (ms_event){.address = block});
    say(r, MS_NOTE_CONTAINER, time_us + 6, COUNT,
        (ms_event){.address = block, .old = block, .size = 64});
}

static void end_thing(ms_replay *r, uint64_t thing) {
    uint64_t block = place_of(thing);
    say(r, MS_NOTE_REF_CHANGED, 5000, 0, (ms_event){.address = block, .number = 0});
    play(r, make_free(1, 5000 + thing, block));
}

/* All but the last two end. */
static void run(ms_replay *r) {
    start(r);
    for (uint64_t i = 0; i < THINGS; i++)
        begin_thing(r, i);
    for (uint64_t i = 0; i < THINGS - 2; i++)
        end_thing(r, i);
}

static uint64_t longest(const ms_model *m) {
    uint64_t most = 0;
    for (size_t i = 0; i < m->variables.count; i++)
        most =
            m->variables.items[i].history.count > most ? m->variables.items[i].history.count : most;
    return most;
}

static void histories_are_cut_first(void **state) {
    (void)state;
    ms_replay r;
    run(&r);
    assert_true(ms_forget(&r, true)); /* as before: nothing was, so it is more than before */
    assert_int_equal(r.notes.variables.count, THINGS);
    go_through_checkpoint(&r);
    track(&r, 6000, NODE, place_of(THINGS - 1)); /* which comes behind what was left out */
    ms_model *m = finish(&r);
    assert_int_equal(m->capture.history_steps_kept, 6); /* of twelve acts of an object */
    assert_int_equal(longest(m), 2 + 6 + 1);
    const ms_variable *v = &m->variables.items[THINGS - 1];
    assert_int_equal(v->changes, CHANGES + 2); /* with the handover */
    assert_int_equal(v->history.count, 2 + 6);
    assert_int_equal(m->smart_pointers.items[0].history.count, 6);
    assert_int_equal(m->smart_pointers.items[0].acts, CHANGES + 3);
    uint64_t left_out = 0;
    for (size_t i = 0; i < THINGS; i++)
        left_out += m->variables.items[i].changes + m->smart_pointers.items[i].acts - 2 * 6;
    assert_int_equal(m->capture.history_steps_left_out, left_out);
    end(&r, m);
}

static void what_is_over_goes_then_the_oldest_first(void **state) {
    (void)state;
    ms_replay r;
    run(&r);
    while (r.notes.variables.count == THINGS)
        assert_true(ms_forget(&r, false));
    assert_int_equal(r.notes.step_limit, 1);
    assert_int_equal(r.notes.over_limit, 1 + (THINGS - 2) / 2);
    go_through_checkpoint(&r);
    end_thing(&r, THINGS - 1);
    ms_model *m = finish(&r);
    size_t kept = (THINGS - 2) / 2 + 2;
    assert_int_equal(m->variables.count, kept);
    assert_int_equal(m->smart_pointers.count, kept);
    assert_int_equal(m->passports.count, kept);
    assert_int_equal(m->containers.count, kept);
    assert_int_equal(m->capture.variables_left_out, THINGS - kept);
    assert_int_equal(m->capture.references_left_out, THINGS - kept);
    assert_int_equal(m->capture.passports_left_out, THINGS - kept);
    assert_int_equal(m->capture.containers_left_out, THINGS - kept);
    assert_int_equal(m->variables.items[0].address, place_of(THINGS - kept));
    assert_int_equal(m->variable_groups.items[0].variables, THINGS);
    assert_null(m->variables.items[kept - 2].end);
    assert_string_equal(m->variables.items[kept - 1].end, "freed");
    assert_int_equal(m->misuses.count, 0);
    end(&r, m);
}

static void heirs_and_names_go_with_those_they_are_of(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    for (uint64_t i = 0; i < 4; i++) {
        play(&r, make_alloc(1, 100, place_of(i), 64, 0));
        track(&r, 101, NODE, place_of(i));
        say(&r, MS_NOTE_MOVE, 102, HEIR, (ms_event){.address = place_of(i), .old = place_of(i)});
        say(&r, MS_NOTE_REF_NEW, 103, 0, (ms_event){.address = place_of(i), .number = 1, .old = 2});
    }
    say(&r, MS_NOTE_REF_CHANGED, 104, 0, (ms_event){.address = P, .number = 0});
    play(&r, make_free(1, 105, P));
    while (ms_forget(&r, false)) {
    }
    go_through_checkpoint(&r);
    ms_model *m = finish(&r);
    assert_int_equal(m->variables.count, 3); /* the heirs that live */
    assert_int_equal(m->smart_pointers.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(m->variables.items[i].came_from, MS_UNKNOWN);
        assert_int_equal(m->variables.items[i].address, place_of(i + 1));
        assert_int_equal(m->smart_pointers.items[i].address, place_of(i + 1));
    }
    end(&r, m);
}

static void what_lives_stays_to_the_end(void **state) {
    (void)state;
    ms_replay r;
    run(&r);
    for (int i = 0; ms_forget(&r, i == 0); i++)
        assert_true(i < 64);
    assert_int_equal(r.notes.variables.count, 2);
    assert_int_equal(r.notes.references.count, 2);
    assert_int_equal(r.notes.passports.count, 2);
    assert_int_equal(r.notes.containers.count, 2);
    for (uint64_t i = 0; i < THINGS; i++)
        begin_thing(&r, i + THINGS);
    assert_true(ms_forget(&r, true)); /* as before: the new ones keep no steps either */
    ms_model *m = finish(&r);
    assert_int_equal(m->variables.count, THINGS + 2);
    assert_int_equal(longest(m), 2);
    end(&r, m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histories_are_cut_first),
        cmocka_unit_test(what_is_over_goes_then_the_oldest_first),
        cmocka_unit_test(heirs_and_names_go_with_those_they_are_of),
        cmocka_unit_test(what_lives_stays_to_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
