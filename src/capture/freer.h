/* freer.h - which object's code releases blocks: said when it is another one than the last time. So a release
 * costs a comparison, and a trace a word for each change. */
#ifndef MS_CAPTURE_FREER_H
#define MS_CAPTURE_FREER_H

#include "capture/state.h"

/* Code at `caller`, a return address, releases the next block. Between ms_enter() and ms_leave(), after
 * ms_tick(). */
void ms_freer(ms_thread *thread, uint64_t caller);

#endif
