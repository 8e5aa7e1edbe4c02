/* marks.h - which live blocks were recorded, while a thread may record samples only: the death of a block
 * is an event exactly when its birth was one.
 *
 * One bit for each 16 bytes of address space, in leaves of 1 GiB that are made when first needed: 1/128 of
 * the memory around recorded blocks at most. No hash, no probing, no lock. */
#ifndef MS_CAPTURE_MARKS_H
#define MS_CAPTURE_MARKS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/state.h"

enum { MS_MARK_LEAF_BITS = 30, MS_MARK_GRANULE_BITS = 4 };

extern MS_HIDDEN _Atomic(_Atomic uint64_t *) ms_marks[1u << (47 - MS_MARK_LEAF_BITS)];

/* Without memory for a leaf there is no telling: then every release is an event. */
extern MS_HIDDEN _Atomic bool ms_marks_failed;

/* The block at `address`, not marked, is recorded. */
void ms_mark(const void *address);

/* Takes the mark off; false when there is none. To be called before the block is really released, for
 * then its address may be somebody else's. */
static inline bool ms_unmark(const void *address) {
    uint64_t granule = (uint64_t)address >> MS_MARK_GRANULE_BITS;
    uint64_t leaf_index = (uint64_t)address >> MS_MARK_LEAF_BITS;
    if (ms_unlikely(leaf_index >= sizeof ms_marks / sizeof *ms_marks))
        return true;
    _Atomic uint64_t *leaf = atomic_load_explicit(&ms_marks[leaf_index], memory_order_acquire);
    if (ms_likely(!leaf))
        return atomic_load_explicit(&ms_marks_failed, memory_order_relaxed);
    _Atomic uint64_t *word =
        &leaf[(granule & ((1u << (MS_MARK_LEAF_BITS - MS_MARK_GRANULE_BITS)) - 1)) / 64];
    uint64_t bit = UINT64_C(1) << granule % 64;
    if (ms_likely(!(atomic_load_explicit(word, memory_order_relaxed) & bit)))
        return atomic_load_explicit(&ms_marks_failed, memory_order_relaxed);
    return atomic_fetch_and_explicit(word, ~bit, memory_order_relaxed) & bit;
}

/* Forgets all marks, after fork: the kernel has wiped them already. */
void ms_marks_reset(void);

#endif
