#include "load/type_told.h"

#include <string.h>
#include <xxhash.h>

#include "util/arena.h"

const char *ms_told_plain(const char *name) {
    static const char *const words[] = {"struct ", "class ", "union "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(name, words[i], strlen(words[i])) == 0)
            return name + strlen(words[i]);
    return name;
}

static uint64_t hash_of(const char *name) {
    const char *plain = ms_told_plain(name);
    return XXH64(plain, strlen(plain), 0);
}

/* A type may be described twice, once for its fields and once for its count. */
void ms_told_init(ms_told *told, const ms_model *model, ms_arena *arena) {
    *told = (ms_told){.model = model, .arena = arena};
    ms_map_init(&told->of, arena);
    for (size_t i = 0; i < model->declared_types.count; i++) {
        const ms_declared_type *type = &model->declared_types.items[i];
        bool is_whole = type->name && type->size != MS_UNKNOWN;
        uint32_t *number = is_whole ? ms_map_at(&told->of, hash_of(type->name), NULL) : NULL;
        if (number && (!*number || type->fields.count))
            *number = (uint32_t)i + 1;
    }
}

static ms_layout_member member(const ms_declared_field *field) {
    return (ms_layout_member){.name = field->name,
                              .type = field->type ? field->type : "",
                              .offset = field->offset,
                              .size = field->size};
}

static const ms_layout *layout_of(const ms_told *told, const ms_declared_type *type) {
    ms_layout *layout = ms_arena_alloc(told->arena, sizeof *layout);
    layout->members = ms_arena_alloc(told->arena, type->fields.count * sizeof *layout->members);
    layout->count = type->fields.count;
    for (size_t i = 0; i < layout->count; i++)
        layout->members[i] = member(&type->fields.items[i]);
    layout->size = type->size;
    layout->padding_bytes = MS_NO_SIZE;
    layout->cache_lines = (type->size + MS_CACHE_LINE - 1) / MS_CACHE_LINE;
    return layout;
}

const ms_datatype *ms_told_named(const ms_told *told, const char *name) {
    uint32_t number = ms_map_get(&told->of, hash_of(name));
    const ms_declared_type *type = number ? &told->model->declared_types.items[number - 1] : NULL;
    if (!type || strcmp(ms_told_plain(type->name), ms_told_plain(name)) != 0)
        return NULL;
    ms_datatype *out = ms_arena_alloc(told->arena, sizeof *out);
    *out = (ms_datatype){.name = name,
                         .plain = type->name,
                         .size = type->size,
                         .kind = MS_DATATYPE_STRUCT,
                         .layout = layout_of(told, type)};
    return out;
}
