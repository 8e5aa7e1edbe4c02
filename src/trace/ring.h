/* ring.h - reads events out of ring words (the layout is in format.h). Pure; trusts nothing. */
#ifndef MS_TRACE_RING_H
#define MS_TRACE_RING_H

#include <stddef.h>
#include <stdint.h>

#include "trace/event.h"

/* Decodes the event at `words`, of which `count` may be read, into `event` (its `thread`, `tid` and
 * `time_us` are left alone, except that TIME sets `time_us`). Text is borrowed from `words`.
 *
 * Returns how many words it took: at least 1. Returns 0 when there is no whole event here: no words,
 * a first word of 0, or an event that would end behind `count`. An unknown kind or a wild length
 * makes `event->kind` MS_EVENT_NONE and takes 1 word. */
size_t ms_ring_event(const uint64_t *words, size_t count, ms_event *event);

#endif
