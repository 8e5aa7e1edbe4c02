/* pack.h - events to the payload of a trace chunk, and payloads to checksummed chunks. Offline side
 * (heap); one thread per object.
 *
 * The payload of an EVENTS chunk, one stream per thread, everything in varints up to the columns:
 *
 *   columns   how many a stream has: MS_COLUMN_COUNT when it was written
 *   streams   how many
 *   stream:   thread serial | tid | events | bytes of its kinds | bytes of each column
 *             kinds, one byte per event | column 0 | column 1 | ...
 *
 * A column holds a value for each event that has it (events.def), in the order of the events. A
 * reader skips columns behind those it knows, and takes missing ones for empty. */
#ifndef MS_TRACE_PACK_H
#define MS_TRACE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/event.h"
#include "trace/format.h"

typedef struct ms_packer ms_packer;

/* What the events of blocks came to that were packed from words. */
typedef struct ms_moves {
    uint64_t events;
    uint64_t allocations, reallocations, frees;
    uint64_t bytes; /* requested by allocations and reallocations */
} ms_moves;

/* NULL without memory. */
ms_packer *ms_packer_new(void);
void ms_packer_free(ms_packer *packer);

/* Appends `event` to the stream of its thread (`thread`, `tid`). False without memory, or when its
 * kind is not in events.def; the event is then not in the chunk. A stream of a chunk begins with a TIME,
 * which the packer makes from `event->time_us` where none was added, and with the RATE and the TASK of
 * its thread where they are not 0; one that says nothing new is left out. */
bool ms_packer_add(ms_packer *packer, const ms_event *event);

/* Appends the ALLOC, FREE, REALLOC and STACK events that `words` of a ring begin with, as one by one
 * would, but several times as fast: nearly all events are such. `head` tells thread, tid and time. Returns
 * how many words they took, and adds to `*moves` what they came to. Ends before any other
 * event, a 0, an event that would end behind `count`, or without memory. */
size_t ms_packer_add_words(ms_packer *packer, const ms_event *head, const uint64_t *words,
                           size_t count, ms_moves *moves);

/* Events since the last finish. */
size_t ms_packer_events(const ms_packer *packer);

/* True when the chunk has about as many threads or bytes as it may have (format.h): finish it before
 * the next event. */
bool ms_packer_is_full(const ms_packer *packer);

/* Completes the EVENTS payload of everything added since the last call. `*payload` is borrowed until
 * the next call; first/last: the least and greatest time_us. False without memory or when nothing
 * was added. */
bool ms_packer_finish(ms_packer *packer, const uint8_t **payload, size_t *size, uint64_t *first_us,
                      uint64_t *last_us);

/* Compresses (zstd level 1, kept raw where that is not smaller) and frames a payload: header and
 * stored bytes, ready to be written, borrowed from the packer until the next call. False without
 * memory or when the payload is larger than MS_TRACE_CHUNK_MAX. */
bool ms_packer_seal(ms_packer *packer, ms_chunk_kind kind, const uint8_t *payload, size_t size,
                    uint64_t first_us, uint64_t last_us, const uint8_t **chunk, size_t *chunk_size);

#endif
