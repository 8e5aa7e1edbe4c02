/* digests.h - digests of traces made by hand, and whether their reports are those of the traces: for tests. */
#ifndef MS_TEST_LOAD_DIGESTS_H
#define MS_TEST_LOAD_DIGESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "builder.h"
#include "export/export.h"
#include "load/digest.h"
#include "load/load.h"

/* The report, but for what says how it came about. */
static inline char *report_of(const char *path) {
    ms_error warning = {.code = MS_ERR_OK}, error = {.code = MS_ERR_OK};
    ms_load_options options = {.no_symbols = true};
    ms_model *model = ms_load(path, &options, &warning, &error);
    if (!model || warning.code)
        fail_msg("%s%s", error.message, warning.message);
    model->capture.trace_bytes = 0;
    model->capture.events_from_ns = MS_UNKNOWN;
    ms_sink *sink = ms_sink_memory();
    ms_export_options export = ms_export_defaults();
    size_t size;
    assert(sink && !ms_exporter_named("json")->write(model, sink, &export, &error));
    char *text = ms_sink_take(sink, &size);
    ms_sink_abandon(sink);
    ms_model_free(model);
    return text;
}

static inline void assert_same_report(const char *path, const char *expected) {
    char *report = report_of(path);
    if (strcmp(report, expected) != 0) {
        size_t at = 0;
        while (report[at] == expected[at])
            at++;
        at = at < 150 ? 0 : at - 150;
        fail_msg("...%.300s\nshould be\n...%.300s", report + at, expected + at);
    }
    free(report);
}

/* Where the EVENTS chunks of a trace begin. */
static inline size_t events_chunks(const char *path, uint64_t *offsets, size_t most) {
    size_t size, count = 0;
    uint8_t *bytes = read_file(path, &size);
    ms_trace_chunk chunk;
    for (size_t at = sizeof(ms_trace_header); at + sizeof chunk < size;
         at += sizeof chunk + chunk.stored_size) {
        memcpy(&chunk, bytes + at, sizeof chunk);
        if (chunk.magic != MS_TRACE_CHUNK_MAGIC)
            break;
        if (chunk.kind == MS_KIND_EVENTS && count < most)
            offsets[count++] = at;
    }
    free(bytes);
    return count;
}

static inline uint64_t size_of(const char *path) {
    struct stat status;
    assert(stat(path, &status) == 0);
    return (uint64_t)status.st_size;
}

/* Digests `path` into a new file. */
static inline ms_err digest(const char *path, uint64_t last_chunk, char out[64]) {
    ms_error error = {.code = MS_ERR_OK};
    temporary_path(out);
    ms_digest_order order = {.trace = open(path, O_RDONLY),
                             .out = open(out, O_RDWR),
                             .last_chunk = last_chunk,
                             .end = size_of(path)};
    ms_err result = ms_digest(&order, &error);
    close(order.trace);
    close(order.out);
    return result;
}

/* The index and the trailer are the recorder's business: a digest of a finished trace copies them. */
static inline void drop_end(const char *path) {
    size_t size;
    uint8_t *bytes = read_file(path, &size);
    ms_trace_trailer trailer;
    memcpy(&trailer, bytes + size - sizeof trailer, sizeof trailer);
    write_file(path, bytes, trailer.index_offset);
    free(bytes);
}

static inline void put_end(const char *path) {
    int os_errno, fd = open(path, O_RDWR);
    ms_trace_writer *writer = ms_trace_writer_resume(fd, &os_errno);
    assert(writer && ms_trace_writer_finish(writer));
    ms_trace_writer_close(writer);
}

#endif
