/* make_corpus.c - writes the first inputs of the targets: make_corpus FOLDER. To be run again, and
 * what it writes to be committed, when the format gets something new. */
#include <sys/stat.h>

#include "../test/full.h"
#include "../test/load/ring_builder.h"
#include "../test/load/talk.h"
#include "export/export.h"
#include "load/digest.h"
#include "trace/decode.h"

static char folder[256];

static void save(const char *target, const char *name, const void *bytes, size_t size) {
    char path[512];
    mkdir(folder, 0755);
    snprintf(path, sizeof path, "%s/%s", folder, target);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/%s/%s", folder, target, name);
    write_file(path, bytes, size);
}

/* Words of all kinds, about the blocks that are live, so that a checkpoint behind them has all tables. */
static void say_everything(builder *b) {
    static const uint64_t blocks[] = {0x7f0010, 0x7f0100, 0x7ffc0000};
    uint64_t chance = 3;
    for (int i = 0; i < 120; i++) {
        uint32_t thread = 1 + (uint32_t)random_below(&chance, 2);
        uint64_t block = blocks[random_below(&chance, 3)], other = blocks[random_below(&chance, 3)];
        ms_event event =
            i < 20 ? some_place(&chance, thread) : some_word(&chance, thread, block, other);
        event.time_us = 1500;
        put_event(b, &event);
    }
}

/* One event of every kind, some blocks that move between threads, a second chunk. */
static void put_everything(builder *b) {
    const ms_text object = {(const uint8_t *)"\2\xab\xcd/usr/lib/libx.so", 19};
    const ms_event events[] = {
        make_module(1, 0x10000, 0x5000, 16, object),
        make_thread(1, "main"),
        make_stack(1, 16, 0x10010, MS_ROOT_COMPLETE),
        make_stack(1, 17, 0x10020, 16),
        make_stack(2, 18, 0x10030, MS_ROOT_NO_CFI),
        make_alloc(1, 900, 0x7f0010, 10, 17),
        {.kind = MS_EVENT_RATE, .thread = 1, .number = 4096, .time_us = 900},
        {.kind = MS_EVENT_TASK, .thread = 2, .number = 7, .time_us = 900},
        {.kind = MS_EVENT_GAP, .thread = 1, .number = 950, .time_us = 1000},
        make_alloc(1, 1000, 0x7f0010, 100, 17),
        make_alloc(2, 1000, 0x7f0100, 5000, 18),
        {.kind = MS_EVENT_COUNT,
         .thread = 1,
         .family = MS_COUNT_FREES,
         .number = 5,
         .time_us = 1000},
        make_realloc(1, 2000, 0x7f0010, 0x7f0200, 300, 17),
        make_free(2, 2000, 0x7f0200),
        make_alloc(2, 2000, 0x7f0200, 8, 18),
        make_free(1, 3000, 0x7f0200),
        make_free(1, 3000, 0x999990),
        {.kind = MS_EVENT_MAP,
         .thread = 1,
         .family = MS_FAMILY_MMAP,
         .address = 0x900000,
         .size = 65536,
         .stack = 16,
         .number = 3,
         .time_us = 4000},
        {.kind = MS_EVENT_UNMAP,
         .thread = 1,
         .family = MS_FAMILY_MMAP,
         .address = 0x904000,
         .size = 4096,
         .time_us = 4000},
        {.kind = MS_EVENT_REMAP,
         .thread = 1,
         .address = 0xa00000,
         .old = 0x900000,
         .size = 32768,
         .number = 16384,
         .time_us = 5000},
        {.kind = MS_EVENT_LOSS,
         .thread = 2,
         .family = MS_LOSS_NO_SPACE,
         .number = 3,
         .time_us = 5000},
        {.kind = MS_EVENT_THREAD_END, .thread = 2, .number = 1002, .time_us = 6000},
    };
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        put_event(b, &events[i]);
        if (i == 11)
            say_everything(b);
        if (i == 13)
            end_chunk(b);
    }
}

static void put_texts(builder *b) {
    pairs_payload info = {.size = 0};
    put_pair(&info, MS_INFO_EXECUTABLE, "/usr/bin/prog");
    put_pair(&info, MS_INFO_ARGUMENT, "prog");
    put_pair(&info, MS_INFO_RING, "/nonexistent");
    put_pair(&info, MS_INFO_END, "exit 0");
    put_pair(&info, MS_INFO_LOST, "no_space=3");
    put_info(b, &info);
}

/* The file's chunks as input of load_chunks: kind, size, payload. */
static void save_chunks(const char *name, const uint8_t *file, size_t size) {
    static uint8_t out[65536], payload[65536];
    size_t used = 0, events = 0, at = sizeof(ms_trace_header);
    ms_trace_chunk chunk;
    for (; at + sizeof chunk < size; at += sizeof chunk + chunk.stored_size) {
        memcpy(&chunk, file + at, sizeof chunk);
        if (!ms_chunk_unpack(&chunk, file + at + sizeof chunk, payload))
            break;
        out[used++] = (uint8_t)chunk.kind;
        out[used++] = (uint8_t)chunk.size;
        out[used++] = (uint8_t)(chunk.size >> 8);
        memcpy(out + used, payload, chunk.size);
        used += chunk.size;
        if (chunk.kind == MS_KIND_EVENTS)
            save("decode_payload", events++ ? "second" : "first", payload, chunk.size);
        if (chunk.kind == MS_KIND_EVENTS)
            save("decode_payload", "sealed", file + at, sizeof chunk + chunk.stored_size);
    }
    save("load_chunks", name, out, used);
}

/* Where the second EVENTS chunk begins. */
static uint64_t second_events(const uint8_t *file, size_t size) {
    size_t seen = 0, at = sizeof(ms_trace_header);
    ms_trace_chunk chunk;
    for (; at + sizeof chunk < size; at += sizeof chunk + chunk.stored_size) {
        memcpy(&chunk, file + at, sizeof chunk);
        if (chunk.kind == MS_KIND_EVENTS && ++seen == 2)
            break;
    }
    return at;
}

/* The trace once more, with all but its last events in a checkpoint. */
static void save_digest(const char *path, uint64_t last_chunk) {
    ms_digest_order order = {.trace = open(path, O_RDONLY), .last_chunk = last_chunk};
    char out[64];
    size_t size;
    ms_error error;
    temporary_path(out);
    order.out = open(out, O_RDWR);
    order.end = (uint64_t)lseek(order.trace, 0, SEEK_END) - sizeof(ms_trace_trailer);
    assert(!ms_digest(&order, &error));
    uint8_t *bytes = read_file(out, &size);
    save("load_file", "digest", bytes, size);
    save_chunks("digest", bytes, size);
    free(bytes);
    close(order.trace);
    close(order.out);
    unlink(out);
}

static void save_trace(void) {
    size_t size;
    builder b = build_trace();
    put_texts(&b);
    put_everything(&b);
    end_chunk(&b);
    const uint8_t samples[] = {5, 0, 3, 100, 0, 7, 6, 9, 5, 0, 0, 0, 11, 12};
    assert(ms_trace_writer_append(b.writer, MS_KIND_SAMPLES, samples, sizeof samples, 5, 6));
    end_trace(&b, true);
    uint8_t *bytes = read_file(b.path, &size);
    save("load_file", "whole", bytes, size);
    save("load_file", "cut", bytes, size / 2);
    save_digest(b.path, second_events(bytes, size));
    save_chunks("whole", bytes, size); /* last: its EVENTS payloads are those of decode_payload */
    free(bytes);
    unlink(b.path);
}

static void save_ring(void) {
    ring_image *ring = new_ring(true);
    for (uint64_t i = 0; i < 20; i++) {
        ms_event born = make_alloc(1 + (uint32_t)(i % 2), i * 100, 0x1000 + i * 16, 10, 16);
        ms_event died = make_free(1, i * 100, 0x1000 + i * 16);
        put_ring_event(ring, &born);
        put_ring_event(ring, &died);
    }
    save("load_file", "ring", ring, MS_RING_HEADER_SIZE + MS_RING_CHUNK_SIZE + 512);
    free(ring);
}

static void save_reports(void) {
    for (int null = 0; null < 2; null++) {
        ms_model *model = full_model(null);
        ms_export_options options = ms_export_defaults();
        ms_sink *sink = ms_sink_memory();
        ms_error error;
        assert(!ms_exporter_named("json")->write(model, sink, &options, &error));
        char *text = ms_sink_take(sink, NULL);
        save("load_json", null ? "nulls" : "full", text, strlen(text));
        free(text);
        ms_sink_abandon(sink);
        ms_model_free(model);
    }
}

int main(int argc, char **argv) {
    if (argc != 2)
        return 2;
    snprintf(folder, sizeof folder, "%s", argv[1]);
    save_reports();
    save_trace();
    save_ring();
    return 0;
}
