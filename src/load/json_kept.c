#include "load/json_kept.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

#include "util/memory.h"

void ms_json_kept_init(ms_json_kept *kept, ms_arena *arena) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    *kept = (ms_json_kept){.arena = arena, .seed = (uint64_t)now.tv_nsec ^ (uintptr_t)kept};
    ms_map_init(&kept->text_of, arena);
    ms_map_init(&kept->stack_of, arena);
}

void ms_json_kept_deinit(ms_json_kept *kept) {
    free(kept->texts);
    free(kept->stacks);
}

/* ---- texts ------------------------------------------------------------------------------ */

static const char *add_text(ms_json_kept *kept, const char *bytes, size_t size) {
    kept->texts = ms_memory_grow(kept->texts, kept->text_count + 1, &kept->text_capacity,
                                 sizeof *kept->texts);
    return kept->texts[kept->text_count++] = ms_arena_text(kept->arena, bytes, size);
}

const char *ms_json_kept_text(ms_json_kept *kept, const char *bytes, size_t size) {
    for (uint64_t key = XXH3_64bits_withSeed(bytes, size, kept->seed);; key++) {
        bool fresh;
        uint32_t *index = ms_map_at(&kept->text_of, key, &fresh);
        if (fresh) {
            *index = (uint32_t)kept->text_count;
            return add_text(kept, bytes, size);
        }
        const char *text = kept->texts[*index];
        if (strncmp(text, bytes, size) == 0 && !text[size])
            return text;
    }
}

/* ---- stacks ----------------------------------------------------------------------------- */

static uint32_t lifted(const ms_frame *frames, uint32_t count) {
    uint32_t depth = 0;
    while (depth + 1 < count && frames[depth].wrapper)
        depth++;
    return depth;
}

static uint32_t add_stack(ms_json_kept *kept, const ms_frame *frames, uint32_t count) {
    ms_frame *copy = ms_arena_alloc(kept->arena, count * sizeof *copy);
    if (count)
        memcpy(copy, frames, count * sizeof *copy);
    kept->stacks = ms_memory_grow(kept->stacks, kept->stack_count + 1, &kept->stack_capacity,
                                  sizeof *kept->stacks);
    kept->stacks[kept->stack_count] = (ms_stack){copy, count, lifted(frames, count)};
    return (uint32_t)kept->stack_count++;
}

uint32_t ms_json_kept_stack(ms_json_kept *kept, const ms_frame *frames, uint32_t count) {
    size_t size = count * sizeof *frames;
    for (uint64_t key = XXH3_64bits_withSeed(frames, size, kept->seed);; key++) {
        bool fresh;
        uint32_t *index = ms_map_at(&kept->stack_of, key, &fresh);
        if (fresh)
            return *index = add_stack(kept, frames, count);
        const ms_stack *stack = &kept->stacks[*index];
        if (stack->count == count && (!count || memcmp(stack->frames, frames, size) == 0))
            return *index;
    }
}

void ms_json_kept_finish(ms_json_kept *kept, ms_model *model) {
    model->stacks.count = kept->stack_count;
    model->stacks.items =
        ms_arena_alloc(model->arena, kept->stack_count * sizeof *model->stacks.items);
    if (kept->stack_count)
        memcpy(model->stacks.items, kept->stacks, kept->stack_count * sizeof *model->stacks.items);
}
