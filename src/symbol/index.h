/* index.h - the named entries of a file of debug info: types, and functions of C. */
#ifndef MS_SYMBOL_INDEX_H
#define MS_SYMBOL_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <elfutils/libdw.h>

#include "symbol/names.h"
#include "util/map.h"

typedef struct ms_entry {
    Dwarf_Die die;
    Dwarf_Die unit;
    const char *name; /* with namespaces and classes */
    uint64_t size;    /* of a type; MS_DIE_NO_SIZE: not known */
    uint32_t next;    /* of the same hash, index + 1; 0: the last */
} ms_entry;

typedef struct ms_index {
    ms_entry *items;
    size_t count, capacity;
    ms_map of; /* hash of the name -> index + 1 */
} ms_index;

/* Reads all units of `dwarf`. Each entry takes one from `*budget`, at 0 the rest is left out. Of types of one
 * name, size and members the first is kept. */
void ms_index_read(ms_index *index, Dwarf *dwarf, ms_arena *arena, ms_names *names, size_t *budget);
void ms_index_deinit(ms_index *index);

/* The first of that name, and the next after one; NULL: no more. */
const ms_entry *ms_index_find(const ms_index *index, const char *name);
const ms_entry *ms_index_next(const ms_index *index, const ms_entry *entry);

/* A function, or a type: a structure, class, union, enumeration, typedef or number. */
bool ms_entry_is_function(const ms_entry *entry);

#endif
