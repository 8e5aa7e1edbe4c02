/* memscope/reference.h - references that a program counts itself. Recorded with the stack of the caller, so
 * that a count that never comes down can be told by who holds it. */
#ifndef MEMSCOPE_REFERENCE_H
#define MEMSCOPE_REFERENCE_H

#include "memscope/value.h"

enum memscope_counter {
    MEMSCOPE_COUNTER_BOX = 1, /* one owner: a count of 1 or 0 */
    MEMSCOPE_COUNTER_RC = 2,
    MEMSCOPE_COUNTER_ARC = 3, /* atomic */
    MEMSCOPE_COUNTER_FOREIGN = 4,
    MEMSCOPE_COUNTER_GOBJECT = 5
};

MEMSCOPE_INLINE_ void memscope_counted_(const void *object, size_t size, uint64_t count,
                                        enum memscope_counter counter) {
    memscope_note_stack_(NULL, MEMSCOPE_NOTE_REF_NEW, object,
                         MEMSCOPE_POINTER_(const void *, MEMSCOPE_CAST_(uintptr_t, counter)), size,
                         count);
}

/* An object is counted from now on; it has `count` references. Its first MEMSCOPE_REF says so, too. */
MEMSCOPE_INLINE_ void memscope_ref_new(const void *object, size_t size, uint64_t count) {
    memscope_counted_(object, size, count, MEMSCOPE_COUNTER_FOREIGN);
}

/* One reference more, or one less; before the object is freed. */
#define MEMSCOPE_REF(object) MEMSCOPE_COUNT_REF_(REF, object)
#define MEMSCOPE_UNREF(object) MEMSCOPE_COUNT_REF_(UNREF, object)
#define MEMSCOPE_COUNT_REF_(what, object)                                                          \
    MEMSCOPE_SAY_(#object, NULL, MEMSCOPE_KIND_POINTER,                                            \
                  memscope_note_stack_(memscope_here, MEMSCOPE_NOTE_##what,                        \
                                       memscope_see_pointer_(object).address, NULL, 0,             \
                                       MEMSCOPE_NOT_TOLD))

/* The object has `count` references now. */
MEMSCOPE_INLINE_ void memscope_ref_changed(const void *object, uint64_t count) {
    memscope_note_stack_(NULL, MEMSCOPE_NOTE_REF_CHANGED, object, NULL, 0, count);
}

#endif
