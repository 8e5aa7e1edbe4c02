#include "util/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void message_is_formatted(void **state) {
    (void)state;
    ms_error error;
    memset(&error, 0xff, sizeof error);
    assert_int_equal(ms_fail(&error, MS_ERR_INPUT, "%s: byte %d", "f", 12), MS_ERR_INPUT);
    assert_int_equal(error.code, MS_ERR_INPUT);
    assert_int_equal(error.os_errno, 0);
    assert_int_equal(error.offset, 0);
    assert_string_equal(error.message, "f: byte 12");
}

static void long_message_is_cut_and_terminated(void **state) {
    (void)state;
    ms_error error;
    ms_fail(&error, MS_ERR_USAGE, "%0*d", 2 * (int)sizeof error.message, 0);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
}

static void nobody_has_to_listen(void **state) {
    (void)state;
    assert_int_equal(ms_fail(NULL, MS_ERR_OUTPUT, "x"), MS_ERR_OUTPUT);
}

static void errno_survives(void **state) {
    (void)state;
    ms_error error;
    errno = ENOSPC;
    ms_fail(&error, MS_ERR_OUTPUT, "%m");
    assert_int_equal(errno, ENOSPC);
    assert_string_equal(error.message, strerror(ENOSPC));
}

static void exit_statuses_are_those_of_the_contract(void **state) {
    (void)state;
    assert_int_equal(ms_err_exit_status(MS_ERR_OK), 0);
    assert_int_equal(ms_err_exit_status(MS_ERR_USAGE), 2);
    assert_int_equal(ms_err_exit_status(MS_ERR_INPUT), 3);
    assert_int_equal(ms_err_exit_status(MS_ERR_OUTPUT), 4);
    assert_int_equal(ms_err_exit_status(MS_ERR_ENVIRONMENT), 4);
    assert_int_equal(ms_err_exit_status(MS_ERR_NOMEM), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_is_formatted),
        cmocka_unit_test(long_message_is_cut_and_terminated),
        cmocka_unit_test(nobody_has_to_listen),
        cmocka_unit_test(errno_survives),
        cmocka_unit_test(exit_statuses_are_those_of_the_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
