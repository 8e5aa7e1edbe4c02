#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdint.h>

#include "export/export.h"

static void formats_are_found_by_name(void **state) {
    (void)state;
    for (size_t i = 0; i < ms_exporter_count; i++)
        assert_ptr_equal(ms_exporter_named(ms_exporters[i]->name), ms_exporters[i]);
    assert_null(ms_exporter_named("nonsense"));
    assert_null(ms_exporter_named(""));
}

static void formats_are_found_by_the_ending_of_a_path(void **state) {
    (void)state;
    assert_ptr_equal(ms_exporter_for("dir.d/out.json"), ms_exporter_named("json"));
    assert_ptr_equal(ms_exporter_for("a.folded"), ms_exporter_named("collapsed"));
    assert_ptr_equal(ms_exporter_for("a.txt"), ms_exporter_named("text"));
    assert_null(ms_exporter_for("json"));
    assert_null(ms_exporter_for(".json.bak"));
    assert_null(ms_exporter_for(""));
}

static void no_two_formats_share_a_name_or_an_ending(void **state) {
    (void)state;
    for (size_t i = 0; i < ms_exporter_count; i++) {
        assert_non_null(ms_exporters[i]->write);
        for (size_t e = 0; e < 3 && ms_exporters[i]->endings[e]; e++) {
            char path[32] = "x.";
            for (size_t c = 0; ms_exporters[i]->endings[e][c]; c++)
                path[2 + c] = ms_exporters[i]->endings[e][c];
            assert_ptr_equal(ms_exporter_for(path), ms_exporters[i]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_are_found_by_name),
        cmocka_unit_test(formats_are_found_by_the_ending_of_a_path),
        cmocka_unit_test(no_two_formats_share_a_name_or_an_ending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
