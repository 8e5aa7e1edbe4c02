/* globals.h - the variables of static storage that one compilation unit speaks of. */
#ifndef MS_SYMBOL_GLOBALS_H
#define MS_SYMBOL_GLOBALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <elfutils/libdw.h>

#include "util/arena.h"

typedef struct ms_global {
    const char *name;
    Dwarf_Die die;
    uint64_t address; /* 0: it is defined elsewhere */
    uint64_t size;    /* bytes; 0: not known */
    bool thread;      /* each thread has its own: the address is an offset in its storage */
} ms_global;

typedef struct ms_globals {
    ms_global *items;
    size_t count, capacity;
} ms_globals;

/* Reads the variables outside functions of the unit with that entry; lives in `arena`. */
ms_globals *ms_globals_read(Dwarf_Die *unit, ms_arena *arena);

/* The variable whose bytes are at `address`; one that is defined elsewhere is found by its `name` (may be
 * NULL). NULL: the unit has none. */
const ms_global *ms_globals_find(const ms_globals *globals, uint64_t address, bool thread,
                                 const char *name);

#endif
