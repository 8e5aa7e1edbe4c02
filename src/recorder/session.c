#include "recorder/session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "recorder/launch.h"
#include "recorder/names.h"
#include "recorder/pulse.h"
#include "recorder/tracee.h"

/* The hooks' clock: how often they get a new tick. */
#define TICK_MS 1

/* A ring that fills slowly is drained this often all the same. */
#define DRAIN_NS UINT64_C(250000000)

/* Two changes within this may have the same stamp. */
#define STAMP_NS UINT64_C(20000000)

/* How long processes without a ring are waited for once nothing else is left. */
#define ORPHANS_NS UINT64_C(1000000000)

typedef struct image {
    ms_tracee *tracee; /* NULL once finished */
    pid_t pid;
    size_t trace;   /* index of its trace; SIZE_MAX: none yet */
    ms_bound bound; /* of the trace */
} image;

typedef struct session {
    const ms_options *options;
    ms_digest_function *digest;
    char output[PATH_MAX];
    char ring_directory[PATH_MAX];
    int epoll, signals;
    int lock; /* on the ring directory, while we live: processes look for it before they make a ring */
    ms_pulse *pulse;
    pid_t root;
    bool root_ended;
    image *images;
    size_t image_count;
    uint64_t last_drain_ns, last_sample_ns;
    uint64_t rings_changed_ns; /* the ring directory's stamp when it was last looked at */
    uint64_t alone_since_ns;   /* the program has ended, and everybody recorded; 0: not yet */
    ms_session_result *result;
} session;

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- names of traces -------------------------------------------------------------------------- */

static bool path_taken(const session *s, const char *path) {
    for (size_t i = 0; i < s->result->trace_count; i++)
        if (strcmp(s->result->traces[i].path, path) == 0)
            return true;
    return false;
}

static void numbered_path(const session *s, pid_t pid, char *path, size_t size) {
    unsigned number = 0;
    do
        ms_name_numbered(path, size, s->output, pid, number++);
    while (path_taken(s, path));
}

/* FILE is the last image of the first process, so an earlier one that has it gives it up. */
static void free_output(session *s) {
    for (size_t i = 0; i < s->result->trace_count; i++) {
        ms_session_trace *trace = &s->result->traces[i];
        char path[sizeof trace->path];
        if (strcmp(trace->path, s->output) != 0)
            continue;
        numbered_path(s, trace->pid, path, sizeof path);
        if (rename(trace->path, path) == 0)
            memcpy(trace->path, path, sizeof path);
    }
}

/* The trace of an image, named when there is something to write. */
static ms_session_trace *trace_of(session *s, image *img) {
    if (img->trace != SIZE_MAX)
        return &s->result->traces[img->trace];
    ms_session_trace *traces =
        realloc(s->result->traces, (s->result->trace_count + 1) * sizeof *traces);
    if (!traces)
        return NULL;
    s->result->traces = traces;
    if (img->pid == s->root)
        free_output(s);
    ms_session_trace *trace = &traces[s->result->trace_count];
    *trace = (ms_session_trace){.pid = img->pid};
    if (img->pid == s->root)
        snprintf(trace->path, sizeof trace->path, "%s", s->output);
    else
        numbered_path(s, img->pid, trace->path, sizeof trace->path);
    img->trace = s->result->trace_count++;
    ms_bound_clear(trace->path);
    return trace;
}

/* ---- images -------------------------------------------------------------------------------------- */

static void drain_image(session *s, image *img, bool last) {
    if (!ms_tracee_collect(img->tracee, last))
        return;
    ms_session_trace *trace = trace_of(s, img);
    if (trace)
        ms_tracee_write(img->tracee, trace->path);
}

/* Where its trace lies; NULL: it has none yet. */
static const char *path_of(const session *s, const image *img) {
    return img->trace == SIZE_MAX ? NULL : s->result->traces[img->trace].path;
}

static void stop_digest(session *s, image *img) {
    if (img->trace != SIZE_MAX)
        ms_bound_stop(&img->bound, path_of(s, img), now_ns());
}

/* A digest of it has ended. */
static void digest_ended(session *s, image *img, int status, uint64_t cpu_ns) {
    ms_trace_writer *writer = img->tracee ? ms_tracee_writer(img->tracee) : NULL;
    ms_trace_writer *next =
        ms_bound_ended(&img->bound, status, cpu_ns, writer, path_of(s, img), now_ns());
    if (next)
        ms_tracee_take_writer(img->tracee, next);
    s->result->traces[img->trace].failed_digests = img->bound.failed;
}

static bool any_digest(const session *s) {
    for (size_t i = 0; i < s->image_count; i++)
        if (s->images[i].bound.child)
            return true;
    return false;
}

static void finish_image(session *s, image *img, ms_tracee_end end, int detail) {
    stop_digest(s, img);
    drain_image(s, img, end != MS_END_DETACHED);
    if (img->trace != SIZE_MAX) {
        ms_session_trace *trace = &s->result->traces[img->trace];
        ms_tracee_finish(img->tracee, end, detail, img->bound.held_ns);
        ms_bound_finish(&img->bound, ms_tracee_writer(img->tracee), trace->path, now_ns());
        trace->failed_digests = img->bound.failed;
        trace->unwritten = ms_tracee_unwritten(img->tracee);
        trace->error = ms_tracee_error(img->tracee);
        trace->events = ms_tracee_events(img->tracee);
    }
    ms_tracee_switch_off(img->tracee); /* should it live on after all, it must not wait for us */
    ms_pulse_remove(s->pulse, ms_tracee_beats(img->tracee));
    ms_tracee_close(img->tracee); /* closing its pidfd takes it out of the epoll set */
    img->tracee = NULL;
}

/* A process that appears again with the same pid has replaced its image. */
static void finish_earlier_images(session *s, pid_t pid, size_t but) {
    for (size_t i = 0; i < s->image_count; i++)
        if (i != but && s->images[i].tracee && s->images[i].pid == pid)
            finish_image(s, &s->images[i], MS_END_EXEC, 0);
}

static void add_image(session *s, const char *name) {
    char path[PATH_MAX + NAME_MAX + 2];
    snprintf(path, sizeof path, "%s/%s", s->ring_directory, name);
    ms_tracee *tracee = ms_tracee_open(path, s->options);
    image *images = tracee ? realloc(s->images, (s->image_count + 1) * sizeof *images) : NULL;
    if (!images) {
        ms_tracee_close(tracee);
        return;
    }
    s->images = images;
    image *img = &images[s->image_count++];
    s->alone_since_ns = 0;
    *img = (image){.tracee = tracee, .pid = ms_tracee_pid(tracee), .trace = SIZE_MAX};
    ms_bound_init(&img->bound, s->options, s->digest);
    finish_earlier_images(s, img->pid, s->image_count - 1);
    if (s->result->interrupted || (!s->options->follow && img->pid != s->root))
        ms_tracee_switch_off(tracee);
    ms_tracee_tick(tracee, now_ns());
    ms_pulse_add(s->pulse, ms_tracee_beats(tracee));
    if (s->options->sample_interval)
        ms_tracee_sample(tracee, now_ns());
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = s->image_count - 1};
    if (ms_tracee_pidfd(tracee) >= 0)
        epoll_ctl(s->epoll, EPOLL_CTL_ADD, ms_tracee_pidfd(tracee), &event);
    else /* it has ended, and been reaped, before we looked */
        finish_image(s, img, MS_END_GONE, 0);
}

static int is_ring(const struct dirent *entry) {
    size_t size = strlen(entry->d_name);
    return size > 5 && strcmp(entry->d_name + size - 5, ".ring") == 0;
}

/* Names are PID-TIME.ring, and images of one process have to be taken in their order. */
static int by_time(const struct dirent **a, const struct dirent **b) {
    const char *left = strchr((*a)->d_name, '-'), *right = strchr((*b)->d_name, '-');
    uint64_t x = left ? strtoull(left + 1, NULL, 10) : 0;
    uint64_t y = right ? strtoull(right + 1, NULL, 10) : 0;
    return (x > y) - (x < y);
}

static bool is_known(const session *s, const char *name) {
    for (size_t i = 0; i < s->image_count; i++) {
        const char *path = s->images[i].tracee ? ms_tracee_ring(s->images[i].tracee) : "";
        const char *slash = strrchr(path, '/');
        if (slash && strcmp(slash + 1, name) == 0)
            return true;
    }
    return false;
}

/* Rings have appeared in the directory since it was last looked through, or just then: the kernel's stamps
 * are coarse. (Not by inotify: closing its descriptor takes 10 ms and more.) */
static bool rings_appeared(session *s) {
    struct stat status;
    struct timespec now;
    if (fstat(s->lock, &status) != 0)
        return true;
    uint64_t changed_ns =
        (uint64_t)status.st_mtim.tv_sec * 1000000000u + (uint64_t)status.st_mtim.tv_nsec;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t age_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec - changed_ns;
    bool appeared = changed_ns != s->rings_changed_ns || age_ns < STAMP_NS;
    s->rings_changed_ns = changed_ns;
    return appeared;
}

static void read_new_rings(session *s) {
    struct dirent **names;
    int count = rings_appeared(s) ? scandir(s->ring_directory, &names, is_ring, by_time) : 0;
    for (int i = 0; i < count; i++) {
        if (!is_known(s, names[i]->d_name))
            add_image(s, names[i]->d_name);
        free(names[i]);
    }
    if (count > 0)
        free(names);
}

static bool any_live(const session *s) {
    for (size_t i = 0; i < s->image_count; i++)
        if (s->images[i].tracee)
            return true;
    return false;
}

/* ---- the end of processes --------------------------------------------------------------------------- */

static void end_images_of(session *s, pid_t pid, ms_tracee_end end, int detail) {
    for (size_t i = 0; i < s->image_count; i++)
        if (s->images[i].tracee && s->images[i].pid == pid)
            finish_image(s, &s->images[i], end, detail);
}

static uint64_t cpu_of(const struct rusage *usage) {
    uint64_t seconds = (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec);
    uint64_t us = (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
    return seconds * 1000000000u + us * 1000;
}

/* True: `pid` was a digest. */
static bool reap_digest(session *s, pid_t pid, int status, const struct rusage *usage) {
    for (size_t i = 0; i < s->image_count; i++) {
        if (s->images[i].bound.child != pid)
            continue;
        digest_ended(s, &s->images[i], status, cpu_of(usage));
        return true;
    }
    return false;
}

/* What exited is already reaped: its hooks have written their last word. */
static void reap(session *s) {
    int status;
    struct rusage usage;
    pid_t pid;
    while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
        if (reap_digest(s, pid, status, &usage))
            continue;
        read_new_rings(s);
        if (WIFEXITED(status))
            end_images_of(s, pid, MS_END_EXITED, WEXITSTATUS(status));
        else
            end_images_of(s, pid, MS_END_KILLED, WTERMSIG(status));
        if (pid == s->root) {
            s->root_ended = true;
            s->result->status = status;
        }
    }
}

static void image_ended(session *s, size_t index) {
    if (index >= s->image_count || !s->images[index].tracee)
        return;
    if (s->images[index].pid == s->root) {
        reap(s); /* our child: its status is waiting */
        return;
    }
    read_new_rings(s); /* it may have replaced its image before it ended */
    end_images_of(s, s->images[index].pid, MS_END_GONE, 0);
}

static void detach_all(session *s) {
    s->result->interrupted = true;
    for (size_t i = 0; i < s->image_count; i++) {
        if (!s->images[i].tracee)
            continue;
        ms_tracee_switch_off(s->images[i].tracee);
        finish_image(s, &s->images[i], MS_END_DETACHED, 0);
    }
}

static void stop_digests(session *s) {
    for (size_t i = 0; i < s->image_count; i++)
        stop_digest(s, &s->images[i]);
}

static void handle_signal(session *s, const struct signalfd_siginfo *info) {
    int number = (int)info->ssi_signo;
    if (number == SIGCHLD) {
        reap(s);
    } else if (s->result->stop_signal) {
        stop_digests(s); /* asked again: traces stay as they are */
    } else if (getpid() == 1) {
        kill(s->root, number);
    } else if ((number == SIGINT || number == SIGQUIT) && !s->root_ended) {
        /* typed at a terminal: the program has got it, too, and decides */
    } else {
        detach_all(s);
        s->result->stop_signal = number;
    }
}

static void read_signals(session *s) {
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info)
        handle_signal(s, &info);
}

/* ---- the loop ------------------------------------------------------------------------------------------ */

static void keep_short(session *s, image *img, uint64_t now) {
    if (img->trace != SIZE_MAX && !ms_tracee_is_read(img->tracee))
        ms_bound_look(&img->bound, ms_tracee_writer(img->tracee), path_of(s, img),
                      ms_tracee_time_us(img->tracee, now), now);
}

/* A digest at work will put another file in the trace's place, so the answer waits for that. */
static void answer(session *s, image *img) {
    if (img->bound.child || !ms_tracee_asks(img->tracee))
        return;
    drain_image(s, img, false);
    ms_tracee_answer(img->tracee, path_of(s, img));
}

static void work(session *s) {
    uint64_t now = now_ns();
    uint64_t interval_ns = s->options->sample_interval * 1000000;
    bool drain_all = now - s->last_drain_ns >= DRAIN_NS;
    bool sample_all = interval_ns && now - s->last_sample_ns >= interval_ns;
    for (size_t i = 0; i < s->image_count; i++) {
        ms_tracee *tracee = s->images[i].tracee;
        if (!tracee)
            continue;
        ms_tracee_tick(tracee, now);
        if (sample_all)
            ms_tracee_sample(tracee, now);
        keep_short(s, &s->images[i], now);
        answer(s, &s->images[i]);
        if ((drain_all || ms_tracee_wants_drain(tracee)) &&
            !ms_bound_holds(&s->images[i].bound, ms_tracee_writer(tracee), now))
            drain_image(s, &s->images[i], false);
    }
    if (drain_all)
        s->last_drain_ns = now;
    if (sample_all)
        s->last_sample_ns = now;
}

/* Beside these, an event's source is the index of an image. */
#define SOURCE_SIGNALS UINT64_MAX

/* Orphans become our children (see ms_session_run()), so we know of processes that the program left
 * behind and that have no ring: they may be about to get one, and have a moment for it. */
static bool has_children(void) {
    siginfo_t info;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static bool goes_on(session *s) {
    if (any_digest(s))
        return true;
    if (s->result->stop_signal)
        return false;
    if (!s->root_ended || (any_live(s) && !s->result->interrupted))
        return true;
    uint64_t now = now_ns();
    if (s->alone_since_ns == 0)
        s->alone_since_ns = now;
    return !s->result->interrupted && has_children() && now - s->alone_since_ns < ORPHANS_NS;
}

static void loop(session *s) {
    s->pulse = ms_pulse_start(); /* not before: the program was forked from a single thread */
    while (goes_on(s)) {
        ms_pulse_turn(s->pulse);
        struct epoll_event events[64];
        int count = epoll_wait(s->epoll, events, 64, TICK_MS);
        read_new_rings(s);
        for (int i = 0; i < count; i++) {
            if (events[i].data.u64 == SOURCE_SIGNALS)
                read_signals(s);
            else
                image_ended(s, (size_t)events[i].data.u64);
        }
        work(s);
    }
}

/* ---- start and stop --------------------------------------------------------------------------------------- */

static bool watch(session *s, int fd, uint64_t source) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = source};
    return fd >= 0 && epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool open_sources(session *s, const sigset_t *mask) {
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    s->signals = signalfd(-1, mask, SFD_CLOEXEC | SFD_NONBLOCK);
    s->lock = open(s->ring_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->lock < 0 || flock(s->lock, LOCK_EX) != 0)
        return false;
    return s->epoll >= 0 && watch(s, s->signals, SOURCE_SIGNALS);
}

static void close_sources(session *s) {
    const int sources[] = {s->epoll, s->signals, s->lock};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        if (sources[i] >= 0)
            close(sources[i]);
}

/* LD_PRELOAD separates its entries with blanks and colons and knows no quoting: a library whose path
 * has one gets another name, beside the rings. */
static const char *preloadable(const session *s, const char *library, char *link, size_t size) {
    if (!strpbrk(library, " :"))
        return library;
    snprintf(link, size, "%s/libmemscope.so", s->ring_directory);
    return symlink(library, link) == 0 ? link : library;
}

static void remove_ring_directory(const session *s) {
    char link[PATH_MAX + 32];
    if (s->result->interrupted)
        return; /* the program goes on, and its children look for the library there */
    snprintf(link, sizeof link, "%s/libmemscope.so", s->ring_directory);
    unlink(link);
    rmdir(s->ring_directory);
}

/* Not in the program, which has been started with its own limits and signals: every process it will
 * have takes two descriptors here; a limit on file sizes, or a reader of our messages that is gone,
 * shall be an error and not the end of the recording. */
static void outgrow_program(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
}

static ms_err start(session *s, const char *library, char *const argv[], const sigset_t *mask,
                    ms_error *error) {
    char link[PATH_MAX + 32];
    const char *preload = preloadable(s, library, link, sizeof link);
    s->root = ms_launch(s->options, preload, s->ring_directory, argv, mask, &s->result->exec_errno);
    if (s->root < 0) {
        int os_errno = errno;
        return ms_fail(error, MS_ERR_ENVIRONMENT, "cannot start a process: %s; free some and retry",
                       strerror(os_errno));
    }
    if (!s->output[0])
        ms_name_default(s->output, sizeof s->output, argv[0], s->root);
    s->result->started = s->result->exec_errno == 0;
    outgrow_program();
    return MS_ERR_OK;
}

ms_err ms_session_run(const ms_options *options, const char *library, const char *output,
                      char *const argv[], ms_digest_function *digest, ms_session_result *result,
                      ms_error *error) {
    session s = {.options = options,
                 .digest = digest,
                 .epoll = -1,
                 .signals = -1,
                 .lock = -1,
                 .result = result};
    snprintf(s.output, sizeof s.output, "%s", output ? output : "");
    *result = (ms_session_result){0};
    sigset_t ours, before;
    sigemptyset(&ours);
    for (size_t i = 0; i < 5; i++)
        sigaddset(&ours, (const int[]){SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP}[i]);
    int failed = ms_ring_directory_create(s.ring_directory, sizeof s.ring_directory);
    if (failed)
        return ms_fail(error, MS_ERR_ENVIRONMENT,
                       "no place for rings in /dev/shm, TMPDIR or /tmp: %s; make one writable",
                       strerror(failed));
    sigprocmask(SIG_BLOCK, &ours, &before);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    ms_err err = MS_ERR_OK;
    if (!open_sources(&s, &ours))
        err = ms_fail(error, MS_ERR_ENVIRONMENT, "cannot watch processes: %s", strerror(errno));
    else
        err = start(&s, library, argv, &before, error);
    s.last_sample_ns = now_ns(); /* every image was sampled when it appeared */
    if (!err && result->started)
        loop(&s);
    ms_pulse_stop(s.pulse);
    for (size_t i = 0; i < s.image_count; i++) {
        if (s.images[i].trace != SIZE_MAX)
            ms_bound_deinit(&s.images[i].bound, path_of(&s, &s.images[i]));
        ms_tracee_close(s.images[i].tracee); /* of processes that appeared after we stopped */
    }
    close_sources(&s);
    remove_ring_directory(&s);
    sigprocmask(SIG_SETMASK, &before, NULL);
    free(s.images);
    return err;
}
