/* coroutine.h - stacks beside those of threads, as far as somebody tells of them: makecontext(), or the program by
 * memscope_task_stack(). Any thread; nothing here waits for anybody for long. */
#ifndef MS_CAPTURE_COROUTINE_H
#define MS_CAPTURE_COROUTINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/state.h"

/* A stack, and the coroutine on it. Its memory is never anything else, so that it can be read without a lock. */
typedef struct ms_coroutine {
    _Atomic uint64_t low, high; /* [low, high): the stack; empty: it is told of no more */
    _Atomic uint64_t task;      /* what runs there works for; 0: nothing runs there now */
    _Atomic uint64_t made_for;  /* the task that began with it; 0: it has ended */
    uint64_t parent;            /* of that */
    uint64_t word;              /* the last that the program had said when it was made; 0: none */
    const void *function;       /* that a found one runs */
    const void *link;           /* where it goes on when that returns, as its maker has it */
    uint32_t told;              /* generation of the trace that knows of the task */
    _Atomic bool fresh;         /* it has not been entered yet */
    _Atomic bool unwound;       /* threads may have its bounds */
    struct ms_coroutine *next;  /* in the list of those free */
} ms_coroutine;

/* Bumped whenever a stack is told of, or not any more; 0: there was none yet. */
extern MS_HIDDEN _Atomic uint32_t ms_coroutines_version;

static inline bool ms_coroutines_exist(void) {
    return atomic_load_explicit(&ms_coroutines_version, memory_order_acquire) != 0;
}

/* [low, high) is a stack from now on, with what `about` says of its coroutine; whatever was told of memory in
 * there is over. False: there is no memory. */
bool ms_coroutine_put(uint64_t low, uint64_t high, const ms_coroutine *about);

/* What [low, high) was told to be, it is no more: found tasks there end. */
void ms_coroutines_forget(uint64_t low, uint64_t high);

/* The one whose stack holds `sp`, with its bounds; NULL: none does, and no part of [*low, *high), which holds `sp`,
 * is such a stack. Safe anywhere. */
ms_coroutine *ms_coroutine_at(uint64_t sp, uint64_t *low, uint64_t *high);

/* The coroutine is done: its stack belongs to nobody until it is told of again. */
void ms_coroutine_end(ms_coroutine *coroutine);
void ms_coroutine_end_of(uint64_t task);

/* In a forked child: whoever wrote the table is not here. */
void ms_coroutines_forked(void);

#endif
