/* through_checkpoint.h - a replay becomes a checkpoint and a replay again, for tests: whatever happened to it
 * before, nobody must be able to tell. */
#ifndef MS_TEST_LOAD_THROUGH_CHECKPOINT_H
#define MS_TEST_LOAD_THROUGH_CHECKPOINT_H

#include <sys/mman.h>

#include "builder.h"
#include "load/checkpoint.h"
#include "trace/decode.h"

/* What a checkpoint is of, beside the replay. */
typedef struct checkpointed {
    ms_arena *arena;
    ms_samples samples;
    uint64_t end_us;
    ms_checkpoint checkpoint;
} checkpointed;

static inline void begin_checkpoint(checkpointed *c, ms_replay *r) {
    *c = (checkpointed){.arena = ms_arena_new()};
    ms_samples_init(&c->samples, c->arena);
    c->checkpoint = (ms_checkpoint){.replay = r, .samples = &c->samples, .end_us = &c->end_us};
}

static inline void end_checkpoint(checkpointed *c) {
    ms_checkpoint_deinit(&c->checkpoint);
    ms_samples_deinit(&c->samples);
    ms_arena_free(c->arena);
}

/* The chunks of a checkpoint of `r`: a trace, in memory. */
static inline uint8_t *write_checkpoint(ms_replay *r, size_t *size) {
    int os_errno, fd = memfd_create("checkpoint", MFD_CLOEXEC);
    checkpointed c;
    begin_checkpoint(&c, r);
    ms_trace_writer *writer = ms_trace_writer_begin(fd, &test_header, &os_errno);
    assert(writer && ms_checkpoint_write(&c.checkpoint, writer));
    *size = (size_t)ms_trace_writer_size(writer);
    uint8_t *bytes = malloc(*size);
    assert(bytes && pread(fd, bytes, *size, 0) == (ssize_t)*size);
    ms_trace_writer_close(writer);
    end_checkpoint(&c);
    return bytes;
}

/* Takes them into `r`, which is new. Returns how many are damaged. */
static inline size_t read_checkpoint(ms_replay *r, const uint8_t *bytes, size_t size) {
    checkpointed c;
    ms_trace_chunk chunk;
    size_t damaged = 0;
    begin_checkpoint(&c, r);
    for (size_t at = sizeof(ms_trace_header); at < size; at += sizeof chunk + chunk.stored_size) {
        memcpy(&chunk, bytes + at, sizeof chunk);
        uint8_t *payload = malloc(chunk.size + 1u);
        assert(payload && ms_chunk_unpack(&chunk, bytes + at + sizeof chunk, payload));
        damaged += !ms_checkpoint_read(&c.checkpoint, payload, chunk.size);
        free(payload);
    }
    end_checkpoint(&c);
    return damaged;
}

/* The new one comes to the same checkpoint. */
static inline void go_through_checkpoint(ms_replay *r) {
    size_t size, again_size;
    uint8_t *bytes = write_checkpoint(r, &size);
    ms_replay_deinit(r);
    ms_replay_init(r);
    assert(read_checkpoint(r, bytes, size) == 0);
    uint8_t *again = write_checkpoint(r, &again_size);
    assert(size == again_size && memcmp(bytes, again, size) == 0);
    free(again);
    free(bytes);
}

#endif
