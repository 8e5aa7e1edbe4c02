#include "export/html_schema.h"

#include <stdio.h>

#include "model/rows.h"
#include "util/json.h"

static const char *kind_name(ms_field_kind kind) {
    switch (kind) {
    case MS_U64:
    case MS_OPT_U64: return "number";
    case MS_I64: return "signed";
    case MS_F64: return "float";
    case MS_BOOL: return "bool";
    case MS_TEXT: return "text";
    case MS_STACK: return "stack";
    case MS_TEXTS:
    case MS_NESTED_LIST: return "list";
    case MS_NESTED: break;
    }
    return NULL;
}

static void member(ms_json *json, const char *key, const char *text) {
    ms_json_key(json, key);
    ms_json_text(json, text);
}

static void describe_column(ms_json *json, const char *name, const char *kind, const char *unit,
                            const char *doc) {
    ms_json_object_line(json);
    member(json, "name", name);
    member(json, "kind", kind);
    if (unit)
        member(json, "unit", unit);
    member(json, "doc", doc);
    ms_json_end_object(json);
}

/* The columns of a record; those of a record inside are named "lifetime_ns.p50". */
static void describe_fields(ms_json *json, const ms_record_info *info, const char *prefix) {
    for (size_t i = 0; i < info->field_count; i++) {
        const ms_field_info *f = &info->fields[i];
        char name[128];
        snprintf(name, sizeof name, "%s%s", prefix, f->name);
        if (f->kind == MS_NESTED) {
            char inner[128];
            snprintf(inner, sizeof inner, "%.120s.", name);
            describe_fields(json, f->nested, inner);
        } else {
            describe_column(json, name, kind_name(f->kind), ms_unit_name(f->unit), f->doc);
        }
    }
}

static void open_table(ms_json *json, const char *key, const char *doc, bool list) {
    ms_json_key(json, key);
    ms_json_object(json);
    member(json, "doc", doc);
    ms_json_key(json, "list");
    ms_json_bool(json, list);
    ms_json_key(json, "columns");
    ms_json_array(json);
}

static void close_table(ms_json *json) {
    ms_json_end_array(json);
    ms_json_end_object(json);
}

/* The lists inside the records of a part are tables of their own: "capture.rates". Those inside these
 * would be in turn; records.def has none. */
static void describe_inner_lists(ms_json *json, const ms_part_info *part) {
    for (size_t i = 0; i < part->record->field_count; i++) {
        const ms_field_info *f = &part->record->fields[i];
        char key[128];
        snprintf(key, sizeof key, "%s.%s", part->key, f->name);
        if (f->kind != MS_NESTED_LIST && f->kind != MS_TEXTS)
            continue;
        open_table(json, key, f->doc, true);
        if (f->nested)
            describe_fields(json, f->nested, "");
        else
            describe_column(json, "text", "text", NULL, f->doc);
        close_table(json);
    }
}

static void describe_trees(ms_json *json) {
    open_table(json, "frames", ms_record_frame.doc, true);
    describe_fields(json, &ms_record_frame, "");
    close_table(json);
    open_table(json, "nodes", "the stacks as a tree, from the outermost frame inwards", true);
    describe_column(json, "parent", "number", "id", "number of the node around it; 0: none");
    describe_column(json, "frame", "number", "id", "index of its frame");
    close_table(json);
    open_table(json, "stacks", "the stacks that records refer to", true);
    describe_column(json, "node", "number", "id", "number of its innermost node; 0: it is empty");
    describe_column(json, "lifted", "number", "count", "innermost frames that are wrappers");
    close_table(json);
}

static void describe_sources(ms_json *json) {
    open_table(json, "sources", "source files that frames name, with --embed-source", true);
    describe_column(json, "file", "text", NULL, "path, as frames name it");
    describe_column(json, "state", "text", NULL, "shown, or why its lines are not here");
    close_table(json);
    open_table(json, "source_lines", "lines around those that frames stand on", true);
    describe_column(json, "source", "number", "id", "index of its file");
    describe_column(json, "line", "number", "count", "its number, from 1");
    describe_column(json, "text", "text", NULL, "what it says; null: nothing");
    close_table(json);
}

void ms_html_write_schema(const ms_model *model, ms_sink *sink) {
    ms_json json = ms_json_to(sink);
    ms_sink_text(sink, "<script type=\"m\" data-t=\"schema\">");
    ms_json_object(&json);
    ms_json_key(&json, "schema");
    ms_json_u64(&json, MS_SCHEMA_VERSION);
    member(&json, "version", MS_VERSION);
    ms_json_key(&json, "blocks"); /* how many the rows stand for; null: there are none */
    if (model->rows)
        ms_json_u64(&json, ms_rows_seen(model->rows));
    else
        ms_json_null(&json);
    ms_json_key(&json, "tables");
    ms_json_object(&json);
    describe_trees(&json);
    describe_sources(&json);
    for (size_t i = 0; i < ms_part_count; i++) {
        open_table(&json, ms_parts[i].key, ms_parts[i].doc, ms_parts[i].list);
        describe_fields(&json, ms_parts[i].record, "");
        close_table(&json);
        describe_inner_lists(&json, &ms_parts[i]);
    }
    open_table(&json, "allocations", ms_record_allocation.doc, true);
    describe_fields(&json, &ms_record_allocation, "");
    close_table(&json);
    ms_json_end_object(&json);
    ms_json_end_object(&json);
    ms_sink_text(sink, "</script>\n");
}
