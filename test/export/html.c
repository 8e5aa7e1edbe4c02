/* What stands in the page without script, and that nothing from a trace gets out of its place. That the
 * tables are right is seen in a browser: test/browser/report.mjs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sample.h"

static char *page_of(const ms_model *model) {
    ms_export_options options = ms_export_defaults();
    char *page = exported(model, "html", &options);
    assert_non_null(page); /* else this build was made without Node.js */
    return page;
}

static void every_number_of_the_summary_stands_there_in_full(void **state) {
    (void)state;
    ms_model *model = sample_model();
    char *page = page_of(model), expected[128];
    for (size_t i = 0; i < ms_record_summary.field_count; i++) {
        const ms_field_info *field = &ms_record_summary.fields[i];
        uint64_t value;
        if (field->kind != MS_U64)
            continue;
        memcpy(&value, (const char *)&model->summary + field->offset, sizeof value);
        snprintf(expected, sizeof expected, "data-field=\"%s\">%llu</td>", field->name,
                 (unsigned long long)value);
        assert_non_null(strstr(page, expected));
    }
    snprintf(expected, sizeof expected, "Peak <strong>%.1f MiB</strong>",
             (double)model->summary.peak_bytes / (1 << 20));
    assert_non_null(strstr(page, expected));
    free(page);
    ms_model_free(model);
}

static void names_are_never_markup(void **state) {
    (void)state;
    ms_model *model = sample_model();
    static const char evil[] = "</script><img src=x onerror='alert(1)'>\"&\xff\x01";
    model->program.executable = evil;
    ms_site *site = add_site(model, "f@a.c:1", 1, 1 << 20, 1 << 20);
    site->peak_bytes = 1 << 30;
    ((ms_frame *)model->stacks.items[site->stack].frames)->function = evil;
    ms_finding *finding = ADD(model, findings);
    *finding = (ms_finding){.title = evil, .detail = evil, .advice = evil, .kind = "growth"};
    site = add_site(model, "g@a.c:1", 1 << 20, 8, 8);
    ((ms_frame *)model->stacks.items[site->stack].frames)->broken = evil;
    char *page = page_of(model);
    assert_null(strstr(page, "<img src"));
    assert_null(strstr(page, "onerror='"));
    assert_non_null(strstr(page, "&lt;/script&gt;&lt;img src=x onerror=&#39;"));
    free(page);
    ms_model_free(model);
}

static void what_has_to_be_known_first_stands_behind_the_verdict(void **state) {
    (void)state;
    ms_model *model = sample_model();
    model->capture.gaps = 2;
    model->capture.snapshots_left_out = 7;
    char *page = page_of(model), *verdict = strstr(page, "<p id=\"verdict\">");
    assert_non_null(verdict);
    const char *warnings = strstr(verdict, "</p>\n<ul id=\"warnings\">\n<li>");
    assert_non_null(warnings);
    assert_non_null(strstr(warnings, "<li>recording was off 2 times"));
    assert_non_null(strstr(warnings, "<li>not listed, for there were too many: 7 snapshots</li>"));
    free(page);
    ms_model_free(model);
}

static void an_empty_model_makes_a_page(void **state) {
    (void)state;
    ms_model *model = ms_model_new();
    char *page = page_of(model);
    assert_non_null(strstr(page, "Nothing was allocated."));
    assert_non_null(strstr(page, "data-t=\"end\" data-n="));
    assert_non_null(strstr(page, "</html>"));
    free(page);
    ms_model_free(model);
}

static void the_page_asks_for_nothing_from_elsewhere(void **state) {
    (void)state;
    ms_model *model = sample_model();
    char *page = page_of(model);
    assert_non_null(strstr(page, "default-src 'none'"));
    assert_null(strstr(page, "src=\"http"));
    assert_null(strstr(page, "href=\"http"));
    assert_null(strstr(page, "url(http"));
    free(page);
    ms_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_of_the_summary_stands_there_in_full),
        cmocka_unit_test(names_are_never_markup),
        cmocka_unit_test(what_has_to_be_known_first_stands_behind_the_verdict),
        cmocka_unit_test(an_empty_model_makes_a_page),
        cmocka_unit_test(the_page_asks_for_nothing_from_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
