/* places.h - where the variables of one function are, at each of its instructions. */
#ifndef MS_SYMBOL_PLACES_H
#define MS_SYMBOL_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <elfutils/libdw.h>

#include "symbol/machine.h"
#include "util/arena.h"

typedef enum ms_place_kind {
    MS_IN_REGISTER,
    MS_IN_VECTOR,
    MS_IN_MEMORY, /* at a register, or the frame, plus an offset */
    MS_BEHIND_POINTER, /* the same of where the address is that it is at: what C++ returns to where its caller says */
    MS_AT_ADDRESS,
    MS_IS_SUM,  /* nowhere: its value is a register plus an offset */
    MS_IS_ENTRY /* nowhere: its value is what a register held on entry */
} ms_place_kind;

#define MS_PLACE_FRAME UINT8_MAX /* instead of a register: the CFA */

/* A function, a block in it, or a call that was inlined into it. */
typedef struct ms_place_scope {
    Dwarf_Die die;
    uint32_t outer;
    uint32_t depth;   /* how many scopes it is in */
    uint32_t inlined; /* how many of them, and it, are inlined calls */
} ms_place_scope;

typedef struct ms_local_variable {
    Dwarf_Die die;
    const char *name; /* NULL: it has none */
    uint32_t scope;
    bool parameter;
} ms_local_variable;

/* Where a variable, or `size` bytes of it from `part` on, are for a stretch of code. */
typedef struct ms_where {
    uint64_t low, high; /* one past the last address */
    uint32_t variable;
    uint8_t kind;
    uint8_t reg;
    int64_t offset; /* or address */
    uint64_t part;  /* offset in the variable */
    bool whole;     /* it is not in parts */
} ms_where;

typedef struct ms_places {
    ms_place_scope *scopes;
    size_t scope_count, scope_capacity;
    ms_local_variable *variables;
    size_t variable_count, variable_capacity;
    ms_where *items;
    size_t count, capacity;
    uint64_t *bounds; /* ascending: between two of them nothing changes */
    size_t bound_count;
    uint32_t *starts; /* for each stretch, where its list begins in `active`; one more at the end */
    uint32_t *active; /* indexes of `items` */
} ms_places;

/* Reads the variables of `function`, the entry of a function with code. Lives in `arena`. */
ms_places *ms_places_read(Dwarf_Die *function, ms_arena *arena);

/* The stretch of code `address` is in; SIZE_MAX: none. */
size_t ms_places_stretch(const ms_places *places, uint64_t address);

/* Where variables are in a stretch: indexes of `items`, and how many. */
const uint32_t *ms_places_active(const ms_places *places, size_t stretch, size_t *count);

/* The value of what is at `where`, or, for what is in memory, its address in `*at` (then true). */
bool ms_place_address(const ms_where *where, const ms_machine *machine, const ms_world *world,
                      ms_value *at);
ms_value ms_place_value(const ms_where *where, const ms_machine *machine, const ms_world *world);

/* Whether the code at `address` belongs to the scope. */
bool ms_places_in_scope(const ms_places *places, uint32_t scope, uint64_t address);

#endif
