/* enumerators.h - linkers write an enumerator among the arguments of a template as a number, clang by its name:
 * "Box<(ns::Kind)1>", "Box<ns::Kind::big>". */
#ifndef MS_SYMBOL_ENUMERATORS_H
#define MS_SYMBOL_ENUMERATORS_H

#include "symbol/index.h"

/* The name of a type with its numbers replaced by the names of enumerators, as far as `index` knows them. Owned by
 * `names`, or `name` itself. */
const char *ms_enumerators_named(const ms_index *index, const char *name, ms_names *names);

#endif
