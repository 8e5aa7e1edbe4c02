/* decode.h - chunks back to payloads, payloads back to events. Trusts nothing: wrong bytes give an
 * answer, never a crash or unbounded memory. Offline side; one thread per object. */
#ifndef MS_TRACE_DECODE_H
#define MS_TRACE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/event.h"
#include "trace/format.h"

/* Is this a chunk header whose sizes are possible? (Its checksum covers the payload, too.) */
bool ms_chunk_plausible(const ms_trace_chunk *chunk);

/* Does the checksum hold for this header and its stored payload? */
bool ms_chunk_intact(const ms_trace_chunk *chunk, const uint8_t *stored);

/* Unpacks the stored payload into `out`, which has chunk->size bytes. False: damaged. */
bool ms_chunk_unpack(const ms_trace_chunk *chunk, const uint8_t *stored, uint8_t *out);

/* A cursor over one thread's events in an EVENTS payload. */
typedef struct ms_stream {
    uint32_t thread;
    uint32_t tid;
    uint64_t left; /* events not yet read */
    uint64_t time_us;
    uint64_t previous_address;
    const uint8_t *kinds; /* one byte per event */
    struct {
        const uint8_t *at, *end;
        uint64_t previous;
    } columns[MS_COLUMN_COUNT];
    const uint8_t *low, *middle, *low_end; /* of the column `where`, once it is in use */
    bool damaged;             /* bytes ended early or an unknown kind: the stream stops here */
    struct ms_recall *recall; /* for short forms; freed at the end of the stream or by close */
} ms_stream;

/* Opens the streams of an EVENTS payload, which must stay in place while they are read. Writes at
 * most `max`, sets `*count` to how many there are. False when the payload's frame is damaged. */
bool ms_streams_open(const uint8_t *payload, size_t size, ms_stream *streams, size_t max,
                     size_t *count);

/* Frees what a stream that is not read to its end still holds. Fine on one that was. */
void ms_stream_close(ms_stream *stream);

/* The next event, short forms expanded; false at the end of the stream (or damage: see `damaged`). */
bool ms_stream_next(ms_stream *stream, ms_event *event);

/* The time of the next TIME event and how many events come before it, without reading up to it. With
 * no TIME ahead the time is UINT64_MAX, and the events are all that are left. */
void ms_stream_peek_time(const ms_stream *stream, uint64_t *time_us, uint64_t *events);

#endif
