#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <unistd.h>

#include "../export/sample.h"
#include "../full.h"
#include "../golden.h"

#include "load/json.h"
#include "model/warnings.h"

static int file_of(const char *text, size_t size, char *path) {
    int fd = memfd_create("report", MFD_CLOEXEC);
    assert_int_equal(write(fd, text, size), size);
    sprintf(path, "/proc/self/fd/%d", fd);
    return fd;
}

static ms_model *read_text(const char *text, const ms_load_options *options, ms_error *warning,
                           ms_error *error) {
    char path[64];
    int fd = file_of(text, strlen(text), path);
    ms_model *model = ms_load_json(path, options, warning, error);
    close(fd);
    return model;
}

static char *json(const ms_model *model) {
    ms_export_options options = ms_export_defaults();
    return exported(model, "json", &options);
}

/* ---- what is read ----------------------------------------------------------------------- */

static void assert_comes_back(const char *text) {
    ms_error warning, error;
    ms_model *model = read_text(text, NULL, &warning, &error);
    if (!model)
        fail_msg("%s", error.message);
    assert_int_equal(warning.code, MS_ERR_OK);
    char *again = json(model);
    assert_string_equal(text, again);
    free(again);
    ms_model_free(model);
}

static void every_field_of_every_record_comes_back(void **state) {
    (void)state;
    for (int null = 0; null < 2; null++) {
        ms_model *model = full_model(null);
        char *text = json(model);
        assert_comes_back(text);
        free(text);
        ms_model_free(model);
    }
}

static void the_golden_report_comes_back(void **state) {
    (void)state;
    char *text = golden_read("test/golden/sample.json");
    assert_comes_back(text);
    free(text);
}

static void what_is_said_of_the_model_is_what_is_said_of_its_report(void **state) {
    (void)state;
    ms_model *model = sample_model();
    char *text = json(model);
    ms_model *again = read_text(text, NULL, NULL, NULL);
    assert_non_null(again);
    ms_export_options options = ms_export_defaults();
    for (size_t i = 0; i < ms_exporter_count; i++) {
        if (strcmp(ms_exporters[i]->name, "html") == 0)
            continue; /* numbers its texts in the order in which they come */
        char *of_model = exported(model, ms_exporters[i]->name, &options);
        char *of_report = exported(again, ms_exporters[i]->name, &options);
        assert_string_equal(of_model, of_report);
        free(of_model);
        free(of_report);
    }
    free(text);
    ms_model_free(model);
    ms_model_free(again);
}

static void equal_texts_and_stacks_are_kept_once(void **state) {
    (void)state;
    ms_model *model = sample_model();
    size_t stacks = model->stacks.count;
    add_site(model, "xmalloc@util.c:10 open_log@src/log.c:5 main@main.c:4", 1, 8, 8);
    ms_frame *frame = (ms_frame *)(uintptr_t)model->stacks.items[stacks].frames;
    frame->wrapper = true;
    char *text = json(model);
    ms_model *again = read_text(text, NULL, NULL, NULL);
    assert_non_null(again);
    assert_int_equal(again->stacks.count, stacks);
    const ms_site *sites = again->sites.items;
    assert_int_equal(sites[4].stack, sites[again->sites.count - 1].stack);
    assert_ptr_equal(sites[0].family, sites[1].family);
    free(text);
    ms_model_free(model);
    ms_model_free(again);
}

static void frames_marked_as_wrappers_are_lifted_unless_told_not_to(void **state) {
    (void)state;
    ms_model *model = sample_model();
    char *text = json(model);
    for (int no_lift = 0; no_lift < 2; no_lift++) {
        ms_load_options options = {.no_lift = no_lift};
        ms_model *again = read_text(text, &options, NULL, NULL);
        assert_non_null(again);
        const ms_stack *stack = ms_model_stack(again, again->sites.items[0].stack);
        assert_string_equal(stack->frames[0].function, "xmalloc");
        assert_int_equal(stack->depth_lifted, no_lift ? 0 : 1);
        assert_int_equal(stack->frames[0].wrapper, !no_lift);
        ms_model_free(again);
    }
    free(text);
    ms_model_free(model);
}

/* ---- what is not as it should be -------------------------------------------------------- */

#define PROGRAM "\"program\": {}, \"capture\": {}"
#define AROUND(parts) "{\"schema\": 1, " PROGRAM ", \"summary\": {}, " parts "}"

static void assert_refused(const char *text, const char *why) {
    ms_error error;
    ms_model *model = read_text(text, NULL, NULL, &error);
    if (model)
        fail_msg("%s was read", text);
    assert_int_equal(error.code, MS_ERR_INPUT);
    if (!strstr(error.message, why))
        fail_msg("\"%s\" does not say: %s", error.message, why);
    assert_non_null(strstr(error.message, "/proc/self/fd/"));
    assert_non_null(strstr(error.message, "memscope report TRACE -o"));
}

static void what_is_no_report_is_refused_with_the_place_and_the_cause(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"", "is cut: it ends at byte 0"},
        {"{\"schema\": 1", "is cut: it ends at byte 12"},
        {AROUND("\"sites\": [{\"id\": 1, \"stack\": [{\"function\": \"ma"), "is cut"},
        {AROUND("\"sites\": []") "}", "is no JSON before byte"},
        {"{\"schema\": 1,}", "is no JSON before byte"},
        {"{\"schema\": 1, \"program\": {\"host\": \"\xff\"}}", "is no JSON before byte"},
        {"[1]", "the report, before byte 1, is a list, not an object"},
        {"7 ", "the report, before byte"},
        {"{}", "says no \"schema\""},
        {"{\"schema\": 2}", "schema, before byte 12, is 2, and this memscope reads 1"},
        {"{\"schema\": \"1\"}", "schema, before byte 14, is a text, not a whole number"},
        {"{\"schema\": 1, \"program\": {}}", "has no \"capture\""},
        {"{\"schema\": 1, \"schema\": 1}", "schema, before byte"},
        {AROUND("\"sites\": {}"), "sites, before byte 69, is an object, not a list of objects"},
        {AROUND("\"sites\": [[]]"), "sites[0], before byte"},
        {AROUND("\"sites\": [{\"id\": 1}, 2]"), "sites[1], before byte"},
        {AROUND("\"sites\": [{\"id\": 1, \"stack\": [{\"line\": true}]}]"),
         "sites[0].stack[0].line, before byte 102, is true, not a whole number"},
        {AROUND("\"sites\": [{\"id\": 2}]"), "sites do not have the numbers"},
        {AROUND("\"variables\": [{\"id\": 1}, {\"id\": 1}]"), "variables do not have"},
        {AROUND("\"sites\": [{\"id\": 1, \"id\": 1}]"),
         "sites[0].id, before byte 83, is there twice"},
        {AROUND("\"timeline\": [{\"time_ns\": -1}]"), "is -1, not a whole number from 0"},
        {AROUND("\"timeline\": [{\"time_ns\": 1.0}]"), "is 1.0, not a whole number from 0"},
        {AROUND("\"timeline\": [{\"time_ns\": 1e3}]"), "is 1e3, not a whole number from 0"},
        {AROUND("\"timeline\": [{\"time_ns\": null}]"), "is null, not a whole number from 0"},
        {AROUND("\"timeline\": [{\"time_ns\": 18446744073709551616}]"),
         "timeline[0].time_ns, before byte 104, is 18446744073709551616, not a whole"},
        {AROUND("\"timeline\": [{\"time_ns\": 9999999999999999999999999999999999999999999999}]"),
         "is 999999999999999999999999999999999999999, not a whole"},
        {AROUND("\"containers\": [{\"load_factor\": 1e999}]"), "is 1e999, not a number or null"},
        {AROUND("\"findings\": [{\"title\": \"a\\u0000b\"}]"), "has a zero character"},
        {"{\"schema\": 1, \"program\": {\"argv\": [\"a\", null]}}",
         "program.argv[1], before byte 44, is null, not a text"},
        {AROUND("\"findings\": [{\"stacks\": null}]"), "is null, not an object"},
        {AROUND("\"findings\": [{\"stacks\": {\"alloc\": 1}}]"),
         "findings[0].stacks.alloc, before byte"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cases[i][0], cases[i][1]);
}

static void nothing_is_nested_without_end(void **state) {
    (void)state;
    static char text[100000];
    size_t used = (size_t)sprintf(text, "{\"schema\": 1, \"later\": ");
    memset(text + used, '[', sizeof text - used - 1);
    assert_refused(text, "is nested too deeply");
}

/* 3 bytes of text would become some 500 each. */
static void records_that_say_nothing_do_not_fill_the_memory(void **state) {
    (void)state;
    enum { SIZE = 3000000 };
    char *text = malloc(SIZE + 1);
    assert_non_null(text);
    size_t used = (size_t)sprintf(text, "{\"schema\": 1, \"sites\": [{}");
    for (; used + 3 < SIZE; used += 3)
        memcpy(text + used, ",{}", 3);
    text[used] = 0;
    assert_refused(text, "say next to nothing");
    free(text);
}

static void a_text_without_end_is_not_waited_for(void **state) {
    (void)state;
    size_t size = (size_t)20 << 20;
    char path[64], *text = malloc(size);
    assert_non_null(text);
    memset(text, 'x', size);
    memcpy(text, "{\"", 2);
    int fd = file_of(text, size, path);
    ms_error error;
    assert_null(ms_load_json(path, NULL, NULL, &error));
    assert_non_null(strstr(error.message, "a text of more than 16 MiB"));
    close(fd);
    free(text);
}

/* ---- other versions --------------------------------------------------------------------- */

static void what_a_later_version_added_is_passed_over_and_said(void **state) {
    (void)state;
    ms_model *model = full_model(false);
    char *text = json(model), *at = strchr(text, '\n');
    char *longer = malloc(strlen(text) + 100);
    sprintf(longer, "{\"later\": {\"a\": [1, {\"schema\": 7}], \"b\": null}, \"more\": -1,%s", at);
    ms_error warning, error;
    ms_model *again = read_text(longer, NULL, &warning, &error);
    assert_non_null(again);
    assert_non_null(strstr(warning.message, "another version of memscope: 2 values in it are not "
                                            "known to this one, later first"));
    char *same = json(again);
    assert_string_equal(text, same);
    free(same);
    free(longer);
    free(text);
    ms_model_free(again);
    ms_model_free(model);
}

static void what_an_earlier_version_had_not_is_not_known_and_said(void **state) {
    (void)state;
    ms_error warning;
    ms_model *model = read_text(AROUND("\"sites\": [{\"id\": 1}]"), NULL, &warning, NULL);
    assert_non_null(model);
    const ms_site *site = &model->sites.items[0];
    assert_true(site->stack == MS_NO_STACK && site->min_size == MS_UNKNOWN && !site->variable);
    assert_int_equal(site->lifetime_ns.p50, MS_UNKNOWN);
    assert_int_equal(model->capture.truncated_at, MS_UNKNOWN);
    assert_non_null(strstr(warning.message, "program.executable first"));
    const char **said; /* and in every report that is made of it */
    assert_true(ms_warnings(model, model->arena, true, &said) > 0);
    assert_non_null(strstr(said[0], "program.executable first: they are not known, or 0"));
    ms_model_free(model);
}

/* ---- the form --------------------------------------------------------------------------- */

static bool is_report(const char *name, const char *text) {
    char path[] = "/tmp/ms_form_XXXXXX", named[64];
    assert_non_null(mkdtemp(path));
    snprintf(named, sizeof named, "%s/%s", path, name);
    FILE *file = fopen(named, "wb");
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    bool is = ms_json_is_report(named);
    unlink(named);
    rmdir(path);
    return is;
}

static void a_report_is_known_by_its_begin_or_its_name(void **state) {
    (void)state;
    assert_true(is_report("a", "{"));
    assert_true(is_report("a", " \n\t[ "));
    assert_true(is_report("a.json", ""));
    assert_true(is_report("a.json", "nonsense"));
    assert_false(is_report("a.json", "MEMSCOPE and more"));
    assert_false(is_report("a", "nonsense"));
    assert_false(is_report("a.memscope", ""));
    assert_false(ms_json_is_report("/nowhere/a.json"));
    assert_false(ms_json_is_report("/tmp"));
}

static bool stop(void *context, uint64_t done, uint64_t total) {
    *(bool *)context = done <= total && done > 0;
    return false;
}

static void reading_stops_when_it_is_told_to(void **state) {
    (void)state;
    bool told = false;
    ms_load_options options = {.progress = stop, .context = &told};
    ms_error error;
    assert_null(read_text(AROUND("\"sites\": []"), &options, NULL, &error));
    assert_true(told);
    assert_non_null(strstr(error.message, "reading was stopped"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_of_every_record_comes_back),
        cmocka_unit_test(the_golden_report_comes_back),
        cmocka_unit_test(what_is_said_of_the_model_is_what_is_said_of_its_report),
        cmocka_unit_test(equal_texts_and_stacks_are_kept_once),
        cmocka_unit_test(frames_marked_as_wrappers_are_lifted_unless_told_not_to),
        cmocka_unit_test(what_is_no_report_is_refused_with_the_place_and_the_cause),
        cmocka_unit_test(nothing_is_nested_without_end),
        cmocka_unit_test(records_that_say_nothing_do_not_fill_the_memory),
        cmocka_unit_test(a_text_without_end_is_not_waited_for),
        cmocka_unit_test(what_a_later_version_added_is_passed_over_and_said),
        cmocka_unit_test(what_an_earlier_version_had_not_is_not_known_and_said),
        cmocka_unit_test(a_report_is_known_by_its_begin_or_its_name),
        cmocka_unit_test(reading_stops_when_it_is_told_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
