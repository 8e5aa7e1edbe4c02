#include "load/notes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "load/build_notes.h"
#include "load/build_objects.h"
#include "load/replay.h"

#include "builder.h"

enum { P = 0x5000, Q = 0x6000, LOCAL = 0x7ffc0010 };

/* Places of the made-up program. */
enum { NODE = 1, NODE_AGAIN, COUNT, OTHER, OUTER, INNER, JOB, MARK, HEIR, NOWHERE = 99 };

static void play(ms_replay *r, ms_event event) {
    event.thread = event.thread ? event.thread : 1;
    event.tid = 1000 + event.thread;
    ms_replay_event(r, &event, UINT64_MAX);
}

static void define(ms_replay *r, uint64_t site, uint64_t line, const char *text, uint32_t size) {
    play(r, (ms_event){.kind = MS_EVENT_SITE,
                       .site = site,
                       .size = line,
                       .number = site == COUNT ? MS_PLACE_SIGNED : MS_PLACE_POINTER,
                       .text = {(const uint8_t *)text, size}});
}
#define DEFINE(r, site, line, text) define(r, site, line, text, sizeof(text))

static void say(ms_replay *r, uint8_t what, uint64_t time_us, uint64_t site, ms_event note) {
    note.kind = MS_EVENT_NOTE;
    note.family = what;
    note.time_us = time_us;
    note.site = site;
    play(r, note);
}

/* A pointer is tracked. */
static void track(ms_replay *r, uint64_t time_us, uint64_t site, uint64_t block) {
    say(r, MS_NOTE_TRACK, time_us, site, (ms_event){.address = block, .old = block});
}

static void start(ms_replay *r) {
    ms_replay_init(r);
    DEFINE(r, NODE, 10, "node\0struct node *\0a.c\0main");
    DEFINE(r, NODE_AGAIN, 11, "node\0struct node *\0a.c\0main");
    DEFINE(r, COUNT, 12, "count\0int\0a.c\0main");
    DEFINE(r, OTHER, 13, "other\0struct node *\0a.c\0main");
    DEFINE(r, OUTER, 20, "outer\0\0b.c\0work");
    DEFINE(r, INNER, 21, "inner\0\0b.c\0work");
    DEFINE(r, JOB, 30, "job\0\0c.c\0serve");
    DEFINE(r, MARK, 40, "half way\0\0c.c\0serve");
}

static ms_model *finish(ms_replay *r) {
    ms_replay_finish(r);
    ms_model *m = ms_model_new();
    m->capture.addresses = true;
    m->threads.items = ms_arena_alloc(m->arena, r->thread_count * sizeof *m->threads.items);
    m->threads.count = r->thread_count;
    for (size_t i = 0; i < r->thread_count; i++)
        m->threads.items[i] = (ms_thread){.id = r->threads[i].serial, .thread = "worker"};
    m->tasks.items = ms_arena_alloc(m->arena, r->tasks.count * sizeof *m->tasks.items);
    m->tasks.count = r->tasks.count;
    ms_typing typing;
    ms_typing_init(&typing, NULL, &r->notes.places, 0);
    ms_build_notes(m, r, &typing, NULL);
    ms_typing_deinit(&typing);
    ms_build_findings(m);
    return m;
}

static void end(ms_replay *r, ms_model *m) {
    ms_model_free(m);
    ms_replay_deinit(r);
}

static uint64_t misuses(const ms_model *m, const char *kind) {
    uint64_t count = 0;
    for (size_t i = 0; i < m->misuses.count; i++)
        if (strcmp(m->misuses.items[i].kind, kind) == 0)
            count += m->misuses.items[i].count;
    return count;
}

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
    assert_string_equal(m->variables.items[1].name, "other");
    assert_int_equal(m->variables.items[1].size, 64);
    assert_null(m->variables.items[1].end);
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

/* ---- references, passports, containers -------------------------------------------------- */

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

static void a_passport_says_who_freed_the_block(void **state) {
    (void)state;
    static const char *const statuses[] = {"in_foreign_custody", "reclaimed", "freed_by_owner",
                                           "freed_by_foreign", "freed_by_foreign"};
    ms_replay r;
    start(&r);
    for (uint64_t i = 0; i < 5; i++) {
        play(&r, make_alloc(1, 100, P + i * 64, 50, 0));
        say(&r, MS_NOTE_HANDOVER, 101, MARK, (ms_event){.address = P + i * 64});
    }
    say(&r, MS_NOTE_RECLAIM, 102, 0, (ms_event){.address = P + 64});
    say(&r, MS_NOTE_RECLAIM, 102, 0, (ms_event){.address = P + 128});
    play(&r, make_free(1, 103, P + 128));
    play(&r, make_free(1, 103, P + 192));
    say(&r, MS_NOTE_FREED_ABROAD, 102, 0, (ms_event){.address = P + 256});
    ms_model *m = finish(&r);
    assert_int_equal(m->passports.count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(m->passports.items[i].status, statuses[i]);
        assert_string_equal(m->passports.items[i].name, "half way");
        assert_string_equal(m->passports.items[i].evidence, i == 3 ? "derived" : "recorded");
        assert_int_equal(m->passports.items[i].size, 50);
    }
    assert_int_equal(m->findings.count, 1);
    assert_string_equal(m->findings.items[0].kind, "boundary");
    assert_int_equal(m->findings.items[0].bytes, 50);
    end(&r, m);
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

/* ---- tags and types --------------------------------------------------------------------- */

static void a_tag_counts_the_blocks_that_have_it(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_stack(1, MS_ROOT_COUNT, 0x10, MS_ROOT_COMPLETE));
    play(&r, make_alloc(1, 100, P, 64, MS_ROOT_COUNT));
    play(&r, make_alloc(1, 101, Q, 100, 0));
    say(&r, MS_NOTE_TAG, 102, NODE, (ms_event){.address = P});
    say(&r, MS_NOTE_TAG, 103, NODE_AGAIN, (ms_event){.address = Q + 5}); /* of the same name */
    say(&r, MS_NOTE_TAG, 104, OTHER, (ms_event){.address = LOCAL});
    play(&r, make_realloc(1, 105, Q, Q, 300, 0));
    play(&r, make_free(1, 106, P));
    ms_model *m = finish(&r);
    assert_int_equal(m->tags.count, 2);
    const ms_tag *t = m->tags.items;
    assert_string_equal(t[0].tag, "node");
    assert_null(t[0].file); /* at two places */
    assert_int_equal(t[0].blocks, 2);
    assert_int_equal(t[0].bytes, 164);
    assert_int_equal(t[0].peak_bytes, 364);
    assert_int_equal(t[0].live_bytes, 300);
    assert_int_equal(t[0].live_blocks, 1);
    assert_string_equal(t[1].tag, "other");
    assert_string_equal(t[1].file, "a.c");
    assert_int_equal(t[1].unrecorded, 1);
    assert_int_equal(t[1].blocks, 0);
    end(&r, m);
}

static void a_block_has_the_latest_of_its_tags(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    say(&r, MS_NOTE_TAG, 102, NODE, (ms_event){.address = P});
    say(&r, MS_NOTE_TAG, 103, NODE, (ms_event){.address = P}); /* says nothing new */
    say(&r, MS_NOTE_TAG, 104, OTHER, (ms_event){.address = P});
    ms_model *m = finish(&r);
    assert_string_equal(m->tags.items[0].tag, "other");
    assert_int_equal(m->tags.items[0].live_bytes, 64);
    assert_int_equal(m->tags.items[1].blocks, 1);
    assert_int_equal(m->tags.items[1].live_blocks, 0);
    end(&r, m);
}

static void a_type_has_the_fields_that_its_thread_tells(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    for (uint32_t thread = 1; thread <= 2; thread++) { /* the second one says nothing new */
        say(&r, MS_NOTE_TYPE, 100, NODE,
            (ms_event){.size = 24, .number = UINT64_MAX, .thread = thread});
        say(&r, MS_NOTE_TYPE, 101, JOB, (ms_event){.size = 8, .number = 4, .thread = 3});
        say(&r, MS_NOTE_FIELD, 102, COUNT, (ms_event){.size = 4, .number = 8, .thread = thread});
    }
    say(&r, MS_NOTE_FIELD, 103, OTHER, (ms_event){.size = 8, .number = 16, .thread = 1});
    ms_model *m = finish(&r);
    assert_int_equal(m->declared_types.count, 2);
    const ms_declared_type *t = m->declared_types.items;
    assert_string_equal(t[0].name, "node");
    assert_int_equal(t[0].size, 24);
    assert_int_equal(t[0].count_offset, MS_UNKNOWN);
    assert_int_equal(t[0].fields.count, 2);
    assert_string_equal(t[0].fields.items[0].name, "count");
    assert_string_equal(t[0].fields.items[0].type, "int");
    assert_int_equal(t[0].fields.items[0].offset, 8);
    assert_int_equal(t[0].fields.items[1].size, 8);
    assert_int_equal(t[1].count_offset, 4);
    assert_int_equal(t[1].fields.count, 0);
    end(&r, m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pointer_has_the_life_of_its_block),
        cmocka_unit_test(a_pointer_follows_its_block_through_realloc),
        cmocka_unit_test(a_pointer_into_a_block_has_the_life_of_the_block),
        cmocka_unit_test(what_is_in_a_block_goes_where_realloc_moves_it),
        cmocka_unit_test(a_counted_object_ends_with_the_block_around_it),
        cmocka_unit_test(a_tag_counts_the_blocks_that_have_it),
        cmocka_unit_test(a_block_has_the_latest_of_its_tags),
        cmocka_unit_test(a_type_has_the_fields_that_its_thread_tells),
        cmocka_unit_test(a_scalar_that_is_tracked_again_keeps_its_values),
        cmocka_unit_test(two_names_of_one_block_are_two_variables),
        cmocka_unit_test(what_is_moved_ends_one_variable_and_begins_another),
        cmocka_unit_test(a_block_that_is_copied_takes_its_variable_along),
        cmocka_unit_test(borrows_conflict_when_one_may_change),
        cmocka_unit_test(a_site_has_the_name_all_its_blocks_agree_on),
        cmocka_unit_test(a_scope_counts_what_is_born_in_it_and_within),
        cmocka_unit_test(scopes_left_in_another_order_are_counted),
        cmocka_unit_test(scopes_nest_without_end),
        cmocka_unit_test(a_task_has_a_name_a_parent_and_idle_times),
        cmocka_unit_test(a_task_that_ends_twice_or_never_began_is_counted),
        cmocka_unit_test(a_count_is_a_balance_whatever_the_order),
        cmocka_unit_test(a_reference_that_was_never_taken_is_found),
        cmocka_unit_test(a_gobject_is_dead_when_it_says_so),
        cmocka_unit_test(where_a_gobject_died_is_another_one),
        cmocka_unit_test(dead_gobjects_make_room_for_others),
        cmocka_unit_test(a_passport_says_who_freed_the_block),
        cmocka_unit_test(a_container_grows_and_moves),
        cmocka_unit_test(a_container_may_not_know_its_room),
        cmocka_unit_test(who_is_untracked_after_its_block_was_freed_was_tracked),
        cmocka_unit_test(moments_have_names),
        cmocka_unit_test(a_definition_may_come_late_or_cut_or_twice),
        cmocka_unit_test(any_words_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
