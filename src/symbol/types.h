/* types.h - the types of one file of debug info: by name, or by entry; each is described once. */
#ifndef MS_SYMBOL_TYPES_H
#define MS_SYMBOL_TYPES_H

#include <stddef.h>

#include <elfutils/libdw.h>

#include "symbol/datatype.h"
#include "symbol/enclosing.h"
#include "symbol/names.h"
#include "util/arena.h"

typedef struct ms_types ms_types;

/* All are borrowed and must outlive it. `file_size` in bytes bounds what a hostile file can take. NULL
 * without memory. Reads nothing yet. */
ms_types *ms_types_new(Dwarf *dwarf, size_t file_size, ms_arena *arena, ms_names *names);

/* Those it was made with. */
ms_names *ms_types_names(ms_types *types);

/* NULL is fine. What was described lives on in the arena. */
void ms_types_free(ms_types *types);

/* What an entry of a type says, completed by the definition when it is only a declaration. `die` NULL is
 * void. Never NULL; the same for the same entry. */
const ms_datatype *ms_types_describe(ms_types *types, Dwarf_Die *die);

/* The entry's type as the program writes it. */
const char *ms_types_spell(ms_types *types, Dwarf_Die *die);

/* The type with that name, as ms_types_spell() gives it; keywords (struct, class ...) may be left out.
 * `size` in bytes chooses among several of the name, MS_NO_SIZE: any will do. NULL: there is none, or there are
 * several that differ. The first call reads the names of all units. */
const ms_datatype *ms_types_named(ms_types *types, const char *name, uint64_t size);

/* The same of the type of what is inside of a library's object of `node_size` bytes: see datatype.h. */
const ms_datatype *ms_types_in_node(ms_types *types, Dwarf_Die *die, uint64_t node_size);

/* A type of which nothing but its name is known, in the spelling of its language (DW_LANG_*). */
const ms_datatype *ms_types_unseen(ms_types *types, const char *name, int language);

/* Calls `visit` for each structure, class and union that is defined, once for those of one name, size and members,
 * until it returns false. */
void ms_types_each(ms_types *types, bool (*visit)(void *context, const ms_datatype *type),
                   void *context);

/* Calls `visit` with each function of that name in the units of C, and the entry of its unit, until it returns
 * false. */
void ms_types_functions(ms_types *types, const char *name,
                        bool (*visit)(void *context, Dwarf_Die *unit, Dwarf_Die *function),
                        void *context);

/* DW_LANG_* of an entry: of its unit, or of the file when that does not say; 0: nor does the file. */
int ms_types_language(ms_types *types, Dwarf_Die *die);

/* The namespace or class that an entry is in; NULL: none, or it is of C. Good until the next call. */
const ms_enclosure *ms_types_enclosing(ms_types *types, Dwarf_Die *die);

/* The definition of what `die` declares, or itself. */
Dwarf_Die ms_types_complete(ms_types *types, const Dwarf_Die *die);

#endif
