/* ring.h - chunks of the ring: creating it, taking chunks, giving them back. */
#ifndef MS_CAPTURE_RING_H
#define MS_CAPTURE_RING_H

#include "capture/state.h"

/* Creates this process's ring (see boot.c for where) and maps its header. 0, or a negative errno; nothing
 * is recorded then. */
int ms_ring_create(bool forked);

/* Forgets the parent's ring after fork. */
void ms_ring_abandon(void);

/* Gives the thread's chunk back as full. Fine without one. */
void ms_ring_seal(ms_thread *thread);

/* Seals the thread's chunk and takes a new one. With a recorder this waits for a free chunk, but no
 * longer than a second in all while the recorder does not move. False: events are being lost. */
bool ms_ring_refill(ms_thread *thread);

#endif
