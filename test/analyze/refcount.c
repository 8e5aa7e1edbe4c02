#include <stdio.h>

#include "fixture.h"

enum { OBJECTS = 40 };

static ms_model *model_of_objects(size_t count) {
    ms_model *m = model_with_peak(1000000);
    m->program.executable = "/usr/bin/tool";
    m->modules.items = ms_arena_alloc(m->arena, 2 * sizeof *m->modules.items);
    m->modules.items[0] = (ms_module){.module = "tool", .path = "/usr/bin/tool"};
    m->modules.items[1] = (ms_module){.module = "libgtk.so.4", .path = "/usr/lib/x/libgtk.so.4"};
    m->modules.count = 2;
    m->smart_pointers.items = ms_arena_alloc(m->arena, count * sizeof *m->smart_pointers.items);
    m->smart_pointers.count = count;
    return m;
}

/* A held object that `holders` had to do with, the one that kept most first. */
static void hold(ms_model *m, size_t at, const char *type, const ms_holder *holders, size_t count) {
    ms_smart_pointer *p = &m->smart_pointers.items[at];
    *p = (ms_smart_pointer){.kind = "gobject",
                            .type = type,
                            .size = 100,
                            .held = 1,
                            .real_count = 1,
                            .leaked = true,
                            .count_offset = MS_UNKNOWN};
    p->holders.items = ms_arena_alloc(m->arena, count * sizeof *holders);
    p->holders.count = count;
    memcpy(p->holders.items, holders, count * sizeof *holders);
}

static ms_holder holder(const char *function, const char *module, uint64_t refs, uint64_t unrefs,
                        bool made) {
    return (ms_holder){.function = function,
                       .module = module,
                       .refs = refs,
                       .unrefs = unrefs,
                       .balance = (int64_t)refs - (int64_t)unrefs,
                       .made = made,
                       .stack = MS_NO_STACK};
}

static void who_kept_a_reference_is_named(void **state) {
    (void)state;
    ms_model *m = model_of_objects(2);
    ms_holder holders[] = {holder("keep", "tool", 3, 1, false), holder("make", "tool", 0, 0, true),
                           holder("drop", "tool", 0, 1, false)};
    hold(m, 0, "Widget", holders, 3);
    hold(m, 1, "Widget", holders, 3);
    m->smart_pointers.items[1].untracked = 2;
    ms_analyze(m);
    const ms_finding *f = only_finding(m, "refcount");
    assert_string_equal(
        f->title, "2 counted objects (Widget) with references left at the end, taken in keep");
    assert_string_equal(f->detail,
                        "keep took 6 references of them and dropped 2; 2 more, by their own "
                        "count, that nobody was seen to take");
    assert_string_equal(f->type, "Widget");
    assert_int_equal(f->bytes, 200);
    assert_int_equal(f->blocks, 2);
    ms_model_free(m);
}

static void who_made_it_is_named_when_nobody_kept_any(void **state) {
    (void)state;
    ms_model *m = model_of_objects(1);
    ms_holder holders[] = {holder("look", "tool", 1, 1, false), holder("make", "tool", 0, 0, true)};
    hold(m, 0, NULL, holders, 2);
    ms_analyze(m);
    assert_string_equal(only_finding(m, "refcount")->title,
                        "1 counted object with references left at the end, made in make");
    ms_model_free(m);
}

static void those_who_kept_as_many_are_all_named(void **state) {
    (void)state;
    ms_model *m = model_of_objects(3);
    ms_holder holders[] = {holder("draw", "tool", 1, 0, false), holder("save", "tool", 1, 0, false),
                           holder(NULL, "libx.so", 2, 1, false)};
    for (size_t i = 0; i < 3; i++)
        hold(m, i, "Widget", holders, i < 2 ? 2 : 3);
    m->smart_pointers.items[0].held = 2; /* so both have theirs still */
    m->smart_pointers.items[1].held = 1; /* another one has dropped it for one of the two */
    m->smart_pointers.items[2].held = 1;
    ms_analyze(m);
    assert_int_equal(m->findings.count, 3);
    const char *const takers[] = {"draw and save", "draw or save", "draw or save or 1 more"};
    for (size_t i = 0; i < 3; i++) {
        char title[128], detail[128];
        snprintf(title, sizeof title,
                 "1 counted object (Widget) with references left at the end, taken in %s",
                 takers[i]);
        snprintf(detail, sizeof detail, "%s took more than was dropped there", takers[i]);
        assert_string_equal(m->findings.items[i].title, title);
        assert_string_equal(m->findings.items[i].detail, detail);
    }
    ms_model_free(m);
}

static void where_a_type_has_its_count_is_advice(void **state) {
    (void)state;
    ms_model *m = model_of_objects(3);
    ms_holder holders[] = {holder("keep", "tool", 1, 0, false)};
    for (size_t i = 0; i < 3; i++) {
        hold(m, i, i < 2 ? "Widget" : "Gadget", holders, 1);
        m->smart_pointers.items[i].count_offset = 8;
    }
    ms_analyze(m);
    assert_int_equal(m->findings.count, 2);
    assert_string_equal(m->findings.items[0].advice,
                        "drop what keep took where it is done, or where it goes; a debugger's "
                        "watchpoint on the count, 8 bytes from the start of a Widget, stops at "
                        "whoever changes it");
    m->findings.count = 0;
    m->smart_pointers.items[1].count_offset = MS_UNKNOWN; /* not of all */
    ms_analyze(m);
    assert_string_equal(m->findings.items[0].advice,
                        "drop what keep took where it is done, or where it goes");
    ms_model_free(m);
}

static void what_a_library_keeps_for_itself_is_no_finding(void **state) {
    (void)state;
    ms_holder of_library = holder(NULL, "libgtk.so.4", 0, 0, true);
    ms_model *m = model_of_objects(OBJECTS);
    m->smart_pointers.count = 10;
    for (size_t i = 0; i < OBJECTS; i++)
        hold(m, i, "Cache", &of_library, 1);
    ms_analyze(m);
    assert_int_equal(m->findings.count, 0);
    m->smart_pointers.count = OBJECTS; /* that is no cache */
    ms_analyze(m);
    assert_string_equal(
        only_finding(m, "refcount")->title,
        "40 counted objects (Cache) with references left at the end, made in code in "
        "libgtk.so.4");
    ms_model_free(m);
}

static void findings_of_more_functions_than_fit_are_one(void **state) {
    (void)state;
    ms_model *m = model_of_objects(OBJECTS);
    for (size_t i = 0; i < OBJECTS; i++) {
        ms_holder one = holder(ms_arena_printf(m->arena, "keep_%zu", i), "tool", 1, 0, false);
        hold(m, i, NULL, &one, 1);
    }
    m->smart_pointers.items[OBJECTS - 1].leaked = false;
    m->smart_pointers.items[OBJECTS - 1].over_released = 1;
    ms_analyze(m);
    assert_int_equal(m->findings.count, 34);
    uint64_t blocks = 0, nameless = 0;
    for (size_t i = 0; i < m->findings.count; i++) {
        blocks += m->findings.items[i].blocks;
        nameless += strstr(m->findings.items[i].title, "keep_") == NULL;
    }
    assert_int_equal(blocks, OBJECTS);
    assert_int_equal(nameless, 2);
    ms_model_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_kept_a_reference_is_named),
        cmocka_unit_test(who_made_it_is_named_when_nobody_kept_any),
        cmocka_unit_test(those_who_kept_as_many_are_all_named),
        cmocka_unit_test(where_a_type_has_its_count_is_advice),
        cmocka_unit_test(what_a_library_keeps_for_itself_is_no_finding),
        cmocka_unit_test(findings_of_more_functions_than_fit_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
