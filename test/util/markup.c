#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "util/markup.h"

static void check(const char *text, const char *expected) {
    ms_sink *sink = ms_sink_memory();
    ms_markup_text(sink, text);
    char *written = ms_sink_take(sink, NULL);
    assert_string_equal(written, expected);
    free(written);
    ms_sink_abandon(sink);
}

static void plain_text_stays(void **state) {
    (void)state;
    check("", "");
    check("parse_rule@src/parse.c:120 \xc2\xb1 3", "parse_rule@src/parse.c:120 \xc2\xb1 3");
}

static void nothing_is_markup(void **state) {
    (void)state;
    check("a<b>&c", "a&lt;b&gt;&amp;c");
    check("\" onload='x'", "&quot; onload=&#39;x&#39;");
    check("]]>", "]]&gt;");
}

static void what_xml_has_no_place_for_is_replaced(void **state) {
    (void)state;
    check("x\xef\xbf\xbey\xef\xbf\xbfz", "x\xef\xbf\xbdy\xef\xbf\xbdz");
    check("\xef\xbf\xbd\xef\xbf", "\xef\xbf\xbd\xef\xbf");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_stays),
        cmocka_unit_test(nothing_is_markup),
        cmocka_unit_test(what_xml_has_no_place_for_is_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
