/* What the picture says of a model made by hand. That it is right of real programs, and XML, is seen in
 * test/system/test_svg.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../golden.h"
#include "sample.h"

static char *picture_of(const ms_model *model) {
    ms_export_options options = ms_export_defaults();
    char *picture = exported(model, "svg", &options);
    assert_non_null(picture);
    return picture;
}

static void the_picture_of_the_sample_is_the_golden(void **state) {
    (void)state;
    ms_model *model = sample_model();
    char *picture = picture_of(model);
    check_golden("test/golden/sample.svg", picture);
    free(picture);
    ms_model_free(model);
}

static void names_are_never_markup(void **state) {
    (void)state;
    static const char evil[] = "</text><script>x</script>\"'&\xff\x01";
    ms_model *model = sample_model();
    const char **argv = ms_arena_alloc(model->arena, sizeof *argv);
    argv[0] = evil;
    model->program.argv = (ms_texts){argv, 1};
    model->program.host = evil;
    ms_site *site = add_site(model, "f@a.c:1", 1, 1 << 20, 1 << 20);
    site->peak_bytes = 1 << 30;
    site->variable = site->type = evil;
    ((ms_frame *)model->stacks.items[site->stack].frames)->function = evil;
    *(ms_finding *)ADD(model, findings) =
        (ms_finding){.title = evil, .advice = evil, .severity = "high"};
    *(ms_type *)ADD(model, types) = (ms_type){.name = evil, .class = evil, .peak_bytes = 1 << 20};
    *(ms_variable *)ADD(model, variables) =
        (ms_variable){.name = evil, .type = evil, .size = 8, .died_ns = MS_UNKNOWN};
    char *picture = picture_of(model);
    assert_null(strstr(picture, "<script"));
    assert_null(strchr(picture, '\x01'));
    assert_non_null(strstr(picture, "&lt;/text&gt;&lt;script&gt;x&lt;/script&gt;&quot;&#39;&amp;"));
    free(picture);
    ms_model_free(model);
}

/* Nothing known is nothing shown: every panel says that it has nothing. */
static void an_empty_model_shows_no_zeros_for_data(void **state) {
    (void)state;
    ms_model *model = ms_model_new();
    char *picture = picture_of(model);
    assert_non_null(strstr(picture, "nothing was live at any time"));
    assert_non_null(strstr(picture, "lists no single blocks"));
    assert_non_null(strstr(picture, "no variable is tracked"));
    assert_non_null(strstr(picture, "no stacks were recorded"));
    assert_null(strstr(picture, "nan"));
    assert_null(strstr(picture, "inf\""));
    free(picture);
    ms_model_free(model);
}

static void an_estimate_has_its_error(void **state) {
    (void)state;
    ms_model *model = sample_model();
    model->summary.evidence = "estimated";
    model->summary.peak_bytes = 100 << 20;
    model->summary.peak_bytes_error = 5 << 20;
    char *picture = picture_of(model);
    assert_non_null(strstr(picture, "100.0 MiB \xc2\xb1 5.0"));
    assert_non_null(strstr(picture, "allocations were sampled"));
    free(picture);
    ms_model_free(model);
}

static void many_of_a_kind_are_cut_to_a_page(void **state) {
    (void)state;
    ms_model *model = sample_model();
    for (unsigned i = 0; i < 500; i++) {
        const char *name = ms_arena_printf(model->arena, "variable_%u", i);
        *(ms_variable *)ADD(model, variables) = (ms_variable){
            .id = i, .name = name, .size = i, .born_ns = i * 1000, .died_ns = i * 2000};
        *(ms_finding *)ADD(model, findings) = (ms_finding){.title = name, .severity = "low"};
        *(ms_type *)ADD(model, types) = (ms_type){.name = name, .peak_bytes = i};
        add_site(model, name, 1, i + 1, i + 1)->peak_bytes = i + 1;
    }
    char *picture = picture_of(model);
    assert_true(strlen(picture) < 300 * 1024);
    assert_non_null(strstr(picture, "30 of 50"));
    free(picture);
    ms_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_picture_of_the_sample_is_the_golden),
        cmocka_unit_test(names_are_never_markup),
        cmocka_unit_test(an_empty_model_shows_no_zeros_for_data),
        cmocka_unit_test(an_estimate_has_its_error),
        cmocka_unit_test(many_of_a_kind_are_cut_to_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
