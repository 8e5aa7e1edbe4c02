/* What a model may hold that was read from a file somebody made: any value, in any field. No format
 * may stumble over one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../full.h"

#include "export/export.h"

static void export_as(const ms_model *model, const ms_exporter *exporter) {
    ms_sink *sink = ms_sink_memory();
    ms_export_options options = ms_export_defaults();
    ms_error error;
    assert_int_equal(exporter->write(model, sink, &options, &error), MS_ERR_OK);
    char *text = ms_sink_take(sink, NULL);
    assert_non_null(text);
    const char *escape = strchr(text, '\033');
    if (escape)
        fail_msg("%s has an escape: %.99s", exporter->name, escape - (escape - text < 60 ? 0 : 60));
    if (strcmp(exporter->name, "svg") == 0)
        assert_null(strstr(text, "<="));
    free(text);
    ms_sink_abandon(sink);
}

/* JSON and the tables of the page, the largest of them, are written by the descriptors alone. */
static void export_all(const ms_model *model, bool tables) {
    for (size_t i = 0; i < ms_exporter_count; i++)
        if (tables ||
            (strcmp(ms_exporters[i]->name, "html") && strcmp(ms_exporters[i]->name, "json")))
            export_as(model, ms_exporters[i]);
    ms_sink *sink = ms_sink_memory();
    ms_export_options options = ms_export_defaults();
    ms_text_summary(model, sink, &options);
    free(ms_sink_take(sink, NULL));
    ms_sink_abandon(sink);
}

/* ---- one field, in all of its records ------------------------------------------------------ */

enum { EXTREMES = 4 };

/* False: there is no such extreme of that kind. */
static bool set_extreme(void *place, ms_field_kind kind, int which) {
    static const uint64_t numbers[EXTREMES] = {0, MS_UNKNOWN, MS_UNKNOWN - 1, 1ull << 63};
    static const char *const texts[EXTREMES] = {NULL, ""};
    static const double reals[EXTREMES] = {(double)NAN, -1e300, 0, 1e300};
    switch (kind) {
    case MS_U64:
    case MS_OPT_U64: *(uint64_t *)place = numbers[which]; return true;
    case MS_I64: *(int64_t *)place = (int64_t)numbers[which]; return true;
    case MS_F64: *(double *)place = reals[which]; return true;
    case MS_BOOL: *(bool *)place = which; return which < 2;
    case MS_TEXT: *(const char **)place = texts[which]; return which < 2;
    case MS_STACK: *(uint32_t *)place = MS_NO_STACK; return which == 0;
    case MS_TEXTS:
    case MS_NESTED_LIST: memset(place, 0, sizeof(ms_texts)); return which == 0;
    case MS_NESTED: break;
    }
    return false;
}

typedef struct change {
    const ms_field_info *field;
    int which;
    size_t done; /* places */
} change;

static void change_in(change *c, void *record, const ms_record_info *info) {
    for (size_t i = 0; i < info->field_count; i++) {
        const ms_field_info *field = &info->fields[i];
        char *place = (char *)record + field->offset;
        const void *items;
        if (field == c->field)
            c->done += set_extreme(place, field->kind, c->which);
        else if (field->kind == MS_NESTED)
            change_in(c, place, field->nested);
        else if (field->kind == MS_NESTED_LIST)
            for (size_t k = 0, count = ms_nested_records(record, field, &items); k < count; k++)
                change_in(c, (char *)(uintptr_t)items + k * field->nested->size, field->nested);
    }
}

static void change_all(change *c, ms_model *model) {
    for (size_t i = 0; i < ms_part_count; i++) {
        const void *records;
        size_t count = ms_part_records(model, &ms_parts[i], &records);
        for (size_t k = 0; k < count; k++)
            change_in(c, (char *)(uintptr_t)records + k * ms_parts[i].record->size,
                      ms_parts[i].record);
    }
    for (size_t i = 0; i < model->stacks.count; i++)
        for (uint32_t f = 0; f < model->stacks.items[i].count; f++)
            change_in(c, (ms_frame *)(uintptr_t)&model->stacks.items[i].frames[f],
                      &ms_record_frame);
}

static void try_extremes(const ms_field_info *field, const ms_record_info *info) {
    for (int which = 0; which < EXTREMES; which++) {
        change c = {field, which, 0};
        ms_model *model = full_model(false);
        change_all(&c, model);
        if (c.done)
            export_all(model, which == 0);
        else
            assert_true(which > 0 || field->kind == MS_NESTED || info == &ms_record_allocation);
        ms_model_free(model);
    }
}

static void no_field_has_a_value_that_a_format_cannot_show(void **state) {
    (void)state;
    for (size_t i = 0; i < ms_record_count; i++)
        for (size_t k = 0; k < ms_records[i]->field_count; k++)
            try_extremes(&ms_records[i]->fields[k], ms_records[i]);
}

static void every_format_shows_a_full_model_and_one_of_unknowns(void **state) {
    (void)state;
    for (int null = 0; null < 2; null++) {
        ms_model *model = full_model(null);
        export_all(model, true);
        ms_model_free(model);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_shows_a_full_model_and_one_of_unknowns),
        cmocka_unit_test(no_field_has_a_value_that_a_format_cannot_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
