#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <unistd.h>

#include "../golden.h"
#include "sample.h"

#include "export/schema.h"

static char *json(const ms_model *model) {
    ms_export_options options = ms_export_defaults();
    return exported(model, "json", &options);
}

/* Has Python, an independent reader, parse the report and run `check` on `report`. */
static void check_with_python(const char *report, const char *check) {
    char directory[] = "/tmp/ms_json_XXXXXX", path[64], command[1024];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/report.json", directory);
    FILE *file = fopen(path, "wb");
    assert_true(fputs(report, file) >= 0);
    assert_int_equal(fclose(file), 0);
    snprintf(path, sizeof path, "%s/schema.json", directory);
    ms_sink *schema = ms_sink_open(path, NULL);
    ms_schema_write_json(schema);
    assert_int_equal(ms_sink_close(schema, NULL), MS_ERR_OK);
    snprintf(command, sizeof command,
             "cd %s && PATH=/usr/bin:$PATH python3 -c 'import json, jsonschema\n"
             "report = json.load(open(\"report.json\", encoding=\"utf-8\"))\n"
             "schema = json.load(open(\"schema.json\", encoding=\"utf-8\"))\n"
             "jsonschema.Draft202012Validator.check_schema(schema)\n"
             "validator = jsonschema.Draft202012Validator(schema)\n"
             "%s'; status=$?; rm -r %s; exit $status",
             directory, check, directory);
    assert_int_equal(system(command), 0);
}

static void the_report_of_the_sample_is_the_golden(void **state) {
    (void)state;
    ms_model *model = sample_model();
    char *text = json(model);
    check_golden("test/golden/sample.json", text);
    free(text);
    ms_model_free(model);
}

static void the_report_is_as_its_schema_says(void **state) {
    (void)state;
    ms_model *model = sample_model();
    char *text = json(model);
    check_with_python(text, "validator.validate(report)\n"
                            "assert list(report)[0] == \"schema\"\n"
                            "assert report[\"summary\"][\"peak_rss_bytes\"] == 6 << 20\n"
                            "assert report[\"sites\"][7][\"stack\"] is None\n"
                            "assert report[\"sites\"][0][\"stack\"][0][\"wrapper\"] is True");
    free(text);
    ms_model_free(model);
}

static void an_empty_model_has_every_part(void **state) {
    (void)state;
    ms_model *model = ms_model_new();
    char *text = json(model);
    check_with_python(text, "validator.validate(report)\n"
                            "assert report[\"containers\"] == [] and report[\"sites\"] == []\n"
                            "assert report[\"program\"][\"exit_status\"] is None");
    free(text);
    ms_model_free(model);
}

static void the_schema_refuses_what_is_no_report(void **state) {
    (void)state;
    ms_model *model = sample_model();
    char *text = json(model);
    check_with_python(text, "del report[\"sites\"][0][\"peak_bytes\"]\n"
                            "assert not validator.is_valid(report)\n"
                            "report[\"sites\"] = []\n"
                            "assert validator.is_valid(report)\n"
                            "report[\"summary\"][\"threads\"] = -1\n"
                            "assert not validator.is_valid(report)\n"
                            "report[\"summary\"][\"threads\"] = None\n"
                            "assert not validator.is_valid(report)\n"
                            "report[\"summary\"][\"threads\"] = 1\n"
                            "report[\"later\"] = 1\n"
                            "assert validator.is_valid(report)");
    free(text);
    ms_model_free(model);
}

static void hostile_names_are_read_back_as_they_are(void **state) {
    (void)state;
    ms_model *model = ms_model_new();
    add_site(model, "f", 1, 8, 8);
    ms_frame *frame = (ms_frame *)model->stacks.items[0].frames;
    frame->function = "a\"b\\c\n\x1b[0m</script>\xc3\xa9";
    frame->file = "\xff\xfe";
    char *text = json(model);
    check_with_python(text, "frame = report[\"sites\"][0][\"stack\"][0]\n"
                            "validator.validate(report)\n"
                            "assert frame[\"function\"] == "
                            "\"a\\\"b\\\\c\\n\\x1b[0m</script>\\u00e9\"\n"
                            "assert frame[\"file\"] == \"\\ufffd\\ufffd\"");
    free(text);
    ms_model_free(model);
}

static void the_largest_numbers_stay_exact(void **state) {
    (void)state;
    ms_model *model = ms_model_new();
    model->summary.peak_bytes = UINT64_MAX;
    model->program.start_unix_ns = 9007199254740993; /* no double has this value */
    char *text = json(model);
    check_with_python(text, "assert report[\"summary\"][\"peak_bytes\"] == 2**64 - 1\n"
                            "assert report[\"program\"][\"start_unix_ns\"] == 9007199254740993");
    free(text);
    ms_model_free(model);
}

static void lists_inside_records_are_written(void **state) {
    (void)state;
    ms_model *model = ms_model_new();
    ms_change changes[] = {{.time_ns = 1, .address = 0x10, .size = 8},
                           {.time_ns = 2, .address = MS_UNKNOWN, .size = MS_UNKNOWN}};
    *(ms_variable *)ADD(model, variables) =
        (ms_variable){.name = "p", .died_ns = MS_UNKNOWN, .history = {changes, 2}};
    char *text = json(model);
    check_with_python(text, "validator.validate(report)\n"
                            "variable = report[\"variables\"][0]\n"
                            "assert variable[\"died_ns\"] is None\n"
                            "assert [c[\"address\"] for c in variable[\"history\"]] == [16, None]");
    free(text);
    ms_model_free(model);
}

static void a_site_whose_stack_is_none_is_written_as_null(void **state) {
    (void)state;
    ms_model *model = ms_model_new();
    add_site(model, "f", 1, 8, 8)->stack = 12345;
    char *text = json(model);
    check_with_python(text, "assert report[\"sites\"][0][\"stack\"] is None");
    free(text);
    ms_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_report_of_the_sample_is_the_golden),
        cmocka_unit_test(the_report_is_as_its_schema_says),
        cmocka_unit_test(an_empty_model_has_every_part),
        cmocka_unit_test(the_schema_refuses_what_is_no_report),
        cmocka_unit_test(hostile_names_are_read_back_as_they_are),
        cmocka_unit_test(the_largest_numbers_stay_exact),
        cmocka_unit_test(lists_inside_records_are_written),
        cmocka_unit_test(a_site_whose_stack_is_none_is_written_as_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
