/* memscope/task.h - tasks: what threads work for, in turns. Requests, coroutines, callbacks of an event loop:
 * what a thread allocates between two switches belongs to the task it was switched to.
 *
 *   uint64_t task = MEMSCOPE_TASK_BEGIN("request");
 *   memscope_task_switch(task);     any thread, as often as it goes on with the task
 *   memscope_task_switch(0);
 *   memscope_task_end(task);
 *
 * Without memscope a task is 0, which is no task, and all calls do nothing. */
#ifndef MEMSCOPE_TASK_H
#define MEMSCOPE_TASK_H

#include "memscope/calls.h"

MEMSCOPE_INLINE_ uint64_t memscope_task_begin_(struct memscope_place *place) {
    const struct memscope_calls *calls = memscope_calls_();
    return calls ? calls->task_begin(place) : 0;
}

/* The calling thread works for `task` from now on; 0: for none. A program may use numbers of its own, below
 * 2^32, for tasks that it never begins nor ends. */
MEMSCOPE_INLINE_ void memscope_task_switch(uint64_t task) {
    const struct memscope_calls *calls = memscope_calls_();
    if (__builtin_expect(calls != NULL, 0))
        calls->task_switch(task);
}

/* The task is done. If the calling thread works for it, it works for none from now on. */
MEMSCOPE_INLINE_ void memscope_task_end(uint64_t task) {
    const struct memscope_calls *calls = memscope_calls_();
    if (calls && task)
        calls->task_end(task);
}

/* `task` runs on the stack at `base`: whichever thread has its stack pointer in there works for it, and each works
 * again for what it did before when it leaves. For coroutines whose switch nobody tells of; contexts of ucontext.h
 * are known. To be said before the stack is first switched to, and again when another task gets the stack. The end
 * of the task ends it, and so does 0 for the task, or unmapping the memory. A switch to another task there holds
 * there, too. When a switch happens is not known: threads are seen to be elsewhere by what they record next. */
MEMSCOPE_INLINE_ void memscope_task_stack(uint64_t task, const void *base, size_t size) {
    const struct memscope_calls *calls = memscope_calls_();
    if (calls && calls->size > offsetof(struct memscope_calls, task_stack))
        calls->task_stack(task, base, size);
}

/* What the calling thread works for. */
MEMSCOPE_INLINE_ uint64_t memscope_task_current(void) {
    const struct memscope_calls *calls = memscope_calls_();
    return calls ? calls->task_current() : 0;
}

struct memscope_task_ {
    uint64_t task, before;
};

MEMSCOPE_INLINE_ struct memscope_task_ memscope_task_enter_(struct memscope_place *place) {
    struct memscope_task_ entered = {memscope_task_begin_(place), memscope_task_current()};
    memscope_task_switch(entered.task);
    return entered;
}

MEMSCOPE_INLINE_ void memscope_task_leave_(const struct memscope_task_ *entered) {
    memscope_task_switch(entered->before);
    memscope_task_end(entered->task);
}

/* MEMSCOPE_TASK_BEGIN(name), a constant text: a new task, a child of the one that the thread works for; the
 * thread is not switched to it. MEMSCOPE_TASK(name): the thread works for a new task from here to the end of
 * the block, and then for what it worked for before. */
#ifdef MEMSCOPE_DISABLE
#define MEMSCOPE_TASK_BEGIN(name) ((void)(name), UINT64_C(0))
#define MEMSCOPE_TASK(name) ((void)(name))
#else
#define MEMSCOPE_TASK_BEGIN(name)                                                                  \
    __extension__({                                                                                \
        MEMSCOPE_PLACE_(memscope_said, name, NULL, MEMSCOPE_KIND_OTHER);                           \
        memscope_task_begin_(MEMSCOPE_AT_(memscope_said));                                         \
    })
#define MEMSCOPE_TASK(name) MEMSCOPE_TASK_(MEMSCOPE_PASTE_(memscope_task_, __COUNTER__), name)
#define MEMSCOPE_TASK_(entered, name)                                                              \
    MEMSCOPE_PLACE_(entered, name, NULL, MEMSCOPE_KIND_OTHER);                                     \
    __attribute__((cleanup(memscope_task_leave_), unused)) const struct memscope_task_ entered =   \
        memscope_task_enter_(MEMSCOPE_AT_(entered))
#endif

#endif
