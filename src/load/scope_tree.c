#include "load/scope_tree.h"

#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

void ms_scope_tree_init(ms_scope_tree *s, ms_arena *arena) {
    *s = (ms_scope_tree){0};
    ms_map_init(&s->of, arena);
}

void ms_scope_tree_deinit(ms_scope_tree *s) {
    for (size_t i = 0; i < s->stack_count; i++)
        free(s->stacks[i].items);
    free(s->stacks);
    free(s->items);
    *s = (ms_scope_tree){0};
}

static ms_scope_count *at(const ms_scope_tree *s, uint32_t scope) {
    return &s->items[scope - 1];
}

/* ---- who is where ----------------------------------------------------------------------- */

static ms_scope_stack *stack_of(ms_scope_tree *s, uint32_t thread) {
    if (thread >= s->stack_count) {
        s->stacks =
            ms_memory_grow(s->stacks, (size_t)thread + 1, &s->stack_capacity, sizeof *s->stacks);
        memset(s->stacks + s->stack_count, 0, (thread + 1 - s->stack_count) * sizeof *s->stacks);
        s->stack_count = (size_t)thread + 1;
    }
    return &s->stacks[thread];
}

/* False: there was no room for it. */
static bool is_counted(const ms_scope_tree *s, ms_entered entered) {
    return entered.scope && at(s, entered.scope)->place == entered.place;
}

static void push(ms_scope_tree *s, ms_scope_stack *stack, ms_entered entered) {
    stack->items =
        ms_memory_grow(stack->items, stack->count + 1, &stack->capacity, sizeof *stack->items);
    stack->items[stack->count++] = entered;
    if (is_counted(s, entered))
        at(s, entered.scope)->open++;
}

static void pop(ms_scope_tree *s, ms_scope_stack *stack, uint64_t now_us) {
    ms_entered left = stack->items[--stack->count];
    if (!is_counted(s, left))
        return;
    at(s, left.scope)->open--;
    at(s, left.scope)->total_us += now_us - left.since_us;
}

uint32_t ms_scope_tree_now(const ms_scope_tree *s, uint32_t thread) {
    if (thread >= s->stack_count)
        return 0;
    const ms_scope_stack *stack = &s->stacks[thread];
    return stack->count ? stack->items[stack->count - 1].scope : 0;
}

uint32_t ms_scope_tree_of(ms_scope_tree *s, uint32_t parent, uint32_t place, uint64_t now_us) {
    uint64_t key = (uint64_t)parent << 32 | place;
    uint32_t depth = parent ? at(s, parent)->depth + 1 : 1;
    if (depth > MS_SCOPES_DEPTH)
        return 0;
    if (s->count == MS_SCOPES_MAX)
        return ms_map_get(&s->of, key);
    uint32_t *number = ms_map_at(&s->of, key, NULL);
    if (!*number) {
        s->items = ms_memory_grow(s->items, s->count + 1, &s->capacity, sizeof *s->items);
        s->items[s->count] =
            (ms_scope_count){.place = place, .parent = parent, .depth = depth, .first_us = now_us};
        *number = (uint32_t)++s->count;
    }
    return *number;
}

void ms_scope_tree_enter(ms_scope_tree *s, uint32_t thread, uint32_t place, uint64_t now_us) {
    ms_scope_stack *stack = stack_of(s, thread);
    if (stack->count == MS_SCOPES_DEPTH) {
        stack->beyond++;
        s->left_out++;
        return;
    }
    uint32_t around = ms_scope_tree_now(s, thread);
    uint32_t scope = ms_scope_tree_of(s, around, place, now_us);
    if (scope)
        at(s, scope)->entered++;
    else
        s->left_out++;
    push(s, stack, (ms_entered){thread, place, scope ? scope : around, now_us});
}

bool ms_scope_tree_restore(ms_scope_tree *s, ms_entered entered) {
    ms_scope_stack *stack = stack_of(s, entered.thread);
    if (stack->count == MS_SCOPES_DEPTH || entered.scope > s->count)
        return false;
    push(s, stack, entered);
    return true;
}

void ms_scope_tree_restore_beyond(ms_scope_tree *s, uint32_t thread, uint64_t beyond) {
    stack_of(s, thread)->beyond = beyond;
}

bool ms_scope_tree_leave(ms_scope_tree *s, const ms_places *places, uint32_t thread, uint32_t place,
                         uint64_t now_us) {
    ms_scope_stack *stack = stack_of(s, thread);
    if (stack->beyond) {
        stack->beyond--;
        return true;
    }
    size_t depth = stack->count;
    while (depth && !ms_places_same_name(places, stack->items[depth - 1].place, place))
        depth--;
    if (!depth)
        return false;
    bool innermost = depth == stack->count;
    while (stack->count >= depth)
        pop(s, stack, now_us);
    return innermost;
}

void ms_scope_tree_finish(ms_scope_tree *s, uint64_t now_us) {
    for (size_t i = 0; i < s->stack_count; i++)
        for (size_t j = 0; j < s->stacks[i].count; j++) {
            ms_entered *entered = &s->stacks[i].items[j];
            if (is_counted(s, *entered))
                at(s, entered->scope)->total_us += now_us - entered->since_us;
            entered->since_us = now_us;
        }
}

/* ---- what is born there ----------------------------------------------------------------- */

void ms_scope_tree_born(ms_scope_tree *s, uint32_t scope, uint64_t size, ms_estimate weight,
                        bool is_realloc) {
    for (; scope; scope = at(s, scope)->parent)
        ms_tally_born(&at(s, scope)->tally, size, weight, is_realloc);
}

void ms_scope_tree_died(ms_scope_tree *s, uint32_t scope, uint64_t size, ms_estimate weight) {
    for (; scope; scope = at(s, scope)->parent)
        ms_tally_leave(&at(s, scope)->tally, size, weight);
}

void ms_scope_tree_enter_block(ms_scope_tree *s, uint32_t scope, uint64_t size,
                               ms_estimate weight) {
    for (; scope; scope = at(s, scope)->parent)
        ms_tally_enter(&at(s, scope)->tally, size, weight);
}
