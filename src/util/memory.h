/* memory.h - heap memory for tables that grow. As in an arena, running out ends the process with a
 * message and exit status 4: offline code has nothing useful left to do then. */
#ifndef MS_UTIL_MEMORY_H
#define MS_UTIL_MEMORY_H

#include <stddef.h>

/* `count` zeroed items of `size` bytes, to be freed with free(); never NULL. */
void *ms_memory_zeroed(size_t count, size_t size);

/* `items`, moved if need be so that `needed` of them fit; `*capacity` is how many do. What is new is
 * not zeroed. Never NULL. Doubles, so that appending stays linear. */
void *ms_memory_grow(void *items, size_t needed, size_t *capacity, size_t size);

#endif
