/* thread.h - threads of the C library: thread.def. A new thread works for what its maker works for. */
#ifndef MS_ADAPT_THREAD_H
#define MS_ADAPT_THREAD_H

#include <pthread.h>

#include "adapt/memory.h"
#include "adapt/route.h"

#define MS_ENTRY MS_DECLARE_ENTRY
#define MS_NEEDED MS_DECLARE_NEEDED
#include "adapt/thread.def"
#undef MS_ENTRY
#undef MS_NEEDED

/* What a new thread is to begin with, for ms_thread_run(). NULL: with what it is given, for there is no task
 * to go on with, or no memory; or it is a library that makes it: a thread of a pool works for whoever comes,
 * not for who happens to come first. */
ms_closure *ms_thread_closure(const void *caller, void *start, void *argument);

/* The first function of a new thread. As a jump, so that no stack shows it. */
void *ms_thread_run(void *closure);

/* The thread was made, or `error` is not 0, which is returned. */
int ms_thread_started(ms_closure *closure, int error);

#endif
