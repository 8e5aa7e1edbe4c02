#include "load/build_keepers.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "model/rank.h"
#include "util/arena.h"
#include "util/map.h"

typedef struct builder {
    ms_model *model;
    ms_map of; /* hash of variable and type -> index + 1 */
    ms_keeper *items;
    size_t count;
} builder;

static uint64_t hash_text(const char *text, uint64_t seed) {
    return text ? XXH64(text, strlen(text), seed) : seed + 1;
}

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static const ms_frame *blamed(const ms_model *model, const ms_site *s) {
    const ms_stack *stack = ms_model_stack(model, s->stack);
    return stack && stack->count ? &stack->frames[ms_blamed_frame(stack, true)] : NULL;
}

static ms_keeper *begin(builder *b, const ms_site *s) {
    ms_keeper *h = &b->items[b->count++];
    const ms_frame *frame = blamed(b->model, s);
    *h = (ms_keeper){.variable = s->variable,
                     .variable_type = s->variable_type,
                     .type = s->type,
                     .function = frame ? frame->function : NULL,
                     .file = frame ? frame->file : NULL,
                     .evidence = s->variable_evidence,
                     .confidence = s->variable_confidence,
                     .allocations_error = MS_UNKNOWN,
                     .bytes_allocated_error = MS_UNKNOWN,
                     .peak_bytes_error = MS_UNKNOWN,
                     .peak_blocks_error = MS_UNKNOWN,
                     .live_bytes_error = MS_UNKNOWN,
                     .live_blocks_error = MS_UNKNOWN};
    return h;
}

static void add_error(uint64_t *error, uint64_t more) {
    *error = ms_error_join(*error, more);
}

static void add_counts(ms_keeper *h, const ms_site *s) {
    h->sites++;
    h->allocations += s->allocations + s->reallocations;
    h->bytes_allocated += s->bytes_allocated;
    h->peak_bytes += s->peak_bytes;
    h->peak_blocks += s->peak_blocks;
    h->live_bytes += s->live_bytes;
    h->live_blocks += s->live_blocks;
    add_error(&h->allocations_error, s->allocations_error);
    add_error(&h->allocations_error, s->reallocations_error);
    add_error(&h->bytes_allocated_error, s->bytes_allocated_error);
    add_error(&h->peak_bytes_error, s->peak_bytes_error);
    add_error(&h->peak_blocks_error, s->peak_blocks_error);
    add_error(&h->live_bytes_error, s->live_bytes_error);
    add_error(&h->live_blocks_error, s->live_blocks_error);
}

/* What is not the same of all is not said. */
static void join(const ms_model *model, ms_keeper *h, const ms_site *s) {
    const ms_frame *frame = blamed(model, s);
    if (!frame || !same_text(h->function, frame->function))
        h->function = NULL;
    if (!frame || !same_text(h->file, frame->file))
        h->file = NULL;
    if (!same_text(h->evidence, s->variable_evidence))
        h->evidence = "derived";
    if (!same_text(h->confidence, s->variable_confidence))
        h->confidence = NULL;
}

/* Variables of one name are told apart by their types; local ones of one name and type, in several functions, are
 * not. */
static void add_site(builder *b, const ms_site *s) {
    bool fresh;
    uint64_t key = hash_text(s->type, hash_text(s->variable_type, hash_text(s->variable, 0)));
    uint32_t *number = ms_map_at(&b->of, key, &fresh);
    if (fresh) {
        begin(b, s);
        *number = (uint32_t)b->count;
    }
    ms_keeper *h = &b->items[*number - 1];
    if (!fresh)
        join(b->model, h, s);
    add_counts(h, s);
}

static int by_peak(const void *a, const void *b) {
    const ms_keeper *x = a, *y = b;
    if (x->peak_bytes != y->peak_bytes)
        return x->peak_bytes < y->peak_bytes ? 1 : -1;
    if (x->bytes_allocated != y->bytes_allocated)
        return x->bytes_allocated < y->bytes_allocated ? 1 : -1;
    int order = strcmp(x->variable, y->variable);
    return order ? order : strcmp(x->type ? x->type : "", y->type ? y->type : "");
}

void ms_build_keepers(ms_model *model) {
    ms_arena *scratch = ms_arena_new();
    if (!scratch)
        return;
    builder b = {.model = model};
    ms_map_init(&b.of, scratch);
    b.items = ms_arena_alloc(model->arena, model->sites.count * sizeof *b.items);
    for (size_t i = 0; i < model->sites.count; i++)
        if (model->sites.items[i].variable)
            add_site(&b, &model->sites.items[i]);
    if (b.count)
        qsort(b.items, b.count, sizeof *b.items, by_peak);
    model->keepers.items = b.items;
    model->keepers.count = b.count;
    ms_arena_free(scratch);
}
