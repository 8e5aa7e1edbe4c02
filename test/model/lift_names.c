#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../builder.h"

#include "model/lift_names.h"

static void library_glue_is_known_by_name(void **state) {
    (void)state;
    static const char *const glue[] = {
        "operator new(unsigned long)",
        "std::allocator<int>::allocate(unsigned long, void const*)",
        "__gnu_cxx::new_allocator<char>::allocate(unsigned long, void const*)",
        "std::vector<int, std::allocator<int> >::reserve(unsigned long)",
        "void std::vector<int, std::allocator<int> >::_M_realloc_insert<int const&>(int const&)",
        "std::pair<int, std::pair<int, int> > std::f<int>(int)",
        "alloc::raw_vec::RawVec<T,A>::grow_one",
        "<alloc::string::String as core::clone::Clone>::clone",
        "__rust_alloc",
        "strdup",
        "asprintf",
    };
    for (size_t i = 0; i < sizeof glue / sizeof *glue; i++)
        if (!ms_name_is_glue(glue[i]))
            fail_msg("%s is glue", glue[i]);
}

static void user_code_that_mentions_glue_is_none(void **state) {
    (void)state;
    static const char *const user[] = {
        "parse(std::string const&)",
        "std::unique_ptr<Node, std::default_delete<Node> > make_node<int>(int)",
        "Pool::operator new(unsigned long)",
        "my::alloc::grow",
        "<my::Type as core::clone::Clone>::clone",
        "stdx::f()",
        "mallocate",
        "",
    };
    for (size_t i = 0; i < sizeof user / sizeof *user; i++)
        if (ms_name_is_glue(user[i]))
            fail_msg("%s is no glue", user[i]);
}

static void the_libraries_that_allocate_for_others_are_known(void **state) {
    (void)state;
    assert_true(ms_module_is_glue("libc.so.6") && ms_module_is_glue("ld-linux-x86-64.so.2") &&
                ms_module_is_glue("libstdc++.so.6"));
    assert_false(ms_module_is_glue("libcurl.so.4") || ms_module_is_glue("libc_wrapper.so") ||
                 ms_module_is_glue("libsqlite3.so.0") || ms_module_is_glue(NULL));
}

static void a_missing_name_fits_no_rule(void **state) {
    (void)state;
    assert_false(ms_name_is_glue(NULL) || ms_name_is_alloc(NULL) || ms_name_is_entry(NULL) ||
                 ms_name_is_startup(NULL));
}

static void beginnings_of_programs_are_known(void **state) {
    (void)state;
    assert_true(ms_name_is_entry("main"));
    assert_false(ms_name_is_entry("main_loop"));
    assert_true(ms_name_is_startup("__libc_start_call_main"));
    assert_true(ms_name_is_alloc("PyObject_Malloc") && ms_name_is_alloc("xstrdup"));
    assert_false(ms_name_is_alloc("parse"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(library_glue_is_known_by_name),
        cmocka_unit_test(user_code_that_mentions_glue_is_none),
        cmocka_unit_test(the_libraries_that_allocate_for_others_are_known),
        cmocka_unit_test(a_missing_name_fits_no_rule),
        cmocka_unit_test(beginnings_of_programs_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
