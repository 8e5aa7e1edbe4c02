/* ring_builder.h - ring files made by hand, for tests. */
#ifndef MS_TEST_LOAD_RING_BUILDER_H
#define MS_TEST_LOAD_RING_BUILDER_H

#include <unistd.h>

#include "base/varint.h"
#include "builder.h"
#include "trace/format.h"

enum { RING_CHUNKS = 64 };

/* A whole ring file in memory. */
typedef struct ring_image {
    union {
        ms_ring_header header;
        uint8_t header_bytes[MS_RING_HEADER_SIZE];
    };
    struct {
        ms_ring_chunk head;
        uint64_t words[MS_RING_CHUNK_WORDS];
    } chunks[RING_CHUNKS];
    uint32_t used;
    struct {
        uint32_t chunk; /* index + 1 of the thread's present chunk */
        uint64_t sequence;
        uint64_t time_us;
        size_t at;
    } threads[16];
} ring_image;

/* What the process said of the namespace of its pid: it is ours. */
static inline void put_namespace(ring_image *ring) {
    char space[64];
    ssize_t length = readlink("/proc/self/ns/pid", space, sizeof space);
    assert(length > 0);
    uint8_t *at = ring->header.info;
    at = ms_varint_put(at, strlen(MS_INFO_PID_NAMESPACE));
    at = (uint8_t *)memcpy(at, MS_INFO_PID_NAMESPACE, strlen(MS_INFO_PID_NAMESPACE)) +
         strlen(MS_INFO_PID_NAMESPACE);
    at = ms_varint_put(at, (uint64_t)length);
    memcpy(at, space, (size_t)length);
    ring->header.info_size = (uint32_t)(at + length - ring->header.info);
}

/* Of a process that surely is gone: no pid is that large. */
static inline ring_image *new_ring(bool lone) {
    ring_image *ring = calloc(1, sizeof *ring);
    assert(ring);
    memcpy(ring->header.magic, MS_TRACE_MAGIC, 8);
    ring->header.version = MS_TRACE_VERSION;
    ring->header.form = MS_FORM_RING;
    ring->header.lone = lone;
    ring->header.session[0] = 1;
    ring->header.session[1] = 2;
    ring->header.pid = INT32_MAX;
    ring->header.parent_pid = 42;
    ring->header.start_realtime_ns = 1600000000123456789u;
    put_namespace(ring);
    return ring;
}

static inline void new_ring_chunk(ring_image *ring, uint32_t thread, uint64_t time_us) {
    assert(ring->used < RING_CHUNKS);
    uint32_t index = ring->used++;
    ring->header.chunks = ring->used;
    if (ring->header.threads < thread)
        ring->header.threads = thread;
    ring->header.chunk_state[index] = MS_CHUNK_OWNED;
    ring->chunks[index].head = (ms_ring_chunk){.thread = thread,
                                               .tid = 1000 + thread,
                                               .sequence = ring->threads[thread].sequence++,
                                               .start_us = time_us};
    ring->threads[thread].chunk = index + 1;
    ring->threads[thread].at = 0;
}

/* Appends the words of an event to the thread's chunk; a new one is taken as need be. */
static inline void put_words(ring_image *ring, uint32_t thread, uint64_t time_us,
                             const uint64_t *words, size_t count) {
    if (!ring->threads[thread].chunk || ring->threads[thread].at + count > MS_RING_CHUNK_WORDS)
        new_ring_chunk(ring, thread, time_us);
    uint64_t *to = ring->chunks[ring->threads[thread].chunk - 1].words;
    memcpy(to + ring->threads[thread].at, words, count * sizeof *words);
    ring->threads[thread].at += count;
}

/* ALLOC, FREE, REALLOC and STACK events, as capture writes them. */
static inline void put_ring_event(ring_image *ring, const ms_event *e) {
    uint64_t words[4] = {ms_word(e->kind, e->family, e->address)};
    size_t count = 1;
    if (e->kind == MS_EVENT_ALLOC) {
        words[1] = e->stack << 32 | e->size;
        count = 2;
    } else if (e->kind == MS_EVENT_REALLOC) {
        words[1] = e->stack << 32;
        words[2] = e->old;
        words[3] = e->size;
        count = 4;
    } else if (e->kind == MS_EVENT_STACK) {
        words[0] = ms_word(e->kind, 0, e->stack);
        words[1] = e->pc;
        words[2] = e->parent;
        count = 3;
    }
    if (ring->threads[e->thread].time_us < e->time_us) {
        uint64_t tick = ms_word(MS_EVENT_TIME, 0, e->time_us);
        ring->threads[e->thread].time_us = e->time_us;
        put_words(ring, e->thread, e->time_us, &tick, 1);
    }
    put_words(ring, e->thread, e->time_us, words, count);
}

static inline size_t ring_size(const ring_image *ring) {
    return MS_RING_HEADER_SIZE + (size_t)ring->used * MS_RING_CHUNK_SIZE;
}

static inline void write_ring(const ring_image *ring, const char *path) {
    write_file(path, ring, ring_size(ring));
}

#endif
