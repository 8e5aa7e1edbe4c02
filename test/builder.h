/* builder.h - models by hand, for tests of what reads models. */
#ifndef MS_TEST_BUILDER_H
#define MS_TEST_BUILDER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "util/arena.h"

/* Appends a zeroed record to a list of `model` and gives its place. */
#define ADD(model, list) (add_room((model)->arena, &(model)->list, sizeof *(model)->list.items))

static inline void *add_room(ms_arena *arena, void *list, size_t size) {
    struct {
        char *items;
        size_t count;
    } l;
    memcpy(&l, list, sizeof l);
    char *larger = ms_arena_alloc(arena, (l.count + 1) * size);
    if (l.count)
        memcpy(larger, l.items, l.count * size);
    l.items = larger;
    l.count++;
    memcpy(list, &l, sizeof l);
    return larger + (l.count - 1) * size;
}

/* A stack from words, innermost first: "xmalloc@util.c:10 main@main.c:3 +1f40". A word that begins
 * with + is a frame without a name at that address; @file:line may be missing. All in `module`. */
static inline uint32_t add_stack(ms_model *model, const char *module, const char *words) {
    ms_stack *stack = ADD(model, stacks);
    struct {
        ms_frame *items;
        size_t count;
    } frames = {0};
    char *copy = ms_arena_text(model->arena, words, strlen(words));
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
        ms_frame *frame = add_room(model->arena, &frames, sizeof *frame);
        char *file = strchr(word, '@'), *line = file ? strrchr(file, ':') : NULL;
        *frame = (ms_frame){.module = module, .line = MS_UNKNOWN, .address = MS_UNKNOWN};
        if (*word == '+') {
            frame->address = strtoull(word + 1, NULL, 16);
            continue;
        }
        frame->function = word;
        if (!line)
            continue;
        *file = *line = 0;
        frame->file = file + 1;
        frame->line = strtoull(line + 1, NULL, 10);
        frame->address = 0x1000 + frame->line;
    }
    stack->frames = frames.items;
    stack->count = (uint32_t)frames.count;
    return (uint32_t)(model->stacks.count - 1);
}

/* Gives every field of `record` that is the error of another one a value. */
static inline void set_errors(void *record, const ms_record_info *info, uint64_t error) {
    for (size_t i = 0; i < info->field_count; i++) {
        const char *ending = strstr(info->fields[i].name, "_error");
        if (ending && !ending[strlen("_error")])
            memcpy((char *)record + info->fields[i].offset, &error, sizeof error);
    }
}

/* A site that made `births` allocations of `min` to `max` bytes each; nothing of it is live. */
static inline ms_site *add_site(ms_model *model, const char *stack, uint64_t births, uint64_t min,
                                uint64_t max) {
    uint32_t index = *stack ? add_stack(model, "demo", stack) : MS_NO_STACK;
    ms_site *site = ADD(model, sites);
    *site = (ms_site){.id = model->sites.count,
                      .stack = index,
                      .family = "malloc",
                      .allocations = births,
                      .frees = births,
                      .bytes_allocated = births * max,
                      .min_size = min,
                      .max_size = max,
                      .lifetime_ns = {MS_UNKNOWN, MS_UNKNOWN, MS_UNKNOWN, MS_UNKNOWN, 0},
                      .evidence = "recorded",
                      .recorded_births = births};
    set_errors(site, &ms_record_site, MS_UNKNOWN);
    return site;
}

#endif
