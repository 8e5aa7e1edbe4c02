/* arena.h - memory that is freed all at once. One owner, one thread at a time. */
#ifndef MS_UTIL_ARENA_H
#define MS_UTIL_ARENA_H

#include <stddef.h>

typedef struct ms_arena ms_arena;

/* NULL without memory. */
ms_arena *ms_arena_new(void);

/* NULL is fine. */
void ms_arena_free(ms_arena *arena);

/* `size` zeroed bytes, aligned for any type; never NULL: without memory the process ends with a
 * message and exit status 4 (offline code has nothing useful left to do then). */
void *ms_arena_alloc(ms_arena *arena, size_t size);

/* A copy of `length` bytes of `text`, terminated. */
char *ms_arena_text(ms_arena *arena, const char *text, size_t length);

/* printf into the arena. */
char *ms_arena_printf(ms_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Bytes handed out so far. */
size_t ms_arena_used(const ms_arena *arena);

#endif
