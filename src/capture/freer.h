/* freer.h - whose code releases blocks: said when it is another object's than the last time. So a release
 * costs a comparison, and a trace a word for each change. With --free-stacks it is the stack that is said,
 * when it is another one. */
#ifndef MS_CAPTURE_FREER_H
#define MS_CAPTURE_FREER_H

#include "capture/record.h"

/* Has the chunk said already who releases a block with code that returns to `caller`? Never with
 * --free-stacks. */
static inline bool ms_freer_is_said(const ms_thread *thread, const void *caller) {
    return (uint64_t)caller - thread->freer_start < thread->freer_bytes;
}

/* Records the release of a block, and who does it, as far as the chunk has not said so. `frame`: the hook's.
 * Between ms_enter() and ms_leave(), after ms_tick(). */
void ms_freer_record(ms_thread *thread, const uint64_t *frame, unsigned family,
                     const void *address);

#endif
