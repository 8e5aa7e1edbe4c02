#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../builder.h"

#include "model/lift.h"

static ms_model *model;

static int start(void **state) {
    (void)state;
    model = ms_model_new();
    return 0;
}

static int stop(void **state) {
    (void)state;
    ms_model_free(model);
    return 0;
}

/* A site for each of `callers` functions, whose stacks begin with `inner`; the i-th asks for
 * min + i * step to max + i * step bytes, `births` times. */
static void add_callers(const char *inner, int callers, uint64_t births, uint64_t min, uint64_t max,
                        uint64_t step) {
    for (int i = 0; i < callers; i++) {
        char words[256];
        snprintf(words, sizeof words, "%s caller%d@c.c:%d main@main.c:%d", inner, i, 10 * i + 1,
                 i + 1);
        add_site(model, words, births, min + (uint64_t)i * step, max + (uint64_t)i * step);
    }
}

static const char *blamed(size_t site) {
    const ms_stack *stack = &model->stacks.items[model->sites.items[site].stack];
    return stack->frames[stack->depth_lifted].function;
}

static void a_wrapper_with_many_callers_is_lifted(void **state) {
    (void)state;
    add_callers("grab@util.c:10", 20, 5, 16, 16, 8);
    ms_lift(model);
    for (size_t i = 0; i < 20; i++) {
        const ms_stack *stack = &model->stacks.items[model->sites.items[i].stack];
        assert_int_equal(stack->depth_lifted, 1);
        assert_true(stack->frames[0].wrapper);
        assert_false(stack->frames[1].wrapper);
    }
    assert_string_equal(blamed(7), "caller7");
}

static void a_function_with_one_caller_stays(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 10; i++)
        add_site(model, "grab@util.c:10 caller@c.c:5 main@main.c:1", 5, 16 + i, 16 + i);
    ms_lift(model);
    assert_string_equal(blamed(0), "grab");
}

static void many_calls_from_one_function_are_one_caller(void **state) {
    (void)state;
    for (int i = 0; i < 10; i++) {
        char words[100];
        snprintf(words, sizeof words, "grab@util.c:10 caller@c.c:%d main@main.c:1", i + 1);
        add_site(model, words, 5, 16 + (uint64_t)i, 16 + (uint64_t)i);
    }
    ms_lift(model);
    assert_string_equal(blamed(0), "grab");
}

static void a_constructor_asks_for_one_size_and_stays(void **state) {
    (void)state;
    add_callers("new_node@node.c:10", 20, 5, 48, 48, 0);
    ms_lift(model);
    assert_string_equal(blamed(0), "new_node");
}

static void a_constructor_of_two_parts_stays(void **state) {
    (void)state;
    add_callers("new_table@t.c:10", 20, 5, 48, 48, 0);
    add_callers("new_table@t.c:11", 20, 5, 4096, 4096, 0);
    ms_lift(model);
    assert_string_equal(blamed(0), "new_table");
    assert_string_equal(blamed(20), "new_table");
}

static void a_constructor_with_a_variable_end_stays(void **state) {
    (void)state;
    add_callers("new_entry@t.c:10", 20, 5, 72, 90, 1);
    ms_lift(model);
    assert_string_equal(blamed(0), "new_entry");
}

static void a_constructor_on_top_of_a_wrapper_is_blamed(void **state) {
    (void)state;
    add_callers("grab@util.c:10 new_node@node.c:10", 20, 5, 48, 48, 0);
    add_callers("grab@util.c:10", 20, 5, 16, 16, 8);
    ms_lift(model);
    assert_string_equal(blamed(0), "new_node");
    assert_string_equal(blamed(20), "caller0");
}

static void stacked_wrappers_are_lifted_together(void **state) {
    (void)state;
    /* The inner ones have a single caller each. */
    add_callers("mem_get@mem.c:3 raw_get@mem.c:20 grab@util.c:10", 20, 5, 16, 16, 8);
    ms_lift(model);
    assert_string_equal(blamed(3), "caller3");
    const ms_stack *stack = &model->stacks.items[0];
    assert_true(stack->frames[0].wrapper && stack->frames[1].wrapper && stack->frames[2].wrapper);
}

static void wrappers_that_share_a_base_are_found_in_rounds(void **state) {
    (void)state;
    add_callers("base@mem.c:3 grab@util.c:10", 12, 5, 16, 16, 8);
    add_callers("base@mem.c:3 grab_zero@util.c:30", 12, 5, 20, 20, 8);
    add_callers("base@mem.c:3 grab@util.c:10 copy@util.c:50", 12, 5, 1, 90, 0);
    add_callers("base@mem.c:3 grab_zero@util.c:30 copy@util.c:55", 12, 5, 2, 80, 1);
    ms_lift(model);
    assert_string_equal(blamed(2), "caller2");
    assert_string_equal(blamed(14), "caller2");
    assert_string_equal(blamed(26), "caller2");
}

static void recursion_is_no_fan_in(void **state) {
    (void)state;
    char words[512] = "walk@w.c:5";
    for (int i = 0; i < 8; i++) {
        char site[600];
        snprintf(site, sizeof site, "%s start@s.c:1 main@main.c:1", words);
        add_site(model, site, 5, 16 + (uint64_t)i * 8, 16 + (uint64_t)i * 8);
        snprintf(words + strlen(words), sizeof words - strlen(words), " walk@w.c:%d", 20 + i);
    }
    ms_lift(model);
    for (size_t i = 0; i < model->sites.count; i++)
        assert_string_equal(blamed(i), "walk");
}

static void a_parser_with_calls_of_its_own_stays(void **state) {
    (void)state;
    static const char *const lines[] = {"10", "20", "30"};
    for (int c = 0; c < 2; c++)
        for (int i = 0; i < 3; i++) {
            char words[100];
            snprintf(words, sizeof words, "parse@p.c:%s handler%d@h.c:%d main@main.c:1", lines[i],
                     c, c + 1);
            add_site(model, words, 5, 8, 100 + (uint64_t)(c * 3 + i));
        }
    ms_lift(model);
    for (size_t i = 0; i < model->sites.count; i++)
        assert_string_equal(blamed(i), "parse");
}

static void a_recursive_parser_above_a_wrapper_stays(void **state) {
    (void)state;
    add_callers("grab@util.c:10", 20, 5, 16, 16, 8);
    static const char *const stacks[] = {
        "grab@util.c:10 string@p.c:5 value@p.c:30 main@main.c:1",
        "grab@util.c:10 array@p.c:50 value@p.c:31 main@main.c:1",
        "grab@util.c:10 string@p.c:5 value@p.c:30 array@p.c:51 value@p.c:31 main@main.c:1",
        "grab@util.c:10 object@p.c:70 value@p.c:32 array@p.c:51 value@p.c:31 main@main.c:1",
        "grab@util.c:10 string@p.c:6 object@p.c:71 value@p.c:32 main@main.c:1",
        "grab@util.c:10 string@p.c:5 value@p.c:30 object@p.c:72 value@p.c:32 main@main.c:1",
    };
    for (size_t i = 0; i < sizeof stacks / sizeof *stacks; i++)
        add_site(model, stacks[i], 9, 1, 50 + i);
    ms_lift(model);
    assert_string_equal(blamed(20), "string");
    assert_string_equal(blamed(21), "array");
    assert_string_equal(blamed(24), "string");
}

static void an_evaluator_is_far_from_the_allocator(void **state) {
    (void)state;
    /* It allocates in one place, for many callers, but mostly calls what allocates. */
    for (int i = 0; i < 20; i++) {
        char words[200];
        snprintf(words, sizeof words, "builtin%d@b.c:%d eval@e.c:90 user%d@u.c:%d main@main.c:1", i,
                 i + 1, i, i + 1);
        add_site(model, words, 5, 8 + (uint64_t)i, 8 + (uint64_t)i);
    }
    add_callers("eval@e.c:10", 10, 5, 16, 16, 8);
    ms_lift(model);
    assert_string_equal(blamed(20), "eval");
    assert_string_equal(blamed(0), "builtin0");
}

static void sizes_that_vary_in_each_call_need_more_callers(void **state) {
    (void)state;
    add_callers("copy_text@t.c:1", 4, 50, 1, 900, 1);
    add_callers("join_text@t.c:9", 6, 50, 1, 900, 1);
    ms_lift(model);
    assert_string_equal(blamed(0), "copy_text");
    assert_string_equal(blamed(4), "caller0");
}

static void a_name_with_alloc_needs_fewer_callers(void **state) {
    (void)state;
    add_callers("my_alloc@t.c:1", 2, 5, 16, 16, 8);
    add_callers("get_some@t.c:9", 2, 5, 16, 16, 8);
    ms_lift(model);
    assert_string_equal(blamed(0), "caller0");
    assert_string_equal(blamed(2), "get_some");
}

static void a_wrapper_inlined_everywhere_is_one_place(void **state) {
    (void)state;
    add_callers("grab@util.h:10", 20, 5, 16, 16, 8);
    for (size_t i = 0; i < 20; i++) { /* as inlined: at its caller's address */
        ms_frame *frames = (ms_frame *)model->stacks.items[model->sites.items[i].stack].frames;
        frames[0].inlined = true;
        frames[0].address = frames[1].address;
    }
    ms_lift(model);
    assert_string_equal(blamed(0), "caller0");
}

static void functions_without_names_go_by_their_addresses(void **state) {
    (void)state;
    for (int i = 0; i < 20; i++) {
        char words[100];
        snprintf(words, sizeof words, "+1000 +%x +2000", 0x4000 + i * 16);
        add_site(model, words, 5, 8 + 8 * (uint64_t)i, 8 + 8 * (uint64_t)i);
    }
    ms_lift(model);
    assert_int_equal(model->stacks.items[0].depth_lifted, 1);
}

static void glue_is_lifted_by_its_name_alone(void **state) {
    (void)state;
    add_site(model, "operator_new std::vector<int>::reserve fill@f.cpp:3 main@m.cpp:1", 1, 8, 8);
    ((ms_frame *)model->stacks.items[0].frames)[0].function = "operator new(unsigned long)";
    add_site(model, "strdup name@f.c:3 main@m.c:1", 1, 8, 8);
    add_site(model, "name@f.c:3 strdup main@m.c:1", 1, 8, 8); /* not next to the allocator */
    ms_lift(model);
    assert_string_equal(blamed(0), "fill");
    assert_string_equal(blamed(1), "name");
    assert_string_equal(blamed(2), "name");
}

static void the_c_library_is_lifted_as_a_whole(void **state) {
    (void)state;
    add_site(model, "doallocbuf@io.c:1 fputs@io.c:9 print@p.c:3 main@m.c:1", 1, 8, 8);
    add_site(model, "pool@l.c:1 call_init@d.c:9 _dl_init@d.c:3", 1, 8, 8); /* all of it */
    for (uint32_t i = 0; i < 3; i++)
        ((ms_frame *)model->stacks.items[1].frames)[i].module = "libc.so.6";
    ((ms_frame *)model->stacks.items[0].frames)[0].module = "libc.so.6";
    ((ms_frame *)model->stacks.items[0].frames)[1].module = "libc.so.6";
    ms_lift(model);
    assert_string_equal(blamed(0), "print");
    assert_string_equal(blamed(1), "pool");
}

static void a_frame_to_blame_is_always_left(void **state) {
    (void)state;
    add_site(model, "strdup", 1, 8, 8);
    add_site(model, "main@m.c:1 __libc_start_call_main", 1, 8, 8);
    add_site(model, "strdup main@m.c:1 __libc_start_call_main __libc_start_main_impl _start", 1, 8,
             8);
    add_site(model, "std::f std::g start_thread clone3", 1, 8, 8);
    add_site(model, "", 1, 8, 8);
    ms_lift(model);
    assert_string_equal(blamed(0), "strdup");
    assert_string_equal(blamed(1), "main");
    assert_string_equal(blamed(2), "main");
    assert_string_equal(blamed(3), "std::f");
}

static void main_is_never_lifted_whatever_calls_it(void **state) {
    (void)state;
    for (int i = 0; i < 20; i++) {
        char words[100];
        snprintf(words, sizeof words, "main@m.c:1 start%d@s.c:%d boot@b.c:1", i, i + 1);
        add_site(model, words, 5, 8 + (uint64_t)i, 8 + (uint64_t)i);
    }
    ms_lift(model);
    assert_string_equal(blamed(0), "main");
}

static void nothing_to_lift_is_fine(void **state) {
    (void)state;
    ms_lift(model);
    assert_int_equal(model->stacks.count, 0);
}

#define ON_A_MODEL(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_A_MODEL(a_wrapper_with_many_callers_is_lifted),
        ON_A_MODEL(a_function_with_one_caller_stays),
        ON_A_MODEL(many_calls_from_one_function_are_one_caller),
        ON_A_MODEL(a_constructor_asks_for_one_size_and_stays),
        ON_A_MODEL(a_constructor_of_two_parts_stays),
        ON_A_MODEL(a_constructor_with_a_variable_end_stays),
        ON_A_MODEL(a_constructor_on_top_of_a_wrapper_is_blamed),
        ON_A_MODEL(stacked_wrappers_are_lifted_together),
        ON_A_MODEL(wrappers_that_share_a_base_are_found_in_rounds),
        ON_A_MODEL(recursion_is_no_fan_in),
        ON_A_MODEL(a_parser_with_calls_of_its_own_stays),
        ON_A_MODEL(a_recursive_parser_above_a_wrapper_stays),
        ON_A_MODEL(an_evaluator_is_far_from_the_allocator),
        ON_A_MODEL(sizes_that_vary_in_each_call_need_more_callers),
        ON_A_MODEL(a_name_with_alloc_needs_fewer_callers),
        ON_A_MODEL(a_wrapper_inlined_everywhere_is_one_place),
        ON_A_MODEL(functions_without_names_go_by_their_addresses),
        ON_A_MODEL(glue_is_lifted_by_its_name_alone),
        ON_A_MODEL(the_c_library_is_lifted_as_a_whole),
        ON_A_MODEL(a_frame_to_blame_is_always_left),
        ON_A_MODEL(main_is_never_lifted_whatever_calls_it),
        ON_A_MODEL(nothing_to_lift_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
