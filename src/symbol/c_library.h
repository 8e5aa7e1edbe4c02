/* c_library.h - what functions of the C library do with their first argument, by the names that the linker knows. */
#ifndef MS_SYMBOL_C_LIBRARY_H
#define MS_SYMBOL_C_LIBRARY_H

#include <stdbool.h>

/* It is what they return. */
bool ms_c_returns_first(const char *name);

/* Behind them there is another block there, or none. */
bool ms_c_frees_first(const char *name);

/* Whether it copies bytes: to where the first argument says, from the second, as many as the third. */
bool ms_c_copies(const char *name);

#endif
