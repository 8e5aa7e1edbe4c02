#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../builder.h"

#include "model/frame_key.h"

static const ms_frame named = {
    .function = "f", .module = "m", .file = "a.c", .line = 3, .address = 0x10};

static void the_same_function_has_the_same_key_wherever_its_name_lies(void **state) {
    (void)state;
    char name[] = "f";
    ms_frame other = named;
    other.function = name;
    other.line = 9;
    other.address = 0x99;
    assert_int_equal(ms_frame_function_key(&named), ms_frame_function_key(&other));
    assert_int_not_equal(ms_frame_place_key(&named), ms_frame_place_key(&other));
    other.module = "n";
    assert_int_not_equal(ms_frame_function_key(&named), ms_frame_function_key(&other));
}

static void a_place_is_a_line_where_lines_are_known(void **state) {
    (void)state;
    ms_frame elsewhere = named;
    elsewhere.address = 0x99;
    assert_int_equal(ms_frame_place_key(&named), ms_frame_place_key(&elsewhere));
    ms_frame here = named;
    here.file = elsewhere.file = NULL;
    here.line = elsewhere.line = MS_UNKNOWN;
    assert_int_not_equal(ms_frame_place_key(&here), ms_frame_place_key(&elsewhere));
}

static void without_a_name_the_address_is_the_function(void **state) {
    (void)state;
    ms_frame a = {.module = "m", .address = 1, .line = MS_UNKNOWN}, b = a;
    assert_int_equal(ms_frame_function_key(&a), ms_frame_function_key(&b));
    b.address = 2;
    assert_int_not_equal(ms_frame_function_key(&a), ms_frame_function_key(&b));
    b = a;
    b.module = NULL;
    assert_int_not_equal(ms_frame_function_key(&a), ms_frame_function_key(&b));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_function_has_the_same_key_wherever_its_name_lies),
        cmocka_unit_test(a_place_is_a_line_where_lines_are_known),
        cmocka_unit_test(without_a_name_the_address_is_the_function),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
