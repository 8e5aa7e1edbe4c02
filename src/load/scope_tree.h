/* scope_tree.h - the named scopes of a program, as a tree: a scope is a place that is entered within another
 * scope, or within none. What is born in one counts in all around it. One thread at a time. */
#ifndef MS_LOAD_SCOPE_TREE_H
#define MS_LOAD_SCOPE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/places.h"
#include "load/tally.h"
#include "util/map.h"

#define MS_SCOPES_MAX (1u << 16) /* of the tree */
#define MS_SCOPES_DEPTH 256u /* each birth is counted in so many, so it must not be without end */

typedef struct ms_scope_count {
    uint32_t place;  /* index + 1 */
    uint32_t parent; /* index + 1; 0: none */
    uint32_t depth;  /* from 1 */
    uint64_t entered;
    uint64_t first_us;
    uint64_t total_us; /* of all threads together, from enter to leave */
    uint32_t open;     /* entered and not left, now */
    ms_tally tally;
} ms_scope_count;

/* That a thread is in a scope. */
typedef struct ms_entered {
    uint32_t thread; /* index */
    uint32_t place;  /* index + 1 */
    uint32_t scope;  /* index + 1; where there was no room for it, the one around it, or 0 */
    uint64_t since_us;
} ms_entered;

/* The scopes a thread is in, the outermost first. */
typedef struct ms_scope_stack {
    ms_entered *items;
    size_t count, capacity;
    uint64_t beyond; /* scopes within these, which are not told apart */
} ms_scope_stack;

typedef struct ms_scope_tree {
    ms_scope_count *items; /* a parent stands before its children */
    size_t count, capacity;
    ms_map of;              /* parent, place -> index + 1 */
    ms_scope_stack *stacks; /* by index of the thread */
    size_t stack_count, stack_capacity;
    uint64_t left_out; /* times one was entered that there was no room for */
} ms_scope_tree;

/* `arena` is borrowed. */
void ms_scope_tree_init(ms_scope_tree *scopes, ms_arena *arena);
void ms_scope_tree_deinit(ms_scope_tree *scopes);

/* The index + 1 of the scope at `place` within `parent`, made if need be; 0 when there are too many, or it
 * would be too deep. */
uint32_t ms_scope_tree_of(ms_scope_tree *scopes, uint32_t parent, uint32_t place, uint64_t now_us);

/* The innermost scope that the thread is in and that is counted, index + 1; 0: none. */
uint32_t ms_scope_tree_now(const ms_scope_tree *scopes, uint32_t thread);

/* The thread enters the scope at `place`, index + 1. */
void ms_scope_tree_enter(ms_scope_tree *scopes, uint32_t thread, uint32_t place, uint64_t now_us);

/* It was in `entered` when a checkpoint was written. False: it cannot have been. */
bool ms_scope_tree_restore(ms_scope_tree *scopes, ms_entered entered);

/* So many more, which are not told apart. */
void ms_scope_tree_restore_beyond(ms_scope_tree *scopes, uint32_t thread, uint64_t beyond);

/* The thread leaves the scope that was entered at the place, or at one of that name, and those within, if
 * any. False when it was not the innermost; then, if it was in it at all, it is not any more. */
bool ms_scope_tree_leave(ms_scope_tree *scopes, const ms_places *places, uint32_t thread,
                         uint32_t place, uint64_t now_us);

/* A birth and the end of a block in a scope, index + 1, and all around it; and a block that counts again,
 * without a birth. */
void ms_scope_tree_born(ms_scope_tree *scopes, uint32_t scope, uint64_t size, ms_estimate weight,
                        bool is_realloc);
void ms_scope_tree_died(ms_scope_tree *scopes, uint32_t scope, uint64_t size, ms_estimate weight);

void ms_scope_tree_enter_block(ms_scope_tree *scopes, uint32_t scope, uint64_t size,
                               ms_estimate weight);

/* The trace is over: whoever is in a scope has been in it until now. */
void ms_scope_tree_finish(ms_scope_tree *scopes, uint64_t now_us);

#endif
