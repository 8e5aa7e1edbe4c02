#include "load/type_form.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static ms_site site(uint64_t min, uint64_t max, uint64_t blocks, uint64_t bytes) {
    return (ms_site){.min_size = min,
                     .max_size = max,
                     .live_blocks = blocks,
                     .live_bytes = bytes,
                     .peak_bytes = bytes,
                     .own_peak_bytes = bytes,
                     .bytes_allocated = bytes,
                     .bytes_allocated_error = MS_UNKNOWN};
}

static const ms_datatype type = {.name = "struct t", .size = 24, .kind = MS_DATATYPE_STRUCT};

static ms_form form(ms_site s) {
    return ms_form_of(&s, &type);
}

static void a_block_of_the_size_of_its_type_is_one(void **state) {
    (void)state;
    assert_int_equal(form(site(24, 24, 7, 168)), MS_FORM_SINGLE);
    assert_int_equal(ms_form_count(MS_FORM_SINGLE, type.size, 7, 168), 7);
}

static void blocks_of_multiples_are_arrays(void **state) {
    (void)state;
    assert_int_equal(form(site(48, 48, 2, 96)), MS_FORM_ARRAY);
    assert_int_equal(form(site(24, 240, 2, 264)), MS_FORM_ARRAY);
    assert_int_equal(ms_form_count(MS_FORM_ARRAY, type.size, 2, 264), 11);
}

static void one_odd_size_among_them_makes_no_array(void **state) {
    (void)state;
    assert_int_equal(form(site(24, 48, 3, 24 + 30 + 48)), MS_FORM_HEADER);
    ms_site sampled = site(24, 48, 3, 100); /* an estimate */
    sampled.bytes_allocated_error = 10;
    assert_int_equal(form(sampled), MS_FORM_ARRAY);
}

static void what_stands_behind_a_header_is_not_counted(void **state) {
    (void)state;
    assert_int_equal(form(site(30, 30, 5, 150)), MS_FORM_HEADER);
    assert_int_equal(form(site(24, 31, 5, 140)), MS_FORM_HEADER);
    assert_int_equal(ms_form_count(MS_FORM_HEADER, type.size, 5, 150), 5);
}

static void an_array_without_an_end_is_flexible_whatever_the_size(void **state) {
    (void)state;
    ms_layout layout = {.size = 24, .is_flexible = true};
    ms_datatype flexible = type;
    flexible.layout = &layout;
    ms_site s = site(24, 48, 2, 72);
    assert_int_equal(ms_form_of(&s, &flexible), MS_FORM_FLEXIBLE);
    assert_int_equal(ms_form_count(MS_FORM_FLEXIBLE, flexible.size, 2, 72), 2);
}

static void a_block_smaller_than_its_type_is_none_of_it(void **state) {
    (void)state;
    assert_int_equal(form(site(8, 24, 2, 32)), MS_FORM_PARTIAL);
    assert_int_equal(ms_form_count(MS_FORM_PARTIAL, type.size, 2, 32), 0);
}

static void without_a_size_nothing_is_said(void **state) {
    (void)state;
    ms_datatype unknown = {.name = "void", .size = MS_NO_SIZE};
    ms_site s = site(8, 8, 1, 8), unsized = site(MS_UNKNOWN, MS_UNKNOWN, 1, 8);
    assert_int_equal(ms_form_of(&s, &unknown), MS_FORM_UNKNOWN);
    assert_int_equal(ms_form_of(&s, NULL), MS_FORM_UNKNOWN);
    assert_int_equal(ms_form_of(&unsized, &type), MS_FORM_UNKNOWN);
    unknown.size = 0;
    assert_int_equal(ms_form_of(&s, &unknown), MS_FORM_UNKNOWN);
    assert_int_equal(ms_form_count(MS_FORM_UNKNOWN, 0, 3, 8), 3);
    assert_null(ms_form_name(MS_FORM_UNKNOWN));
    assert_string_equal(ms_form_name(MS_FORM_PARTIAL), "partial");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_of_the_size_of_its_type_is_one),
        cmocka_unit_test(blocks_of_multiples_are_arrays),
        cmocka_unit_test(one_odd_size_among_them_makes_no_array),
        cmocka_unit_test(what_stands_behind_a_header_is_not_counted),
        cmocka_unit_test(an_array_without_an_end_is_flexible_whatever_the_size),
        cmocka_unit_test(a_block_smaller_than_its_type_is_none_of_it),
        cmocka_unit_test(without_a_size_nothing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
