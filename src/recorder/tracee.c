#include "recorder/tracee.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "recorder/drain.h"
#include "recorder/payload.h"
#include "recorder/proc.h"
#include "recorder/ring_view.h"
#include "trace/pack.h"
#include "trace/writer.h"

/* Sealed chunks worth a drain: 2 MiB. The more events in a trace chunk, the shorter they are; the fewer,
 * the smaller the ring stays. */
#define DRAIN_CHUNKS 128

/* Threads sampled in one go; with more, they take turns. */
#define SAMPLED_THREADS 64

struct ms_tracee {
    char ring_path[4096];
    const ms_options *options;
    pid_t pid;
    int pidfd;
    ms_ring_view view;
    ms_drain *drain;
    ms_trace_writer *writer; /* NULL until there is something to write */
    int error;               /* errno of the first failed write */
    uint64_t events;
    uint64_t packed; /* heap events in the packer */
    uint64_t unwritten;
    uint32_t drained_chunks; /* header.sealed at the last drain */
    ms_payload samples;      /* of a SAMPLES chunk */
    uint64_t samples_first_us, samples_last_us;
    unsigned thread_turn;
};

/* A full ring becomes one chunk of the trace, and that shall be small beside the limit. */
static void limit_ring(ms_tracee *tracee) {
    uint64_t limit = tracee->options->max_trace, chunks = limit / 4 / MS_RING_CHUNK_SIZE;
    if (limit && chunks < tracee->view.header->max_chunks)
        tracee->view.header->max_chunks = (uint32_t)chunks;
}

/* The process may live in a pid namespace of its own. */
static void find_process(ms_tracee *tracee) {
    const ms_ring_header *ring = tracee->view.header;
    char space[64];
    uint32_t info_size = ring->info_size;
    ms_payload_find(ring->info, info_size < MS_RING_INFO_SIZE ? info_size : 0,
                    MS_INFO_PID_NAMESPACE, space, sizeof space);
    pid_t pid = ms_proc_pid_here((pid_t)ring->pid, space);
    tracee->pid = pid ? pid : (pid_t)ring->pid;
    tracee->pidfd = pid ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
}

ms_tracee *ms_tracee_open(const char *ring_path, const ms_options *options) {
    ms_tracee *tracee = calloc(1, sizeof *tracee);
    if (!tracee)
        return NULL;
    tracee->pidfd = -1;
    tracee->options = options;
    snprintf(tracee->ring_path, sizeof tracee->ring_path, "%s", ring_path);
    tracee->drain = ms_drain_new(&tracee->view, options->compact);
    if (!tracee->drain || !ms_ring_view_open(&tracee->view, ring_path)) {
        int saved = tracee->drain ? errno : ENOMEM;
        ms_drain_free(tracee->drain);
        free(tracee);
        errno = saved;
        return NULL;
    }
    find_process(tracee);
    limit_ring(tracee);
    return tracee;
}

void ms_tracee_close(ms_tracee *tracee) {
    if (!tracee)
        return;
    unlink(tracee->ring_path);
    ms_ring_view_close(&tracee->view);
    ms_drain_free(tracee->drain);
    ms_trace_writer_close(tracee->writer);
    ms_payload_deinit(&tracee->samples);
    if (tracee->pidfd >= 0)
        close(tracee->pidfd);
    free(tracee);
}

const char *ms_tracee_ring(const ms_tracee *tracee) {
    return tracee->ring_path;
}

pid_t ms_tracee_pid(const ms_tracee *tracee) {
    return tracee->pid;
}

uint32_t *ms_tracee_beats(const ms_tracee *tracee) {
    return &tracee->view.header->beats;
}

int ms_tracee_pidfd(const ms_tracee *tracee) {
    return tracee->pidfd;
}

uint64_t ms_tracee_events(const ms_tracee *tracee) {
    return tracee->events;
}

ms_trace_writer *ms_tracee_writer(const ms_tracee *tracee) {
    return tracee->error ? NULL : tracee->writer;
}

void ms_tracee_take_writer(ms_tracee *tracee, ms_trace_writer *writer) {
    ms_trace_writer_close(tracee->writer);
    tracee->writer = writer;
}

int ms_tracee_error(const ms_tracee *tracee) {
    return tracee->error;
}

uint64_t ms_tracee_unwritten(const ms_tracee *tracee) {
    return tracee->unwritten;
}

static uint64_t since_start_us(const ms_tracee *tracee, uint64_t now_ns) {
    uint64_t start_ns = tracee->view.header->start_monotonic_ns;
    return now_ns > start_ns ? (now_ns - start_ns) / 1000 : 0;
}

uint64_t ms_tracee_time_us(const ms_tracee *tracee, uint64_t now_monotonic_ns) {
    return since_start_us(tracee, now_monotonic_ns);
}

/* Only upwards: threads set it, too, and MS_TICK_OFF is above all times. */
void ms_tracee_tick(ms_tracee *tracee, uint64_t now_monotonic_ns) {
    uint64_t *tick = &tracee->view.header->tick_us;
    uint64_t now_us = since_start_us(tracee, now_monotonic_ns);
    uint64_t seen = __atomic_load_n(tick, __ATOMIC_RELAXED);
    while (seen < now_us && !__atomic_compare_exchange_n(tick, &seen, now_us, true,
                                                         __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    __atomic_fetch_add(&tracee->view.header->beats, 1, __ATOMIC_RELEASE);
}

void ms_tracee_switch_off(ms_tracee *tracee) {
    __atomic_store_n(&tracee->view.header->tick_us, MS_TICK_OFF, __ATOMIC_RELAXED);
}

bool ms_tracee_wants_drain(const ms_tracee *tracee) {
    if (!tracee->writer && !tracee->error)
        return true; /* once the trace exists, the ring can be found from it whatever happens to us */
    if (__atomic_load_n(&tracee->view.header->waiting, __ATOMIC_RELAXED))
        return true;
    uint32_t sealed = __atomic_load_n(&tracee->view.header->sealed, __ATOMIC_RELAXED);
    uint32_t enough = tracee->view.header->max_chunks / 4; /* of a ring under tight limits */
    return sealed - tracee->drained_chunks >= (enough < DRAIN_CHUNKS ? enough : DRAIN_CHUNKS);
}

/* ---- ring to packer ------------------------------------------------------------------------------ */

static uint64_t monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* For the process, which does not count. */
static void publish_totals(ms_tracee *tracee, uint64_t now_us) {
    ms_ring_header *ring = tracee->view.header;
    uint64_t totals[MS_COUNT_COUNT];
    ms_drain_totals(tracee->drain, totals);
    for (unsigned i = 0; i < MS_COUNT_COUNT; i++)
        __atomic_store_n(&ring->totals[i], totals[i], __ATOMIC_RELAXED);
    __atomic_store_n(&ring->totals_us, now_us, __ATOMIC_RELEASE);
}

/* The clock is set before: what the process does from now on is later. */
static void pack_ring(ms_tracee *tracee, bool last) {
    uint64_t now_ns = monotonic_ns();
    ms_tracee_tick(tracee, now_ns);
    tracee->drained_chunks = __atomic_load_n(&tracee->view.header->sealed, __ATOMIC_RELAXED);
    ms_drain_ring(tracee->drain, since_start_us(tracee, now_ns), last);
    tracee->packed += ms_drain_take_count(tracee->drain);
    publish_totals(tracee, since_start_us(tracee, now_ns));
}

/* ---- packer to trace ------------------------------------------------------------------------------- */

static bool append(ms_tracee *tracee, ms_chunk_kind kind, const uint8_t *payload, size_t size,
                   uint64_t first_us, uint64_t last_us) {
    if (tracee->error)
        return false;
    if (ms_trace_writer_append(tracee->writer, kind, payload, size, first_us, last_us))
        return true;
    tracee->error = ms_trace_writer_error(tracee->writer);
    if (!tracee->error)
        tracee->error = ENOMEM;
    return false;
}

static bool append_info(ms_tracee *tracee, ms_payload *info) {
    bool done = !info->failed && append(tracee, MS_KIND_INFO, info->bytes, info->size, 0, 0);
    ms_payload_deinit(info);
    return done;
}

static void add_options(ms_payload *info, const ms_options *options) {
    char text[4352];
    size_t cursor = 0;
    while (
        ms_options_next_changed(options, MS_FOR_RUN | MS_FOR_CAPTURE, &cursor, text, sizeof text))
        ms_payload_pair(info, MS_INFO_OPTION, text);
}

/* The trace begins with what the process said about itself. */
static bool begin_trace(ms_tracee *tracee, const char *path) {
    const ms_ring_header *ring = tracee->view.header;
    if (tracee->writer || tracee->error)
        return !tracee->error;
    ms_trace_header header = {.version = MS_TRACE_VERSION,
                              .form = MS_FORM_TRACE,
                              .pid = ring->pid,
                              .session = {ring->session[0], ring->session[1]},
                              .start_realtime_ns = ring->start_realtime_ns};
    memcpy(header.magic, MS_TRACE_MAGIC, sizeof header.magic);
    unlink(path); /* an old trace may be open elsewhere: replace, do not overwrite */
    tracee->writer = ms_trace_writer_open(path, &header, &tracee->error);
    if (!tracee->writer) {
        if (!tracee->error)
            tracee->error = ENOMEM;
        return false;
    }
    ms_payload info = {0};
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    uint32_t info_size = ring->info_size; /* once: it is shared memory */
    ms_payload_bytes(&info, ring->info, info_size < MS_RING_INFO_SIZE ? info_size : 0);
    add_options(&info, tracee->options);
    ms_payload_pair(&info, MS_INFO_HOST, host);
    ms_payload_pair(&info, MS_INFO_RING, tracee->ring_path);
    ms_payload_pair_u64(&info, MS_INFO_PARENT, ring->parent_pid);
    if (ring->forked)
        ms_payload_pair(&info, MS_INFO_FORKED, "1");
    return append_info(tracee, &info);
}

static void write_samples(ms_tracee *tracee) {
    if (!tracee->writer || tracee->samples.size == 0)
        return;
    if (!tracee->samples.failed)
        append(tracee, MS_KIND_SAMPLES, tracee->samples.bytes, tracee->samples.size,
               tracee->samples_first_us, tracee->samples_last_us);
    ms_payload_deinit(&tracee->samples);
}

static bool write_events(ms_tracee *tracee, const char *path) {
    const uint8_t *payload;
    size_t size;
    uint64_t first_us, last_us;
    return ms_packer_finish(ms_drain_packer(tracee->drain), &payload, &size, &first_us, &last_us) &&
           begin_trace(tracee, path) &&
           append(tracee, MS_KIND_EVENTS, payload, size, first_us, last_us);
}

bool ms_tracee_collect(ms_tracee *tracee, bool last) {
    pack_ring(tracee, last); /* without memory, what did not fit stays in the ring */
    if (tracee->events + tracee->packed > 0 && ms_packer_events(ms_drain_packer(tracee->drain)) > 0)
        return true;
    ms_ring_view_release(&tracee->view); /* names at most; the packer keeps them */
    return false;
}

void ms_tracee_write(ms_tracee *tracee, const char *path) {
    if (write_events(tracee, path))
        tracee->events += tracee->packed;
    else
        tracee->unwritten += tracee->packed;
    tracee->packed = 0;
    ms_ring_view_release(&tracee->view);
    write_samples(tracee);
}

/* ---- samples ------------------------------------------------------------------------------------------ */

static void add_sample(ms_tracee *tracee, uint64_t time_us, pid_t tid,
                       const ms_proc_sample *sample) {
    ms_payload *out = &tracee->samples;
    if (out->size == 0)
        tracee->samples_first_us = time_us;
    tracee->samples_last_us = time_us;
    ms_payload_varint(out, time_us);
    ms_payload_varint(out, (uint64_t)tid);
    ms_payload_varint(out, MS_SAMPLE_COUNT);
    for (int i = 0; i < MS_SAMPLE_COUNT; i++)
        ms_payload_varint(out, sample->values[i] + 1); /* UINT64_MAX, not given, becomes 0 */
}

void ms_tracee_sample(ms_tracee *tracee, uint64_t now_monotonic_ns) {
    uint64_t time_us = since_start_us(tracee, now_monotonic_ns);
    pid_t pid = ms_tracee_pid(tracee);
    ms_proc_sample sample;
    if (tracee->pidfd < 0 || !ms_proc_read(pid, 0, &sample))
        return;
    add_sample(tracee, time_us, 0, &sample);
    pid_t tids[4096];
    size_t count = ms_proc_threads(pid, tids, sizeof tids / sizeof *tids);
    if (count > sizeof tids / sizeof *tids)
        count = sizeof tids / sizeof *tids;
    size_t turns = (count + SAMPLED_THREADS - 1) / SAMPLED_THREADS;
    size_t first = turns ? tracee->thread_turn++ % turns * SAMPLED_THREADS : 0;
    for (size_t i = first; i < count && i < first + SAMPLED_THREADS; i++) {
        if (!ms_proc_read(pid, tids[i], &sample))
            continue;
        add_sample(tracee, time_us, tids[i], &sample);
        /* threads get their names after they start; the hooks only look now and then */
        ms_drain_name(tracee->drain, (uint32_t)tids[i], sample.name);
    }
}

/* ---- the end ---------------------------------------------------------------------------------------------- */

static void describe_end(ms_payload *info, ms_tracee_end end, int detail) {
    static const char *const words[] = {[MS_END_EXITED] = "exit",
                                        [MS_END_KILLED] = "signal",
                                        [MS_END_EXEC] = "exec",
                                        [MS_END_GONE] = "gone",
                                        [MS_END_DETACHED] = "detached"};
    char text[64];
    if (end == MS_END_EXITED || end == MS_END_KILLED)
        snprintf(text, sizeof text, "%s %d", words[end], detail);
    else
        snprintf(text, sizeof text, "%s", words[end]);
    ms_payload_pair(info, MS_INFO_END, text);
    if (end != MS_END_DETACHED)
        ms_payload_pair(info, MS_INFO_COMPLETE, "1");
}

static void describe_losses(ms_payload *info, const ms_tracee *tracee) {
    static const char *const names[] = {
#define MS_LOSS(NAME, code, text, doc) [code] = text,
#include "trace/losses.def"
    };
    for (unsigned cause = 0; cause < MS_LOSS_COUNT; cause++) {
        uint64_t count = __atomic_load_n(&tracee->view.header->lost[cause], __ATOMIC_RELAXED);
        if (cause == MS_LOSS_NO_SPACE)
            count += tracee->unwritten;
        char text[128];
        snprintf(text, sizeof text, "%s=%" PRIu64, names[cause], count);
        if (count)
            ms_payload_pair(info, MS_INFO_LOST, text);
    }
}

/* ---- the trace so far ------------------------------------------------------------------------------------- */

bool ms_tracee_asks(const ms_tracee *tracee) {
    const ms_ring_header *ring = tracee->view.header;
    return __atomic_load_n(&ring->asked, __ATOMIC_ACQUIRE) != ring->answered;
}

bool ms_tracee_is_read(const ms_tracee *tracee) {
    return __atomic_load_n(&tracee->view.header->readers, __ATOMIC_RELAXED) != 0;
}

void ms_tracee_answer(ms_tracee *tracee, const char *path) {
    ms_ring_header *ring = tracee->view.header;
    uint32_t asked = __atomic_load_n(&ring->asked, __ATOMIC_ACQUIRE);
    char whole[PATH_MAX];
    ring->trace_size = 0;
    if (tracee->writer && path && realpath(path, whole)) {
        ms_payload info = {0};
        describe_losses(&info, tracee);
        if (info.size > 0)
            append_info(tracee, &info);
        snprintf(ring->trace_path, sizeof ring->trace_path, "%s", whole);
        ring->trace_size = ms_trace_writer_size(tracee->writer);
    }
    __atomic_store_n(&ring->answered, asked, __ATOMIC_RELEASE);
}

void ms_tracee_finish(ms_tracee *tracee, ms_tracee_end end, int detail, uint64_t held_ns) {
    if (!tracee->writer)
        return;
    write_samples(tracee);
    ms_payload info = {0};
    describe_end(&info, end, detail);
    describe_losses(&info, tracee);
    if (held_ns)
        ms_payload_pair_u64(&info, MS_INFO_HELD, held_ns / 1000000 + 1);
    int earlier = tracee->error;
    tracee->error =
        0; /* after a full disk the end may still fit; without it the trace reads as cut */
    if (append_info(tracee, &info) && !ms_trace_writer_finish(tracee->writer))
        tracee->error = ms_trace_writer_error(tracee->writer);
    if (earlier)
        tracee->error = earlier;
}
