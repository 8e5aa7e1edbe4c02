#include "load/build_types.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "load/type_class.h"
#include "load/type_form.h"
#include "load/type_told.h"
#include "symbol/reorder.h"
#include "util/arena.h"
#include "util/map.h"
#include "util/memory.h"

/* Sites of one type. Each module and each unit of it has its own description of a type, sites may call it by a
 * typedef, and two types may have one name: what they have in common are plain name, size and members. */
typedef struct group {
    const ms_datatype *type; /* NULL: only its name is known */
    ms_form form;
    bool mixed;
    bool varies; /* what its blocks have behind a header does */
    ms_type record;
} group;

typedef struct builder {
    ms_model *model;
    ms_map of; /* key -> index + 1 */
    group *groups;
    size_t count;
} builder;

/* ---- which ------------------------------------------------------------------------------ */

static uint64_t hash_text(const char *text, uint64_t seed) {
    return text ? XXH64(text, strlen(text), seed) : seed;
}

static uint64_t hash_numbers(uint64_t a, uint64_t b, uint64_t seed) {
    const uint64_t numbers[] = {a, b};
    return XXH64(numbers, sizeof numbers, seed);
}

static uint64_t key_of(const char *name, const ms_datatype *type) {
    uint64_t key = hash_text(type ? type->plain : name, 0);
    if (!type)
        return key;
    key = hash_numbers(type->size, 1, key);
    for (size_t i = 0; type->layout && i < type->layout->count; i++) {
        const ms_layout_member *m = &type->layout->members[i];
        key = hash_text(m->name, hash_numbers(m->offset, m->size, key));
    }
    return key;
}

static group *group_of(builder *b, const char *name, const ms_datatype *type) {
    bool fresh;
    uint32_t *number = ms_map_at(&b->of, key_of(name, type), &fresh);
    if (fresh) {
        b->groups[b->count] = (group){.type = type};
        *number = (uint32_t)++b->count;
    }
    return &b->groups[*number - 1];
}

/* ---- how many --------------------------------------------------------------------------- */

static uint64_t scaled_error(const ms_content *content, uint64_t blocks, uint64_t bytes) {
    if (blocks == MS_UNKNOWN || bytes == MS_UNKNOWN)
        return MS_UNKNOWN;
    return ms_form_count(content->form, content->size, blocks, bytes);
}

static void add_counts(ms_type *t, const ms_site *s, const ms_content *content) {
    t->live_count += ms_form_count(content->form, content->size, s->live_blocks, s->live_bytes);
    t->live_blocks += s->live_blocks;
    t->live_bytes += s->live_bytes;
    t->peak_count += ms_form_count(content->form, content->size, s->peak_blocks, s->peak_bytes);
    t->peak_blocks += s->peak_blocks;
    t->peak_bytes += s->peak_bytes;
    t->allocations += s->allocations + s->reallocations;
    t->bytes_allocated += s->bytes_allocated;
}

static void add_error(uint64_t *error, uint64_t more) {
    *error = ms_error_join(*error, more);
}

static void add_errors(ms_type *t, const ms_site *s, const ms_content *content) {
    add_error(&t->live_count_error,
              scaled_error(content, s->live_blocks_error, s->live_bytes_error));
    add_error(&t->live_blocks_error, s->live_blocks_error);
    add_error(&t->live_bytes_error, s->live_bytes_error);
    add_error(&t->peak_count_error,
              scaled_error(content, s->peak_blocks_error, s->peak_bytes_error));
    add_error(&t->peak_blocks_error, s->peak_blocks_error);
    add_error(&t->peak_bytes_error, s->peak_bytes_error);
    add_error(&t->allocations_error, s->allocations_error);
    add_error(&t->allocations_error, s->reallocations_error);
    add_error(&t->bytes_allocated_error, s->bytes_allocated_error);
}

/* Behind the header each block has as much; else it may be anything, of a size the program chose each time. */
static void add_excess(group *g, const ms_site *s, ms_form form) {
    ms_type *t = &g->record;
    if (form != MS_FORM_HEADER)
        return;
    uint64_t more = (s->min_size - g->type->size) * s->peak_blocks;
    t->excess_bytes = (t->excess_bytes == MS_UNKNOWN ? 0 : t->excess_bytes) + more;
    g->varies |= s->min_size != s->max_size;
}

static void begin(ms_type *t, const ms_site *s, const ms_datatype *type) {
    *t = (ms_type){.name = s->type,
                   .size = type && type->size != MS_NO_SIZE ? type->size : MS_UNKNOWN,
                   .class = ms_type_class(s->type, type),
                   .evidence = "recorded",
                   .padding_bytes = MS_UNKNOWN,
                   .live_count_error = MS_UNKNOWN,
                   .live_bytes_error = MS_UNKNOWN,
                   .live_blocks_error = MS_UNKNOWN,
                   .peak_count_error = MS_UNKNOWN,
                   .peak_blocks_error = MS_UNKNOWN,
                   .peak_bytes_error = MS_UNKNOWN,
                   .allocations_error = MS_UNKNOWN,
                   .bytes_allocated_error = MS_UNKNOWN,
                   .live_padding_bytes = MS_UNKNOWN,
                   .peak_padding_bytes = MS_UNKNOWN,
                   .nested_padding_bytes = MS_UNKNOWN,
                   .excess_bytes = MS_UNKNOWN,
                   .alignment = MS_UNKNOWN,
                   .cache_lines = MS_UNKNOWN,
                   .reordered_size = MS_UNKNOWN};
}

static ms_content add_site(builder *b, const ms_site *s, const ms_datatype *type) {
    group *g = group_of(b, s->type, type);
    ms_form form = ms_form_of(s, type);
    ms_content content = {(uint32_t)(g - b->groups) + 1, form, type ? type->size : 0};
    if (!g->record.sites) {
        begin(&g->record, s, type);
        g->form = form;
    }
    g->record.sites++;
    g->mixed |= g->form != form;
    if (!s->variable_evidence || strcmp(s->variable_evidence, "recorded") != 0)
        g->record.evidence = "derived";
    add_counts(&g->record, s, &content);
    add_errors(&g->record, s, &content);
    add_excess(g, s, form);
    return content;
}

/* ---- members ---------------------------------------------------------------------------- */

static const char *kept(const builder *b, const char *text) {
    return text ? ms_arena_text(b->model->arena, text, strlen(text)) : NULL;
}

static ms_member member(const builder *b, const ms_layout_member *m) {
    return (ms_member){.name = kept(b, m->name),
                       .type = *m->type ? kept(b, m->type) : NULL,
                       .offset = m->offset,
                       .size = m->size,
                       .bit_offset = m->bit_size ? m->bit_offset : MS_UNKNOWN,
                       .bit_size = m->bit_size ? m->bit_size : MS_UNKNOWN,
                       .hole_bytes = m->hole,
                       .hole_bits = m->bit_hole,
                       .base = m->is_base,
                       .straddles = m->straddles};
}

/* Where it lies in the better order. */
static void move(ms_member *m, const ms_layout_member *old, uint64_t bit) {
    uint64_t unit = old->bit_size ? 8 * old->size : 8;
    uint64_t end = bit + (old->bit_size ? old->bit_size : 8 * old->size);
    uint64_t first = bit / 8, last = end > bit ? (end - 1) / 8 : first;
    m->offset = old->bit_size ? bit / unit * old->size : first;
    m->bit_offset = old->bit_size ? bit % unit : MS_UNKNOWN;
    m->hole_bytes = m->hole_bits = 0;
    m->straddles = last - first < MS_CACHE_LINE && first / MS_CACHE_LINE != last / MS_CACHE_LINE;
}

static void set_reordered(const builder *b, ms_type *t, const ms_layout *layout) {
    ms_reordering better;
    if (!ms_reorder(layout, &better))
        return;
    t->reordered_size = better.size;
    t->saved_bytes = layout->size - better.size;
    t->reordered.items =
        ms_arena_alloc(b->model->arena, layout->count * sizeof *t->reordered.items);
    t->reordered.count = layout->count;
    for (size_t i = 0; i < layout->count; i++) {
        t->reordered.items[i] = t->members.items[better.order[i]];
        move(&t->reordered.items[i], &layout->members[better.order[i]], better.bits[i]);
    }
    ms_reordering_deinit(&better);
}

/* Nobody knows what is used of a union. */
static void set_padding(ms_type *t, const ms_layout *layout) {
    if (layout->is_union || layout->padding_bytes == MS_NO_SIZE)
        return;
    t->padding_bytes = layout->padding_bytes;
    t->nested_padding_bytes = layout->nested_padding;
    t->live_padding_bytes = layout->padding_bytes * t->live_count;
    t->peak_padding_bytes = layout->padding_bytes * t->peak_count;
}

static void set_layout(const builder *b, ms_type *t, const ms_layout *layout) {
    t->alignment = layout->alignment ? layout->alignment : MS_UNKNOWN;
    t->cache_lines = layout->cache_lines;
    t->straddling = layout->straddling;
    t->members.items = ms_arena_alloc(b->model->arena, layout->count * sizeof *t->members.items);
    t->members.count = layout->count;
    for (size_t i = 0; i < layout->count; i++)
        t->members.items[i] = member(b, &layout->members[i]);
    set_padding(t, layout);
    set_reordered(b, t, layout);
}

/* ---- all -------------------------------------------------------------------------------- */

static int by_live(const void *a, const void *b) {
    const ms_type *x = a, *y = b;
    if (x->live_bytes != y->live_bytes)
        return x->live_bytes < y->live_bytes ? 1 : -1;
    if (x->peak_bytes != y->peak_bytes)
        return x->peak_bytes < y->peak_bytes ? 1 : -1;
    if (x->bytes_allocated != y->bytes_allocated)
        return x->bytes_allocated < y->bytes_allocated ? 1 : -1;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->size > y->size) - (x->size < y->size);
}

static void finish(builder *b) {
    ms_type *items = ms_arena_alloc(b->model->arena, b->count * sizeof *items);
    for (size_t i = 0; i < b->count; i++) {
        group *g = &b->groups[i];
        g->record.excess_bytes = g->varies ? MS_UNKNOWN : g->record.excess_bytes;
        g->record.form = g->mixed ? "mixed" : ms_form_name(g->form);
        if (g->type && g->type->layout)
            set_layout(b, &g->record, g->type->layout);
        items[i] = g->record;
        items[i].id = i + 1;
    }
    if (b->count)
        qsort(items, b->count, sizeof *items, by_live);
    b->model->types.items = items;
    b->model->types.count = b->count;
}

/* Types have the numbers of their groups; now they get those of their order, and sites too. */
static void number(builder *b, ms_content *content) {
    uint32_t *now = ms_memory_zeroed(b->count + 1, sizeof *now);
    for (size_t i = 0; i < b->count; i++) {
        ms_type *type = &b->model->types.items[i];
        now[type->id] = (uint32_t)i + 1;
        type->id = i + 1;
    }
    for (size_t i = 0; i < b->model->sites.count; i++)
        content[i].type = now[content[i].type];
    free(now);
}

ms_content *ms_build_types(ms_model *model, const ms_typing *typing) {
    ms_content *content = ms_memory_zeroed(model->sites.count + 1, sizeof *content);
    ms_arena *scratch = ms_arena_new();
    if (!scratch)
        return content;
    builder b = {.model = model};
    ms_map_init(&b.of, scratch);
    b.groups = ms_arena_alloc(scratch, model->sites.count * sizeof *b.groups);
    ms_told told;
    ms_told_init(&told, model, scratch);
    for (size_t i = 0; i < model->sites.count; i++) {
        const ms_site *s = &model->sites.items[i];
        const ms_datatype *known = typing->sites[i];
        if (s->type)
            content[i] = add_site(&b, s, known ? known : ms_told_named(&told, s->type));
    }
    finish(&b);
    number(&b, content);
    ms_arena_free(scratch);
    return content;
}
