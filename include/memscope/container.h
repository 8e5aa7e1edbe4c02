/* memscope/container.h - containers that a program makes itself: how much room they have, and use.
 *
 *   memscope_container_grown(list, "list", list->items, list->room * sizeof *list->items,
 *                            list->count * sizeof *list->items);
 *   memscope_container_filled(list, list->count, list->room);
 *
 * Those of other libraries have headers of their own, which tell both at once: memscope/adapt_*.h. An array
 * that is grown by realloc needs no word at all, but is then known by where it grows, not by name, and not
 * by what it uses. */
#ifndef MEMSCOPE_CONTAINER_H
#define MEMSCOPE_CONTAINER_H

#include "memscope/value.h"

/* As `capacity`: the container has room for as many bytes as the block has that its elements are in. */
#define MEMSCOPE_ROOM_OF_BLOCK SIZE_MAX

/* To be said when its room has changed, or at any time: the container, named by a constant text, keeps its
 * elements at `elements`, NULL for none, in `capacity` bytes of which `used` are in use, MEMSCOPE_NOT_TOLD
 * when that is not known. */
#define memscope_container_grown(container, name, elements, capacity, used)                        \
    MEMSCOPE_SAY_(name, NULL, MEMSCOPE_KIND_CONTAINER,                                             \
                  memscope_note_(memscope_here, MEMSCOPE_NOTE_CONTAINER,                           \
                                 memscope_see_pointer_(container).address,                         \
                                 memscope_see_pointer_(elements).address, capacity, used))

/* Behind that: it has so many elements, in so many slots: places of an array, buckets of a hash table.
 * MEMSCOPE_NOT_TOLD for what is not known. */
MEMSCOPE_INLINE_ void memscope_container_filled(const void *container, uint64_t elements,
                                                uint64_t slots) {
    memscope_note_(NULL, MEMSCOPE_NOTE_CONTAINER_FILLED, container, NULL, slots, elements);
}

/* The container is gone, and what it had. Not needed when it begins a block that is freed. */
MEMSCOPE_INLINE_ void memscope_container_gone(const void *container) {
    memscope_note_(NULL, MEMSCOPE_NOTE_CONTAINER_GONE, container, NULL, 0, 0);
}

/* ---- for memscope/adapt_*.h --------------------------------------------------------------------- */

/* Both at once. */
struct memscope_container_ {
    const void *container, *elements;
    size_t capacity;
    uint64_t used, filled, slots;
};

MEMSCOPE_INLINE_ void memscope_container_tell_(struct memscope_place *place,
                                               struct memscope_container_ c) {
    memscope_note_(place, MEMSCOPE_NOTE_CONTAINER, c.container, c.elements, c.capacity, c.used);
    memscope_container_filled(c.container, c.filled, c.slots);
}

/* Is anybody listening? What costs more than a look at the container is not done in vain. */
MEMSCOPE_INLINE_ int memscope_is_told_(void) {
    const struct memscope_calls *calls = memscope_calls_();
    return calls && calls->is_recording();
}

/* `tell` is a function of the place and of `...`. */
#define MEMSCOPE_CONTAINER_(name, type, tell, ...)                                                 \
    MEMSCOPE_SAY_(name, type, MEMSCOPE_KIND_CONTAINER, tell(memscope_here, __VA_ARGS__))

#endif
