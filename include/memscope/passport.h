/* memscope/passport.h - blocks that cross a boundary: to code with another allocator, another language,
 * another owner. Each crossing is recorded with the stack of the caller. */
#ifndef MEMSCOPE_PASSPORT_H
#define MEMSCOPE_PASSPORT_H

#include "memscope/value.h"

/* The block is the other side's from now on; `to` names that side and is a constant text. */
#define memscope_passport_handover(pointer, to)                                                    \
    MEMSCOPE_SAY_(to, NULL, MEMSCOPE_KIND_OTHER,                                                   \
                  memscope_note_stack_(memscope_here, MEMSCOPE_NOTE_HANDOVER,                      \
                                       memscope_see_pointer_(pointer).address, NULL, 0, 0))

/* It is ours again. */
MEMSCOPE_INLINE_ void memscope_passport_reclaim(const void *pointer) {
    memscope_note_stack_(NULL, MEMSCOPE_NOTE_RECLAIM, pointer, NULL, 0, 0);
}

/* The other side has released it; also of memory whose release nobody records. */
MEMSCOPE_INLINE_ void memscope_passport_freed_abroad(const void *pointer) {
    memscope_note_stack_(NULL, MEMSCOPE_NOTE_FREED_ABROAD, pointer, NULL, 0, 0);
}

#endif
