#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "util/json.h"

static ms_sink *sink;
static ms_json json;

static int start(void **state) {
    (void)state;
    sink = ms_sink_memory();
    json = ms_json_to(sink);
    return 0;
}

static int stop(void **state) {
    (void)state;
    ms_sink_abandon(sink);
    return 0;
}

static void assert_written(const char *expected) {
    char *text = ms_sink_take(sink, NULL);
    assert_string_equal(text, expected);
    free(text);
}

static void ordinary_containers_take_a_line_per_member(void **state) {
    (void)state;
    ms_json_object(&json);
    ms_json_key(&json, "a");
    ms_json_u64(&json, 1);
    ms_json_key(&json, "list");
    ms_json_array(&json);
    ms_json_bool(&json, true);
    ms_json_null(&json);
    ms_json_end_array(&json);
    ms_json_key(&json, "empty");
    ms_json_array(&json);
    ms_json_end_array(&json);
    ms_json_end_object(&json);
    assert_written(
        "{\n  \"a\": 1,\n  \"list\": [\n    true,\n    null\n  ],\n  \"empty\": []\n}\n");
}

static void a_line_container_keeps_all_inside_on_one_line(void **state) {
    (void)state;
    ms_json_array(&json);
    for (int i = 0; i < 2; i++) {
        ms_json_object_line(&json);
        ms_json_key(&json, "x");
        ms_json_array(&json);
        ms_json_i64(&json, -i);
        ms_json_i64(&json, 2);
        ms_json_end_array(&json);
        ms_json_key(&json, "y");
        ms_json_bool(&json, false);
        ms_json_end_object(&json);
    }
    ms_json_end_array(&json);
    assert_written("[\n  {\"x\": [0, 2], \"y\": false},\n  {\"x\": [-1, 2], \"y\": false}\n]\n");
}

static void texts_are_escaped(void **state) {
    (void)state;
    ms_json_array_line(&json);
    ms_json_text(&json, "q\"b\\n\n\t\x01");
    ms_json_text(&json, "\xc3\xa9 \xff \xe2\x82");
    ms_json_text(&json, "\x1b[31m\x7f\xe2\x80\xae");
    ms_json_text(&json, NULL);
    ms_json_end_array(&json);
    assert_written("[\"q\\\"b\\\\n\\n\\t\\u0001\", "
                   "\"\xc3\xa9 \xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\", "
                   "\"\\u001b[31m\\u007f\\u202e\", null]\n");
}

static void numbers_are_exact(void **state) {
    (void)state;
    ms_json_array_line(&json);
    ms_json_u64(&json, UINT64_MAX);
    ms_json_i64(&json, INT64_MIN);
    ms_json_f64(&json, 0.1);
    ms_json_f64(&json, 1e300);
    ms_json_f64(&json, 1.0 / 3);
    ms_json_f64(&json, NAN);
    ms_json_f64(&json, -INFINITY);
    ms_json_end_array(&json);
    assert_written("[18446744073709551615, -9223372036854775808, 0.1, 1e+300, 0.3333333333333333, "
                   "null, null]\n");
}

#define WRITING(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        WRITING(ordinary_containers_take_a_line_per_member),
        WRITING(a_line_container_keeps_all_inside_on_one_line),
        WRITING(texts_are_escaped),
        WRITING(numbers_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
