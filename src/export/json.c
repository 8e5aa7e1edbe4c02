/* The report as one JSON object, a walk over the parts of the model. It names no field, so a line in
 * records.def is all a new one takes; schema.c describes exactly what this writes. */
#include "export/export.h"

#include <string.h>

#include "util/json.h"

static void write_record(ms_json *json, const ms_model *model, const void *record,
                         const ms_record_info *info);

/* Flat records take one line. */
static bool is_flat(const ms_record_info *info) {
    for (size_t i = 0; i < info->field_count; i++)
        if (info->fields[i].kind == MS_STACK || info->fields[i].kind == MS_NESTED ||
            info->fields[i].kind == MS_NESTED_LIST)
            return false;
    return true;
}

static void write_list(ms_json *json, const ms_model *model, const void *items, size_t count,
                       const ms_record_info *info) {
    ms_json_array(json);
    for (size_t i = 0; i < count; i++) {
        if (is_flat(info))
            ms_json_object_line(json);
        else
            ms_json_object(json);
        write_record(json, model, (const char *)items + i * info->size, info);
        ms_json_end_object(json);
    }
    ms_json_end_array(json);
}

static void write_texts(ms_json *json, const ms_texts *texts) {
    ms_json_array_line(json);
    for (size_t i = 0; i < texts->count; i++)
        ms_json_text(json, texts->items[i]);
    ms_json_end_array(json);
}

static void write_stack(ms_json *json, const ms_model *model, uint32_t index) {
    const ms_stack *stack = ms_model_stack(model, index);
    if (stack)
        write_list(json, model, stack->frames, stack->count, &ms_record_frame);
    else
        ms_json_null(json);
}

static void write_opt_u64(ms_json *json, uint64_t value) {
    if (value == MS_UNKNOWN)
        ms_json_null(json);
    else
        ms_json_u64(json, value);
}

static void write_nested(ms_json *json, const ms_model *model, const void *record,
                         const ms_record_info *info) {
    if (is_flat(info))
        ms_json_object_line(json);
    else
        ms_json_object(json);
    write_record(json, model, record, info);
    ms_json_end_object(json);
}

static void write_value(ms_json *json, const ms_model *model, const void *record,
                        const ms_field_info *field) {
    const void *place = (const char *)record + field->offset;
    const void *items;
    switch (field->kind) {
    case MS_U64: ms_json_u64(json, *(const uint64_t *)place); break;
    case MS_I64: ms_json_i64(json, *(const int64_t *)place); break;
    case MS_F64: ms_json_f64(json, *(const double *)place); break;
    case MS_BOOL: ms_json_bool(json, *(const bool *)place); break;
    case MS_TEXT: ms_json_text(json, *(const char *const *)place); break;
    case MS_OPT_U64: write_opt_u64(json, *(const uint64_t *)place); break;
    case MS_TEXTS: write_texts(json, place); break;
    case MS_STACK: write_stack(json, model, *(const uint32_t *)place); break;
    case MS_NESTED: write_nested(json, model, place, field->nested); break;
    case MS_NESTED_LIST: {
        size_t count = ms_nested_records(record, field, &items);
        write_list(json, model, items, count, field->nested);
        break;
    }
    }
}

static void write_record(ms_json *json, const ms_model *model, const void *record,
                         const ms_record_info *info) {
    for (size_t i = 0; i < info->field_count; i++) {
        ms_json_key(json, info->fields[i].name);
        write_value(json, model, record, &info->fields[i]);
    }
}

static ms_err write_json(const ms_model *model, ms_sink *sink, const ms_export_options *options,
                         ms_error *error) {
    (void)options, (void)error;
    ms_json json = ms_json_to(sink);
    ms_json_object(&json);
    ms_json_key(&json, "schema");
    ms_json_u64(&json, MS_SCHEMA_VERSION);
    for (size_t i = 0; i < ms_part_count && !ms_sink_failed(sink); i++) {
        const void *records;
        size_t count = ms_part_records(model, &ms_parts[i], &records);
        ms_json_key(&json, ms_parts[i].key);
        if (ms_parts[i].list) {
            write_list(&json, model, records, count, ms_parts[i].record);
        } else {
            ms_json_object(&json);
            write_record(&json, model, records, ms_parts[i].record);
            ms_json_end_object(&json);
        }
    }
    ms_json_end_object(&json);
    return MS_ERR_OK;
}

const ms_exporter ms_exporter_json = {
    .name = "json",
    .doc = "everything, as `memscope schema --json` describes it",
    .endings = {"json"},
    .write = write_json,
};
