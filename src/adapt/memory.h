/* memory.h - what the adapters keep between two calls: none of it in the program's heap, all of it under one
 * lock, which a fork waits for, so that a child finds it free and everything in order. Nothing is called
 * with it held. Not for signal handlers: nor are the functions that are adapted. */
#ifndef MS_ADAPT_MEMORY_H
#define MS_ADAPT_MEMORY_H

#include <stdint.h>

#include "adapt/unit.h"

void ms_adapt_lock(void);
void ms_adapt_unlock(void);

enum { MS_OTHERS = 3 };

/* A callback with what it is to be called with, where a library takes one pointer for both. */
typedef struct ms_closure {
    ms_unit unit;
    void *callback, *data;
    void *notify; /* to be called with `data` when the library lets go of it; NULL: nobody is */
    bool once;    /* the library is to be told, by 0, that it was the last time */
    const void *handle; /* what it is a callback of, where that is to be known */
    void *others
        [MS_OTHERS]; /* the other callbacks of that, with the same data; which is which, the adapter knows */
    bool armed, over; /* that is to be called again; it was not, and its unit has ended */
    bool kept;        /* the program lets go of that, not the library */
    _Atomic uint32_t references;
    struct ms_closure *next;         /* in the list it is in, or of those free */
    struct ms_closure *first, *last; /* the adapter's: those that wait for this one */
} ms_closure;

/* With one reference; NULL: there is no memory. */
ms_closure *ms_closure_new(ms_unit unit, void *callback, void *data);
void ms_closure_free(ms_closure *closure);

/* Does the argument of a callback point to a closure, and is no number that looks like it? */
bool ms_closure_is(long argument);

/* Calls the closure that is among the arguments, with its data in its place. */
ms_callback ms_closure_call;

/* Likewise one of its other callbacks. */
extern __attribute__((visibility("hidden"))) ms_callback *const ms_closure_call_other[MS_OTHERS];

/* Does the closure that is being called register its callback, with its data, anew? Then its unit goes over,
 * and does not end with it. */
bool ms_closure_renews(const void *callback, const void *data, ms_unit *unit);

/* It is used in one place more, or one less: the last one has `notify` called, and ends a task of its own. */
void ms_closure_ref(void *closure);
void ms_closure_unref(void *closure);

#endif
