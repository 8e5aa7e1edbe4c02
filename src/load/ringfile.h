/* ringfile.h - a ring file: the trace of a lone preload, or what a recorder left behind.
 *
 * Each thread's chunks, in the order of their sequence, are one stream of words; a thread reads one
 * chunk at a time, so memory is 16 KiB for each thread that is being read, and threads are opened
 * only when the time of their first chunk has come. One thread at a time. */
#ifndef MS_LOAD_RINGFILE_H
#define MS_LOAD_RINGFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/merge.h"
#include "trace/format.h"

typedef struct ms_ringfile ms_ringfile;

/* Takes the RING form file `fd` of `size` bytes over: it is closed by ms_ringfile_close(). NULL when
 * it cannot be read. */
ms_ringfile *ms_ringfile_open(int fd, uint64_t size);
void ms_ringfile_close(ms_ringfile *ring);

const ms_ring_header *ms_ringfile_header(const ms_ringfile *ring);

/* Events lost, by cause, saturated to those losses.def knows. */
uint64_t ms_ringfile_lost(const ms_ringfile *ring, unsigned cause);

/* True when the process itself has ended the trace, and may live on. */
bool ms_ringfile_is_ended(const ms_ringfile *ring);

/* True also when the process that wrote the ring is surely gone: there is none of its id here. */
bool ms_ringfile_is_over(const ms_ringfile *ring);

/* When the first chunk of the next thread was taken that is not in the merge yet; UINT64_MAX when
 * all are. */
uint64_t ms_ringfile_due(const ms_ringfile *ring);

/* Adds the next thread to the merge's present batch, and all that are due at the same time or before
 * `until_us`. The merge must be freed before the ring is closed. */
void ms_ringfile_feed(ms_ringfile *ring, ms_merge *merge, uint64_t until_us);

/* Bytes of chunks read so far, and in all. */
uint64_t ms_ringfile_done(const ms_ringfile *ring);
uint64_t ms_ringfile_total(const ms_ringfile *ring);

#endif
