/* locals.h - which variables on its own stack a thread tracks, so that one that is still tracked when its
 * function has returned is noticed: by the next word that the thread says from further out.
 *
 *      high    main       words it says have their frame here: gone is below, and so out of scope
 *              f          gone       tracked, never untracked; f has returned
 *      low     ...
 *
 * A word's frame ends where that of its caller begins (its CFA), so a local below it is nobody's any more. That
 * holds on one stack at a time: what is on another one - a coroutine's, a signal stack - is not looked at. Never is
 * one taken for gone that is there. Not noticed are those of a function after which the thread says no more from
 * further out, or not before another local was tracked in their place, and those beyond MS_LOCALS_MAX. */
#ifndef MS_CAPTURE_LOCALS_H
#define MS_CAPTURE_LOCALS_H

#include <stdbool.h>
#include <stdint.h>

enum { MS_LOCALS_MAX = 32 };

typedef struct ms_locals {
    uint64_t innermost;         /* the last of `at`; all ones: none */
    uint64_t low, high;         /* of their stack */
    uint64_t at[MS_LOCALS_MAX]; /* addresses, descending */
    uint32_t count;
} ms_locals;

static inline void ms_locals_init(ms_locals *locals) {
    locals->innermost = UINT64_MAX;
    locals->count = 0;
}

/* Is any gone, when a word's frame ends at `cfa`? */
static inline bool ms_locals_gone(const ms_locals *locals, uint64_t cfa) {
    return locals->innermost < cfa;
}

/* What is at `address` is tracked; the stack is [low, high). Ignored when it is not on that part of it that is in
 * use, from `cfa` on. */
void ms_locals_track(ms_locals *locals, uint64_t address, uint64_t cfa, uint64_t low,
                     uint64_t high);

void ms_locals_untrack(ms_locals *locals, uint64_t address);

/* Takes out one that is gone, and returns its address; 0: none is. */
uint64_t ms_locals_take(ms_locals *locals, uint64_t cfa);

#endif
