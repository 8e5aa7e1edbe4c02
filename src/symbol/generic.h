/* generic.h - what the library of a language allocates for a program, by the types it was made for:
 * std::allocator<Node>::allocate() allocates nodes, alloc::boxed::Box<Node>::new() a node. */
#ifndef MS_SYMBOL_GENERIC_H
#define MS_SYMBOL_GENERIC_H

#include "symbol/object.h"
#include "symbol/symbol.h"

/* Asks the functions at `address` as linked, inlined ones first. See ms_symbols_generic(). */
ms_generic ms_object_generic(ms_object *object, uint64_t address, ms_types *types, ms_names *names,
                             const ms_datatype **type);

#endif
