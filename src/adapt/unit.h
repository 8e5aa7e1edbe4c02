/* unit.h - what callbacks run in: a unit of work is a task, and goes on in whatever it sets off.
 *
 *   inherited  the task that was current when the callback was registered
 *   found      a task of its own, which nobody begins by a word: a child of the one that was current, named
 *              by its kind and its callback ("uv_timer on_tick")
 *
 * A request (a write, a look-up, work for a pool) inherits. A handle, which lives on and is called time and
 * again (a timer, a connection), is a unit of its own, unless the program has begun a task by a word. */
#ifndef MS_ADAPT_UNIT_H
#define MS_ADAPT_UNIT_H

#include <stdbool.h>
#include <stdint.h>

#include "memscope/calls.h"

typedef struct ms_unit {
    uint64_t task; /* 0: none */
    uint64_t parent;
    struct memscope_place *kind; /* its name; NULL: the task is inherited */
    const void *callback;
    uint32_t told; /* generation of the trace that knows of the task */
} ms_unit;

/* Any callback whose arguments are integers and pointers, six at most. Those come in registers, and can be
 * handed on as they came, whatever the callback makes of them; what it returns, if anything, is an integer
 * or a pointer. */
typedef long ms_callback(long, long, long, long, long, long);

/* A kind of unit; its address is that of static memory. */
#define MS_KIND(text)                                                                              \
    __extension__({                                                                                \
        static struct memscope_place kind_ = {.name = (text)};                                     \
        &kind_;                                                                                    \
    })

/* Who registers: `frame` is that of the function that stands in for another, MS_FRAME. */
ms_unit ms_unit_of_handle(struct memscope_place *kind, const void *callback, const uint64_t *frame);
ms_unit ms_unit_of_request(struct memscope_place *kind, const void *callback,
                           const uint64_t *frame);

/* A task of its own in any case. */
ms_unit ms_unit_found(struct memscope_place *kind, const void *callback, uint64_t parent,
                      const uint64_t *frame);

/* A handle that is registered anew keeps its unit. But one that has inherited goes on with the task that the
 * program has begun by a word since, if that is current. */
void ms_unit_again(ms_unit *unit);

/* Has the trace know of it: there may have been none, or another one, when it was made. True when it did not
 * know before; that is then in the unit. */
bool ms_unit_tell(ms_unit *unit);

/* The calling thread works for it from now on. */
void ms_unit_enter(const ms_unit *unit);

/* Runs a callback of the program's in it, and then goes on with what the thread worked for before. */
long ms_unit_run(const ms_unit *unit, ms_callback *callback, long a, long b, long c, long d, long e,
                 long f);

/* A task of its own is over. */
void ms_unit_end(const ms_unit *unit);

#endif
