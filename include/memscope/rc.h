/* memscope/rc.h - box, rc, arc and weak: memory with one owner, or with counted ones. Complete without
 * memscope, which records who took and who gave up a reference.
 *
 *   struct node *node = memscope_rc_new(sizeof *node);     arc: the same, for more than one thread
 *   struct node *other = memscope_rc_clone(node);
 *   memscope_weak *weak = memscope_weak_from(node);        keeps the memory, not the object
 *   memscope_rc_drop(node);
 *   memscope_rc_drop(other);                               the last: the object is destroyed
 *   node = memscope_weak_upgrade(weak);                    NULL by now
 *   memscope_weak_drop(weak);
 *
 * New objects are all 0; NULL without memory. Dropping NULL does nothing. */
#ifndef MEMSCOPE_RC_H
#define MEMSCOPE_RC_H

#include <stdbool.h>
#include <stdlib.h>

#include "memscope/reference.h"

/* The counts lie in front of the object. All owners together hold one weak reference. */
typedef struct memscope_weak {
    size_t strong, weak;
    void (*destroy)(void *object);
    size_t is_shared; /* between threads: counts are atomic */
} memscope_weak;

#define MEMSCOPE_RC_HEAD_ sizeof(memscope_weak) /* 32: the object is aligned as malloc's are */

MEMSCOPE_INLINE_ memscope_weak *memscope_rc_head_(const void *object) {
    return MEMSCOPE_POINTER_(memscope_weak *, MEMSCOPE_NUMBER_(object) - MEMSCOPE_RC_HEAD_);
}

MEMSCOPE_INLINE_ void *memscope_rc_object_(memscope_weak *head) {
    return MEMSCOPE_POINTER_(void *, MEMSCOPE_NUMBER_(head) + MEMSCOPE_RC_HEAD_);
}

/* Both return the count now. */
MEMSCOPE_INLINE_ size_t memscope_count_up_(const memscope_weak *head, size_t *count) {
    return head->is_shared ? __atomic_add_fetch(count, 1, __ATOMIC_RELAXED) : ++*count;
}

MEMSCOPE_INLINE_ size_t memscope_count_down_(const memscope_weak *head, size_t *count) {
    return head->is_shared ? __atomic_sub_fetch(count, 1, __ATOMIC_ACQ_REL) : --*count;
}

MEMSCOPE_INLINE_ void *memscope_rc_make_(size_t size, void (*destroy)(void *), bool is_shared) {
    if (size > SIZE_MAX - MEMSCOPE_RC_HEAD_)
        return NULL;
    memscope_weak *head = MEMSCOPE_CAST_(memscope_weak *, calloc(1, MEMSCOPE_RC_HEAD_ + size));
    if (!head)
        return NULL;
    head->strong = head->weak = 1;
    head->destroy = destroy;
    head->is_shared = is_shared;
    void *object = memscope_rc_object_(head);
    memscope_counted_(object, size, 1, is_shared ? MEMSCOPE_COUNTER_ARC : MEMSCOPE_COUNTER_RC);
    return object;
}

MEMSCOPE_INLINE_ void *memscope_rc_take_(void *object) {
    memscope_weak *head = memscope_rc_head_(object);
    size_t count = memscope_count_up_(head, &head->strong);
    memscope_note_stack_(NULL, MEMSCOPE_NOTE_REF, object, NULL, 0, count);
    return object;
}

MEMSCOPE_INLINE_ void memscope_rc_release_(void *object) {
    if (!object)
        return;
    memscope_weak *head = memscope_rc_head_(object);
    size_t count = memscope_count_down_(head, &head->strong);
    memscope_note_stack_(NULL, MEMSCOPE_NOTE_UNREF, object, NULL, 0, count);
    if (count > 0)
        return;
    if (head->destroy)
        head->destroy(object);
    if (memscope_count_down_(head, &head->weak) == 0)
        free(head);
}

/* ---- rc: for one thread, or under a lock ---------------------------------------------------------- */

MEMSCOPE_INLINE_ void *memscope_rc_new(size_t size) {
    return memscope_rc_make_(size, NULL, false);
}

/* `destroy` is called with the object when its last owner drops it, to release what it holds. */
MEMSCOPE_INLINE_ void *memscope_rc_new_with(size_t size, void (*destroy)(void *object)) {
    return memscope_rc_make_(size, destroy, false);
}

MEMSCOPE_INLINE_ void *memscope_rc_clone(void *object) {
    return memscope_rc_take_(object);
}

MEMSCOPE_INLINE_ void memscope_rc_drop(void *object) {
    memscope_rc_release_(object);
}

/* ---- arc: for any number of threads ---------------------------------------------------------------- */

MEMSCOPE_INLINE_ void *memscope_arc_new(size_t size) {
    return memscope_rc_make_(size, NULL, true);
}

MEMSCOPE_INLINE_ void *memscope_arc_new_with(size_t size, void (*destroy)(void *object)) {
    return memscope_rc_make_(size, destroy, true);
}

MEMSCOPE_INLINE_ void *memscope_arc_clone(void *object) {
    return memscope_rc_take_(object);
}

MEMSCOPE_INLINE_ void memscope_arc_drop(void *object) {
    memscope_rc_release_(object);
}

/* ---- both ----------------------------------------------------------------------------------------- */

MEMSCOPE_INLINE_ size_t memscope_rc_count(const void *object) {
    return __atomic_load_n(&memscope_rc_head_(object)->strong, __ATOMIC_RELAXED);
}

/* Of an object that the caller owns. */
MEMSCOPE_INLINE_ memscope_weak *memscope_weak_from(const void *object) {
    memscope_weak *head = memscope_rc_head_(object);
    size_t count = memscope_count_up_(head, &head->weak) - 1; /* without that of the owners */
    memscope_note_stack_(NULL, MEMSCOPE_NOTE_WEAK, object, NULL, 0, count);
    return head;
}

/* The object, with one owner more, or NULL when it is gone. */
MEMSCOPE_INLINE_ void *memscope_weak_upgrade(memscope_weak *weak) {
    size_t count = __atomic_load_n(&weak->strong, __ATOMIC_RELAXED);
    do {
        if (count == 0)
            return NULL;
    } while (!__atomic_compare_exchange_n(&weak->strong, &count, count + 1, true, __ATOMIC_ACQUIRE,
                                          __ATOMIC_RELAXED));
    void *object = memscope_rc_object_(weak);
    memscope_note_stack_(NULL, MEMSCOPE_NOTE_REF, object, NULL, 0, count + 1);
    return object;
}

MEMSCOPE_INLINE_ void memscope_weak_drop(memscope_weak *weak) {
    if (!weak)
        return;
    bool owned = __atomic_load_n(&weak->strong, __ATOMIC_RELAXED) > 0;
    size_t count = memscope_count_down_(weak, &weak->weak);
    memscope_note_stack_(NULL, MEMSCOPE_NOTE_UNWEAK, memscope_rc_object_(weak), NULL, 0,
                         count - (owned && count > 0));
    if (count == 0)
        free(weak);
}

/* ---- box: one owner -------------------------------------------------------------------------------- */

MEMSCOPE_INLINE_ void *memscope_box_new(size_t size) {
    void *box = calloc(1, size);
    if (box)
        memscope_counted_(box, size, 1, MEMSCOPE_COUNTER_BOX);
    return box;
}

MEMSCOPE_INLINE_ void memscope_box_free(void *box) {
    if (box)
        memscope_note_stack_(NULL, MEMSCOPE_NOTE_UNREF, box, NULL, 0, 0);
    free(box);
}

#endif
