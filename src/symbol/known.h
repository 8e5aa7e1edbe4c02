/* known.h - what was found out about one file's code, kept for the next run: following blocks takes milliseconds
 * for each call, reading it again microseconds.
 *
 * One file for each build id, $XDG_CACHE_HOME/memscope/names-<build id> (or below ~/.cache), readable by its owner
 * alone. It is used by the very memscope that wrote it and with the very debug info it was written for; anything
 * else, or a damaged one, is as none. Where it cannot be written nothing is said: it is only slower then. */
#ifndef MS_SYMBOL_KNOWN_H
#define MS_SYMBOL_KNOWN_H

#include <stdint.h>

#include "symbol/object.h"
#include "symbol/trail.h"

typedef struct ms_known ms_known;

/* `object` is open and outlives it; what is found lives in `arena`. NULL: there is nothing to keep, or no place. */
ms_known *ms_known_open(ms_object *object, ms_arena *arena);

/* Writes what has been added, and frees it. NULL is fine. */
void ms_known_close(ms_known *known);

/* NULL: not known. `known` may be NULL. */
ms_passage *ms_known_find(ms_known *known, uint64_t key);

/* Adds a passage, unless its types are in several files. `known` may be NULL. */
void ms_known_add(ms_known *known, uint64_t key, const ms_passage *passage);

#endif
