#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../builder.h"

#include "model/model.h"

static void a_new_model_is_empty_and_knows_that_it_does_not_know(void **state) {
    (void)state;
    ms_model *model = ms_model_new();
    assert_int_equal(model->summary.peak_rss_bytes, MS_UNKNOWN);
    assert_int_equal(model->program.exit_status, MS_UNKNOWN);
    assert_int_equal(model->summary.allocations, 0);
    for (size_t i = 0; i < ms_part_count; i++) {
        const void *records;
        size_t count = ms_part_records(model, &ms_parts[i], &records);
        assert_int_equal(count, ms_parts[i].list ? 0 : 1);
    }
    ms_model_free(model);
    ms_model_free(NULL);
}

static const ms_part_info *part(const char *key) {
    for (size_t i = 0; i < ms_part_count; i++)
        if (!strcmp(ms_parts[i].key, key))
            return &ms_parts[i];
    fail_msg("no part %s", key);
    return NULL;
}

static const ms_field_info *field(const ms_record_info *record, const char *name) {
    for (size_t i = 0; i < record->field_count; i++)
        if (!strcmp(record->fields[i].name, name))
            return &record->fields[i];
    fail_msg("no field %s", name);
    return NULL;
}

static void every_part_that_the_report_promises_is_there(void **state) {
    (void)state;
    static const char *const keys[] = {"program",    "capture",  "summary",   "sites",
                                       "variables",  "types",    "threads",   "tasks",
                                       "modules",    "scopes",   "passports", "smart_pointers",
                                       "containers", "timeline", "findings"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        part(keys[i]);
}

static void parts_are_reached_through_their_descriptors(void **state) {
    (void)state;
    ms_model *model = ms_model_new();
    add_site(model, "f@a.c:1", 3, 8, 8);
    add_site(model, "f@a.c:2", 4, 8, 8);
    const void *records;
    assert_int_equal(ms_part_records(model, part("sites"), &records), 2);
    assert_ptr_equal(records, model->sites.items);
    const ms_record_info *site = part("sites")->record;
    assert_int_equal(site->size, sizeof(ms_site));
    const ms_field_info *allocations = field(site, "allocations");
    assert_int_equal(allocations->kind, MS_U64);
    uint64_t value;
    memcpy(&value, (const char *)records + site->size + allocations->offset, sizeof value);
    assert_int_equal(value, 4);
    ms_model_free(model);
}

static void lists_inside_records_are_reached_too(void **state) {
    (void)state;
    ms_change changes[2] = {{.time_ns = 1}, {.time_ns = 2}};
    ms_variable variable = {.history = {changes, 2}};
    const void *items;
    const ms_field_info *history = field(&ms_record_variable, "history");
    assert_ptr_equal(history->nested, &ms_record_change);
    assert_int_equal(ms_nested_records(&variable, history, &items), 2);
    assert_ptr_equal(items, changes);
}

static void an_index_that_is_no_stack_gives_none(void **state) {
    (void)state;
    ms_model *model = ms_model_new();
    assert_null(ms_model_stack(model, 0));
    assert_null(ms_model_stack(model, MS_NO_STACK));
    uint32_t stack = add_stack(model, "m", "f");
    assert_int_equal(ms_model_stack(model, stack)->count, 1);
    ms_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_model_is_empty_and_knows_that_it_does_not_know),
        cmocka_unit_test(every_part_that_the_report_promises_is_there),
        cmocka_unit_test(parts_are_reached_through_their_descriptors),
        cmocka_unit_test(lists_inside_records_are_reached_too),
        cmocka_unit_test(an_index_that_is_no_stack_gives_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
