#include "load/build_tags.h"

#include <stdlib.h>
#include <string.h>

#include "load/type_told.h"
#include "util/arena.h"
#include "util/memory.h"

/* ---- tags ------------------------------------------------------------------------------- */

/* What is said at one place, and its name. */
typedef struct here {
    const char *name; /* "": none */
    uint32_t place;
} here;

static int by_name(const void *a, const void *b) {
    const here *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

static int by_live(const void *a, const void *b) {
    const ms_tag *x = a, *y = b;
    if (x->live_bytes != y->live_bytes)
        return x->live_bytes < y->live_bytes ? 1 : -1;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return strcmp(x->tag ? x->tag : "", y->tag ? y->tag : "");
}

static void add(ms_tag *tag, const ms_tag_count *count) {
    tag->blocks += count->blocks;
    tag->bytes += count->bytes;
    tag->peak_blocks += count->live.peak_blocks;
    tag->peak_bytes += count->live.peak_bytes;
    tag->live_blocks += count->live.blocks;
    tag->live_bytes += count->live.bytes;
    tag->unrecorded += count->strangers;
}

static size_t collect(const ms_words *w, here *all) {
    const ms_tags *tags = &w->replay->notes.tags;
    size_t count = 0;
    for (size_t i = 0; i < tags->count; i++) {
        const char *name = w->places[i].name;
        if (tags->items[i].blocks || tags->items[i].strangers)
            all[count++] = (here){name ? name : "", (uint32_t)i};
    }
    if (count)
        qsort(all, count, sizeof *all, by_name);
    return count;
}

void ms_build_tags(const ms_words *w) {
    const ms_tags *tags = &w->replay->notes.tags;
    here *all = ms_memory_zeroed(tags->count, sizeof *all);
    size_t places = collect(w, all), count = 0;
    ms_tag *items = ms_arena_alloc(w->model->arena, places * sizeof *items);
    for (size_t i = 0; i < places; i++) {
        const ms_place *place = &w->places[all[i].place];
        bool again = i > 0 && strcmp(all[i].name, all[i - 1].name) == 0;
        if (again) {
            items[count - 1].file = items[count - 1].function = NULL;
            items[count - 1].line = MS_UNKNOWN;
        } else {
            items[count++] = (ms_tag){.tag = place->name,
                                      .file = place->file,
                                      .line = ms_words_line(place),
                                      .function = place->function};
        }
        add(&items[count - 1], &tags->items[all[i].place]);
    }
    if (count)
        qsort(items, count, sizeof *items, by_live);
    w->model->tags.items = items;
    w->model->tags.count = count;
    w->model->capture.tags_left_out = tags->left_out;
    free(all);
}

/* ---- types ------------------------------------------------------------------------------ */

static void build_fields(const ms_words *w, const ms_declared_count *from, ms_declared_type *to) {
    const ms_declared *declared = &w->replay->notes.declared;
    ms_declared_field *items = ms_arena_alloc(w->model->arena, from->members * sizeof *items);
    size_t count = 0;
    for (uint32_t i = from->first; i; i = declared->members[i - 1].next) {
        const ms_declared_member *member = &declared->members[i - 1];
        items[count++] = (ms_declared_field){.name = w->places[member->place].name,
                                             .type = w->places[member->place].type,
                                             .offset = member->offset,
                                             .size = member->size};
    }
    to->fields.items = items;
    to->fields.count = count;
}

void ms_build_declared(const ms_words *w) {
    const ms_declared *declared = &w->replay->notes.declared;
    ms_declared_type *items = ms_arena_alloc(w->model->arena, declared->count * sizeof *items);
    for (size_t i = 0; i < declared->count; i++) {
        const ms_declared_count *from = &declared->items[i];
        const ms_place *place = &w->places[from->place];
        items[i] = (ms_declared_type){.name = place->name,
                                      .size = from->size,
                                      .count_offset = from->count_offset,
                                      .file = place->file,
                                      .line = ms_words_line(place),
                                      .function = place->function};
        build_fields(w, from, &items[i]);
    }
    w->model->declared_types.items = items;
    w->model->declared_types.count = declared->count;
    w->model->capture.declared_types_left_out = declared->left_out;
}

/* What is said of all types of one name and size. */
typedef struct described {
    const char *name; /* without its keyword */
    uint64_t size;    /* MS_UNKNOWN: not said */
    uint64_t count_offset;
} described;

static int by_name_and_size(const void *a, const void *b) {
    const described *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->size > y->size) - (x->size < y->size);
}

/* Two descriptions of one type, one for its fields and one for its count, say the count once. */
static size_t merge(described *all, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || by_name_and_size(&all[kept - 1], &all[i]) != 0)
            all[kept++] = all[i];
        else if (all[i].count_offset != MS_UNKNOWN)
            all[kept - 1].count_offset = all[i].count_offset;
    }
    return kept;
}

static described *describe_all(const ms_model *model, size_t *count) {
    size_t all = model->declared_types.count;
    described *items = ms_memory_zeroed(all, sizeof *items);
    for (size_t i = 0; i < all; i++) {
        const ms_declared_type *type = &model->declared_types.items[i];
        items[i] = (described){ms_told_plain(type->name ? type->name : ""), type->size,
                               type->count_offset};
    }
    if (all)
        qsort(items, all, sizeof *items, by_name_and_size);
    *count = merge(items, all);
    return items;
}

/* The first that has the name and at least that size; NULL: none has. */
static const described *find(const described *all, size_t count, const char *name, uint64_t size) {
    const described wanted = {.name = ms_told_plain(name), .size = size};
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_name_and_size(&all[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && strcmp(all[low].name, wanted.name) == 0 ? &all[low] : NULL;
}

static void name_type(const described *all, size_t count, ms_type *type) {
    const described *sized = find(all, count, type->name, type->size);
    const described *any = find(all, count, type->name, MS_UNKNOWN);
    sized = sized && sized->size == type->size ? sized : NULL;
    type->declared = sized || any;
    type->count_offset = sized ? sized->count_offset : MS_UNKNOWN;
    if (any && type->count_offset == MS_UNKNOWN && any->count_offset < type->size)
        type->count_offset = any->count_offset;
}

/* It may be larger than its type, or of no size that is known. */
static void name_object(const described *all, size_t count, ms_smart_pointer *object) {
    const described *type = object->type ? find(all, count, object->type, 0) : NULL;
    object->count_offset =
        type && type->count_offset < object->size ? type->count_offset : MS_UNKNOWN;
}

void ms_name_declared(ms_model *model) {
    size_t count;
    described *all = describe_all(model, &count);
    for (size_t i = 0; i < model->types.count; i++)
        name_type(all, count, &model->types.items[i]);
    for (size_t i = 0; i < model->smart_pointers.count; i++)
        name_object(all, count, &model->smart_pointers.items[i]);
    free(all);
}
