/* units.h - where an address lies in the source, from DWARF. */
#ifndef MS_SYMBOL_UNITS_H
#define MS_SYMBOL_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include <elfutils/libdw.h>

#include "symbol/scopes.h"

typedef struct ms_unit {
    Dwarf_Die die;
    const char *directory; /* where it was compiled; NULL: not said */
    bool read;             /* `scopes` is filled in: on the first address in this unit */
    ms_scopes scopes;
} ms_unit;

/* The compilation units of a file. All zero: none. */
typedef struct ms_units {
    ms_unit *items;
    size_t count;
    size_t capacity;
    ms_spans spans; /* values index `items` */
    size_t budget;  /* address ranges that may still be read */
} ms_units;

/* Lists the units of `dwarf`, which must outlive `units`, and their address ranges; reads no
 * function yet. `file_size` in bytes bounds the memory a hostile file can take. */
void ms_units_read(ms_units *units, Dwarf *dwarf, size_t file_size);
void ms_units_deinit(ms_units *units);

/* The unit whose code holds `address` (as linked), with its scopes; NULL: none. */
ms_unit *ms_units_find(ms_units *units, uint64_t address);

/* File and line of the instruction at `address`; NULL and 0 where the line table does not say. The
 * text lives as long as both `names` and the Dwarf. */
const char *ms_unit_line(ms_unit *unit, uint64_t address, ms_names *names, uint32_t *line);

#endif
