#include "trace/decode.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "base/varint.h"
#include "trace/recall.h"

/* ---- chunks ----------------------------------------------------------------------------- */

bool ms_chunk_plausible(const ms_trace_chunk *chunk) {
    return chunk->magic == MS_TRACE_CHUNK_MAGIC && chunk->size <= MS_TRACE_CHUNK_MAX &&
           chunk->stored_size <= MS_TRACE_CHUNK_MAX &&
           (chunk->codec == MS_CODEC_RAW ? chunk->stored_size == chunk->size
                                         : chunk->stored_size < chunk->size);
}

bool ms_chunk_intact(const ms_trace_chunk *chunk, const uint8_t *stored) {
    uint64_t header = XXH64(chunk, offsetof(ms_trace_chunk, checksum), 0);
    return chunk->checksum == (XXH64(stored, chunk->stored_size, 0) ^ header);
}

bool ms_chunk_unpack(const ms_trace_chunk *chunk, const uint8_t *stored, uint8_t *out) {
    switch (chunk->codec) {
    case MS_CODEC_RAW:
        if (chunk->size)
            memcpy(out, stored, chunk->size);
        return true;
    case MS_CODEC_ZSTD:
        return ZSTD_decompress(out, chunk->size, stored, chunk->stored_size) == chunk->size;
    default: return false;
    }
}

/* ---- streams ---------------------------------------------------------------------------- */

/* The frame of a stream: its numbers, then where its bytes lie. */
typedef struct frame {
    const uint8_t *at, *end;
} frame;

static bool number(frame *f, uint64_t *value) {
    return ms_varint_get(&f->at, f->end, value);
}

static bool take(frame *f, uint64_t size, const uint8_t **bytes) {
    if (size > (uint64_t)(f->end - f->at))
        return false;
    *bytes = f->at;
    f->at += size;
    return true;
}

/* Sizes of the columns come before their bytes: read them on a second cursor, so that a payload of
 * a later version may have any number of columns without a table for them. */
static bool open_columns(frame *f, uint64_t columns, ms_stream *stream) {
    frame sizes = *f;
    uint64_t size, kinds;
    if (!number(&sizes, &kinds))
        return false;
    for (uint64_t c = 0; c <= columns; c++)
        if (!number(f, &size))
            return false;
    if (kinds != stream->left || !take(f, kinds, &stream->kinds))
        return false;
    for (uint64_t c = 0; c < columns; c++) {
        const uint8_t *bytes;
        if (!number(&sizes, &size) || !take(f, size, &bytes))
            return false;
        if (c < MS_COLUMN_COUNT) {
            stream->columns[c].at = bytes;
            stream->columns[c].end = bytes + size;
        }
    }
    return true;
}

static bool open_stream(frame *f, uint64_t columns, ms_stream *stream) {
    uint64_t thread, tid;
    memset(stream, 0, sizeof *stream);
    if (!number(f, &thread) || !number(f, &tid) || !number(f, &stream->left) ||
        thread > UINT32_MAX || tid > UINT32_MAX)
        return false;
    stream->thread = (uint32_t)thread;
    stream->tid = (uint32_t)tid;
    return open_columns(f, columns, stream);
}

bool ms_streams_open(const uint8_t *payload, size_t size, ms_stream *streams, size_t max,
                     size_t *count) {
    frame f = {payload, payload + size};
    uint64_t columns, total;
    *count = 0;
    /* Each column and stream takes a byte at least: greater numbers are wrong, not long loops. */
    if (!number(&f, &columns) || !number(&f, &total) || columns > size || total > size)
        return false;
    for (uint64_t i = 0; i < total; i++) {
        ms_stream spare;
        if (!open_stream(&f, columns, i < max ? &streams[i] : &spare))
            return false;
        ++*count;
    }
    return true;
}

/* ---- events ----------------------------------------------------------------------------- */

static inline bool get(ms_stream *s, unsigned column, uint64_t *value) {
    const uint8_t *at = s->columns[column].at;
    if (at < s->columns[column].end && *at < 0x80) { /* most values are small */
        *value = *at;
        s->columns[column].at = at + 1;
        return true;
    }
    return ms_varint_get(&s->columns[column].at, s->columns[column].end, value);
}

static inline bool get_PLAIN(ms_stream *s, unsigned column, uint64_t *value) {
    return get(s, column, value);
}

static inline bool get_DELTA(ms_stream *s, unsigned column, uint64_t *value) {
    uint64_t delta;
    if (!get(s, column, &delta))
        return false;
    s->columns[column].previous += (uint64_t)ms_unzigzag(delta);
    *value = s->columns[column].previous;
    return true;
}

static inline bool get_ADDR(ms_stream *s, unsigned column, uint64_t *value) {
    uint64_t delta;
    if (!get(s, column, &delta))
        return false;
    s->previous_address += (uint64_t)ms_unzigzag(delta);
    *value = s->previous_address;
    return true;
}

/* Finds the parts of the column: how many values, their lowest bytes, the bytes above, and the rest. */
static bool open_split(ms_stream *s, unsigned column) {
    const uint8_t *at = s->columns[column].at, *end = s->columns[column].end;
    uint64_t count;
    if (!ms_varint_get(&at, end, &count) || count > (uint64_t)(end - at) / 2)
        return false;
    s->low = at;
    s->low_end = s->middle = at + count;
    s->columns[column].at = at + 2 * count;
    return true;
}

static inline bool get_SPLIT(ms_stream *s, unsigned column, uint64_t *value) {
    uint64_t high;
    if (s->low == s->low_end && (s->low || !open_split(s, column) || s->low == s->low_end))
        return false;
    if (!get(s, column, &high))
        return false;
    uint64_t steps = high << 16 | (uint64_t)*s->middle++ << 8 | *s->low++;
    s->previous_address += (uint64_t)ms_unzigzag(steps) * 16;
    *value = s->previous_address;
    return true;
}

static inline bool get_BYTE(ms_stream *s, unsigned column, uint8_t *value) {
    if (s->columns[column].at == s->columns[column].end)
        return false;
    *value = *s->columns[column].at++;
    return true;
}

static inline bool get_TEXT(ms_stream *s, unsigned column, ms_text *value) {
    uint64_t size;
    if (!get(s, column, &size) || size > (uint64_t)(s->columns[column].end - s->columns[column].at))
        return false;
    *value = (ms_text){s->columns[column].at, (uint32_t)size};
    s->columns[column].at += size;
    return true;
}

/* Inlined with constant `columns`, as in pack.c. */
static inline __attribute__((always_inline)) bool get_columns(ms_stream *s, ms_event *event,
                                                              unsigned columns) {
#define MS_COLUMN(name, type, codec, doc)                                                          \
    if (columns & 1u << MS_COLUMN_##name && !get_##codec(s, MS_COLUMN_##name, &event->name))       \
        return false;
#include "trace/events.def"
    return true;
}

static bool get_event(ms_stream *s, ms_event *event) {
    bool known = false;
    switch (event->kind) {
#define MS_EVENT(NAME, code, columns, doc)                                                         \
    case MS_EVENT_##NAME:                                                                          \
        known = get_columns(s, event, columns);                                                    \
        break;
#include "trace/events.def"
    default: break;
    }
    return known;
}

/* ---- short forms ------------------------------------------------------------------------ */

static bool expand_birth(ms_stream *s, ms_event *event) {
    ms_recall *r = s->recall;
    if (event->pair > r->pair_count)
        return false;
    if (event->pair == r->pair_count) {
        if (!get_columns(s, event, MS_PAIR_COLUMNS))
            return false;
        ms_recall_add_pair(r, (ms_recall_pair){event->size, event->stack, event->family});
    }
    const ms_recall_pair *pair = &r->pairs[event->pair];
    event->size = pair->size;
    event->stack = pair->stack;
    event->family = pair->family;
    if (event->kind == MS_EVENT_GREW)
        event->address = event->old;
    else if (event->kind != MS_EVENT_BORN && event->kind != MS_EVENT_MOVED)
        event->address = ms_recall_guess(r, event->kind, pair->size);
    return true;
}

static bool has_room(ms_recall *r) {
    return (r->block_count < r->block_capacity && r->pair_count < r->pair_capacity) ||
           (r->block_count < MS_RECALL_BLOCKS_MAX && ms_recall_reserve(r, 1));
}

/* The order of the steps is the writer's: what a block leaves behind is there for the next. */
static bool expand_block(ms_stream *s, ms_event *event) {
    ms_recall *r = s->recall;
    ms_event_kind kind = event->kind;
    if (kind == MS_EVENT_DIED || kind == MS_EVENT_MOVED || kind == MS_EVENT_GREW) {
        if (event->index >= r->block_count)
            return false;
        event->old = r->blocks[event->index].address;
    }
    if (kind == MS_EVENT_DIED) {
        event->address = event->old;
        event->family = ms_recall_release(r->pairs[r->blocks[event->index].pair].family);
        event->old = 0;
        event->kind = MS_EVENT_FREE;
        ms_recall_freed(r, (uint32_t)event->index);
        return true;
    }
    if (!has_room(r) || !expand_birth(s, event))
        return false;
    if (kind == MS_EVENT_MOVED)
        ms_recall_freed(r, (uint32_t)event->index);
    event->kind =
        kind == MS_EVENT_MOVED || kind == MS_EVENT_GREW ? MS_EVENT_REALLOC : MS_EVENT_ALLOC;
    ms_recall_born(r, kind, (uint32_t)event->pair, event->address);
    return true;
}

/* Takes the address from where it was split. True: that was all. */
static bool expand_place(ms_event *event) {
    event->address = event->where;
    event->where = 0;
    switch (event->kind) {
    case MS_EVENT_PLACED: event->kind = MS_EVENT_ALLOC; return true;
    case MS_EVENT_FREED: event->kind = MS_EVENT_FREE; return true;
    case MS_EVENT_BORN_AT: event->kind = MS_EVENT_BORN; return false;
    default: event->kind = MS_EVENT_MOVED; return false;
    }
}

static bool expand(ms_stream *s, ms_event *event) {
    if (!ms_event_is_short(event->kind))
        return true;
    if (event->kind >= MS_EVENT_PLACED && expand_place(event))
        return true;
    if (!s->recall && !(s->recall = calloc(1, sizeof *s->recall)))
        return false;
    bool done = expand_block(s, event);
    event->pair = event->index = 0; /* numbers of the stream mean nothing outside it */
    return done;
}

void ms_stream_close(ms_stream *stream) {
    if (stream->recall)
        ms_recall_deinit(stream->recall);
    free(stream->recall);
    stream->recall = NULL;
}

bool ms_stream_next(ms_stream *stream, ms_event *event) {
    if (stream->left == 0) {
        ms_stream_close(stream);
        return false;
    }
    *event = (ms_event){.kind = (ms_event_kind)*stream->kinds++,
                        .thread = stream->thread,
                        .tid = stream->tid,
                        .time_us = stream->time_us};
    if (!get_event(stream, event) || !expand(stream, event)) {
        ms_stream_close(stream);
        stream->left = 0;
        stream->damaged = true;
        return false;
    }
    stream->left--;
    stream->time_us = event->time_us;
    return true;
}

/* TIME is the only event with this column, so the column's next value is the next TIME's. */
void ms_stream_peek_time(const ms_stream *stream, uint64_t *time_us, uint64_t *events) {
    const uint8_t *at = stream->columns[MS_COLUMN_time_us].at;
    const uint8_t *kind = NULL;
    uint64_t delta;
    if (stream->left)
        kind = memchr(stream->kinds, MS_EVENT_TIME, (size_t)stream->left);
    *events = kind ? (uint64_t)(kind - stream->kinds) : stream->left;
    *time_us = UINT64_MAX;
    if (kind && ms_varint_get(&at, stream->columns[MS_COLUMN_time_us].end, &delta))
        *time_us = stream->columns[MS_COLUMN_time_us].previous + (uint64_t)ms_unzigzag(delta);
}
