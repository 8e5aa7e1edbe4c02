/* lift_names.h - what a function's name alone tells about wrapping an allocator. Pure. */
#ifndef MS_MODEL_LIFT_NAMES_H
#define MS_MODEL_LIFT_NAMES_H

#include <stdbool.h>

/* NULL is a function without a name; no rule holds for it. */

/* An allocator's own glue in a well-known library: to be lifted next to the allocator. */
bool ms_name_is_glue(const char *function);

/* The shared object is the C or C++ library, which allocates for whoever calls it. NULL: no. */
bool ms_module_is_glue(const char *module);

/* It calls itself an allocator, which is a hint and no proof. */
bool ms_name_is_alloc(const char *function);

/* The program's own beginning: never lifted. */
bool ms_name_is_entry(const char *function);

/* Code of libc that calls the program's beginning: never blamed. */
bool ms_name_is_startup(const char *function);

#endif
