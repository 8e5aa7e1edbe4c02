/* links.h - what the linkers know of one file: where functions begin, what its data is called, and which
 * names the loader puts addresses of into its tables. */
#ifndef MS_SYMBOL_LINKS_H
#define MS_SYMBOL_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbol/code.h"
#include "symbol/image.h"
#include "util/arena.h"

/* A word that the loader fills in. */
typedef struct ms_link {
    uint64_t address; /* of the word */
    const char *name; /* of what it points to; NULL: nothing with a name */
    uint64_t
        target; /* what it points to, or the function that chooses that, in the same file; else 0 */
} ms_link;

/* A variable of static storage. */
typedef struct ms_datum {
    uint64_t address, size;
    const char *name;
} ms_datum;

typedef struct ms_links {
    ms_link *items;
    size_t count;
    ms_datum *data;
    size_t data_count;
    uint64_t *functions; /* where unwind information begins anew, ascending */
    size_t function_count;
    uint64_t thread_size; /* bytes of a thread's own storage, as aligned */
} ms_links;

/* `own` is the file that was loaded, `debug` (may be closed) has its symbols if that has none. Both must
 * outlive what is returned, which lives in `arena`. Damaged tables are left out. */
ms_links *ms_links_read(const ms_image *own, const ms_image *debug, ms_arena *arena);

/* NULL: the loader leaves that word alone. */
const ms_link *ms_links_find(const ms_links *links, uint64_t address);

/* The variable that has that byte; NULL: none is known. */
const ms_datum *ms_links_datum(const ms_links *links, uint64_t address);

/* The code around `address` that is unwound by the same rule: a function, or a part of one. */
bool ms_links_function(const ms_links *links, uint64_t address, ms_extent *extent);

#endif
