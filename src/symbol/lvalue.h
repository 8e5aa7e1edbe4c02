/* lvalue.h - what a program tracks need not be a variable alone: "list->head", "*slot", "table[i].name". */
#ifndef MS_SYMBOL_LVALUE_H
#define MS_SYMBOL_LVALUE_H

#include <stdbool.h>
#include <stddef.h>

#include <elfutils/libdw.h>

#include "symbol/types.h"

/* The variable at the root of the expression. False: it is no such expression, or the name does not fit. */
bool ms_lvalue_variable(const char *expression, char *name, size_t size);

/* The type of the expression, when `variable` is the entry of its root. False: it is not known. */
bool ms_lvalue_type(ms_types *types, const char *expression, Dwarf_Die *variable, Dwarf_Die *type);

#endif
