/* library.h - what belongs to the own library of a language, C++ or Rust: its functions work for the program, and its
 * objects hold what the program has put into them. */
#ifndef MS_SYMBOL_LIBRARY_H
#define MS_SYMBOL_LIBRARY_H

#include <stdbool.h>

#include <elfutils/libdw.h>

#include "symbol/types.h"

/* The abstract entry of a function, of one of its copies, concrete or inlined; of that the declaration: it stands where the
 * source has it, in its class or namespace. */
Dwarf_Die ms_library_declaration(const Dwarf_Die *function);

/* A readable name with all that it is in. */
bool ms_library_name(const char *name, bool of_rust);

/* A name as the linker has it. */
bool ms_library_symbol(const char *symbol, ms_names *names);

/* The same of a function of a smart pointer, which owns what it is given. */
bool ms_library_owner(const char *symbol);

/* A function, one of its copies, or a class whose parts a program does not speak of: those of a pair it does. */
bool ms_library_function(ms_types *types, const Dwarf_Die *function);
bool ms_library_class(ms_types *types, const Dwarf_Die *type);

/* A class of objects that lead to what others hold. */
bool ms_library_iterator(const Dwarf_Die *type);

/* Whether the first argument of a function of the library is the address of an object: that it works on, or makes. */
bool ms_library_has_object(const Dwarf_Die *function);

#endif
