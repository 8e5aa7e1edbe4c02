/* spoken.h - what this process itself says, into a ring without a recorder, and what that ring holds then.
 * For tests of what stands in the traced process: they are linked with its parts, but without its hooks, so
 * nothing is in the ring that they have not said. */
#ifndef MS_TEST_SPOKEN_H
#define MS_TEST_SPOKEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/control.h"
#include "capture/state.h"
#include "memscope.h"
#include "trace/ring.h"

extern const struct memscope_calls memscope_calls_1;
static const struct memscope_calls *const calls = &memscope_calls_1;

enum { HEARD_MAX = 1 << 18 };

/* What is in a ring file; texts are borrowed from `bytes`. */
typedef struct heard {
    char *bytes;
    ms_event *events; /* by chunk, in the order of each thread */
    size_t count;
    uint64_t lost[MS_LOSS_COUNT];
} heard;

static char heard_path[64];

/* Starts recording into a file of its own. */
static inline void listen_with(struct memscope_config config) {
    static int number;
    snprintf(heard_path, sizeof heard_path, "/tmp/memscope-test-%d-%d.memscope", (int)getpid(),
             number++);
    config.output = heard_path;
    assert_int_equal(calls->start(&config), 0);
    assert_true(calls->is_recording());
}

static inline void listen_now(void) {
    struct memscope_config config;
    calls->config(&config, sizeof config);
    listen_with(config);
}

static inline void hear_chunk(heard *h, const ms_ring_chunk *chunk) {
    const uint64_t *words = (const uint64_t *)(chunk + 1);
    size_t at = 0, taken;
    for (;;) {
        assert_true(h->count < HEARD_MAX);
        ms_event *event = &h->events[h->count];
        *event = (ms_event){.thread = chunk->thread, .tid = chunk->tid};
        taken = ms_ring_event(words + at, MS_RING_CHUNK_WORDS - at, event);
        if (!taken)
            break;
        assert_int_not_equal(event->kind, MS_EVENT_NONE);
        h->count++;
        at += taken;
    }
}

/* All that a ring file holds, which is removed. */
static inline heard hear_file(const char *path) {
    heard h = {.events = calloc(HEARD_MAX, sizeof *h.events)};
    FILE *file = fopen(path, "rb");
    struct stat status;
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &status), 0);
    size_t size = (size_t)status.st_size;
    h.bytes = malloc(size);
    assert_true(h.bytes && h.events && size >= MS_RING_HEADER_SIZE);
    assert_int_equal(fread(h.bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(unlink(path), 0);
    const ms_ring_header *header = (const void *)h.bytes;
    memcpy(h.lost, header->lost, sizeof h.lost);
    for (size_t at = MS_RING_HEADER_SIZE; at + MS_RING_CHUNK_SIZE <= size; at += MS_RING_CHUNK_SIZE)
        hear_chunk(&h, (const void *)(h.bytes + at));
    return h;
}

/* Stops recording. */
static inline heard hear(void) {
    assert_int_equal(calls->stop(), 0);
    assert_false(calls->is_recording());
    return hear_file(heard_path);
}

static inline void forget_heard(heard *h) {
    free(h->events);
    free(h->bytes);
}

/* The number-th event of a kind, from 0; NULL: there are not so many. */
static inline const ms_event *heard_event(const heard *h, ms_event_kind kind, size_t number) {
    for (size_t i = 0; i < h->count; i++)
        if (h->events[i].kind == kind && number-- == 0)
            return &h->events[i];
    return NULL;
}

static inline size_t heard_count(const heard *h, ms_event_kind kind) {
    size_t count = 0;
    while (heard_event(h, kind, count))
        count++;
    return count;
}

/* A NOTE by number, which there has to be. */
static inline const ms_event *heard_note(const heard *h, size_t number) {
    const ms_event *note = heard_event(h, MS_EVENT_NOTE, number);
    assert_non_null(note);
    return note;
}

/* The place of a note, which there has to be. */
static inline const ms_event *heard_site(const heard *h, uint64_t site) {
    for (size_t i = 0; i < h->count; i++)
        if (h->events[i].kind == MS_EVENT_SITE && h->events[i].site == site)
            return &h->events[i];
    fail_msg("place %llu is not defined", (unsigned long long)site);
    return NULL;
}

/* One of its words: 0 name, 1 type, 2 file, 3 function. */
static inline const char *heard_word(const ms_event *site, unsigned word) {
    const char *at = (const char *)site->text.bytes;
    const char *end = at + site->text.size;
    for (; word > 0 && at < end; word--)
        at += strlen(at) + 1;
    assert_true(at < end);
    return at;
}

#endif
