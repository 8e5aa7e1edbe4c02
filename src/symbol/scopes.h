/* scopes.h - the functions of one compilation unit, and what was inlined into them. */
#ifndef MS_SYMBOL_SCOPES_H
#define MS_SYMBOL_SCOPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <elfutils/libdw.h>

#include "symbol/names.h"
#include "symbol/spans.h"

/* A function with code of its own, or one inlined into another. */
typedef struct ms_scope {
    Dwarf_Die die;
    uint32_t outer; /* index of what it was inlined into, or MS_NO_SCOPE */
    bool inlined;
    bool described;
    /* what ms_scopes_describe() fills in */
    bool linkage;          /* `name` is a demangled linkage name, not a bare source name */
    uint32_t call_line;    /* where it was called, when inlined */
    const char *call_file; /* NULL: not known */
    const char *name;      /* NULL: not known */
} ms_scope;

#define MS_NO_SCOPE UINT32_MAX

/* A member of a class inside a function, such as a lambda. gcc gives it no linkage name. */
typedef struct ms_local {
    Dwarf_Off offset; /* of its DIE */
    Dwarf_Die type;
    Dwarf_Die function;
} ms_local;

/* All zero is a unit without functions. */
typedef struct ms_scopes {
    ms_scope *items;
    size_t count;
    size_t capacity;
    ms_spans spans;   /* values index `items` */
    ms_local *locals; /* by offset */
    size_t local_count;
    size_t local_capacity;
} ms_scopes;

/* Reads the functions of the unit whose DIE is `unit`. Every function and every address range takes
 * one from `*budget`; at 0 the rest is left out, so that a file in which a million functions share
 * one huge range list costs no more than an honest one. */
void ms_scopes_read(ms_scopes *scopes, Dwarf_Die *unit, size_t *budget);
void ms_scopes_deinit(ms_scopes *scopes);

/* The innermost scope whose code holds `address` (as linked), or NULL. */
ms_scope *ms_scopes_find(const ms_scopes *scopes, uint64_t address);

/* Fills in name and call site of a scope of `scopes`, once. `directory` is where the unit was
 * compiled, or NULL. The texts live as long as both `names` and the Dwarf. */
void ms_scopes_describe(const ms_scopes *scopes, ms_scope *scope, const char *directory,
                        ms_names *names);

#endif
