/* ring.h - reads events out of ring words (the layout is in format.h). Pure; trusts nothing. */
#ifndef MS_TRACE_RING_H
#define MS_TRACE_RING_H

#include <stddef.h>
#include <stdint.h>

#include "trace/event.h"
#include "trace/format.h"

/* Decodes the event at `words`, of which `count` may be read, into `event` (its `thread`, `tid` and
 * `time_us` are left alone, except that TIME sets `time_us`). Text is borrowed from `words`.
 *
 * Returns how many words it took: at least 1. Returns 0 when there is no whole event here: no words,
 * a first word of 0, or an event that would end behind `count`. An unknown kind or a wild length
 * makes `event->kind` MS_EVENT_NONE and takes 1 word. */
size_t ms_ring_event(const uint64_t *words, size_t count, ms_event *event);

/* How many words the event at `words` takes, `count` of them (at least 1) may be read; 0 when it is none
 * of those that come in runs - ALLOC, FREE, REALLOC and STACK - or not whole. Its first word is stored
 * last: the others are there when it is. */
static inline size_t ms_ring_run_length(const uint64_t *words, size_t count) {
    size_t length = 0;
    switch (__atomic_load_n(words, __ATOMIC_ACQUIRE) >> 56) {
    case MS_EVENT_FREE: length = 1; break;
    case MS_EVENT_ALLOC:
        length = count > 1 && (words[1] & MS_SIZE_WIDE) == MS_SIZE_WIDE ? 3 : 2;
        break;
    case MS_EVENT_REALLOC: length = 4; break;
    case MS_EVENT_STACK: length = 3; break;
    default: break;
    }
    return length <= count ? length : 0;
}

#endif
