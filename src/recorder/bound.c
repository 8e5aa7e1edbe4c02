#include "recorder/bound.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What an --aggregate trace grows by at least between two digests. */
#define AGGREGATE_STEP (UINT64_C(16) << 20)

/* Digests of --ring and --aggregate shall take a quarter of a CPU at most: after one, a rest. */
#define REST 3u

/* After a digest that failed, growing with each in a row. */
#define FAILURE_REST_NS UINT64_C(500000000)

/* Nobody is held longer by one digest, however slow it is. */
#define HOLD_MAX_NS UINT64_C(60000000000)

/* Below the program, which it shall not slow down; but not where the program may have to wait for it. */
#define PRIORITY 5

void ms_bound_init(ms_bound *b, const ms_options *options, ms_digest_function *digest) {
    bool any = options->max_trace || options->ring || options->aggregate;
    *b = (ms_bound){.options = options, .digest = any ? digest : NULL, .trace = -1, .out = -1};
}

/* ---- the new file ------------------------------------------------------------------------------ */

static void name_of(const char *path, char name[PATH_MAX]) {
    snprintf(name, PATH_MAX, "%.*s.digest", PATH_MAX - 16, path);
}

static int open_unnamed(const char *path) {
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int length = slash ? (int)(slash - path) : 0;
    snprintf(directory, sizeof directory, "%.*s", length ? length : 1, slash ? path : ".");
    return open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

void ms_bound_clear(const char *path) {
    char name[PATH_MAX];
    name_of(path, name);
    unlink(name);
}

/* Without a name, nothing is left of it whoever is killed. */
static bool open_out(ms_bound *b, const char *path) {
    char name[PATH_MAX];
    name_of(path, name);
    ms_bound_clear(path);
    b->out = open_unnamed(path);
    b->named = b->out < 0;
    if (b->named)
        b->out = open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return b->out >= 0;
}

static void drop_out(ms_bound *b, const char *path) {
    if (b->named)
        ms_bound_clear(path);
    if (b->out >= 0)
        close(b->out);
    b->out = -1;
    b->named = false;
}

/* The new file, open as `fd`, takes the place of the trace. */
static bool place(const ms_bound *b, int fd, const char *path) {
    char name[PATH_MAX], link[64];
    name_of(path, name);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (!b->named && linkat(AT_FDCWD, link, AT_FDCWD, name, AT_SYMLINK_FOLLOW) != 0)
        return false;
    if (rename(name, path) == 0)
        return true;
    unlink(name);
    return false;
}

/* ---- the child --------------------------------------------------------------------------------- */

enum { TRACE_FD = 3, OUT_FD = 4 };

/* Signals stay blocked: what is typed at the terminal is not for it. Of the descriptors only the files
 * are left, the lock on the rings above all: it says that a recorder lives. */
static _Noreturn void child(const ms_bound *b, pid_t parent, int trace, uint64_t last_chunk,
                            uint64_t room) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    prctl(PR_SET_NAME, "memscope-digest");
    if (!b->options->max_trace)
        setpriority(PRIO_PROCESS, 0, PRIORITY);
    int kept_trace = fcntl(trace, F_DUPFD, 16), kept_out = fcntl(b->out, F_DUPFD, 16);
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < TRACE_FD; fd++)
        dup2(null, fd);
    if (dup2(kept_trace, TRACE_FD) < 0 || dup2(kept_out, OUT_FD) < 0 ||
        close_range(OUT_FD + 1, UINT_MAX, 0) != 0)
        _exit(1);
    _exit(b->digest(TRACE_FD, OUT_FD, last_chunk, b->end, room) ? 0 : 1);
}

static bool begin(ms_bound *b, int trace, const char *path, uint64_t last_chunk, uint64_t now_ns) {
    pid_t parent = getpid();
    if (!open_out(b, path))
        return false;
    b->began_ns = now_ns;
    b->child = fork();
    if (b->child == 0)
        child(b, parent, trace, last_chunk, b->options->max_trace / 4);
    if (b->child > 0)
        return true;
    b->child = 0;
    drop_out(b, path);
    return false;
}

/* Without waiting for its work. */
static void end_child(ms_bound *b, const char *path) {
    if (b->child) {
        kill(b->child, SIGKILL);
        while (waitpid(b->child, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    b->child = 0;
    drop_out(b, path);
}

/* ---- when -------------------------------------------------------------------------------------- */

static uint64_t most(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

static uint64_t ring_us(const ms_bound *b) {
    return b->options->ring * 1000;
}

/* Nor is it worth while before the trace has grown by a quarter: most of it may be live blocks. */
static bool ring_due(const ms_bound *b, uint64_t size, uint64_t now_us) {
    return b->options->ring && size >= b->size + b->size / 4 &&
           now_us >= b->from_us + ring_us(b) + ring_us(b) / 2;
}

static bool size_due(const ms_bound *b, uint64_t size) {
    uint64_t limit = b->options->max_trace;
    return limit && size >= most(limit / 2, b->size + limit / 8);
}

static bool aggregate_due(const ms_bound *b, uint64_t size) {
    return b->options->aggregate && size >= b->size + most(AGGREGATE_STEP, b->size);
}

/* Where the events begin that stay. Of a trace that gets too large the newest eighth, if it can be. */
static bool find_last_chunk(ms_bound *b, const ms_trace_writer *writer, uint64_t now_us,
                            bool ring_only, uint64_t *offset) {
    uint64_t size = ms_trace_writer_size(writer), eighth = b->options->max_trace / 8;
    b->until_us = now_us;
    if (ring_only) {
        b->until_us = now_us - ring_us(b);
        *offset = size;
        return ms_trace_writer_find(writer, b->until_us, offset);
    }
    *offset = size - (eighth < size && !b->options->aggregate ? eighth : 0);
    if (ms_trace_writer_find(writer, UINT64_MAX, offset))
        return true;
    *offset = size;
    return ms_trace_writer_find(writer, UINT64_MAX, offset);
}

void ms_bound_look(ms_bound *b, const ms_trace_writer *writer, const char *path, uint64_t now_us,
                   uint64_t now_ns) {
    if (!b->digest || !writer)
        return;
    uint64_t size = ms_trace_writer_size(writer), last_chunk;
    if (size > b->seen)
        b->largest = most(b->largest, size - b->seen);
    b->seen = size;
    bool urgent = size_due(b, size), large = aggregate_due(b, size),
         old = ring_due(b, size, now_us);
    if (b->child || (!urgent && !large && !old) ||
        (now_ns < b->rest_until_ns && (!urgent || b->failures)))
        return;
    b->end = size;
    if (!find_last_chunk(b, writer, now_us, !urgent && !large, &last_chunk) ||
        !begin(b, ms_trace_writer_fd(writer), path, last_chunk, now_ns))
        b->rest_until_ns = now_ns + FAILURE_REST_NS / 4; /* nothing to do yet, or no process */
}

bool ms_bound_holds(ms_bound *b, const ms_trace_writer *writer, uint64_t now_ns) {
    bool holds = b->digest && b->child && !b->last && b->options->max_trace && writer &&
                 ms_trace_writer_size(writer) + 2 * b->largest > b->options->max_trace &&
                 now_ns - b->began_ns < HOLD_MAX_NS;
    if (holds && !b->holding_since_ns)
        b->holding_since_ns = now_ns;
    if (!holds && b->holding_since_ns) {
        b->held_ns += now_ns - b->holding_since_ns;
        b->holding_since_ns = 0;
    }
    return holds;
}

/* ---- done -------------------------------------------------------------------------------------- */

/* The new file gets what the trace has got since, and takes its place; unless it is no smaller, then all
 * stays as it is until the trace has grown. False when it cannot be done. */
static bool adopt(ms_bound *b, const ms_trace_writer *writer, const char *path,
                  ms_trace_writer **adopted) {
    int os_errno;
    uint64_t size = ms_trace_writer_size(writer);
    ms_trace_writer *next = ms_trace_writer_resume(b->out, &os_errno);
    if (!next)
        return false;
    b->out = -1; /* it is the writer's */
    b->size = ms_trace_writer_size(next);
    b->from_us = b->until_us;
    bool copied = ms_trace_writer_copy(next, ms_trace_writer_fd(writer), b->end, size);
    bool smaller = ms_trace_writer_size(next) < size;
    if (copied && smaller && place(b, ms_trace_writer_fd(next), path)) {
        b->seen = ms_trace_writer_size(next);
        *adopted = next;
        return true;
    }
    if (!smaller)
        b->size = size;
    ms_trace_writer_close(next);
    return copied && !smaller;
}

static void note_result(ms_bound *b, bool done, uint64_t cpu_ns, uint64_t now_ns) {
    b->failures = done ? 0 : b->failures + 1;
    b->failed += !done;
    b->rest_until_ns =
        now_ns + (done ? REST * cpu_ns : FAILURE_REST_NS << (b->failures < 6 ? b->failures : 6));
}

ms_trace_writer *ms_bound_ended(ms_bound *b, int status, uint64_t cpu_ns,
                                const ms_trace_writer *writer, const char *path, uint64_t now_ns) {
    bool done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    ms_trace_writer *next = NULL;
    b->child = 0;
    if (done && b->last)
        done = place(b, b->out, path);
    else if (done)
        done = adopt(b, writer, path, &next);
    drop_out(b, path);
    if (b->trace >= 0)
        close(b->trace);
    b->trace = -1;
    note_result(b, done, cpu_ns, now_ns);
    return next;
}

void ms_bound_stop(ms_bound *b, const char *path, uint64_t now_ns) {
    if (!b->digest)
        return;
    end_child(b, path);
    ms_bound_holds(b, NULL, now_ns);
}

void ms_bound_finish(ms_bound *b, const ms_trace_writer *writer, const char *path,
                     uint64_t now_ns) {
    if (!b->digest || !writer)
        return;
    uint64_t limit = b->options->max_trace;
    b->last = b->options->aggregate || (limit && ms_trace_writer_size(writer) > limit);
    b->trace = b->last ? fcntl(ms_trace_writer_fd(writer), F_DUPFD_CLOEXEC, 0) : -1;
    b->end = ms_trace_writer_size(writer);
    if (b->last && (b->trace < 0 || !begin(b, b->trace, path, UINT64_MAX, now_ns)))
        b->failed++;
}

void ms_bound_deinit(ms_bound *b, const char *path) {
    if (!b->digest)
        return;
    end_child(b, path);
    if (b->trace >= 0)
        close(b->trace);
    b->trace = -1;
}
