#include "capture/marks.h"

#include "capture/os.h"
#include "capture/no_malloc.h"

#define LEAF_SIZE ((size_t)1 << (MS_MARK_LEAF_BITS - MS_MARK_GRANULE_BITS - 3))

_Atomic(_Atomic uint64_t *) ms_marks[1u << (47 - MS_MARK_LEAF_BITS)];
_Atomic bool ms_marks_failed;
_Atomic uint32_t ms_mark_filter[MS_MARK_FILTER];

/* Makes the leaf, unless another thread is faster. */
static bool make_leaf(uint64_t index) {
    _Atomic uint64_t *none = NULL, *leaf = ms_os_memory(LEAF_SIZE, true);
    if (leaf && !atomic_compare_exchange_strong(&ms_marks[index], &none, leaf))
        ms_os_memory_free(leaf, LEAF_SIZE);
    return leaf;
}

void ms_mark(const void *address) {
    uint64_t index = (uint64_t)address >> MS_MARK_LEAF_BITS;
    _Atomic uint64_t *word = ms_mark_word(address);
    if (!word && index < sizeof ms_marks / sizeof *ms_marks && make_leaf(index))
        word = ms_mark_word(address);
    if (!word) {
        atomic_store(&ms_marks_failed, true);
        return;
    }
    uint64_t bit = ms_mark_bit(address);
    if (!(atomic_fetch_or_explicit(word, bit, memory_order_relaxed) & bit))
        atomic_fetch_add_explicit(ms_mark_hint(address), 1, memory_order_relaxed);
}

void ms_marks_clear(void) {
    for (size_t i = 0; i < sizeof ms_marks / sizeof *ms_marks; i++) {
        if (ms_marks[i])
            ms_os_clear(ms_marks[i], LEAF_SIZE);
    }
    ms_marks_reset();
}

void ms_marks_reset(void) {
    atomic_store(&ms_marks_failed, false);
    for (size_t i = 0; i < MS_MARK_FILTER; i++)
        atomic_store_explicit(&ms_mark_filter[i], 0, memory_order_relaxed);
}
