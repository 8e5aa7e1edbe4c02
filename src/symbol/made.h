/* made.h - of what class the objects are that C++ code makes of a block: a pointer to it may be one to a base. */
#ifndef MS_SYMBOL_MADE_H
#define MS_SYMBOL_MADE_H

#include "symbol/function.h"
#include "symbol/names.h"

#define MS_MADE_MAX 8u

/* Names of classes, in the order in which they are met; owned by the names of the call below. */
typedef struct ms_made {
    const char *classes[MS_MADE_MAX];
    size_t count;
} ms_made;

/* Follows the block that the call before `address` returns, and finds the constructors that get it and the tables
 * of virtual functions that it gets: one is of the class itself, others are of bases or of what comes later. */
ms_made ms_made_of(ms_function *function, uint64_t address, ms_names *names);

/* The class that a demangled function is a constructor of, as its length in the name; 0: it is none. */
size_t ms_made_constructor(const char *function);

#endif
