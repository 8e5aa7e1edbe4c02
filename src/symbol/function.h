/* function.h - all that is known of one function: its code, what flows through it, and its variables. */
#ifndef MS_SYMBOL_FUNCTION_H
#define MS_SYMBOL_FUNCTION_H

#include "symbol/code.h"
#include "symbol/flow.h"
#include "symbol/globals.h"
#include "symbol/links.h"
#include "symbol/object.h"
#include "symbol/places.h"

/* Of one file: functions are read once, when the first address in them is asked for. */
typedef struct ms_functions {
    ms_object *object; /* borrowed, open */
    ms_names *names;   /* borrowed */
    ms_arena *arena;   /* borrowed */
    ms_decoder *decoder;
    ms_links *links;
    ms_map by_entry; /* index + 1 */
    struct ms_function **items;
    size_t count, capacity;
    ms_map globals_of; /* by unit: index + 1 */
    ms_globals **globals;
    size_t globals_count, globals_capacity;
    uint64_t
        budget; /* bytes of code that may still be read: functions of an honest file do not overlap */
} ms_functions;

typedef struct ms_function {
    ms_functions *functions;
    ms_values values;
    ms_world world;
    ms_code *code;
    ms_flow *flow;
    bool described; /* it has debug info: what follows is filled in */
    Dwarf_Die die;
    ms_places *places;
    ms_globals *globals; /* of its unit */
} ms_function;

/* NULL: its machine is none we know, or its file is not here. */
ms_functions *ms_functions_new(ms_object *object, ms_arena *arena, ms_names *names);
void ms_functions_free(ms_functions *functions);

/* The function whose code is at `address`, as linked. NULL: not known, or nothing that can be decoded. */
ms_function *ms_functions_at(ms_functions *functions, uint64_t address);

/* The name that the linker knows what is called by; NULL: none. `machine` is as before the call. */
const char *ms_function_callee(const ms_function *function, const ms_machine *machine,
                               const ms_instruction *call);

#endif
