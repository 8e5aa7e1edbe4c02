/* memscope/scope.h - scopes: named parts of the program's run, for sums of what was allocated in them. */
#ifndef MEMSCOPE_SCOPE_H
#define MEMSCOPE_SCOPE_H

#include "memscope/calls.h"

MEMSCOPE_INLINE_ void memscope_scope_enter_(struct memscope_place *place) {
    memscope_note_(place, MEMSCOPE_NOTE_SCOPE_ENTER, NULL, NULL, 0, 0);
}

MEMSCOPE_INLINE_ void memscope_scope_leave_(struct memscope_place *place) {
    memscope_note_(place, MEMSCOPE_NOTE_SCOPE_LEAVE, NULL, NULL, 0, 0);
}

/* For scopes that are no block of the source. Of two with one name and no other between them, the second
 * call leaves what the first entered; the thread must be the same. The name is a constant text. */
#define memscope_scope_enter(name)                                                                 \
    MEMSCOPE_SAY_(name, NULL, MEMSCOPE_KIND_OTHER, memscope_scope_enter_(memscope_here))
#define memscope_scope_leave(name)                                                                 \
    MEMSCOPE_SAY_(name, NULL, MEMSCOPE_KIND_OTHER, memscope_scope_leave_(memscope_here))

/* From here to the end of the block, however it is left. */
#ifdef MEMSCOPE_DISABLE
#define MEMSCOPE_SCOPE(name) ((void)(name))
#else
#define MEMSCOPE_SCOPE(name) MEMSCOPE_SCOPE_(MEMSCOPE_PASTE_(memscope_scope_, __COUNTER__), name)
#define MEMSCOPE_SCOPE_(scope, name)                                                               \
    MEMSCOPE_PLACE_(scope, name, NULL, MEMSCOPE_KIND_OTHER);                                       \
    __attribute__((cleanup(memscope_scope_end_), unused)) struct memscope_place *const scope =     \
        memscope_scope_begin_(MEMSCOPE_AT_(scope))

MEMSCOPE_INLINE_ struct memscope_place *memscope_scope_begin_(struct memscope_place *place) {
    memscope_scope_enter_(place);
    return place;
}

MEMSCOPE_INLINE_ void memscope_scope_end_(struct memscope_place *const *place) {
    memscope_scope_leave_(*place);
}
#endif

#endif
