/* The report as one HTML file: the page that web/ builds, what is readable without script, and every
 * table of the model as columns (html_table.h). It names no field, so a line in records.def is all a
 * new one takes; the schema in front tells the page what there is.
 *
 *      head | title | style | static markup | script | schema, texts, tables ... end | tail
 *
 * Written as it comes; memory is that of the texts' and stacks' numbers and one group of rows. */
#include "export/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/html_names.h"
#include "export/html_schema.h"
#include "export/html_source.h"
#include "export/html_static.h"
#include "export/html_table.h"
#include "export/html_template.h"
#include "model/rows.h"
#include "util/memory.h"

#define TEXTS_CHUNK ((size_t)1 << 20) /* bytes of texts in one chunk, but for longer ones */

/* ---- tables ----------------------------------------------------------------------------- */

/* A report under way: what it has written is counted, so that the page can tell a cut one. */
typedef struct report {
    const ms_model *model;
    ms_sink *sink;
    ms_html_names names;
    uint64_t rows;
} report;

/* What dies was born shortly before: the index of the column before `i` that says when, or -1. */
static int born_before(const ms_record_info *info, size_t i, int column) {
    if (strcmp(info->fields[i].name, "died_ns") == 0 && i > 0 &&
        strcmp(info->fields[i - 1].name, "born_ns") == 0)
        return column - 1;
    return -1;
}

static void add_columns(ms_html_table *t, const ms_record_info *info) {
    for (size_t i = 0; i < info->field_count; i++) {
        const ms_field_info *f = &info->fields[i];
        if (f->kind == MS_NESTED)
            add_columns(t, f->nested);
        else if (f->kind == MS_F64)
            ms_html_column_add_bits(t);
        else
            ms_html_column_add(t, f->kind == MS_OPT_U64,
                               born_before(info, i, (int)t->column_count));
    }
}

static uint64_t zigzag(int64_t value) {
    return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static uint64_t stack_number(const report *r, uint32_t stack) {
    return ms_model_stack(r->model, stack) ? (uint64_t)stack + 1 : 0;
}

static uint64_t float_bits(const void *place) {
    uint64_t bits;
    memcpy(&bits, place, sizeof bits);
    return bits;
}

static void put_record(report *r, ms_html_table *t, const void *record,
                       const ms_record_info *info) {
    for (size_t i = 0; i < info->field_count; i++) {
        const ms_field_info *f = &info->fields[i];
        const void *place = (const char *)record + f->offset, *items;
        switch (f->kind) {
        case MS_U64:
        case MS_OPT_U64: ms_html_put(t, *(const uint64_t *)place); break;
        case MS_I64: ms_html_put(t, zigzag(*(const int64_t *)place)); break;
        case MS_F64: ms_html_put(t, float_bits(place)); break;
        case MS_BOOL: ms_html_put(t, *(const bool *)place); break;
        case MS_TEXT: ms_html_put(t, ms_html_text(&r->names, *(const char *const *)place)); break;
        case MS_STACK: ms_html_put(t, stack_number(r, *(const uint32_t *)place)); break;
        case MS_TEXTS: ms_html_put(t, ((const ms_texts *)place)->count); break;
        case MS_NESTED_LIST: ms_html_put(t, ms_nested_records(record, f, &items)); break;
        case MS_NESTED: put_record(r, t, place, f->nested); break;
        }
    }
}

static void end_table(report *r, ms_html_table *t) {
    r->rows += ms_html_table_end(t);
    ms_html_table_deinit(t);
}

static void put_texts(report *r, const char *key, const char *records, size_t count,
                      const ms_part_info *part, const ms_field_info *field) {
    ms_html_table t;
    ms_html_table_init(&t, r->sink, key);
    ms_html_column_add(&t, false, -1);
    for (size_t k = 0; k < count; k++) {
        const void *place = records + k * part->record->size + field->offset;
        const ms_texts *texts = place;
        for (size_t n = 0; n < texts->count; n++)
            ms_html_put(&t, ms_html_text(&r->names, texts->items[n]));
    }
    end_table(r, &t);
}

static void put_lists(report *r, const char *key, const char *records, size_t count,
                      const ms_part_info *part, const ms_field_info *field) {
    ms_html_table t;
    ms_html_table_init(&t, r->sink, key);
    add_columns(&t, field->nested);
    for (size_t k = 0; k < count; k++) {
        const void *items;
        size_t inner = ms_nested_records(records + k * part->record->size, field, &items);
        for (size_t n = 0; n < inner; n++)
            put_record(r, &t, (const char *)items + n * field->nested->size, field->nested);
    }
    end_table(r, &t);
}

static void write_part(report *r, const ms_part_info *part) {
    const void *records;
    size_t count = ms_part_records(r->model, part, &records);
    ms_html_table t;
    ms_html_table_init(&t, r->sink, part->key);
    add_columns(&t, part->record);
    for (size_t i = 0; i < count && !ms_sink_failed(r->sink); i++)
        put_record(r, &t, (const char *)records + i * part->record->size, part->record);
    end_table(r, &t);
    for (size_t i = 0; i < part->record->field_count; i++) {
        const ms_field_info *f = &part->record->fields[i];
        char key[128];
        snprintf(key, sizeof key, "%s.%s", part->key, f->name);
        if (f->kind == MS_TEXTS)
            put_texts(r, key, records, count, part, f);
        else if (f->kind == MS_NESTED_LIST)
            put_lists(r, key, records, count, part, f);
    }
}

static void write_texts(const report *r) {
    char *bytes = NULL;
    size_t size = 0, capacity = 0, from = 0;
    for (size_t i = 0; i < r->names.text_count; i++) {
        size_t length = strlen(r->names.texts[i]) + 1;
        bytes = ms_memory_grow(bytes, size + length, &capacity, 1);
        memcpy(bytes + size, r->names.texts[i], length);
        size += length;
        if (size < TEXTS_CHUNK && i + 1 < r->names.text_count)
            continue;
        ms_html_chunk(r->sink, "texts", i + 1 - from, bytes, size);
        from = i + 1;
        size = 0;
    }
    free(bytes);
}

static void write_trees(report *r) {
    ms_html_table t;
    ms_html_table_init(&t, r->sink, "frames");
    add_columns(&t, &ms_record_frame);
    for (size_t i = 0; i < r->names.frame_count; i++)
        put_record(r, &t, &r->names.frames[i], &ms_record_frame);
    end_table(r, &t);

    ms_html_table_init(&t, r->sink, "nodes");
    ms_html_column_add(&t, false, -1);
    ms_html_column_add(&t, false, -1);
    for (size_t i = 0; i < r->names.node_count; i++) {
        ms_html_put(&t, r->names.nodes[i].parent);
        ms_html_put(&t, r->names.nodes[i].frame);
    }
    end_table(r, &t);

    ms_html_table_init(&t, r->sink, "stacks");
    ms_html_column_add(&t, false, -1);
    ms_html_column_add(&t, false, -1);
    for (size_t i = 0; i < r->model->stacks.count; i++) {
        ms_html_put(&t, r->names.stack_nodes[i]);
        ms_html_put(&t, r->model->stacks.items[i].depth_lifted);
    }
    end_table(r, &t);
}

static void write_rows(report *r) {
    if (!r->model->rows)
        return;
    size_t count = ms_rows_count(r->model->rows);
    ms_html_table t;
    ms_html_table_init(&t, r->sink, "allocations");
    add_columns(&t, &ms_record_allocation);
    for (size_t i = 0; i < count && !ms_sink_failed(r->sink); i++) {
        ms_allocation row;
        ms_rows_at(r->model, i, &row);
        put_record(r, &t, &row, &ms_record_allocation);
    }
    end_table(r, &t);
}

/* An empty line is no text. */
static const char *text_of(const ms_html_source_line *line) {
    return *line->text ? line->text : NULL;
}

static void collect_source(report *r, const ms_html_source *source) {
    for (size_t i = 0; i < source->file_count; i++)
        ms_html_text(&r->names, source->files[i].state);
    for (size_t i = 0; i < source->line_count; i++)
        ms_html_text(&r->names, text_of(&source->lines[i]));
}

static void write_source(report *r, const ms_html_source *source) {
    ms_html_table t;
    ms_html_table_init(&t, r->sink, "sources");
    ms_html_column_add(&t, false, -1);
    ms_html_column_add(&t, false, -1);
    for (size_t i = 0; i < source->file_count; i++) {
        ms_html_put(&t, ms_html_text(&r->names, source->files[i].path));
        ms_html_put(&t, ms_html_text(&r->names, source->files[i].state));
    }
    end_table(r, &t);

    ms_html_table_init(&t, r->sink, "source_lines");
    for (size_t column = 0; column < 3; column++)
        ms_html_column_add(&t, false, -1);
    for (size_t i = 0; i < source->line_count; i++) {
        ms_html_put(&t, source->lines[i].file);
        ms_html_put(&t, source->lines[i].number);
        ms_html_put(&t, ms_html_text(&r->names, text_of(&source->lines[i])));
    }
    end_table(r, &t);
}

/* How a row ended is a text that stands in no record until the row is made. */
static void collect_ends(report *r) {
    for (ms_row_end end = 0; end < MS_ROW_ENDS; end++)
        ms_html_text(&r->names, ms_row_end_name(end));
}

/* ---- the file --------------------------------------------------------------------------- */

/* Writes the template from `from` up to `mark`, and returns what is behind it; NULL: it is not there. */
static const char *write_until(ms_sink *sink, const char *from, const char *end, const char *mark) {
    const char *at = memmem(from, (size_t)(end - from), mark, strlen(mark));
    if (!at)
        return NULL;
    ms_sink_write(sink, from, (size_t)(at - from));
    return at + strlen(mark);
}

static void write_data(const ms_model *model, ms_sink *sink, const ms_export_options *options) {
    report r = {.model = model, .sink = sink};
    ms_html_source source = {0};
    ms_html_names_init(&r.names, model);
    collect_ends(&r);
    if (options->embed_source) {
        ms_html_source_init(&source, model, &r.names, options->sysroot);
        collect_source(&r, &source);
    }
    ms_html_write_schema(model, sink);
    write_texts(&r);
    write_trees(&r);
    write_source(&r, &source);
    for (size_t i = 0; i < ms_part_count && !ms_sink_failed(sink); i++)
        write_part(&r, &ms_parts[i]);
    write_rows(&r);
    ms_sink_printf(sink, "<script type=\"m\" data-t=\"end\" data-n=\"%" PRIu64 "\"></script>\n",
                   r.rows);
    ms_html_names_deinit(&r.names);
    ms_html_source_deinit(&source);
}

static ms_err write_html(const ms_model *model, ms_sink *sink, const ms_export_options *options,
                         ms_error *error) {
    size_t size;
    const char *at = ms_html_template(&size), *end = at + size;
    if (!size)
        return ms_fail(error, MS_ERR_ENVIRONMENT,
                       "the HTML report is left out of this build of memscope, which was made "
                       "without Node.js: install nodejs and npm, and build it again");
    if ((at = write_until(sink, at, end, MS_HTML_TITLE)))
        ms_html_write_title(model, sink);
    if (at && (at = write_until(sink, at, end, MS_HTML_STATIC)))
        ms_html_write_static(model, sink, options);
    if (at && (at = write_until(sink, at, end, MS_HTML_DATA)))
        write_data(model, sink, options);
    if (!at)
        return ms_fail(error, MS_ERR_ENVIRONMENT, "the HTML report of this build is damaged");
    ms_sink_write(sink, at, (size_t)(end - at));
    return MS_ERR_OK;
}

const ms_exporter ms_exporter_html = {
    .name = "html",
    .doc = "the dashboard, in one file for any browser, offline",
    .endings = {"html", "htm"},
    .rows = true,
    .write = write_html,
};
