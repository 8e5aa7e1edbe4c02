/* home.h - what the calling thread works for, on whichever stack it is.
 *
 * A task goes with the stack that it runs on. Each stack of coroutine.h keeps its task, however often it is left
 * and whichever thread comes back to it; all other memory is, to each thread, one stack of its own. So nobody has
 * to say when a coroutine is switched to: before an event is recorded the stack pointer is looked at, and a
 * thread that is on another stack than before works for another task.
 *
 * That costs nothing in a program that tells of no stack: threads of others find no tick to be the one they have
 * seen (ms_tick()), and so come to look. A signal handler on a stack of its own goes on with what the thread was
 * last seen to work for. */
#ifndef MS_CAPTURE_HOME_H
#define MS_CAPTURE_HOME_H

#include "capture/coroutine.h"

/* It runs, or is about to run, at `sp`: ms_task becomes what it works for there. */
void ms_home_at(uint64_t sp);

void ms_home_here(void); /* the same, where it is now */

/* What the caller works for. */
static inline uint64_t ms_home_task(void) {
    if (ms_unlikely(ms_coroutines_exist()))
        ms_home_here();
    return ms_task;
}

/* It works for `task` from now on, wherever the stack it is on goes. */
void ms_home_set_among(uint64_t task);

static inline void ms_home_set(uint64_t task) {
    if (ms_unlikely(ms_coroutines_exist()))
        ms_home_set_among(task);
    else
        ms_task = task;
}

/* The last that the program has said: a task that it has begun itself, in which what runs here was made. */
uint64_t ms_home_word(void);

/* Signal handlers may run on [low, high). */
void ms_home_signal_stack(uint64_t low, uint64_t high);

#endif
