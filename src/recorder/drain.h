/* drain.h - from a ring to the events of a trace chunk. Offline side; one thread per object. */
#ifndef MS_RECORDER_DRAIN_H
#define MS_RECORDER_DRAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "recorder/ring_view.h"
#include "trace/pack.h"

typedef struct ms_drain ms_drain;

/* Of the ring that `view` shows (borrowed). `compact`: addresses of blocks are left out (rename.h). NULL
 * without memory. */
ms_drain *ms_drain_new(ms_ring_view *view, bool compact);
void ms_drain_free(ms_drain *drain);

/* Packs what is new in the ring. `cut_us`: what the ring's clock was set to just before. A compact trace
 * leaves events from then on for the next drain: whatever led to an event that is packed is packed, too.
 * `last`: nobody writes to the ring any more. Without memory what did not fit stays in the ring. */
void ms_drain_ring(ms_drain *drain, uint64_t cut_us, bool last);

/* What was packed, for ms_packer_finish(). */
ms_packer *ms_drain_packer(ms_drain *drain);

/* Heap and mapping events packed since the last call. */
uint64_t ms_drain_take_count(ms_drain *drain);

/* What all that was packed since the start comes to, recorded or only counted. */
void ms_drain_totals(const ms_drain *drain, uint64_t totals[MS_COUNT_COUNT]);

/* Packs the name of the thread `tid`, as far as it is known under another one. */
void ms_drain_name(ms_drain *drain, uint32_t tid, const char *name);

#endif
