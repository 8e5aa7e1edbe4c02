/* load_speed.c - how fast a trace loads, and in how much memory: writes one with random births and
 * deaths, then loads it. bench/load_speed [EVENTS [LIVE BLOCKS [THREADS [SITES]]]] */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "load/load.h"
#include "trace/pack.h"
#include "trace/writer.h"

enum { CHUNK_EVENTS = 1 << 20, DEPTH = 20 };

typedef struct plan {
    uint64_t events, blocks, threads, sites;
} plan;

/* What is being written. */
typedef struct output {
    ms_trace_writer *writer;
    ms_packer *packer;
    uint64_t time_us[64];
} output;

static void check(bool done, const char *what) {
    if (done)
        return;
    fprintf(stderr, "load_speed: %s failed\n", what);
    exit(1);
}

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

static void flush(output *o) {
    const uint8_t *payload;
    size_t size;
    uint64_t first_us, last_us;
    if (!ms_packer_finish(o->packer, &payload, &size, &first_us, &last_us))
        return;
    check(ms_trace_writer_append(o->writer, MS_KIND_EVENTS, payload, size, first_us, last_us),
          "writing a chunk");
}

static void put(output *o, ms_event event, uint64_t time_us) {
    event.tid = event.thread;
    event.time_us = time_us;
    if (o->time_us[event.thread] != time_us) {
        ms_event tick = {
            .kind = MS_EVENT_TIME, .thread = event.thread, .tid = event.tid, .time_us = time_us};
        o->time_us[event.thread] = time_us;
        check(ms_packer_add(o->packer, &tick), "packing");
    }
    check(ms_packer_add(o->packer, &event), "packing");
    if (ms_packer_events(o->packer) >= CHUNK_EVENTS)
        flush(o);
}

/* Stacks that share their outer frames, as real ones do. */
static void put_stacks(output *o, uint64_t sites) {
    uint64_t id = MS_ROOT_COUNT, parent = MS_ROOT_COMPLETE;
    for (uint64_t i = 0; i < DEPTH; i++, parent = id++)
        put(o,
            (ms_event){.kind = MS_EVENT_STACK,
                       .thread = 1,
                       .stack = id,
                       .pc = 0x1000 + i,
                       .parent = parent},
            0);
    for (uint64_t i = 0; i < sites; i++)
        put(o,
            (ms_event){.kind = MS_EVENT_STACK,
                       .thread = 1,
                       .stack = id + i,
                       .pc = 0x100000 + i * 16,
                       .parent = parent},
            0);
}

static void write_trace(const char *path, const plan *p) {
    const ms_trace_header header = {
        .magic = MS_TRACE_MAGIC, .version = MS_TRACE_VERSION, .form = MS_FORM_TRACE};
    int os_errno;
    output o = {.writer = ms_trace_writer_open(path, &header, &os_errno),
                .packer = ms_packer_new()};
    check(o.writer && o.packer, "opening");
    put_stacks(&o, p->sites);
    uint8_t *live = calloc(p->blocks, 1);
    uint64_t state = 88172645463325252u, first_site = MS_ROOT_COUNT + DEPTH;
    check(live != NULL, "memory");
    for (uint64_t i = 0; i < p->events; i++) {
        uint64_t random = next_random(&state), block = random % p->blocks;
        ms_event event = {.thread = 1 + (uint32_t)(block % p->threads),
                          .family = MS_FAMILY_MALLOC,
                          .address = 0x555500000000u + block * 48};
        event.kind = live[block] ? MS_EVENT_FREE : MS_EVENT_ALLOC;
        if (!live[block]) {
            event.size = 1 + (random >> 32) % 512;
            event.stack = first_site + (random >> 41) % p->sites;
        }
        live[block] ^= 1;
        put(&o, event, i / 5000 * 1000); /* 5 million events a second */
    }
    flush(&o);
    check(ms_trace_writer_finish(o.writer), "finishing");
    ms_trace_writer_close(o.writer);
    ms_packer_free(o.packer);
    free(live);
}

static uint64_t number(int argc, char **argv, int index, uint64_t value) {
    return argc > index ? strtoull(argv[index], NULL, 10) : value;
}

int main(int argc, char **argv) {
    plan p = {number(argc, argv, 1, 10000000), number(argc, argv, 2, 1000000),
              number(argc, argv, 3, 1), number(argc, argv, 4, 2000)};
    if (p.blocks == 0 || p.sites == 0 || p.threads == 0 || p.threads > 60)
        return 2;
    char path[] = "/tmp/memscope-load-speed-XXXXXX";
    int fd = mkstemp(path);
    check(fd >= 0 && close(fd) == 0, "a temporary file");
    double start = cpu_seconds();
    write_trace(path, &p);
    double written = cpu_seconds();

    ms_load_options options = {.no_symbols = true};
    ms_error error = {.code = MS_ERR_OK};
    ms_model *model = ms_load(path, &options, NULL, &error);
    double loaded = cpu_seconds();
    unlink(path);
    check(model != NULL, error.message);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double events = (double)model->capture.events;
    printf("%.0f events, %llu bytes; pack and write %.1f ns, load %.1f ns an event; "
           "%ld MiB at most; peak %llu bytes, within %llu\n",
           events, (unsigned long long)model->capture.trace_bytes, (written - start) * 1e9 / events,
           (loaded - written) * 1e9 / events, usage.ru_maxrss >> 10,
           (unsigned long long)model->summary.peak_bytes,
           (unsigned long long)model->capture.order_uncertainty_bytes);
    ms_model_free(model);
    return 0;
}
