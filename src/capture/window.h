/* window.h - the ring's file in memory: its header, and of its chunks a window. The one of a ring with a
 * recorder never moves; that of a lone ring, which only grows, does when it is full. */
#ifndef MS_CAPTURE_WINDOW_H
#define MS_CAPTURE_WINDOW_H

#include "capture/state.h"

/* Maps the header and the first window of the ring file `fd`. NULL when that is impossible. */
ms_ring_header *ms_window_open(int fd, bool lone);

/* Maps the chunks behind the window of a lone ring. Under grow_lock. */
bool ms_window_next(void);

/* A chunk of the window. */
static inline ms_ring_chunk *ms_window_chunk(uint32_t index) {
    return (ms_ring_chunk *)(g_ms.window +
                             (size_t)(index - g_ms.window_first) * MS_RING_CHUNK_SIZE);
}

/* Lets go of the file of a lone ring, which ends behind its last chunk, or is removed. What was mapped of it
 * becomes private memory, for a thread that was held up may still write there. Under grow_lock. */
void ms_window_detach(bool removed);

/* After fork: unmaps the parent's ring. */
void ms_window_abandon(void);

#endif
