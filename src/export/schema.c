#include "export/schema.h"

#include <stdio.h>

#include "model/model.h"
#include "util/json.h"

/* What a kind of field is in JSON. */
typedef struct shape {
    const char *type;
    bool nullable;
    const char *word; /* for people */
} shape;

static shape shape_of(ms_field_kind kind) {
    switch (kind) {
    case MS_U64: return (shape){"integer", false, "integer"};
    case MS_OPT_U64: return (shape){"integer", true, "integer or null"};
    case MS_I64: return (shape){"integer", false, "signed integer"};
    case MS_F64: return (shape){"number", true, "number or null"};
    case MS_BOOL: return (shape){"boolean", false, "boolean"};
    case MS_TEXT: return (shape){"string", true, "text or null"};
    case MS_TEXTS: return (shape){"array", false, "list of texts"};
    case MS_STACK: return (shape){"array", true, "list of frame, or null"};
    case MS_NESTED: return (shape){"object", false, NULL};
    case MS_NESTED_LIST: return (shape){"array", false, NULL};
    }
    return (shape){"null", false, "nothing"};
}

/* ---- JSON Schema ------------------------------------------------------------------------ */

static void member(ms_json *json, const char *key, const char *text) {
    ms_json_key(json, key);
    ms_json_text(json, text);
}

static void write_type(ms_json *json, shape s) {
    if (!s.nullable) {
        member(json, "type", s.type);
        return;
    }
    ms_json_key(json, "type");
    ms_json_array(json);
    ms_json_text(json, s.type);
    ms_json_text(json, "null");
    ms_json_end_array(json);
}

static void write_reference(ms_json *json, const char *record) {
    char target[128];
    snprintf(target, sizeof target, "#/$defs/%s", record);
    member(json, "$ref", target);
}

/* "items": {"$ref": record}, or {"type": "string"} where `record` is NULL. */
static void write_items(ms_json *json, const char *record) {
    ms_json_key(json, "items");
    ms_json_object(json);
    if (record)
        write_reference(json, record);
    else
        member(json, "type", "string");
    ms_json_end_object(json);
}

static void write_field(ms_json *json, const ms_field_info *field) {
    ms_json_key(json, field->name);
    ms_json_object_line(json);
    if (field->kind == MS_NESTED)
        write_reference(json, field->nested->name);
    else
        write_type(json, shape_of(field->kind));
    if (field->kind == MS_U64 || field->kind == MS_OPT_U64) {
        ms_json_key(json, "minimum");
        ms_json_u64(json, 0);
    }
    if (field->kind == MS_STACK)
        write_items(json, ms_record_frame.name);
    else if (field->kind == MS_TEXTS || field->kind == MS_NESTED_LIST)
        write_items(json, field->nested ? field->nested->name : NULL);
    member(json, "description", field->doc);
    if (ms_unit_name(field->unit))
        member(json, "x-unit", ms_unit_name(field->unit));
    ms_json_end_object(json);
}

static void write_record(ms_json *json, const ms_record_info *record) {
    ms_json_key(json, record->name);
    ms_json_object(json);
    member(json, "type", "object");
    member(json, "description", record->doc);
    ms_json_key(json, "properties");
    ms_json_object(json);
    for (size_t i = 0; i < record->field_count; i++)
        write_field(json, &record->fields[i]);
    ms_json_end_object(json);
    ms_json_key(json, "required");
    ms_json_array_line(json);
    for (size_t i = 0; i < record->field_count; i++)
        ms_json_text(json, record->fields[i].name);
    ms_json_end_array(json);
    ms_json_end_object(json);
}

static void write_part(ms_json *json, const ms_part_info *part) {
    ms_json_key(json, part->key);
    ms_json_object_line(json);
    if (part->list) {
        member(json, "type", "array");
        write_items(json, part->record->name);
    } else {
        write_reference(json, part->record->name);
    }
    member(json, "description", part->doc);
    ms_json_end_object(json);
}

static void write_version(ms_json *json) {
    ms_json_key(json, "schema");
    ms_json_object_line(json);
    ms_json_key(json, "const");
    ms_json_u64(json, MS_SCHEMA_VERSION);
    member(json, "description", "version of this schema; within one, fields are only added");
    ms_json_end_object(json);
}

void ms_schema_write_json(ms_sink *sink) {
    ms_json json = ms_json_to(sink);
    ms_json_object(&json);
    member(&json, "$schema", "https://json-schema.org/draft/2020-12/schema");
    member(&json, "title", "memscope report");
    member(&json, "type", "object");
    ms_json_key(&json, "properties");
    ms_json_object(&json);
    write_version(&json);
    for (size_t i = 0; i < ms_part_count; i++)
        write_part(&json, &ms_parts[i]);
    ms_json_end_object(&json);
    ms_json_key(&json, "required");
    ms_json_array_line(&json);
    ms_json_text(&json, "schema");
    for (size_t i = 0; i < ms_part_count; i++)
        ms_json_text(&json, ms_parts[i].key);
    ms_json_end_array(&json);
    ms_json_key(&json, "additionalProperties");
    ms_json_bool(&json, true);
    ms_json_key(&json, "$defs");
    ms_json_object(&json);
    for (size_t i = 0; i < ms_record_count; i++)
        write_record(&json, ms_records[i]);
    ms_json_end_object(&json);
    ms_json_end_object(&json);
}

/* ---- Markdown --------------------------------------------------------------------------- */

/* A cell of a table: a bar would end it. */
static void write_cell(ms_sink *sink, const char *text) {
    ms_sink_text(sink, " ");
    for (; *text; text++)
        ms_sink_printf(sink, *text == '|' ? "\\%c" : "%c", *text);
    ms_sink_text(sink, " |");
}

static void write_field_row(ms_sink *sink, const ms_field_info *field) {
    const char *unit = ms_unit_name(field->unit);
    ms_sink_printf(sink, "| `%s` |", field->name);
    if (field->nested)
        ms_sink_printf(sink, " %s[%s](#%s) |", field->kind == MS_NESTED ? "" : "list of ",
                       field->nested->name, field->nested->name);
    else
        write_cell(sink, shape_of(field->kind).word);
    write_cell(sink, unit ? unit : "");
    write_cell(sink, field->doc);
    ms_sink_text(sink, "\n");
}

void ms_schema_write_markdown(ms_sink *sink) {
    ms_sink_printf(sink, "# The JSON report, schema %d\n\n", MS_SCHEMA_VERSION);
    ms_sink_text(sink, "Printed by `memscope schema --md`. One object; fields are only ever added. "
                       "A value that is not known is `null`.\n\n"
                       "| member | value | what |\n|---|---|---|\n"
                       "| `schema` | integer | version of this schema |\n");
    for (size_t i = 0; i < ms_part_count; i++)
        ms_sink_printf(sink, "| `%s` | %s[%s](#%s) | %s |\n", ms_parts[i].key,
                       ms_parts[i].list ? "list of " : "", ms_parts[i].record->name,
                       ms_parts[i].record->name, ms_parts[i].doc);
    for (size_t i = 0; i < ms_record_count; i++) {
        ms_sink_printf(sink,
                       "\n## %s\n\n%s.\n\n| field | value | unit | what |\n|---|---|---|---|\n",
                       ms_records[i]->name, ms_records[i]->doc);
        for (size_t f = 0; f < ms_records[i]->field_count; f++)
            write_field_row(sink, &ms_records[i]->fields[f]);
    }
}
