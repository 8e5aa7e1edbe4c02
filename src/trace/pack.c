#include "trace/pack.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "base/hash.h"
#include "base/varint.h"
#include "trace/shorten.h"
#include "trace/standing.h"

/* Bytes that may be written from `at` on end at `end`. */
typedef struct buffer {
    uint8_t *start, *at, *end;
} buffer;

/* The events of one thread. `room` more events surely fit: in each column a varint each (text is
 * checked apart), and as many kinds. */
typedef struct stream {
    uint32_t thread;
    uint32_t tid;
    uint64_t events;
    size_t room;
    bool begun; /* has its head */
    uint64_t time_us;
    uint64_t previous_address;
    uint64_t previous[MS_COLUMN_COUNT];
    buffer kinds;
    buffer columns[MS_COLUMN_COUNT];
    ms_shortener shortener;
} stream;

/* Streams keep their buffers from chunk to chunk: the first `used` are in the present one. */
struct ms_packer {
    stream **streams;
    size_t used, made;
    uint32_t *slots; /* thread serial -> stream index + 1; power of two, at most half full */
    size_t slot_count;
    stream *last;
    ms_standings standings;
    uint64_t events;
    uint64_t text_bytes;
    uint64_t first_us, last_us;
    buffer payload;
    buffer chunk;
    ZSTD_CCtx *zstd;
};

enum { ROOM_STEP = 1024, HEAD_EVENTS = 3 };

static size_t used(const buffer *b) {
    return (size_t)(b->at - b->start);
}

/* Room for `more` bytes. Doubles, so that appending stays linear. */
static bool reserve(buffer *b, size_t more) {
    if ((size_t)(b->end - b->at) >= more)
        return true;
    size_t have = used(b), size = (size_t)(b->end - b->start) * 2;
    if (size < have + more)
        size = have + more;
    uint8_t *bytes = realloc(b->start, size);
    if (!bytes)
        return false;
    *b = (buffer){bytes, bytes + have, bytes + size};
    return true;
}

ms_packer *ms_packer_new(void) {
    ms_packer *packer = calloc(1, sizeof *packer);
    if (!packer)
        return NULL;
    packer->slot_count = 64;
    packer->slots = calloc(packer->slot_count, sizeof *packer->slots);
    packer->zstd = ZSTD_createCCtx();
    if (!packer->slots || !packer->zstd) {
        ms_packer_free(packer);
        return NULL;
    }
    packer->first_us = UINT64_MAX;
    return packer;
}

void ms_packer_free(ms_packer *packer) {
    if (!packer)
        return;
    for (size_t i = 0; i < packer->made; i++) {
        ms_shortener_deinit(&packer->streams[i]->shortener);
        free(packer->streams[i]->kinds.start);
        for (size_t c = 0; c < MS_COLUMN_COUNT; c++)
            free(packer->streams[i]->columns[c].start);
        free(packer->streams[i]);
    }
    free(packer->streams);
    free(packer->slots);
    ms_standings_deinit(&packer->standings);
    free(packer->payload.start);
    free(packer->chunk.start);
    ZSTD_freeCCtx(packer->zstd);
    free(packer);
}

/* ---- streams ---------------------------------------------------------------------------- */

static uint32_t *slot_of(const ms_packer *packer, uint32_t thread) {
    size_t mask = packer->slot_count - 1;
    size_t i = ms_hash_u64(thread) & mask;
    while (packer->slots[i] && packer->streams[packer->slots[i] - 1]->thread != thread)
        i = (i + 1) & mask;
    return &packer->slots[i];
}

static bool grow_slots(ms_packer *packer) {
    size_t count = packer->slot_count * 2;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    free(packer->slots);
    packer->slots = slots;
    packer->slot_count = count;
    for (size_t i = 0; i < packer->used; i++)
        *slot_of(packer, packer->streams[i]->thread) = (uint32_t)i + 1;
    return true;
}

/* A stream for the next thread of the chunk: one of an earlier chunk, or a new one. */
static stream *take_stream(ms_packer *packer) {
    if (packer->used == packer->made) {
        stream **streams = realloc(packer->streams, (packer->made + 1) * sizeof(stream *));
        if (!streams)
            return NULL;
        packer->streams = streams;
        streams[packer->made] = calloc(1, sizeof(stream));
        if (!streams[packer->made])
            return NULL;
        packer->made++;
    }
    return packer->streams[packer->used];
}

static stream *add_stream(ms_packer *packer, uint32_t thread, uint32_t tid) {
    if (packer->used * 2 >= packer->slot_count && !grow_slots(packer))
        return NULL;
    uint32_t *slot = slot_of(packer, thread);
    stream *s = take_stream(packer);
    if (!s)
        return NULL;
    s->thread = thread;
    s->tid = tid;
    *slot = (uint32_t)++packer->used;
    return s;
}

static stream *stream_of(ms_packer *packer, uint32_t thread, uint32_t tid) {
    if (packer->last && packer->last->thread == thread)
        return packer->last;
    uint32_t *slot = slot_of(packer, thread);
    stream *s = *slot ? packer->streams[*slot - 1] : add_stream(packer, thread, tid);
    if (s)
        packer->last = s;
    return s;
}

/* Room for ROOM_STEP events in every buffer. */
static bool make_room(stream *s) {
    if (!reserve(&s->kinds, ROOM_STEP))
        return false;
    for (size_t c = 0; c < MS_COLUMN_COUNT; c++)
        if (!reserve(&s->columns[c], (size_t)ROOM_STEP * MS_VARINT_MAX))
            return false;
    s->room = ROOM_STEP;
    return true;
}

/* ---- columns ---------------------------------------------------------------------------- */

static inline void put(stream *s, unsigned column, uint64_t value) {
    s->columns[column].at = ms_varint_put(s->columns[column].at, value);
}

static inline void put_PLAIN(stream *s, unsigned column, uint64_t value) {
    put(s, column, value);
}

static inline void put_DELTA(stream *s, unsigned column, uint64_t value) {
    put(s, column, ms_zigzag((int64_t)(value - s->previous[column])));
    s->previous[column] = value;
}

static inline void put_ADDR(stream *s, unsigned column, uint64_t value) {
    put(s, column, ms_zigzag((int64_t)(value - s->previous_address)));
    s->previous_address = value;
}

static inline void put_BYTE(stream *s, unsigned column, uint8_t value) {
    *s->columns[column].at++ = value;
}

/* The caller has reserved the text's bytes and the room of a stream's step behind them. */
static inline void put_TEXT(stream *s, unsigned column, ms_text value) {
    buffer *b = &s->columns[column];
    b->at = ms_varint_put(b->at, value.size);
    if (value.size)
        memcpy(b->at, value.bytes, value.size);
    b->at += value.size;
}

/* Inlined with constant `columns`, so each kind becomes straight code for just its columns. */
static inline __attribute__((always_inline)) void put_columns(stream *s, const ms_event *event,
                                                              unsigned columns) {
#define MS_COLUMN(name, type, codec, doc)                                                          \
    if (columns & 1u << MS_COLUMN_##name)                                                          \
        put_##codec(s, MS_COLUMN_##name, event->name);
#include "trace/events.def"
}

static void put_event(stream *s, const ms_event *event) {
    *s->kinds.at++ = (uint8_t)event->kind;
    switch (event->kind) {
#define MS_EVENT(NAME, code, columns, doc)                                                         \
    case MS_EVENT_##NAME:                                                                          \
        put_columns(s, event, columns);                                                            \
        break;
#include "trace/events.def"
    default: break;
    }
    s->events++;
    s->room--;
}

/* In short if that is possible. */
static void put_shortest(stream *s, const ms_event *event) {
    ms_event shorter;
    bool new_pair;
    if (!ms_shorten(&s->shortener, event, &shorter, &new_pair)) {
        put_event(s, event);
        return;
    }
    put_event(s, &shorter);
    if (new_pair)
        put_columns(s, &shorter, MS_PAIR_COLUMNS);
}

static bool fits(stream *s, const ms_event *event) {
    if (s->room < HEAD_EVENTS + 1 &&
        !make_room(s)) /* an event and the head that may go before it */
        return false;
    return event->text.size == 0 ||
           reserve(&s->columns[MS_COLUMN_text], event->text.size + s->room * MS_VARINT_MAX);
}

static void note_time(ms_packer *packer, stream *s, uint64_t time_us) {
    s->time_us = time_us;
    if (time_us < packer->first_us)
        packer->first_us = time_us;
    if (time_us > packer->last_us)
        packer->last_us = time_us;
}

/* What a reader must know before the stream's first event: the time, and what has been said in earlier
 * chunks and still holds. */
static void put_head(ms_packer *packer, stream *s, uint64_t time_us) {
    ms_standing standing = ms_standings_of(&packer->standings, s->thread);
    const ms_event time = {.kind = MS_EVENT_TIME, .time_us = time_us};
    const ms_event rate = {.kind = MS_EVENT_RATE, .number = standing.rate};
    const ms_event task = {.kind = MS_EVENT_TASK, .number = standing.task};
    note_time(packer, s, time_us);
    put_event(s, &time);
    if (standing.rate)
        put_event(s, &rate);
    if (standing.task)
        put_event(s, &task);
    packer->events += 1u + (standing.rate != 0) + (standing.task != 0);
    s->begun = true;
}

bool ms_packer_add(ms_packer *packer, const ms_event *event) {
    if (ms_event_columns(event->kind) == 0 || ms_event_is_short(event->kind))
        return false; /* unknown, or a short form, which only we make */
    stream *s = stream_of(packer, event->thread, event->tid);
    if (!s || !fits(s, event))
        return false;
    bool is_time = event->kind == MS_EVENT_TIME, news = true;
    if (!s->begun) {
        put_head(packer, s, event->time_us);
        news = !is_time;
    } else if (is_time) {
        note_time(packer, s, event->time_us);
    }
    if ((event->kind == MS_EVENT_RATE || event->kind == MS_EVENT_TASK) &&
        !ms_standings_note(&packer->standings, event, &news))
        return false;
    if (!news)
        return true;
    put_shortest(s, event);
    packer->events++;
    packer->text_bytes += event->text.size;
    return true;
}

size_t ms_packer_events(const ms_packer *packer) {
    return packer->events;
}

/* Events take 1 to some 40 bytes each, texts aside. */
bool ms_packer_is_full(const ms_packer *packer) {
    return packer->used >= MS_TRACE_STREAMS_MAX ||
           packer->events * 40 + packer->text_bytes >= MS_TRACE_CHUNK_MAX / 2;
}

/* ---- payload ---------------------------------------------------------------------------- */

static void empty_stream(stream *s) {
    s->events = 0;
    s->room = 0;
    s->begun = false;
    s->previous_address = 0;
    ms_shortener_clear(&s->shortener);
    memset(s->previous, 0, sizeof s->previous);
    s->kinds.at = s->kinds.start;
    for (size_t c = 0; c < MS_COLUMN_COUNT; c++)
        s->columns[c].at = s->columns[c].start;
}

static void empty(ms_packer *packer) {
    for (size_t i = 0; i < packer->used; i++)
        empty_stream(packer->streams[i]);
    memset(packer->slots, 0, packer->slot_count * sizeof *packer->slots);
    packer->used = 0;
    packer->last = NULL;
    packer->events = 0;
    packer->text_bytes = 0;
    packer->first_us = UINT64_MAX;
    packer->last_us = 0;
}

static size_t stream_size(const stream *s) {
    size_t size = used(&s->kinds);
    for (size_t c = 0; c < MS_COLUMN_COUNT; c++)
        size += used(&s->columns[c]);
    return size + (4 + MS_COLUMN_COUNT) * MS_VARINT_MAX;
}

static void put_number(buffer *b, uint64_t value) {
    b->at = ms_varint_put(b->at, value);
}

static void put_bytes(buffer *b, const buffer *from) {
    if (used(from))
        memcpy(b->at, from->start, used(from));
    b->at += used(from);
}

static void put_stream(buffer *b, const stream *s) {
    put_number(b, s->thread);
    put_number(b, s->tid);
    put_number(b, s->events);
    put_number(b, used(&s->kinds));
    for (size_t c = 0; c < MS_COLUMN_COUNT; c++)
        put_number(b, used(&s->columns[c]));
    put_bytes(b, &s->kinds);
    for (size_t c = 0; c < MS_COLUMN_COUNT; c++)
        put_bytes(b, &s->columns[c]);
}

bool ms_packer_finish(ms_packer *packer, const uint8_t **payload, size_t *size, uint64_t *first_us,
                      uint64_t *last_us) {
    if (packer->events == 0)
        return false;
    size_t need = 2 * MS_VARINT_MAX;
    for (size_t i = 0; i < packer->used; i++)
        need += stream_size(packer->streams[i]);

    buffer *b = &packer->payload;
    b->at = b->start;
    if (!reserve(b, need))
        return false;
    put_number(b, MS_COLUMN_COUNT);
    put_number(b, packer->used);
    for (size_t i = 0; i < packer->used; i++)
        put_stream(b, packer->streams[i]);
    *payload = b->start;
    *size = used(b);
    *first_us = packer->first_us;
    *last_us = packer->last_us;
    empty(packer);
    return true;
}

/* ---- chunk ------------------------------------------------------------------------------ */

static uint64_t checksum(const ms_trace_chunk *header, const uint8_t *stored) {
    return XXH64(stored, header->stored_size, 0) ^
           XXH64(header, offsetof(ms_trace_chunk, checksum), 0);
}

/* Stores the payload behind the header: compressed where that is smaller. */
static void store(ms_packer *packer, ms_trace_chunk *header, const uint8_t *payload) {
    uint8_t *out = packer->chunk.start + sizeof *header;
    size_t room = (size_t)(packer->chunk.end - out);
    size_t packed = ZSTD_compressCCtx(packer->zstd, out, room, payload, header->size, 1);
    if (!ZSTD_isError(packed) && packed < header->size) {
        header->codec = MS_CODEC_ZSTD;
        header->stored_size = (uint32_t)packed;
        return;
    }
    header->codec = MS_CODEC_RAW;
    header->stored_size = header->size;
    if (header->size)
        memcpy(out, payload, header->size);
}

bool ms_packer_seal(ms_packer *packer, ms_chunk_kind kind, const uint8_t *payload, size_t size,
                    uint64_t first_us, uint64_t last_us, const uint8_t **chunk,
                    size_t *chunk_size) {
    ms_trace_chunk header = {.magic = MS_TRACE_CHUNK_MAGIC,
                             .kind = (uint16_t)kind,
                             .size = (uint32_t)size,
                             .first_us = first_us,
                             .last_us = last_us};
    packer->chunk.at = packer->chunk.start;
    if (size > MS_TRACE_CHUNK_MAX ||
        !reserve(&packer->chunk, sizeof header + ZSTD_compressBound(size)))
        return false;
    store(packer, &header, payload);
    header.checksum = checksum(&header, packer->chunk.start + sizeof header);
    memcpy(packer->chunk.start, &header, sizeof header);
    *chunk = packer->chunk.start;
    *chunk_size = sizeof header + header.stored_size;
    return true;
}
