#include "export/html_names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "util/memory.h"

/* ---- sets: numbers by hash, open addressing ----------------------------------------------- */

/* Twice the room when half of it is taken; whoever calls puts its numbers in again. */
static bool needs_room(size_t count, size_t mask) {
    return count * 2 >= mask;
}

static uint32_t *larger(uint32_t *slots, size_t *mask) {
    free(slots);
    *mask = *mask ? *mask * 2 + 1 : 1023;
    return ms_memory_zeroed(*mask + 1, sizeof *slots);
}

static uint64_t hash_text(const ms_html_names *n, const char *text) {
    uint64_t hash = n->seed;
    for (; *text; text++)
        hash = ms_mum(hash ^ (unsigned char)*text, MS_HASH_K);
    return ms_hash_u64(hash);
}

/* ---- texts ------------------------------------------------------------------------------ */

/* The slot of `text`: its own, or the free one it belongs in. */
static uint32_t *text_slot(const ms_html_names *n, const char *text) {
    size_t i = hash_text(n, text) & n->text_mask;
    while (n->text_slots[i] && strcmp(n->texts[n->text_slots[i] - 1], text) != 0)
        i = (i + 1) & n->text_mask;
    return &n->text_slots[i];
}

uint32_t ms_html_text(ms_html_names *n, const char *text) {
    if (!text)
        return 0;
    if (needs_room(n->text_count, n->text_mask)) {
        n->text_slots = larger(n->text_slots, &n->text_mask);
        for (size_t i = 0; i < n->text_count; i++)
            *text_slot(n, n->texts[i]) = (uint32_t)i + 1;
    }
    uint32_t *slot = text_slot(n, text);
    if (!*slot) {
        n->texts = ms_memory_grow(n->texts, n->text_count + 1, &n->text_capacity, sizeof *n->texts);
        n->texts[n->text_count++] = text;
        *slot = (uint32_t)n->text_count;
    }
    return *slot;
}

/* ---- frames ----------------------------------------------------------------------------- */

static uint64_t hash_frame(const ms_html_names *n, const ms_frame *f) {
    uint64_t hash = ms_mum((f->function ? hash_text(n, f->function) : 1) ^ f->line, MS_HASH_K);
    hash = ms_mum(hash ^ (f->module ? hash_text(n, f->module) : 1), MS_HASH_K);
    return ms_mum(hash ^ f->address, MS_HASH_K);
}

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_frame(const ms_frame *a, const ms_frame *b) {
    return a->line == b->line && a->address == b->address && a->inlined == b->inlined &&
           a->wrapper == b->wrapper && same_text(a->function, b->function) &&
           same_text(a->file, b->file) && same_text(a->module, b->module) &&
           same_text(a->broken, b->broken);
}

static uint32_t *frame_slot(const ms_html_names *n, const ms_frame *frame) {
    size_t i = hash_frame(n, frame) & n->frame_mask;
    while (n->frame_slots[i] && !same_frame(&n->frames[n->frame_slots[i] - 1], frame))
        i = (i + 1) & n->frame_mask;
    return &n->frame_slots[i];
}

static uint32_t frame_number(ms_html_names *n, const ms_frame *frame) {
    if (needs_room(n->frame_count, n->frame_mask)) {
        n->frame_slots = larger(n->frame_slots, &n->frame_mask);
        for (size_t i = 0; i < n->frame_count; i++)
            *frame_slot(n, &n->frames[i]) = (uint32_t)i + 1;
    }
    uint32_t *slot = frame_slot(n, frame);
    if (!*slot) {
        n->frames =
            ms_memory_grow(n->frames, n->frame_count + 1, &n->frame_capacity, sizeof *n->frames);
        n->frames[n->frame_count++] = *frame;
        *slot = (uint32_t)n->frame_count;
    }
    return *slot - 1;
}

/* ---- nodes ------------------------------------------------------------------------------ */

static uint32_t *node_slot(const ms_html_names *n, struct ms_html_node node) {
    size_t i = ms_hash_u64(n->seed ^ ((uint64_t)node.parent << 32 ^ node.frame)) & n->node_mask;
    while (n->node_slots[i]) {
        struct ms_html_node *other = &n->nodes[n->node_slots[i] - 1];
        if (other->parent == node.parent && other->frame == node.frame)
            break;
        i = (i + 1) & n->node_mask;
    }
    return &n->node_slots[i];
}

static uint32_t node_number(ms_html_names *n, struct ms_html_node node) {
    if (needs_room(n->node_count, n->node_mask)) {
        n->node_slots = larger(n->node_slots, &n->node_mask);
        for (size_t i = 0; i < n->node_count; i++)
            *node_slot(n, n->nodes[i]) = (uint32_t)i + 1;
    }
    uint32_t *slot = node_slot(n, node);
    if (!*slot) {
        n->nodes = ms_memory_grow(n->nodes, n->node_count + 1, &n->node_capacity, sizeof *n->nodes);
        n->nodes[n->node_count++] = node;
        *slot = (uint32_t)n->node_count;
    }
    return *slot;
}

static uint32_t add_stack(ms_html_names *n, const ms_stack *stack) {
    uint32_t node = 0;
    for (uint32_t i = stack->count; i-- > 0;)
        node = node_number(n, (struct ms_html_node){node, frame_number(n, &stack->frames[i])});
    return node;
}

/* ---- all of a model --------------------------------------------------------------------- */

static void collect(ms_html_names *n, const void *record, const ms_record_info *info) {
    for (size_t i = 0; i < info->field_count; i++) {
        const ms_field_info *field = &info->fields[i];
        const void *place = (const char *)record + field->offset, *items;
        if (field->kind == MS_TEXT)
            ms_html_text(n, *(const char *const *)place);
        else if (field->kind == MS_NESTED)
            collect(n, place, field->nested);
        if (field->kind == MS_NESTED_LIST) {
            size_t count = ms_nested_records(record, field, &items);
            for (size_t k = 0; k < count; k++)
                collect(n, (const char *)items + k * field->nested->size, field->nested);
        }
        if (field->kind == MS_TEXTS) {
            const ms_texts *texts = place;
            for (size_t k = 0; k < texts->count; k++)
                ms_html_text(n, texts->items[k]);
        }
    }
}

void ms_html_names_init(ms_html_names *n, const ms_model *model) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    *n = (ms_html_names){.seed = ms_hash_u64((uint64_t)now.tv_nsec ^ (uintptr_t)n) | 1};
    n->stack_nodes = ms_memory_zeroed(model->stacks.count + 1, sizeof *n->stack_nodes);
    for (size_t i = 0; i < model->stacks.count; i++)
        n->stack_nodes[i] = add_stack(n, &model->stacks.items[i]);
    for (size_t i = 0; i < n->frame_count; i++)
        collect(n, &n->frames[i], &ms_record_frame);
    for (size_t i = 0; i < ms_part_count; i++) {
        const void *records;
        size_t count = ms_part_records(model, &ms_parts[i], &records);
        for (size_t k = 0; k < count; k++)
            collect(n, (const char *)records + k * ms_parts[i].record->size, ms_parts[i].record);
    }
}

void ms_html_names_deinit(ms_html_names *n) {
    free(n->texts);
    free(n->text_slots);
    free(n->frames);
    free(n->frame_slots);
    free(n->nodes);
    free(n->node_slots);
    free(n->stack_nodes);
}
