/* memscope/container.h - containers that a program makes itself: how much room they have, and use. */
#ifndef MEMSCOPE_CONTAINER_H
#define MEMSCOPE_CONTAINER_H

#include "memscope/value.h"

/* To be said when its room has changed, or at any time: the container, named by a constant text, keeps its
 * elements at `elements`, NULL for none, in `capacity` bytes of which `used` are in use. */
#define memscope_container_grown(container, name, elements, capacity, used)                        \
    MEMSCOPE_SAY_(name, NULL, MEMSCOPE_KIND_CONTAINER,                                             \
                  memscope_note_(memscope_here, MEMSCOPE_NOTE_CONTAINER,                           \
                                 memscope_see_pointer_(container).address,                         \
                                 memscope_see_pointer_(elements).address, capacity, used))

/* The container is gone, and what it had. */
MEMSCOPE_INLINE_ void memscope_container_gone(const void *container) {
    memscope_note_(NULL, MEMSCOPE_NOTE_CONTAINER_GONE, container, NULL, 0, 0);
}

#endif
