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

/* Where the caller of a function of the library finds the object that what it allocates is for. */
typedef enum ms_library_keeper {
    MS_LIBRARY_NONE,
    MS_LIBRARY_FIRST,  /* at the address that is the first argument */
    MS_LIBRARY_SECOND, /* likewise; the first one says where to return something else */
    MS_LIBRARY_RESULT  /* it is what the function returns, in registers */
} ms_library_keeper;

/* `*size`: bytes of the object; 0: not known, or not all of it is the same object whatever happens. */
ms_library_keeper ms_library_keeper_of(ms_types *types, const Dwarf_Die *function, uint64_t *size);

/* Whether what the function, of anybody, returns is one of several things: of Rust's Result the value or the error. Who gets
 * it goes on in several ways, and nothing tells which one it goes with which. */
bool ms_library_returns_either(const Dwarf_Die *function);

#endif
