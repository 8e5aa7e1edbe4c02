#include "trace/pack.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "base/hash.h"
#include "base/varint.h"
#include "trace/pack_stream.h"
#include "trace/standing.h"

/* Streams keep their buffers from chunk to chunk: the first `used` are in the present one. */
struct ms_packer {
    ms_pack_stream **streams;
    size_t used, made;
    uint32_t *slots; /* thread serial -> stream index + 1; power of two, at most half full */
    size_t slot_count;
    ms_pack_stream *last;
    ms_standings standings;
    uint64_t events;
    uint64_t text_bytes;
    uint64_t first_us, last_us;
    ms_buffer payload;
    ms_buffer chunk;
    ZSTD_CCtx *zstd;
};

enum { HEAD_EVENTS = 4 };

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
        ms_pack_stream_deinit(packer->streams[i]);
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
static ms_pack_stream *take_stream(ms_packer *packer) {
    if (packer->used == packer->made) {
        ms_pack_stream **streams =
            realloc(packer->streams, (packer->made + 1) * sizeof(ms_pack_stream *));
        if (!streams)
            return NULL;
        packer->streams = streams;
        streams[packer->made] = calloc(1, sizeof(ms_pack_stream));
        if (!streams[packer->made])
            return NULL;
        packer->made++;
    }
    return packer->streams[packer->used];
}

static ms_pack_stream *add_stream(ms_packer *packer, uint32_t thread, uint32_t tid) {
    if (packer->used * 2 >= packer->slot_count && !grow_slots(packer))
        return NULL;
    uint32_t *slot = slot_of(packer, thread);
    ms_pack_stream *s = take_stream(packer);
    if (!s)
        return NULL;
    s->thread = thread;
    s->tid = tid;
    *slot = (uint32_t)++packer->used;
    return s;
}

static ms_pack_stream *stream_of(ms_packer *packer, uint32_t thread, uint32_t tid) {
    if (packer->last && packer->last->thread == thread)
        return packer->last;
    uint32_t *slot = slot_of(packer, thread);
    ms_pack_stream *s = *slot ? packer->streams[*slot - 1] : add_stream(packer, thread, tid);
    if (s)
        packer->last = s;
    return s;
}

/* ---- events ----------------------------------------------------------------------------- */

static void note_time(ms_packer *packer, uint64_t time_us) {
    if (time_us < packer->first_us)
        packer->first_us = time_us;
    if (time_us > packer->last_us)
        packer->last_us = time_us;
}

static void put(ms_packer *packer, ms_pack_stream *s, const ms_event *event) {
    ms_pack_stream_put(s, event);
    packer->events++;
    packer->text_bytes += event->text.size;
}

/* What a reader must know before the stream's first event: the time, and what has been said in earlier
 * chunks and still holds. */
static void put_head(ms_packer *packer, ms_pack_stream *s, uint64_t time_us) {
    ms_standing standing = ms_standings_of(&packer->standings, s->thread);
    const ms_event time = {.kind = MS_EVENT_TIME, .time_us = time_us};
    const ms_event rate = {.kind = MS_EVENT_RATE, .number = standing.rate};
    const ms_event task = {.kind = MS_EVENT_TASK, .number = standing.task};
    const ms_event freer = {.kind = standing.free_stack ? MS_EVENT_FREER_STACK : MS_EVENT_FREER,
                            .pc = standing.freer,
                            .stack = standing.free_stack};
    note_time(packer, time_us);
    put(packer, s, &time);
    if (standing.rate)
        put(packer, s, &rate);
    if (standing.task)
        put(packer, s, &task);
    if (standing.freer)
        put(packer, s, &freer);
    s->begun = true;
}

bool ms_packer_add(ms_packer *packer, const ms_event *event) {
    if (ms_event_columns(event->kind) == 0 || ms_event_is_short(event->kind))
        return false; /* unknown, or a short form, which only we make */
    ms_pack_stream *s = stream_of(packer, event->thread, event->tid);
    if (!s || !ms_pack_stream_reserve(s, HEAD_EVENTS + 1, event->text.size))
        return false;
    bool is_time = event->kind == MS_EVENT_TIME, news = true;
    if (!s->begun) {
        put_head(packer, s, event->time_us);
        news = !is_time;
    } else if (is_time) {
        note_time(packer, event->time_us);
    }
    if (ms_event_stands(event->kind) && !ms_standings_note(&packer->standings, event, &news))
        return false;
    if (news)
        put(packer, s, event);
    return true;
}

size_t ms_packer_add_words(ms_packer *packer, const ms_event *head, const uint64_t *words,
                           size_t count, ms_moves *moves) {
    if (!ms_pack_stream_takes(words, count))
        return 0;
    ms_pack_stream *s = stream_of(packer, head->thread, head->tid);
    if (!s || !ms_pack_stream_reserve(s, HEAD_EVENTS, 0))
        return 0;
    if (!s->begun)
        put_head(packer, s, head->time_us);
    uint64_t before = ms_pack_stream_events(s);
    size_t taken = ms_pack_stream_run(s, words, count, moves);
    packer->events += ms_pack_stream_events(s) - before;
    return taken;
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

static void empty(ms_packer *packer) {
    for (size_t i = 0; i < packer->used; i++)
        ms_pack_stream_clear(packer->streams[i]);
    memset(packer->slots, 0, packer->slot_count * sizeof *packer->slots);
    packer->used = 0;
    packer->last = NULL;
    packer->events = 0;
    packer->text_bytes = 0;
    packer->first_us = UINT64_MAX;
    packer->last_us = 0;
}

static size_t stream_size(const ms_pack_stream *s) {
    size_t size = ms_buffer_used(&s->kinds);
    for (unsigned c = 0; c < MS_COLUMN_COUNT; c++)
        size += ms_pack_stream_size(s, c);
    return size + (4 + MS_COLUMN_COUNT) * MS_VARINT_MAX;
}

static void put_number(ms_buffer *b, uint64_t value) {
    b->at = ms_varint_put(b->at, value);
}

static void put_stream(ms_buffer *b, const ms_pack_stream *s) {
    put_number(b, s->thread);
    put_number(b, s->tid);
    put_number(b, ms_pack_stream_events(s));
    put_number(b, ms_buffer_used(&s->kinds));
    for (unsigned c = 0; c < MS_COLUMN_COUNT; c++)
        put_number(b, ms_pack_stream_size(s, c));
    memcpy(b->at, s->kinds.start, ms_buffer_used(&s->kinds));
    b->at += ms_buffer_used(&s->kinds);
    for (unsigned c = 0; c < MS_COLUMN_COUNT; c++)
        b->at = ms_pack_stream_copy(s, c, b->at);
}

bool ms_packer_finish(ms_packer *packer, const uint8_t **payload, size_t *size, uint64_t *first_us,
                      uint64_t *last_us) {
    if (packer->events == 0)
        return false;
    size_t need = 2 * MS_VARINT_MAX;
    for (size_t i = 0; i < packer->used; i++)
        need += stream_size(packer->streams[i]);

    ms_buffer *b = &packer->payload;
    b->at = b->start;
    if (!ms_buffer_reserve(b, need))
        return false;
    put_number(b, MS_COLUMN_COUNT);
    put_number(b, packer->used);
    for (size_t i = 0; i < packer->used; i++)
        put_stream(b, packer->streams[i]);
    *payload = b->start;
    *size = ms_buffer_used(b);
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
        !ms_buffer_reserve(&packer->chunk, sizeof header + ZSTD_compressBound(size)))
        return false;
    store(packer, &header, payload);
    header.checksum = checksum(&header, packer->chunk.start + sizeof header);
    memcpy(packer->chunk.start, &header, sizeof header);
    *chunk = packer->chunk.start;
    *chunk_size = sizeof header + header.stored_size;
    return true;
}
