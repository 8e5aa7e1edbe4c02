/* holder.h - the object of a language's library that a call is made for: the program says `list.push_back(x)`, and somewhere
 * below a block is allocated that nothing of the program's own keeps but the list. */
#ifndef MS_SYMBOL_HOLDER_H
#define MS_SYMBOL_HOLDER_H

#include "symbol/library.h"
#include "symbol/speak.h"

/* What a function of the library is to its caller. */
typedef struct ms_holder_role {
    bool library;   /* it is one: whoever called it has asked for what it allocates */
    uint8_t keeper; /* ms_library_keeper: where its caller finds the object that it is for */
    uint32_t size;  /* bytes of that object; 0: not known */
} ms_holder_role;

ms_holder_role ms_holder_role_of(const ms_function *function);

/* Whether a scope of a function belongs to an inlined function of the library. */
bool ms_holder_is_library(const ms_function *function, uint32_t scope);

/* The address of the object that the call at hand is made for, and its bytes, as in a role; `callee` is what it calls. False: it is not known, or it is
 * what the call returns. */
bool ms_holder_of_call(const ms_moment *before, ms_holder_role callee, ms_value *at,
                       uint32_t *size);

/* Whether the call at hand returns that object in registers. */
bool ms_holder_is_returned(const ms_moment *before, ms_holder_role callee);

#endif
