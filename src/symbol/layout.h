/* layout.h - where the members of a structure lie, and what lies between them. Counted as pahole does. */
#ifndef MS_SYMBOL_LAYOUT_H
#define MS_SYMBOL_LAYOUT_H

#include <elfutils/libdw.h>

#include "symbol/datatype.h"
#include "util/arena.h"

/* More are left out, and then padding is not known. */
#define MS_MEMBERS_MAX 4096u

/* How a layout asks for what it does not read itself. */
typedef struct ms_layout_source {
    const char *(*spell)(void *context, Dwarf_Die *type);
    /* The layout of a structure inside; NULL: not known. */
    const ms_layout *(*nested)(void *context, Dwarf_Die *type);
    void *context;
    ms_arena *arena; /* for the layout */
} ms_layout_source;

/* The layout of a structure, class or union that is defined. NULL: its size is not known. */
const ms_layout *ms_layout_read(Dwarf_Die *type, const ms_layout_source *source);

#endif
