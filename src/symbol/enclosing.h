/* enclosing.h - which namespaces and classes the types of one unit stand in. An entry of debug info does not
 * say what it is in; but it lies between the entry it is in and what follows that. */
#ifndef MS_SYMBOL_ENCLOSING_H
#define MS_SYMBOL_ENCLOSING_H

#include <stddef.h>

#include <elfutils/libdw.h>

#include "symbol/names.h"
#include "symbol/spans.h"

/* A namespace or class. */
typedef struct ms_enclosure {
    const char *name; /* "outer::inner" */
    Dwarf_Die die;
} ms_enclosure;

/* All zero: of a unit without any. */
typedef struct ms_enclosing {
    ms_spans spans; /* of offsets; values index `items` */
    ms_enclosure *items;
    size_t count, capacity;
} ms_enclosing;

/* Reads the unit whose entry is `unit`. Each takes one from `*budget`, at 0 the rest is left out. */
void ms_enclosing_read(ms_enclosing *enclosing, Dwarf_Die *unit, ms_names *names, size_t *budget);
void ms_enclosing_deinit(ms_enclosing *enclosing);

/* The innermost one that an entry is in; NULL: none. Names are owned by the names of the call above. */
const ms_enclosure *ms_enclosing_at(const ms_enclosing *enclosing, Dwarf_Off offset);

#endif
