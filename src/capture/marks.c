#include "capture/marks.h"

#include "capture/os.h"
#include "capture/no_malloc.h"

#define LEAF_SIZE ((size_t)1 << (MS_MARK_LEAF_BITS - MS_MARK_GRANULE_BITS - 3))

_Atomic(_Atomic uint64_t *) ms_marks[1u << (47 - MS_MARK_LEAF_BITS)];
_Atomic bool ms_marks_failed;

static _Atomic uint64_t *leaf_at(uint64_t index) {
    _Atomic uint64_t *leaf = atomic_load_explicit(&ms_marks[index], memory_order_acquire);
    if (leaf)
        return leaf;
    _Atomic uint64_t *made = ms_os_memory(LEAF_SIZE, true);
    if (!made)
        return NULL;
    if (atomic_compare_exchange_strong(&ms_marks[index], &leaf, made))
        return made;
    ms_os_memory_free(made, LEAF_SIZE); /* another thread was faster */
    return leaf;
}

void ms_mark(const void *address) {
    uint64_t granule = (uint64_t)address >> MS_MARK_GRANULE_BITS;
    uint64_t index = (uint64_t)address >> MS_MARK_LEAF_BITS;
    _Atomic uint64_t *leaf = index < sizeof ms_marks / sizeof *ms_marks ? leaf_at(index) : NULL;
    if (!leaf) {
        atomic_store(&ms_marks_failed, true);
        return;
    }
    granule &= LEAF_SIZE * 8 - 1;
    atomic_fetch_or_explicit(&leaf[granule / 64], UINT64_C(1) << granule % 64,
                             memory_order_relaxed);
}

void ms_marks_reset(void) {
    atomic_store(&ms_marks_failed, false);
}
