/* grow.h - room for one more item in an array that doubles. */
#ifndef MS_SYMBOL_GROW_H
#define MS_SYMBOL_GROW_H

#include <stddef.h>
#include <stdlib.h>

/* `items` moved if need be so that items[count] exists, or NULL without memory, and then `items`
 * is as it was: the caller goes on with what it has. What was returned must be kept, used or not. Items are
 * `size` bytes. */
static inline void *ms_grow(void *items, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity) {
        return items;
    }
    size_t wanted = *capacity ? *capacity * 2 : 16;
    void *moved = reallocarray(items, wanted, size);
    if (moved) {
        *capacity = wanted;
    }
    return moved;
}

#endif
