#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "util/utf8.h"

static void assert_character(const char *text, uint32_t code, unsigned size) {
    ms_utf8 c = ms_utf8_at(text);
    assert_true(c.valid);
    assert_int_equal(c.code, code);
    assert_int_equal(c.size, size);
}

static void assert_invalid(const char *text) {
    ms_utf8 c = ms_utf8_at(text);
    assert_false(c.valid);
    assert_int_equal(c.size, 1);
    assert_int_equal(c.code, (unsigned char)*text);
}

static void characters_of_every_length_are_read(void **state) {
    (void)state;
    assert_character("a", 'a', 1);
    assert_character("\xc3\xa9", 0xe9, 2);
    assert_character("\xe2\x82\xac", 0x20ac, 3);
    assert_character("\xf0\x9f\x98\x80", 0x1f600, 4);
    assert_character("\xf4\x8f\xbf\xbf", 0x10ffff, 4);
    assert_int_equal(ms_utf8_at("").size, 0);
}

static void what_is_no_utf8_is_invalid(void **state) {
    (void)state;
    assert_invalid("\x80"); /* a continuation alone */
    assert_invalid("\xff");
    assert_invalid("\xc0\xaf");         /* overlong '/' */
    assert_invalid("\xe0\x80\xaf");     /* again, in three bytes */
    assert_invalid("\xed\xa0\x80");     /* a surrogate */
    assert_invalid("\xf4\x90\x80\x80"); /* beyond Unicode */
    assert_invalid("\xe2\x82");         /* ends early */
    assert_invalid("\xf0\x9f\x98"
                   "a");
}

static void controls_are_what_a_terminal_acts_on(void **state) {
    (void)state;
    static const uint32_t controls[] = {0x1b, '\n', 0x7f, 0x9b, 0x202e, 0x2066, 0x2028, 0x200f};
    static const uint32_t letters[] = {' ', '~', 0xa0, 0xe9, 0x2030, 0x1f600};
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
        assert_true(ms_utf8_is_control(controls[i]));
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        assert_false(ms_utf8_is_control(letters[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_of_every_length_are_read),
        cmocka_unit_test(what_is_no_utf8_is_invalid),
        cmocka_unit_test(controls_are_what_a_terminal_acts_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
