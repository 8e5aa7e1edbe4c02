#include "symbol/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int open_names(void **state) {
    *state = ms_names_new();
    return *state ? 0 : -1;
}

static int close_names(void **state) {
    ms_names_free(*state);
    return 0;
}

static void cplusplus_symbols_show_their_parameters(void **state) {
    assert_string_equal(ms_names_demangle(*state, "_ZN5outer5inner3BoxIiE3getEi"),
                        "outer::inner::Box<int>::get(int)");
    assert_string_equal(ms_names_demangle(*state, "_Znwm"), "operator new(unsigned long)");
    assert_string_equal(ms_names_demangle(*state, "_ZN3FooC4Ev"), "Foo::Foo()");
}

static void rust_symbols_lose_their_hash(void **state) {
    assert_string_equal(
        ms_names_demangle(*state, "_ZN4core3ptr13drop_in_place17h0123456789abcdefE"),
        "core::ptr::drop_in_place");
    assert_string_equal(
        ms_names_demangle(*state,
                          "_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$"
                          "3fmt17h0123456789abcdefE"),
        "<alloc::string::String as core::fmt::Display>::fmt");
    assert_string_equal(ms_names_demangle(*state, "_RNvNtCs1234_7mycrate3foo3bar"),
                        "mycrate::foo::bar");
}

static void a_symbol_version_is_not_part_of_the_name(void **state) {
    assert_string_equal(ms_names_demangle(*state, "memcpy@@GLIBC_2.14"), "memcpy");
    assert_string_equal(ms_names_demangle(*state, "_ZSt9terminatev@@GLIBCXX_3.4"),
                        "std::terminate()");
}

static void other_symbols_stay_as_they_are(void **state) {
    static const char *const symbols[] = {"malloc", "_start", "_Zebra", "_ZN",      "_R",
                                          "Zoo",    "",       "@",      "\x1b[31m", "_Reset"};
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        assert_string_equal(ms_names_demangle(*state, symbols[i]), symbols[i]);
    }
}

static void one_symbol_gives_one_text(void **state) {
    char symbol[] = "_ZN5outer5innerEv";
    const char *first = ms_names_demangle(*state, symbol);
    assert_ptr_equal(ms_names_demangle(*state, symbol), first);
    symbol[0] = 'x'; /* the text is a copy */
    assert_string_equal(first, "outer::inner()");
}

/* f(p<a, a>, p<that, that>, p<that, that>, ...): each parameter doubles the one before. */
static char *doubling_symbol(int parameters) {
    static char symbol[1024];
    strcpy(symbol, "_Z1f1pI1aS0_E");
    for (int i = 1; i < parameters; i++) {
        char part[32];
        char digit = (char)(i < 10 ? '0' + i : 'A' + i - 10);
        snprintf(part, sizeof part, "S_IS%c_S%c_E", digit, digit);
        strcat(symbol, part);
    }
    return symbol;
}

static void a_symbol_that_stands_for_gigabytes_is_left_alone(void **state) {
    assert_string_equal(ms_names_demangle(*state, doubling_symbol(3)),
                        "f(p<a, a>, p<p<a, a>, p<a, a> >, p<p<p<a, a>, p<a, a> >, "
                        "p<p<a, a>, p<a, a> > >)");
    const char *bomb = doubling_symbol(36);
    assert_string_equal(ms_names_demangle(*state, bomb), bomb);
}

static void deep_and_overlong_symbols_are_survived(void **state) {
    for (size_t size = 500; size < 100000; size *= 3) {
        char *deep = malloc(size + 8);
        assert_non_null(deep);
        memcpy(deep, "_Z1f", 4);
        memset(deep + 4, 'P', size); /* pointer to pointer to ... */
        strcpy(deep + 4 + size, "i");
        const char *text = ms_names_demangle(*state, deep);
        assert_true(strcmp(text, deep) == 0 || strncmp(text, "f(int**", 7) == 0);
        free(deep);
    }
}

static void long_template_symbols_are_demangled(void **state) {
    char symbol[4096] = "_Z1fI";
    for (int i = 0; i < 150; i++) {
        strcat(symbol, "12abcdefghijkl");
    }
    strcat(symbol, "Evv");
    assert_memory_equal(ms_names_demangle(*state, symbol), "void f<abcdefghijkl, ", 21);
}

static void relative_files_get_their_directory(void **state) {
    assert_string_equal(ms_names_path(*state, "/build", "src/a.c"), "/build/src/a.c");
    assert_string_equal(ms_names_path(*state, "/build", "/usr/include/a.h"), "/usr/include/a.h");
    assert_string_equal(ms_names_path(*state, "./build", "./build/a.c"), "./build/a.c");
    assert_string_equal(ms_names_path(*state, NULL, "a.c"), "a.c");
    assert_string_equal(ms_names_path(*state, "", "a.c"), "a.c");
    assert_ptr_equal(ms_names_path(*state, "/build", "src/a.c"),
                     ms_names_path(*state, "/build", "src/a.c"));
}

static void a_file_that_is_not_known_is_null(void **state) {
    assert_null(ms_names_path(*state, "/build", NULL));
    assert_null(ms_names_path(*state, "/build", "???"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cplusplus_symbols_show_their_parameters),
        cmocka_unit_test(rust_symbols_lose_their_hash),
        cmocka_unit_test(a_symbol_version_is_not_part_of_the_name),
        cmocka_unit_test(other_symbols_stay_as_they_are),
        cmocka_unit_test(one_symbol_gives_one_text),
        cmocka_unit_test(a_symbol_that_stands_for_gigabytes_is_left_alone),
        cmocka_unit_test(deep_and_overlong_symbols_are_survived),
        cmocka_unit_test(long_template_symbols_are_demangled),
        cmocka_unit_test(relative_files_get_their_directory),
        cmocka_unit_test(a_file_that_is_not_known_is_null),
    };
    return cmocka_run_group_tests(tests, open_names, close_names);
}
