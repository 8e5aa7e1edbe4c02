#include "trace/pack_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/varint.h"
#include "trace/format.h"
#include "trace/ring.h"

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
    s->low.at = s->low.start;
    s->middle.at = s->middle.start;
    for (size_t c = 0; c < MS_COLUMN_COUNT; c++)
        s->columns[c].at = s->columns[c].start;
}

void ms_pack_stream_deinit(ms_pack_stream *s) {
    ms_shortener_deinit(&s->shortener);
    free(s->kinds.start);
    free(s->low.start);
    free(s->middle.start);
    for (size_t c = 0; c < MS_COLUMN_COUNT; c++)
        free(s->columns[c].start);
    *s = (ms_pack_stream){0};
}

/* Events that surely fit. */
static inline size_t room(const ms_pack_stream *s) {
    return (size_t)(s->roomy_to - s->kinds.at);
}

static bool make_room(ms_pack_stream *s) {
    if (!ms_buffer_reserve(&s->kinds, ROOM_STEP) || !ms_buffer_reserve(&s->low, ROOM_STEP) ||
        !ms_buffer_reserve(&s->middle, ROOM_STEP))
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

/* Can the address be in `where`? */
static inline bool may_split(const ms_pack_stream *s, uint64_t value) {
    return (value - s->previous_address) % 16 == 0;
}

static inline void put_SPLIT(ms_pack_stream *s, unsigned column, uint64_t value) {
    uint64_t steps = ms_zigzag((int64_t)(value - s->previous_address) / 16);
    *s->low.at++ = (uint8_t)steps;
    *s->middle.at++ = (uint8_t)(steps >> 8);
    put(s, column, steps >> 16);
    s->previous_address = value;
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

/* ---- the stored form -------------------------------------------------------------------- */

static uint8_t *copy(const ms_buffer *from, uint8_t *to) {
    size_t size = ms_buffer_used(from);
    if (size)
        memcpy(to, from->start, size);
    return to + size;
}

size_t ms_pack_stream_size(const ms_pack_stream *s, unsigned column) {
    uint8_t count[MS_VARINT_MAX];
    size_t size = ms_buffer_used(&s->columns[column]), split = ms_buffer_used(&s->low);
    if (column != MS_COLUMN_where || split == 0)
        return size;
    return (size_t)(ms_varint_put(count, split) - count) + 2 * split + size;
}

uint8_t *ms_pack_stream_copy(const ms_pack_stream *s, unsigned column, uint8_t *to) {
    if (column == MS_COLUMN_where && ms_buffer_used(&s->low)) {
        to = ms_varint_put(to, ms_buffer_used(&s->low));
        to = copy(&s->low, to);
        to = copy(&s->middle, to);
    }
    return copy(&s->columns[column], to);
}

/* ---- moves of blocks -------------------------------------------------------------------- */

/* The kind that says the same of a block, its address split. */
static inline ms_event_kind split_kind(ms_event_kind kind) {
    switch (kind) {
    case MS_EVENT_ALLOC: return MS_EVENT_PLACED;
    case MS_EVENT_FREE: return MS_EVENT_FREED;
    case MS_EVENT_BORN: return MS_EVENT_BORN_AT;
    case MS_EVENT_MOVED: return MS_EVENT_MOVED_TO;
    default: return MS_EVENT_NONE;
    }
}

/* The kind, and the address where the kind does not tell it. */
static inline void put_where(ms_pack_stream *s, ms_event_kind kind, uint64_t address) {
    ms_event_kind split = split_kind(kind);
    bool told = split == MS_EVENT_NONE && kind != MS_EVENT_REALLOC;
    if (split != MS_EVENT_NONE && may_split(s, address)) {
        put_kind(s, split);
        put_SPLIT(s, MS_COLUMN_where, address);
        return;
    }
    put_kind(s, kind);
    if (!told)
        put_ADDR(s, MS_COLUMN_address, address);
}

static inline void put_death(ms_pack_stream *s, uint64_t address, uint8_t family) {
    ms_short form = ms_shorten_death(&s->shortener, address, family);
    put_where(s, form.kind, address);
    if (form.kind == MS_EVENT_DIED)
        put_DELTA(s, MS_COLUMN_index, form.index);
    else
        put_BYTE(s, MS_COLUMN_family, family);
}

/* What a birth says of itself beside where: `pair` in short, all of it in full or when it is new. */
static inline void put_what(ms_pack_stream *s, ms_short form, ms_recall_pair pair) {
    bool in_short = ms_event_is_short(form.kind);
    if (in_short)
        put_PLAIN(s, MS_COLUMN_pair, form.pair);
    if (in_short && !form.new_pair)
        return;
    put_BYTE(s, MS_COLUMN_family, pair.family);
    put_PLAIN(s, MS_COLUMN_size, pair.size);
    put_DELTA(s, MS_COLUMN_stack, pair.stack);
}

static inline void put_birth(ms_pack_stream *s, uint64_t address, ms_recall_pair pair) {
    ms_short form = ms_shorten_birth(&s->shortener, address, pair);
    put_where(s, form.kind, address);
    put_what(s, form, pair);
}

static void put_move(ms_pack_stream *s, uint64_t address, uint64_t old, ms_recall_pair pair) {
    ms_short form = ms_shorten_move(&s->shortener, address, old, pair);
    put_where(s, form.kind, address);
    put_what(s, form, pair);
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

bool ms_pack_stream_takes(const uint64_t *words, size_t count) {
    return count > 0 && ms_ring_run_length(words, count) > 0;
}

/* A half of a realloc is no allocation, and no release. */
static inline void count_birth(ms_moves *moves, uint8_t family, uint64_t size) {
    bool resized = family == MS_FAMILY_RESIZED;
    moves->events++;
    moves->allocations += !resized;
    moves->reallocations += resized;
    moves->bytes += size;
}

static inline void count_death(ms_moves *moves, uint8_t family) {
    moves->events++;
    moves->frees += family != MS_FAMILY_RESIZED;
}

static inline void count_move(ms_moves *moves, uint64_t size) {
    moves->events++;
    moves->reallocations++;
    moves->bytes += size;
}

/* The event at `words`, which ms_ring_run_length() measured. */
static inline void put_words(ms_pack_stream *s, const uint64_t *words, size_t length,
                             ms_moves *moves) {
    uint64_t value = words[0] & MS_WORD_VALUE_MASK;
    uint8_t family = (uint8_t)(words[0] >> MS_WORD_VALUE_BITS);
    switch (words[0] >> 56) {
    case MS_EVENT_FREE:
        count_death(moves, family);
        put_death(s, value, family);
        break;
    case MS_EVENT_ALLOC: {
        uint64_t size = length == 3 ? words[2] : words[1] & MS_SIZE_WIDE;
        count_birth(moves, family, size);
        put_birth(s, value, (ms_recall_pair){size, words[1] >> 32, family});
        break;
    }
    case MS_EVENT_REALLOC:
        count_move(moves, words[3]);
        put_move(s, value, words[2], (ms_recall_pair){words[3], words[1] >> 32, family});
        break;
    default: put_stack(s, value, words[1], words[2]); break;
    }
}

size_t ms_pack_stream_run(ms_pack_stream *s, const uint64_t *words, size_t count, ms_moves *moves) {
    size_t at = 0, length;
    while (at < count && (length = ms_ring_run_length(words + at, count - at)) > 0) {
        if (room(s) == 0 && !make_room(s))
            break;
        put_words(s, words + at, length, moves);
        at += length;
    }
    return at;
}
