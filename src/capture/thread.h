/* thread.h - a thread's record from its first hook to its last. */
#ifndef MS_CAPTURE_THREAD_H
#define MS_CAPTURE_THREAD_H

#include "capture/state.h"

/* Prepares for threads; once, at the start, and again in a forked child. False without memory. */
bool ms_threads_init(void);

/* Is this a forked child that has not noticed yet? Its pid cannot tell: a vfork child has another one
 * in our memory, and the first process of a pid namespace has the one its parent has in its own. */
bool ms_threads_forked(void);

/* Makes the calling thread's hooks pass through until ms_inner_end(), which takes what this
 * returned. For calls of ours that may allocate. */
ms_thread *ms_inner_begin(void);
void ms_inner_end(ms_thread *before);

#endif
