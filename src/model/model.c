#include "model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/rows.h"
#include "util/arena.h"

/* ---- descriptors ------------------------------------------------------------------------ */

/* The fields of each record, then the record itself around them. */
#define MS_RECORD(name, doc) static const ms_field_info fields_of_##name[] = {
#define MS_FIELD(record, name, kind, unit, doc)                                                    \
    {#name, doc, MS_##kind, MS_UNIT_##unit, offsetof(ms_##record, name), NULL},
#define MS_NEST(record, name, other, doc)                                                          \
    {#name, doc, MS_NESTED, MS_UNIT_NONE, offsetof(ms_##record, name), &ms_record_##other},
#define MS_MANY(record, name, other, doc)                                                          \
    {#name, doc, MS_NESTED_LIST, MS_UNIT_NONE, offsetof(ms_##record, name), &ms_record_##other},
#define MS_END(record)                                                                             \
    }                                                                                              \
    ;
#include "model/records.def"

#define MS_RECORD(name, doc)                                                                       \
    const ms_record_info ms_record_##name = {#name, doc, sizeof(ms_##name), fields_of_##name,      \
                                             sizeof fields_of_##name / sizeof *fields_of_##name};
#include "model/records.def"

const ms_record_info *const ms_records[] = {
#define MS_RECORD(name, doc) &ms_record_##name,
#include "model/records.def"
};
const size_t ms_record_count = sizeof ms_records / sizeof *ms_records;

const ms_part_info ms_parts[] = {
#define MS_ONE(key, record, doc) {#key, doc, &ms_record_##record, false, offsetof(ms_model, key)},
#define MS_LIST(key, record, doc) {#key, doc, &ms_record_##record, true, offsetof(ms_model, key)},
#include "model/records.def"
};
const size_t ms_part_count = sizeof ms_parts / sizeof *ms_parts;

const char *ms_unit_name(ms_unit unit) {
    static const char *const names[] = {
        [MS_UNIT_NONE] = NULL, [MS_UNIT_BYTES] = "bytes",     [MS_UNIT_COUNT] = "count",
        [MS_UNIT_NS] = "ns",   [MS_UNIT_ADDRESS] = "address", [MS_UNIT_RATIO] = "ratio",
        [MS_UNIT_ID] = "id",
    };
    return names[unit];
}

/* ---- reading ---------------------------------------------------------------------------- */

/* Every list in a model and in a record has this shape, whatever its items are. Copied out, for the
 * types differ. */
static size_t list_at(const void *place, const void **items) {
    struct {
        const void *items;
        size_t count;
    } list;
    memcpy(&list, place, sizeof list);
    *items = list.items;
    return list.count;
}

size_t ms_part_records(const ms_model *model, const ms_part_info *part, const void **items) {
    const char *place = (const char *)model + part->offset;
    if (part->list)
        return list_at(place, items);
    *items = place;
    return 1;
}

size_t ms_nested_records(const void *record, const ms_field_info *field, const void **items) {
    return list_at((const char *)record + field->offset, items);
}

const ms_stack *ms_model_stack(const ms_model *model, uint32_t stack) {
    return stack < model->stacks.count ? &model->stacks.items[stack] : NULL;
}

const ms_site *ms_model_site(const ms_model *model, uint64_t id) {
    return id - 1 < model->sites.count ? &model->sites.items[id - 1] : NULL;
}

uint64_t ms_error_join(uint64_t a, uint64_t b) {
    if (a == MS_UNKNOWN || b == MS_UNKNOWN)
        return a == MS_UNKNOWN ? b : a;
    double error = hypot((double)a, (double)b);
    return error < 0x1p64 - 4096 ? (uint64_t)(error + 0.5) : MS_UNKNOWN - 1;
}

/* ---- life ------------------------------------------------------------------------------- */

/* What is read into it sets what it learns. */
static void set_unknown(void *record, const ms_record_info *info) {
    for (size_t i = 0; i < info->field_count; i++) {
        const ms_field_info *field = &info->fields[i];
        char *place = (char *)record + field->offset;
        if (field->kind == MS_OPT_U64)
            memcpy(place, &(uint64_t){MS_UNKNOWN}, sizeof(uint64_t));
        else if (field->kind == MS_STACK)
            memcpy(place, &(uint32_t){MS_NO_STACK}, sizeof(uint32_t));
        else if (field->kind == MS_NESTED)
            set_unknown(place, field->nested);
    }
}

void ms_record_clear(void *record, const ms_record_info *info) {
    memset(record, 0, info->size);
    set_unknown(record, info);
}

ms_model *ms_model_new(void) {
    ms_model *model = calloc(1, sizeof *model);
    if (!model)
        return NULL;
    model->arena = ms_arena_new();
    if (!model->arena) {
        free(model);
        return NULL;
    }
    for (size_t i = 0; i < ms_part_count; i++)
        if (!ms_parts[i].list)
            ms_record_clear((char *)model + ms_parts[i].offset, ms_parts[i].record);
    return model;
}

void ms_model_free(ms_model *model) {
    if (!model)
        return;
    ms_rows_free(model->rows);
    ms_arena_free(model->arena);
    free(model);
}
