/* marks.h - which live blocks were recorded, while a thread may record samples only: the death of a block
 * is an event exactly when its birth was one.
 *
 * One bit for each 16 bytes of address space, in leaves of 1 GiB that are made when first needed: 1/128 of
 * the memory around recorded blocks at most. No probing, no lock.
 *
 * Before it stands a filter that stays in the processor's first cache: how many marked blocks there are whose
 * addresses have the same hash. While few blocks are marked, it answers for nearly all others. */
#ifndef MS_CAPTURE_MARKS_H
#define MS_CAPTURE_MARKS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/state.h"

enum { MS_MARK_LEAF_BITS = 30, MS_MARK_GRANULE_BITS = 4, MS_MARK_FILTER = 1024 };

extern MS_HIDDEN _Atomic uint32_t ms_mark_filter[MS_MARK_FILTER];

static inline _Atomic uint32_t *ms_mark_hint(const void *address) {
    uint64_t granule = (uint64_t)address >> MS_MARK_GRANULE_BITS;
    return &ms_mark_filter[(granule ^ granule >> 10) % MS_MARK_FILTER];
}

extern MS_HIDDEN _Atomic(_Atomic uint64_t *) ms_marks[1u << (47 - MS_MARK_LEAF_BITS)];

/* Without memory for a leaf there is no telling: then every release is an event. */
extern MS_HIDDEN _Atomic bool ms_marks_failed;

/* The block at `address`, not marked, is recorded. */
void ms_mark(const void *address);

/* The word that holds the mark of `address`; NULL: nothing near it was ever marked. */
static inline _Atomic uint64_t *ms_mark_word(const void *address) {
    uint64_t index = (uint64_t)address >> MS_MARK_LEAF_BITS;
    uint64_t granule = (uint64_t)address >> MS_MARK_GRANULE_BITS;
    if (ms_unlikely(index >= sizeof ms_marks / sizeof *ms_marks))
        return NULL;
    _Atomic uint64_t *leaf = atomic_load_explicit(&ms_marks[index], memory_order_acquire);
    return leaf ? &leaf[granule % (1u << (MS_MARK_LEAF_BITS - MS_MARK_GRANULE_BITS)) / 64] : NULL;
}

static inline uint64_t ms_mark_bit(const void *address) {
    return UINT64_C(1) << ((uint64_t)address >> MS_MARK_GRANULE_BITS) % 64;
}

static inline bool ms_is_marked(const void *address) {
    if (ms_likely(!atomic_load_explicit(ms_mark_hint(address), memory_order_relaxed)))
        return atomic_load_explicit(&ms_marks_failed, memory_order_relaxed);
    const _Atomic uint64_t *word = ms_mark_word(address);
    if (word && atomic_load_explicit(word, memory_order_relaxed) & ms_mark_bit(address))
        return true;
    return atomic_load_explicit(&ms_marks_failed, memory_order_relaxed);
}

/* Takes the mark off; false when there is none. To be called before the block is really released, for
 * then its address may be somebody else's. */
static inline bool ms_unmark(const void *address) {
    if (ms_likely(!ms_is_marked(address)))
        return false;
    _Atomic uint64_t *word = ms_mark_word(address);
    uint64_t bit = ms_mark_bit(address);
    if (word && atomic_fetch_and_explicit(word, ~bit, memory_order_relaxed) & bit)
        atomic_fetch_sub_explicit(ms_mark_hint(address), 1, memory_order_relaxed);
    return true;
}

/* Forgets all marks, while nobody records. */
void ms_marks_clear(void);

/* The same after fork: the kernel has wiped the leaves already. */
void ms_marks_reset(void);

#endif
