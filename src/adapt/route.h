/* route.h - where a call goes that is made by a name we have taken.
 *
 *   the program --> thunk of that name --> ms_route() -+-> ms_adapt_NAME --> the real function
 *                                                      +-> the real function
 *
 * An exported name stands in for whatever has it, in every library of every program: perhaps not for what
 * we think. So a thunk changes no register and no stack, and calls that are not adapted go on as they
 * came, whatever their arguments. Adapted are those that, in a recorded process, come from outside of the
 * library we know and go into it. What a library calls for itself is its own business.
 *
 * The real function is the one that the caller would have been bound to, were we not there: of the objects
 * that all see, or else of those that the caller's object brought along. */
#ifndef MS_ADAPT_ROUTE_H
#define MS_ADAPT_ROUTE_H

#include <stdbool.h>

enum {
#define MS_ENTRY(library, type, name, parameters) MS_ENTRY_##name,
#define MS_NEEDED(library, type, name, parameters) MS_ENTRY_##name,
#include "adapt/entries.def"
    MS_ENTRY_COUNT
};

/* For the header of a library: the type of each of its functions, and its adapter. */
#define MS_DECLARE_ENTRY(library, type, name, parameters)                                          \
    typedef type ms_entry_##name parameters;                                                       \
    ms_entry_##name ms_adapt_##name;
#define MS_DECLARE_NEEDED(library, type, name, parameters) typedef type ms_entry_##name parameters;

/* The real function for code at `caller`; NULL: there is none. Keeps errno. Some 20 ns when it was asked
 * before; the first time it calls the loader, so only from where the program itself could. */
void *ms_route_real(unsigned entry, const void *caller);

/* The same, with its type. MS_REAL(name): in ms_adapt_NAME, whose thunk has found it, so not NULL.
 * MS_BESIDE(name, code): that of the library in which `code` is, perhaps NULL. */
#define MS_REAL(name)                                                                              \
    ((ms_entry_##name *)ms_route_real(MS_ENTRY_##name, __builtin_return_address(0)))
#define MS_BESIDE(name, code)                                                                      \
    ((ms_entry_##name *)ms_route_real(MS_ENTRY_##name, (const void *)(code)))

/* What a thunk has found last, in this thread. */
typedef struct ms_found {
    unsigned entry;
    void *function;
} ms_found;
extern __attribute__((visibility("hidden"))) _Thread_local ms_found ms_last_found;

/* MS_REAL for the very beginning of ms_adapt_NAME, before anything else is called: nothing is looked up
 * again, unless a signal handler has come between. */
#define MS_FOUND(name)                                                                             \
    (ms_last_found.entry == MS_ENTRY_##name ? (ms_entry_##name *)ms_last_found.function            \
                                            : MS_REAL(name))

/* Is the code part of a library that has adapters? What that does, its own thread does, and not the
 * program's task. */
bool ms_route_is_inside(const void *code);

/* For the thunks: the function that a call by the name of an entry, returning to `caller`, goes to. */
void *ms_route(unsigned entry, const void *caller);

#endif
