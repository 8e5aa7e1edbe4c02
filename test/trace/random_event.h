/* random_event.h - reproducible random events for the property tests of the trace. */
#ifndef MS_TEST_TRACE_RANDOM_EVENT_H
#define MS_TEST_TRACE_RANDOM_EVENT_H

#include <string.h>

#include "base/hash.h"
#include "trace/event.h"

/* splitmix-like: good enough, and the same everywhere. */
static inline uint64_t random_u64(uint64_t *state) {
    *state += MS_HASH_K;
    return ms_hash_u64(*state ^ *state >> 31);
}

static inline uint64_t random_below(uint64_t *state, uint64_t limit) {
    return random_u64(state) % limit;
}

/* Numbers of every length, extremes included. */
static inline uint64_t random_wide(uint64_t *state) {
    return random_below(state, 16) == 0 ? UINT64_MAX : random_u64(state) >> random_below(state, 64);
}

/* An event of any kind with random values in just its columns. */
static inline ms_event random_event(uint64_t *state, uint32_t threads) {
    static const uint8_t text[300] = "a text with \0 and \xff in it";
    ms_event e = {.kind = (ms_event_kind)(1 + random_below(state, MS_EVENT_LOSS)),
                  .thread = 1 + (uint32_t)random_below(state, threads)};
    e.tid = 1000 + e.thread;
    unsigned columns = ms_event_columns(e.kind);
#define FILL_DELTA(member) e.member = random_wide(state)
#define FILL_ADDR(member) e.member = random_wide(state)
#define FILL_SPLIT(member) e.member = random_wide(state)
#define FILL_PLAIN(member) e.member = random_wide(state)
#define FILL_BYTE(member) e.member = (uint8_t)random_u64(state)
#define FILL_TEXT(member)                                                                          \
    e.member = (ms_text) {                                                                         \
        text, (uint32_t)random_below(state, sizeof text)                                           \
    }
#define MS_COLUMN(name, type, codec, doc)                                                          \
    if (columns & 1u << MS_COLUMN_##name)                                                          \
        FILL_##codec(name);
#include "trace/events.def"
    return e;
}

static inline int same_event(const ms_event *a, const ms_event *b) {
    return a->kind == b->kind && a->thread == b->thread && a->tid == b->tid &&
           a->time_us == b->time_us && a->family == b->family && a->address == b->address &&
           a->old == b->old && a->size == b->size && a->stack == b->stack && a->pc == b->pc &&
           a->parent == b->parent && a->number == b->number && a->text.size == b->text.size &&
           (a->text.size == 0 || memcmp(a->text.bytes, b->text.bytes, a->text.size) == 0);
}

#endif
