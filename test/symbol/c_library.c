#include "symbol/c_library.h"

#include "fixture.h"

static void names_are_known_with_versions_and_in_checking_form(void **state) {
    (void)state;
    assert_true(ms_c_returns_first("memcpy"));
    assert_true(ms_c_returns_first("memcpy@GLIBC_2.14"));
    assert_true(ms_c_returns_first("__strcpy_chk"));
    assert_true(ms_c_frees_first("free@GLIBC_2.2.5"));
    assert_true(ms_c_frees_first("realloc"));
    assert_true(ms_c_copies("memmove@GLIBC_2.2.5"));
    assert_true(ms_c_copies("__memcpy_chk"));
}

static void names_that_only_begin_so_are_others(void **state) {
    (void)state;
    assert_false(ms_c_returns_first("memcpy_to_user"));
    assert_false(ms_c_returns_first("strcp"));
    assert_false(ms_c_frees_first("freeaddrinfo"));
    assert_false(ms_c_frees_first("free_list"));
    assert_false(ms_c_frees_first(""));
    assert_false(ms_c_copies("memcpy_to_user"));
    assert_false(ms_c_copies("memset"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_known_with_versions_and_in_checking_form),
        cmocka_unit_test(names_that_only_begin_so_are_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
