#include "trace/pack_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/varint.h"
#include "trace/format.h"

enum { ROOM_STEP = 1024 }; /* events that room is made for at once */

/* Doubles, so that appending stays linear. */
bool ms_buffer_reserve(ms_buffer *b, size_t more) {
    if ((size_t)(b->end - b->at) >= more)
        return true;
    size_t have = ms_buffer_used(b), size = (size_t)(b->end - b->start) * 2;
    if (size < have + more)
        size = have + more;
    uint8_t *bytes = realloc(b->start, size);
    if (!bytes)
        return false;
    *b = (ms_buffer){bytes, bytes + have, bytes + size};
    return true;
}

void ms_pack_stream_clear(ms_pack_stream *s) {
    s->begun = false;
    s->previous_address = 0;
    ms_shortener_clear(&s->shortener);
    memset(s->previous, 0, sizeof s->previous);
    s->kinds.at = s->roomy_to = s->kinds.start;
    for (size_t c = 0; c < MS_COLUMN_COUNT; c++)
        s->columns[c].at = s->columns[c].start;
}

void ms_pack_stream_deinit(ms_pack_stream *s) {
    ms_shortener_deinit(&s->shortener);
    free(s->kinds.start);
    for (size_t c = 0; c < MS_COLUMN_COUNT; c++)
        free(s->columns[c].start);
    *s = (ms_pack_stream){0};
}

/* Events that surely fit. */
static inline size_t room(const ms_pack_stream *s) {
    return (size_t)(s->roomy_to - s->kinds.at);
}

static bool make_room(ms_pack_stream *s) {
    if (!ms_buffer_reserve(&s->kinds, ROOM_STEP))
        return false;
    s->roomy_to = s->kinds.at;
    for (size_t c = 0; c < MS_COLUMN_COUNT; c++)
        if (!ms_buffer_reserve(&s->columns[c], (size_t)ROOM_STEP * MS_VARINT_MAX))
            return false;
    s->roomy_to = s->kinds.at + ROOM_STEP;
    return true;
}

/* ROOM_STEP is more than anyone asks for. */
bool ms_pack_stream_reserve(ms_pack_stream *s, size_t events, size_t text_size) {
    if (room(s) < events && !make_room(s))
        return false;
    return text_size == 0 ||
           ms_buffer_reserve(&s->columns[MS_COLUMN_text], text_size + room(s) * MS_VARINT_MAX);
}

/* ---- columns ---------------------------------------------------------------------------- */

static inline void put(ms_pack_stream *s, unsigned column, uint64_t value) {
    s->columns[column].at = ms_varint_put_fast(s->columns[column].at, value);
}

static inline void put_PLAIN(ms_pack_stream *s, unsigned column, uint64_t value) {
    put(s, column, value);
}

static inline void put_DELTA(ms_pack_stream *s, unsigned column, uint64_t value) {
    put(s, column, ms_zigzag((int64_t)(value - s->previous[column])));
    s->previous[column] = value;
}

static inline void put_ADDR(ms_pack_stream *s, unsigned column, uint64_t value) {
    put(s, column, ms_zigzag((int64_t)(value - s->previous_address)));
    s->previous_address = value;
}

static inline void put_BYTE(ms_pack_stream *s, unsigned column, uint8_t value) {
    *s->columns[column].at++ = value;
}

/* The caller has reserved the text's bytes and the room of a stream's step behind them. */
static inline void put_TEXT(ms_pack_stream *s, unsigned column, ms_text value) {
    ms_buffer *b = &s->columns[column];
    b->at = ms_varint_put(b->at, value.size);
    if (value.size)
        memcpy(b->at, value.bytes, value.size);
    b->at += value.size;
}

static inline void put_kind(ms_pack_stream *s, ms_event_kind kind) {
    *s->kinds.at++ = (uint8_t)kind;
}

/* Inlined with constant `columns`, so each kind becomes straight code for just its columns. */
static inline __attribute__((always_inline)) void
put_columns(ms_pack_stream *s, const ms_event *event, unsigned columns) {
#define MS_COLUMN(name, type, codec, doc)                                                          \
    if (columns & 1u << MS_COLUMN_##name)                                                          \
        put_##codec(s, MS_COLUMN_##name, event->name);
#include "trace/events.def"
}

/* ---- moves of blocks -------------------------------------------------------------------- */

static inline void put_death(ms_pack_stream *s, uint64_t address, uint8_t family) {
    ms_short form = ms_shorten_death(&s->shortener, address, family);
    put_kind(s, form.kind);
    if (form.kind == MS_EVENT_DIED) {
        put_DELTA(s, MS_COLUMN_index, form.index);
        return;
    }
    put_BYTE(s, MS_COLUMN_family, family);
    put_ADDR(s, MS_COLUMN_address, address);
}

/* What a birth says of itself beside where: `pair` in short, all of it in full or when it is new. */
static inline void put_birth_as(ms_pack_stream *s, ms_short form, ms_recall_pair pair) {
    put_kind(s, form.kind);
    if (ms_event_is_short(form.kind))
        put_PLAIN(s, MS_COLUMN_pair, form.pair);
    if (ms_event_is_short(form.kind) && !form.new_pair)
        return;
    put_BYTE(s, MS_COLUMN_family, pair.family);
    put_PLAIN(s, MS_COLUMN_size, pair.size);
    put_DELTA(s, MS_COLUMN_stack, pair.stack);
}

static inline void put_birth(ms_pack_stream *s, uint64_t address, ms_recall_pair pair) {
    ms_short form = ms_shorten_birth(&s->shortener, address, pair);
    put_birth_as(s, form, pair);
    if (form.kind == MS_EVENT_ALLOC || form.kind == MS_EVENT_BORN)
        put_ADDR(s, MS_COLUMN_address, address);
}

static void put_move(ms_pack_stream *s, uint64_t address, uint64_t old, ms_recall_pair pair) {
    ms_short form = ms_shorten_move(&s->shortener, address, old, pair);
    put_birth_as(s, form, pair);
    if (form.kind != MS_EVENT_GREW)
        put_ADDR(s, MS_COLUMN_address, address);
    if (form.kind == MS_EVENT_REALLOC)
        put_ADDR(s, MS_COLUMN_old, old);
    else
        put_DELTA(s, MS_COLUMN_index, form.index);
}

void ms_pack_stream_put(ms_pack_stream *s, const ms_event *event) {
    ms_recall_pair pair = {event->size, event->stack, event->family};
    switch (event->kind) {
    case MS_EVENT_ALLOC: put_birth(s, event->address, pair); return;
    case MS_EVENT_FREE: put_death(s, event->address, event->family); return;
    case MS_EVENT_REALLOC: put_move(s, event->address, event->old, pair); return;
    default: put_kind(s, event->kind);
    }
    switch (event->kind) {
#define MS_EVENT(NAME, code, columns, doc)                                                         \
    case MS_EVENT_##NAME:                                                                          \
        put_columns(s, event, columns);                                                            \
        break;
#include "trace/events.def"
    default: break;
    }
}

static inline void put_stack(ms_pack_stream *s, uint64_t stack, uint64_t pc, uint64_t parent) {
    put_kind(s, MS_EVENT_STACK);
    put_DELTA(s, MS_COLUMN_stack, stack);
    put_DELTA(s, MS_COLUMN_pc, pc);
    put_DELTA(s, MS_COLUMN_parent, parent);
}

/* ---- words of a ring -------------------------------------------------------------------- */

/* How many words the event at `words` takes; 0 when it is none of ours, or not whole. Its first word is
 * stored last: the others are there when it is. */
static inline size_t length_of(const uint64_t *words, size_t count) {
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

bool ms_pack_stream_takes(const uint64_t *words, size_t count) {
    return count > 0 && length_of(words, count) > 0;
}

/* The event at `words`, which length_of() measured. */
static inline void put_words(ms_pack_stream *s, const uint64_t *words, size_t length) {
    uint64_t value = words[0] & MS_WORD_VALUE_MASK;
    uint8_t family = (uint8_t)(words[0] >> MS_WORD_VALUE_BITS);
    switch (words[0] >> 56) {
    case MS_EVENT_FREE: put_death(s, value, family); break;
    case MS_EVENT_ALLOC: {
        uint64_t size = length == 3 ? words[2] : words[1] & MS_SIZE_WIDE;
        put_birth(s, value, (ms_recall_pair){size, words[1] >> 32, family});
        break;
    }
    case MS_EVENT_REALLOC:
        put_move(s, value, words[2], (ms_recall_pair){words[3], words[1] >> 32, family});
        break;
    default: put_stack(s, value, words[1], words[2]); break;
    }
}

size_t ms_pack_stream_run(ms_pack_stream *s, const uint64_t *words, size_t count, uint64_t *moves) {
    size_t at = 0, length;
    while (at < count && (length = length_of(words + at, count - at)) > 0) {
        if (room(s) == 0 && !make_room(s))
            break;
        put_words(s, words + at, length);
        *moves += words[at] >> 56 != MS_EVENT_STACK;
        at += length;
    }
    return at;
}
