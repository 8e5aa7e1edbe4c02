/* thread.h - a thread's record from its first hook to its last. */
#ifndef MS_CAPTURE_THREAD_H
#define MS_CAPTURE_THREAD_H

#include "capture/state.h"

/* Prepares for threads, whenever there is a new ring. False without memory. */
bool ms_threads_init(void);

/* After fork: the records are wiped, and not worth finding again. */
void ms_threads_abandon(void);

/* Has all threads let go of the ring. Recording is off, and nobody can switch it on; waits until those that
 * were still at it are done, a fifth of a second at most. */
void ms_threads_let_go(void);

/* The thread goes on in another ring than it was in. Between ms_enter() and ms_leave(). */
void ms_thread_rejoin(ms_thread *thread);

/* Is this a forked child that has not noticed yet? Its pid cannot tell: a vfork child has another one
 * in our memory, and the first process of a pid namespace has the one its parent has in its own. */
bool ms_threads_forked(void);

/* Makes the calling thread's hooks pass through until ms_inner_end(), which takes what this
 * returned. For calls of ours that may allocate. */
ms_thread *ms_inner_begin(void);
void ms_inner_end(ms_thread *before);

#endif
