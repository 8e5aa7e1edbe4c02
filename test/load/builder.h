/* builder.h - traces made by hand, for tests: events in, files of either form out. */
#ifndef MS_TEST_LOAD_BUILDER_H
#define MS_TEST_LOAD_BUILDER_H

#include <assert.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/varint.h"
#include "trace/event.h"
#include "trace/pack.h"
#include "trace/writer.h"

/* ---- numbers ---------------------------------------------------------------------------- */

static inline uint64_t random_u64(uint64_t *state) {
    *state += MS_HASH_K;
    return ms_hash_u64(*state ^ *state >> 31);
}

static inline uint64_t random_below(uint64_t *state, uint64_t limit) {
    return random_u64(state) % limit;
}

/* ---- events ----------------------------------------------------------------------------- */

static inline ms_event make_alloc(uint32_t thread, uint64_t time_us, uint64_t address,
                                  uint64_t size, uint64_t stack) {
    return (ms_event){.kind = MS_EVENT_ALLOC,
                      .thread = thread,
                      .tid = 1000 + thread,
                      .time_us = time_us,
                      .family = MS_FAMILY_MALLOC,
                      .address = address,
                      .size = size,
                      .stack = stack};
}

static inline ms_event make_free(uint32_t thread, uint64_t time_us, uint64_t address) {
    return (ms_event){.kind = MS_EVENT_FREE,
                      .thread = thread,
                      .tid = 1000 + thread,
                      .time_us = time_us,
                      .family = MS_FAMILY_MALLOC,
                      .address = address};
}

static inline ms_event make_realloc(uint32_t thread, uint64_t time_us, uint64_t old,
                                    uint64_t address, uint64_t size, uint64_t stack) {
    return (ms_event){.kind = MS_EVENT_REALLOC,
                      .thread = thread,
                      .tid = 1000 + thread,
                      .time_us = time_us,
                      .family = MS_FAMILY_REALLOC,
                      .address = address,
                      .old = old,
                      .size = size,
                      .stack = stack};
}

static inline ms_event make_stack(uint32_t thread, uint64_t id, uint64_t pc, uint64_t parent) {
    return (ms_event){.kind = MS_EVENT_STACK,
                      .thread = thread,
                      .tid = 1000 + thread,
                      .stack = id,
                      .pc = pc,
                      .parent = parent};
}

static inline ms_text make_text(const char *text) {
    return (ms_text){(const uint8_t *)text, (uint32_t)strlen(text)};
}

static inline ms_event make_thread(uint32_t thread, const char *name) {
    return (ms_event){.kind = MS_EVENT_THREAD,
                      .thread = thread,
                      .tid = 1000 + thread,
                      .number = 1000 + thread,
                      .text = make_text(name)};
}

/* `text` begins with the length of the build id and the build id. */
static inline ms_event make_module(uint32_t thread, uint64_t bias, uint64_t bytes, uint64_t number,
                                   ms_text text) {
    return (ms_event){.kind = MS_EVENT_MODULE,
                      .thread = thread,
                      .tid = 1000 + thread,
                      .address = bias,
                      .old = bias,
                      .size = bytes,
                      .number = number,
                      .text = text};
}

/* ---- payloads of pairs ------------------------------------------------------------------ */

typedef struct pairs_payload {
    uint8_t bytes[4096];
    size_t size;
} pairs_payload;

static inline void put_pair(pairs_payload *p, const char *key, const char *value) {
    const char *texts[] = {key, value};
    for (int i = 0; i < 2; i++) {
        size_t size = strlen(texts[i]);
        assert(p->size + size + MS_VARINT_MAX <= sizeof p->bytes);
        uint8_t *at = ms_varint_put(p->bytes + p->size, size);
        memcpy(at, texts[i], size);
        p->size = (size_t)(at + size - p->bytes);
    }
}

/* ---- traces ----------------------------------------------------------------------------- */

static const ms_trace_header test_header = {.magic = MS_TRACE_MAGIC,
                                            .version = MS_TRACE_VERSION,
                                            .form = MS_FORM_TRACE,
                                            .pid = 77,
                                            .session = {1, 2},
                                            .start_realtime_ns = 1600000000123456789u};

/* A trace file under construction. */
typedef struct builder {
    char path[64];
    ms_trace_writer *writer;
    ms_packer *packer;
    uint64_t times[256]; /* by thread: of its latest TIME in this chunk + 1 */
} builder;

static inline void temporary_path(char path[64]) {
    strcpy(path, "/tmp/memscope-load-XXXXXX");
    int fd = mkstemp(path);
    assert(fd >= 0);
    close(fd);
}

static inline builder build_trace(void) {
    builder b = {.packer = ms_packer_new()};
    int os_errno;
    temporary_path(b.path);
    b.writer = ms_trace_writer_open(b.path, &test_header, &os_errno);
    assert(b.writer && b.packer);
    return b;
}

/* Appends an event; a TIME goes before it where its time is new. */
static inline void put_event(builder *b, const ms_event *event) {
    uint64_t *time = &b->times[event->thread % 256];
    if (*time != event->time_us + 1) {
        ms_event tick = {.kind = MS_EVENT_TIME,
                         .thread = event->thread,
                         .tid = event->tid,
                         .time_us = event->time_us};
        *time = event->time_us + 1;
        assert(ms_packer_add(b->packer, &tick));
    }
    if (event->kind != MS_EVENT_TIME)
        assert(ms_packer_add(b->packer, event));
}

/* Ends the chunk. */
static inline void end_chunk(builder *b) {
    const uint8_t *payload;
    size_t size;
    uint64_t first_us, last_us;
    memset(b->times, 0, sizeof b->times);
    if (ms_packer_finish(b->packer, &payload, &size, &first_us, &last_us))
        assert(ms_trace_writer_append(b->writer, MS_KIND_EVENTS, payload, size, first_us, last_us));
}

static inline void put_info(builder *b, const pairs_payload *pairs) {
    assert(ms_trace_writer_append(b->writer, MS_KIND_INFO, pairs->bytes, pairs->size, 0, 0));
}

/* Closes the file, with index and trailer if `finish`. */
static inline void end_trace(builder *b, bool finish) {
    end_chunk(b);
    if (finish)
        assert(ms_trace_writer_finish(b->writer));
    ms_trace_writer_close(b->writer);
    ms_packer_free(b->packer);
}

/* ---- files ------------------------------------------------------------------------------ */

static inline uint8_t *read_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    assert(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*size + 1);
    assert(bytes && fread(bytes, 1, *size, file) == *size);
    fclose(file);
    return bytes;
}

static inline void write_file(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    assert(file && fwrite(bytes, 1, size, file) == size);
    fclose(file);
}

#endif
