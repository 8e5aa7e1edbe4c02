/* full.h - a model in which every field of every record has a value of its own, whatever records.def
 * says: nothing of it means anything. */
#ifndef MS_TEST_FULL_H
#define MS_TEST_FULL_H

#include <math.h>

#include "builder.h"

/* Records of each list. Some formats show but the first of them. */
#define FULL_RECORDS 3

typedef struct full_filler {
    ms_model *model;
    uint64_t number; /* of the next value; so no two are the same */
    const char *record;
    bool null; /* what may be null is */
} full_filler;

static inline void full_fill(full_filler *f, void *record, const ms_record_info *info);

static inline const char *full_text(full_filler *f, const char *name) {
    return ms_arena_printf(f->model->arena, "%s <=%s> \"\xc3\xa9\n\033[31m %llu", f->record, name,
                           (unsigned long long)f->number++);
}

/* As the reader of a report does, so that models compare: no frame of a stack is a wrapper. */
static inline uint32_t full_stack(full_filler *f) {
    if (f->number++ % 5 == 0)
        return MS_NO_STACK;
    ms_frame *frames = ms_arena_alloc(f->model->arena, 2 * sizeof *frames);
    for (size_t i = 0; i < 2; i++) {
        full_fill(f, &frames[i], &ms_record_frame);
        frames[i].wrapper = false;
    }
    *(ms_stack *)ADD(f->model, stacks) = (ms_stack){.frames = frames, .count = 2};
    return (uint32_t)(f->model->stacks.count - 1);
}

static inline void full_list(full_filler *f, void *place, const ms_record_info *info) {
    struct {
        char *items;
        size_t count;
    } list = {ms_arena_alloc(f->model->arena, FULL_RECORDS * info->size), FULL_RECORDS};
    memcpy(place, &list, sizeof list);
    for (size_t i = 0; i < list.count; i++) {
        char *record = list.items + i * info->size;
        full_fill(f, record, info);
        if (strcmp(info->fields[0].name, "id") == 0)
            memcpy(record, &(uint64_t){i + 1}, sizeof(uint64_t));
    }
}

static inline void full_texts(full_filler *f, ms_texts *texts) {
    texts->items = ms_arena_alloc(f->model->arena, FULL_RECORDS * sizeof *texts->items);
    texts->count = FULL_RECORDS;
    for (size_t i = 0; i < texts->count; i++)
        texts->items[i] = full_text(f, "text");
}

/* Small numbers, and some as large as they may be. */
static inline uint64_t full_number(full_filler *f) {
    uint64_t number = f->number++;
    return number % 7 ? number : UINT64_MAX - number;
}

static inline void full_field(full_filler *f, void *place, const ms_field_info *field) {
    bool null = f->null || f->number % 11 == 0;
    switch (field->kind) {
    case MS_U64: *(uint64_t *)place = full_number(f); break;
    case MS_OPT_U64: *(uint64_t *)place = null ? MS_UNKNOWN : full_number(f); break;
    case MS_I64: *(int64_t *)place = -(int64_t)f->number; break;
    case MS_F64: *(double *)place = null ? (double)NAN : 1.0 / 3 + (double)f->number; break;
    case MS_BOOL: *(bool *)place = f->number % 2; break;
    case MS_TEXT: *(const char **)place = null ? NULL : full_text(f, field->name); break;
    case MS_STACK: *(uint32_t *)place = null ? MS_NO_STACK : full_stack(f); break;
    case MS_TEXTS: full_texts(f, place); break;
    case MS_NESTED: full_fill(f, place, field->nested); break;
    case MS_NESTED_LIST: full_list(f, place, field->nested); break;
    }
    f->number++;
}

static inline void full_fill(full_filler *f, void *record, const ms_record_info *info) {
    const char *outer = f->record;
    f->record = info->name;
    for (size_t i = 0; i < info->field_count; i++)
        full_field(f, (char *)record + info->fields[i].offset, &info->fields[i]);
    f->record = outer;
}

/* To be freed. `null`: what may be null is, everywhere; else only here and there. */
static inline ms_model *full_model(bool null) {
    full_filler f = {.model = ms_model_new(), .number = 1, .record = "", .null = null};
    for (size_t i = 0; i < ms_part_count; i++) {
        char *place = (char *)f.model + ms_parts[i].offset;
        if (ms_parts[i].list)
            full_list(&f, place, ms_parts[i].record);
        else
            full_fill(&f, place, ms_parts[i].record);
    }
    return f.model;
}

#endif
