#include "load/build_objects.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "load/build_tags.h"
#include "words.h"

static void count(ms_replay *r, uint8_t what, uint32_t thread, uint64_t object, uint64_t number) {
    say(r, what, 200, 0,
        (ms_event){.thread = thread, .address = object, .old = 3, .size = 40, .number = number});
}

static void a_count_is_a_balance_whatever_the_order(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    count(&r, MS_NOTE_REF_NEW, 1, P + 32, 1);
    count(&r, MS_NOTE_UNREF, 2, P + 32, 1); /* read before the ref it answers */
    count(&r, MS_NOTE_REF, 1, P + 32, 2);
    count(&r, MS_NOTE_UNREF, 1, P + 32, 0);
    count(&r, MS_NOTE_REF_NEW, 1, Q + 32, 1);
    count(&r, MS_NOTE_REF, 2, Q + 32, 2);
    ms_model *m = finish(&r);
    assert_int_equal(m->smart_pointers.count, 2);
    const ms_smart_pointer *first = &m->smart_pointers.items[0];
    const ms_smart_pointer *second = &m->smart_pointers.items[1];
    assert_string_equal(first->kind, "arc");
    assert_int_equal(first->held, 0);
    assert_int_equal(first->refs, 1);
    assert_int_equal(first->unrefs, 2);
    assert_int_equal(first->acts, 4);
    assert_string_equal(first->history.items[3].what, "unref");
    assert_false(first->leaked);
    assert_int_equal(first->over_released, 0);
    assert_int_equal(second->held, 2);
    assert_int_equal(second->max_count, 2);
    assert_true(second->leaked);
    assert_int_equal(m->misuses.count, 0);
    assert_int_equal(first->holders.count, 0);
    assert_int_equal(second->holders.count, 2);
    assert_true(second->holders.items[0].made);
    assert_int_equal(second->holders.items[1].balance, 1);
    end(&r, m);
}

static void an_object_is_the_variable_s_that_is_tracked_there(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    DEFINE(&r, 50, 5, "struct node\0struct node\0\0");
    DEFINE(&r, 51, 6, "anything\0void *\0a.c\0main");
    say(&r, MS_NOTE_TYPE, 90, 50, (ms_event){.size = UINT64_MAX, .number = 32});
    count(&r, MS_NOTE_REF_NEW, 1, P, 1);
    track(&r, 201, NODE, P); /* either may come first */
    track(&r, 202, NODE, Q);
    count(&r, MS_NOTE_REF_NEW, 1, Q, 1);
    say(&r, MS_NOTE_REF, 203, 51, (ms_event){.address = Q, .number = MS_COUNT_NOT_TOLD});
    count(&r, MS_NOTE_REF_NEW, 1, LOCAL, 1); /* nobody's */
    say(&r, MS_NOTE_REF, 204, NODE, (ms_event){.address = LOCAL + 64, .number = MS_COUNT_NOT_TOLD});
    ms_model *m = finish(&r);
    ms_name_declared(m);
    const ms_smart_pointer *p = m->smart_pointers.items;
    assert_int_equal(m->smart_pointers.count, 4);
    assert_int_equal(p[3].size, MS_UNKNOWN);
    assert_int_equal(p[3].count_offset, 32);
    assert_string_equal(p[0].name, "node");
    assert_string_equal(p[0].type, "struct node");
    assert_int_equal(p[0].count_offset, 32);
    assert_string_equal(p[1].name, "anything"); /* what names it goes before */
    assert_string_equal(p[1].type, "struct node");
    assert_null(p[2].name);
    assert_null(p[2].type);
    assert_int_equal(p[2].count_offset, MS_UNKNOWN);
    end(&r, m);
}

static void a_reference_that_was_never_taken_is_found(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    count(&r, MS_NOTE_REF_NEW, 1, P + 32, 1);
    count(&r, MS_NOTE_UNREF, 1, P + 32, MS_COUNT_NOT_TOLD);
    count(&r, MS_NOTE_UNREF, 1, P + 32, MS_COUNT_NOT_TOLD);
    count(&r, MS_NOTE_REF, 1, Q, MS_COUNT_NOT_TOLD); /* of a count that nobody told */
    ms_model *m = finish(&r);
    assert_int_equal(m->smart_pointers.items[0].over_released, 1);
    assert_int_equal(m->smart_pointers.items[1].held, MS_UNKNOWN);
    assert_false(m->smart_pointers.items[1].leaked);
    assert_int_equal(misuses(m, "a reference count went below zero, or was used after it was zero"),
                     1);
    end(&r, m);
}

/* A word of an adapter: with the object's own count. */
static void count_real(ms_replay *r, uint8_t what, uint32_t thread, uint64_t time_us,
                       uint64_t number) {
    say(r, what, time_us, 0,
        (ms_event){.thread = thread, .address = P + 32, .old = 5, .size = 24, .number = number});
}

static void a_gobject_is_dead_when_it_says_so(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    count_real(&r, MS_NOTE_REF, 1, 100, 2); /* while it is made */
    count_real(&r, MS_NOTE_UNREF, 1, 101, 1);
    count_real(&r, MS_NOTE_REF_NEW, 1, 102, 1);
    count_real(&r, MS_NOTE_REF, 1, 103, 3); /* another one was taken out of sight */
    count_real(&r, MS_NOTE_UNREF, 1, 104, 2);
    count_real(&r, MS_NOTE_UNREF, 1, 105, 1);
    count_real(&r, MS_NOTE_WEAK, 1, 105, MS_COUNT_NOT_TOLD);
    count_real(&r, MS_NOTE_WEAK, 1, 105, MS_COUNT_NOT_TOLD);
    count_real(&r, MS_NOTE_UNWEAK, 1, 105, MS_COUNT_NOT_TOLD);
    ms_model *m = finish(&r);
    assert_int_equal(m->smart_pointers.count, 1);
    const ms_smart_pointer *p = &m->smart_pointers.items[0];
    assert_string_equal(p->kind, "gobject");
    assert_true(p->leaked);
    assert_int_equal(p->held, 0);
    assert_int_equal(p->real_count, 1);
    assert_int_equal(p->untracked, 1);
    assert_int_equal(p->refs, 2);
    assert_int_equal(p->unrefs, 3);
    assert_int_equal(p->max_count, 2);
    assert_int_equal(p->weak, 1);
    assert_int_equal(p->max_weak, 2);
    assert_int_equal(p->size, 24);
    assert_int_equal(m->misuses.count, 0);
    end(&r, m);
}

static void where_a_gobject_died_is_another_one(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    count_real(&r, MS_NOTE_UNREF, 1, 90, 0); /* of one that nobody has heard of */
    count_real(&r, MS_NOTE_REF_NEW, 1, 100, 1);
    count_real(&r, MS_NOTE_REF, 2, 101, 2);
    count_real(&r, MS_NOTE_UNREF, 1, 102, 0); /* the unref of thread 2 is read late */
    count_real(&r, MS_NOTE_UNREF, 2, 103, 1);
    count_real(&r, MS_NOTE_REF, 1, 104, 2); /* one that was made out of sight */
    count_real(&r, MS_NOTE_UNREF, 1, 105, 0);
    count_real(&r, MS_NOTE_UNREF, 1, 106, MS_COUNT_NOT_TOLD); /* its count was 0 */
    count_real(&r, MS_NOTE_REF_NEW, 1, 107, 1);
    count_real(&r, MS_NOTE_REF_NEW, 1, 108, 1); /* the end of the last was not seen */
    count_real(&r, MS_NOTE_REF_NEW, 1, 109, 2); /* a maker that gives what there is */
    ms_model *m = finish(&r);
    assert_int_equal(m->smart_pointers.count, 4);
    static const bool leaked[] = {false, false, false, true};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(m->smart_pointers.items[i].leaked, leaked[i]);
        assert_int_equal(m->smart_pointers.items[i].over_released, i == 1);
        assert_false(m->smart_pointers.items[i].freed_early);
    }
    assert_int_equal(m->smart_pointers.items[0].acts, 4);
    assert_int_equal(m->smart_pointers.items[3].real_count, 2);
    end(&r, m);
}

/* So that a program that makes millions is not all that is in the report. */
static void dead_gobjects_make_room_for_others(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    enum { OBJECTS = MS_GOBJECTS_MAX + 1000 };
    for (uint64_t i = 0; i < OBJECTS; i++) {
        ms_event object = {.address = P + i * 32, .old = 5, .number = 1};
        say(&r, MS_NOTE_REF_NEW, 100 + i, 0, object);
        object.number = 0;
        if (i % 1000)
            say(&r, MS_NOTE_UNREF, 100 + i, 0, object);
    }
    ms_model *m = finish(&r);
    assert_int_equal(m->smart_pointers.count, MS_GOBJECTS_MAX);
    assert_int_equal(m->capture.references_left_out, 1000);
    size_t leaked = 0;
    for (size_t i = 0; i < m->smart_pointers.count; i++)
        leaked += m->smart_pointers.items[i].leaked;
    assert_int_equal(leaked, (OBJECTS + 999) / 1000);
    end(&r, m);
}

/* What happens to a block at P: handed over, reclaimed, said to be freed abroad; freed, born again there, or
 * moved by a realloc that was not sampled. */
static void happen(ms_replay *r, char what, uint64_t time_us) {
    const ms_event word = {.address = P};
    switch (what) {
    case 'h': say(r, MS_NOTE_HANDOVER, time_us, MARK, word); break;
    case 'r': say(r, MS_NOTE_RECLAIM, time_us, 0, word); break;
    case 'a': say(r, MS_NOTE_FREED_ABROAD, time_us, 0, word); break;
    case 'f': play(r, make_free(1, time_us, P)); break;
    case 'b': play(r, make_alloc(1, time_us, P, 50, 0)); break;
    default: {
        ms_event moved = make_free(1, time_us, P);
        moved.family = MS_FAMILY_RESIZED;
        play(r, moved);
    }
    }
}

static void a_passport_says_what_became_of_the_block(void **state) {
    (void)state;
    static const struct {
        const char *happens, *status, *evidence;
    } cases[] = {
        {"bh", "in_foreign_custody", "recorded"},
        {"bhh", "in_foreign_custody", "recorded"},
        {"bhf", "freed_by_foreign", "derived"},
        {"bhb", "lost", "derived"},
        {"bhu", "lost", "derived"},
        {"bhr", "reclaimed", "recorded"},
        {"bhrr", "reclaimed", "recorded"},
        {"bhrh", "in_foreign_custody", "recorded"},
        {"bhrf", "freed_by_owner", "recorded"},
        {"bhrb", "lost", "derived"},
        {"bhru", "lost", "derived"},
        {"bha", "lost", "derived"},
        {"bhaa", "lost", "derived"},
        {"bhra", "lost", "derived"},
        {"bhah", "in_foreign_custody", "recorded"},
        {"bhahf", "freed_by_foreign", "derived"}, /* what was said before is void */
        {"bhar", "reclaimed", "recorded"},
        {"bharf", "freed_by_owner", "recorded"},
        {"bhaf", "freed_by_foreign", "recorded"},
        {"bhab", "freed_by_foreign", "recorded"},
        {"bhau", "lost", "derived"},
        {"bhfa", "freed_by_foreign", "recorded"},
        {"bhfba", "freed_by_foreign", "recorded"},
        {"bhrfa", "freed_by_owner", "recorded"},
        {"bhfr", "freed_by_foreign", "derived"},
        {"br", "reclaimed", "recorded"},
        {"brf", "freed_by_owner", "recorded"},
        {"ba", "lost", "derived"},
        {"baf", "freed_by_foreign", "recorded"},
        {"h", "in_foreign_custody", "recorded"}, /* of memory that nobody records */
        {"ha", "freed_by_foreign", "recorded"},
        {"hab", "freed_by_foreign", "recorded"},
        {"hb", "lost", "derived"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ms_replay r;
        start(&r);
        for (const char *at = cases[i].happens; *at; at++)
            happen(&r, *at, 100 + (uint64_t)(at - cases[i].happens));
        ms_model *m = finish(&r);
        print_message("%s\n", cases[i].happens);
        assert_int_equal(m->passports.count, 1);
        assert_string_equal(m->passports.items[0].status, cases[i].status);
        assert_string_equal(m->passports.items[0].evidence, cases[i].evidence);
        end(&r, m);
    }
}

static void passports_are_found_that_nobody_closed(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    for (uint64_t i = 0; i < 4; i++) {
        play(&r, make_alloc(1, 100, P + i * 64, 50 + i, 0));
        say(&r, MS_NOTE_HANDOVER, 101, MARK, (ms_event){.address = P + i * 64});
    }
    say(&r, MS_NOTE_RECLAIM, 102, 0, (ms_event){.address = P + 64});
    say(&r, MS_NOTE_FREED_ABROAD, 103, 0, (ms_event){.address = P + 128});
    play(&r, make_free(1, 104, P + 192));
    ms_model *m = finish(&r);
    assert_int_equal(m->passports.count, 4);
    assert_string_equal(m->passports.items[0].name, "half way");
    assert_int_equal(m->passports.items[3].size, 53);
    assert_int_equal(m->findings.count, 2);
    assert_string_equal(m->findings.items[0].kind, "boundary");
    assert_int_equal(m->findings.items[0].bytes, 50);
    assert_string_equal(m->findings.items[1].title,
                        "1 block lost over a boundary, such as half way");
    assert_int_equal(m->findings.items[1].bytes, 52);
    end(&r, m);
}

static void what_is_freed_cannot_be_taken_back(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    for (const char *at = "bhfr"; *at; at++)
        happen(&r, *at, 100);
    ms_model *m = finish(&r);
    assert_int_equal(misuses(m, "no block was recorded at the address spoken of"), 1);
    assert_int_equal(m->passports.items[0].stamps.count, 3);
    end(&r, m);
}

/* A release by code of another module than the owner's needs no word. */
static void a_release_by_another_module_is_the_other_sides(void **state) {
    (void)state;
    enum { PROGRAM = 0x10000, LIBRARY = 0x20000, LIBC = 0x30000, STACK = MS_ROOT_COUNT };
    static const struct {
        uint64_t pc;
        const char *evidence;
    } cases[] = {
        {LIBRARY, "recorded"}, {PROGRAM, "derived"}, {LIBC, "derived"}, {0x90000, "derived"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ms_replay r;
        start(&r);
        play(&r, make_module(1, PROGRAM, 0x1000, 0, (ms_text){(const uint8_t *)"\0/bin/a", 8}));
        play(&r, make_module(1, LIBRARY, 0x1000, 0, (ms_text){(const uint8_t *)"\0/lib/b.so", 11}));
        play(&r,
             make_module(1, LIBC, 0x1000, 0, (ms_text){(const uint8_t *)"\0/lib/libc.so.6", 15}));
        play(&r, make_stack(1, STACK, PROGRAM + 0x10, MS_ROOT_COMPLETE));
        play(&r, make_alloc(1, 100, P, 50, STACK));
        happen(&r, 'h', 101);
        play(&r, (ms_event){.kind = MS_EVENT_FREER, .pc = cases[i].pc + 0x20});
        happen(&r, 'f', 102);
        ms_model *m = finish(&r);
        assert_string_equal(m->passports.items[0].status, "freed_by_foreign");
        assert_string_equal(m->passports.items[0].evidence, cases[i].evidence);
        end(&r, m);
    }
}

static void a_container_grows_and_moves(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    static const uint64_t rooms[] = {64, 128, 128};
    static const uint64_t places[] = {P, P, Q};
    for (uint64_t i = 0; i < 3; i++)
        say(&r, MS_NOTE_CONTAINER, 100 + i, OTHER,
            (ms_event){.address = LOCAL, .old = places[i], .size = rooms[i], .number = 60});
    say(&r, MS_NOTE_CONTAINER, 110, NODE,
        (ms_event){.address = LOCAL + 64, .old = P, .size = 8, .number = 8});
    say(&r, MS_NOTE_CONTAINER_GONE, 120, 0, (ms_event){.address = LOCAL + 64});
    ms_model *m = finish(&r);
    assert_int_equal(m->containers.count, 2);
    const ms_container *c = &m->containers.items[0];
    assert_int_equal(c->growths, 1);
    assert_int_equal(c->copies, 1);
    assert_int_equal(c->copied_bytes, 60);
    assert_int_equal(c->slack_bytes, 68);
    assert_int_equal(c->died_ns, MS_UNKNOWN);
    assert_int_equal(m->containers.items[1].died_ns, 120000);
    end(&r, m);
}

static void a_container_may_not_know_its_room(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    ms_event told = {.address = LOCAL, .old = P, .size = MS_NOT_TOLD, .number = 60};
    play(&r, make_alloc(1, 100, P, 64, 0));
    say(&r, MS_NOTE_CONTAINER, 101, OTHER, told);
    play(&r, make_realloc(1, 102, P, Q, 256, 0));
    told.old = Q;
    told.number = MS_NOT_TOLD;
    say(&r, MS_NOTE_CONTAINER, 103, OTHER, told);
    say(&r, MS_NOTE_CONTAINER_FILLED, 104, 0,
        (ms_event){.address = LOCAL, .size = 32, .number = 8});
    told.address = LOCAL + 8;
    told.old = 0x9999; /* no block that was recorded */
    say(&r, MS_NOTE_CONTAINER, 105, OTHER, told);
    say(&r, MS_NOTE_CONTAINER_FILLED, 106, 0, (ms_event){.address = 0x1234, .number = 8});
    ms_model *m = finish(&r);
    assert_int_equal(m->containers.count, 2);
    const ms_container *c = &m->containers.items[0];
    assert_string_equal(c->kind, "declared");
    assert_int_equal(c->capacity, 256);
    assert_int_equal(c->max_capacity, 256);
    assert_int_equal(c->growths, 1);
    assert_true(c->growth_factor == 4);
    assert_int_equal(c->copied_bytes, 60);
    assert_int_equal(c->used, MS_UNKNOWN);
    assert_int_equal(c->slack_bytes, MS_UNKNOWN);
    assert_int_equal(c->elements, 8);
    assert_int_equal(c->slots, 32);
    assert_true(c->load_factor == 0.25);
    assert_int_equal(m->containers.items[1].capacity, MS_UNKNOWN);
    assert_int_equal(m->containers.items[1].elements, MS_UNKNOWN);
    assert_true(isnan(m->containers.items[1].load_factor));
    end(&r, m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_count_is_a_balance_whatever_the_order),
        cmocka_unit_test(an_object_is_the_variable_s_that_is_tracked_there),
        cmocka_unit_test(a_reference_that_was_never_taken_is_found),
        cmocka_unit_test(a_gobject_is_dead_when_it_says_so),
        cmocka_unit_test(where_a_gobject_died_is_another_one),
        cmocka_unit_test(dead_gobjects_make_room_for_others),
        cmocka_unit_test(a_passport_says_what_became_of_the_block),
        cmocka_unit_test(passports_are_found_that_nobody_closed),
        cmocka_unit_test(what_is_freed_cannot_be_taken_back),
        cmocka_unit_test(a_release_by_another_module_is_the_other_sides),
        cmocka_unit_test(a_container_grows_and_moves),
        cmocka_unit_test(a_container_may_not_know_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
