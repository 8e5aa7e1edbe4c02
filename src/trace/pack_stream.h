/* pack_stream.h - the events of one thread on their way into columns (pack.h), in short forms where that
 * is possible (recall.h). Offline side; one thread per object. */
#ifndef MS_TRACE_PACK_STREAM_H
#define MS_TRACE_PACK_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/event.h"
#include "trace/pack.h"
#include "trace/shorten.h"

/* Bytes that may be written from `at` on end at `end`. */
typedef struct ms_buffer {
    uint8_t *start, *at, *end;
} ms_buffer;

static inline size_t ms_buffer_used(const ms_buffer *buffer) {
    return (size_t)(buffer->at - buffer->start);
}

/* Room for `more` bytes. False without memory. */
bool ms_buffer_reserve(ms_buffer *buffer, size_t more);

/* Starts as all zeros. */
typedef struct ms_pack_stream {
    uint32_t thread;
    uint32_t tid;
    bool begun; /* has its head */
    uint64_t previous_address;
    uint64_t previous[MS_COLUMN_COUNT];
    ms_buffer kinds; /* a byte for each event */
    uint8_t
        *roomy_to; /* up to which kind each column surely has room for a varint; text is apart */
    ms_buffer columns[MS_COLUMN_COUNT]; /* of `where` the varints */
    ms_buffer low, middle;              /* of `where` the bytes */
    ms_shortener shortener;
} ms_pack_stream;

static inline uint64_t ms_pack_stream_events(const ms_pack_stream *stream) {
    return ms_buffer_used(&stream->kinds);
}

/* The bytes of a column as it is stored; and their number. */
uint8_t *ms_pack_stream_copy(const ms_pack_stream *stream, unsigned column, uint8_t *to);
size_t ms_pack_stream_size(const ms_pack_stream *stream, unsigned column);

/* Forgets the events; keeps the memory. */
void ms_pack_stream_clear(ms_pack_stream *stream);

/* Frees the memory. */
void ms_pack_stream_deinit(ms_pack_stream *stream);

/* Makes room for `events` events and the text of one of them. False without memory. */
bool ms_pack_stream_reserve(ms_pack_stream *stream, size_t events, size_t text_size);

/* Appends an event, for which there is room. */
void ms_pack_stream_put(ms_pack_stream *stream, const ms_event *event);

/* Appends the ALLOC, FREE, REALLOC and STACK events that `words` of a ring begin with (format.h), and
 * returns how many words they took; adds to `*moves` what they came to. Ends before any
 * other event, a 0, one that would end behind `count`, or without memory. The way of nearly all events,
 * several times as fast as one by one. */
size_t ms_pack_stream_run(ms_pack_stream *stream, const uint64_t *words, size_t count,
                          ms_moves *moves);

/* Do they begin with such an event? */
bool ms_pack_stream_takes(const uint64_t *words, size_t count);

#endif
