/* Ending a ring that other threads write to, without asking anything of them when they do not.
 *
 * First the switch is replaced by one that is always off: hooks that look at it from now on record nothing.
 * Then those that had looked before are waited for; each has the state MS_THREAD_BUSY. Then every thread's
 * record lets go of its chunk, and the file of its mappings. What a thread that was held up all this time
 * (by a debugger, say) still writes, it writes into private memory.
 *
 * A thread meets the next ring when it looks at the switch, finds a tick it does not know, and a ring that
 * is not its own. */
#include "capture/start.h"

#include <errno.h>
#include <string.h>

#include "base/fmt.h"
#include "capture/boot.h"
#include "capture/control.h"
#include "capture/ids.h"
#include "capture/marks.h"
#include "capture/module.h"
#include "capture/os.h"
#include "capture/ring.h"
#include "capture/thread.h"
#include "capture/window.h"
#include "capture/no_malloc.h"

static bool has_recorder(void) {
    return g_ms.ring_directory[0] != 0;
}

/* ---- the end of a trace -------------------------------------------------------------------------- */

/* One that nothing was recorded into is nobody's. */
static void close_file(void) {
    ms_ring_header *ring = g_ms.ring;
    bool empty = ring->threads == 0;
    ring->tick_us = MS_TICK_OFF;
    ring->chunks = g_ms.lone_next;
    ring->ended_us = (ms_os_monotonic_ns() - ring->start_monotonic_ns) / 1000;
    ms_window_detach(empty);
}

static void end_ring(void) {
    ms_boot_switch_off();
    ms_threads_let_go();
    bool locked = ms_lock(&g_ms.grow_lock);
    atomic_store(&g_ms.on, false);
    if (!locked)
        return; /* somebody is held up who holds it: the file stays as long as it is */
    close_file();
    ms_unlock(&g_ms.grow_lock);
}

static void forget_ring(void) {
    if (g_ms.sampling)
        ms_marks_clear();
    ms_ids_reset();
    ms_module_reset();
    atomic_store(&g_ms.sites, 0);
}

/* ---- the beginning -------------------------------------------------------------------------------- */

/* memscope.PROGRAM.PID.memscope, as `memscope run` has it. */
static void default_output(char path[MS_PATH_SIZE]) {
    char program[MS_PATH_SIZE];
    ms_os_readlink("/proc/self/exe", program, sizeof program);
    const char *slash = strrchr(program, '/');
    ms_fmt fmt = ms_fmt_begin(path, MS_PATH_SIZE);
    ms_fmt_text(&fmt, "memscope.");
    ms_fmt_text(&fmt, slash ? slash + 1 : program);
    ms_fmt_text(&fmt, ".");
    ms_fmt_u64(&fmt, ms_os_pid());
    ms_fmt_text(&fmt, ".memscope");
}

static bool lives(uint32_t pid) {
    char path[32];
    ms_fmt fmt = ms_fmt_begin(path, sizeof path);
    ms_fmt_text(&fmt, "/proc/");
    ms_fmt_u64(&fmt, pid);
    ms_fmt_text(&fmt, "/stat");
    int fd = ms_os_open_read(path);
    if (fd >= 0)
        ms_os_close(fd);
    return fd >= 0;
}

/* A trace that somebody else is still writing. */
static bool is_in_use(const ms_ring_header *head) {
    return head->form == MS_FORM_RING && head->ended_us == 0 && head->pid != ms_os_pid() &&
           lives(head->pid);
}

/* Removes the trace that lies at `path`, if one does. -EEXIST: what lies there has to stay. */
static int make_way(const char *path) {
    ms_ring_header head = {.form = 0};
    int fd = ms_os_open_read(path);
    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    long size = ms_os_pread(fd, &head, offsetof(ms_ring_header, info_size), 0);
    ms_os_close(fd);
    bool is_trace = size >= (long)sizeof(ms_trace_header) &&
                    memcmp(head.magic, MS_TRACE_MAGIC, sizeof head.magic) == 0;
    return is_trace && !is_in_use(&head) ? ms_os_unlink(path) : -EEXIST;
}

static int begin_ring(const ms_options *options) {
    char path[MS_PATH_SIZE];
    ms_options here = *options;
    if (!here.output) {
        default_output(path);
        here.output = path;
    }
    int error = make_way(here.output);
    if (error)
        return error;
    ms_threads_let_go(); /* once more: what they have counted since was in no trace */
    forget_ring();
    ms_boot_apply(&here);
    g_ms.starts_off =
        true; /* until all is there; and so the trace says that it is not from the start */
    g_ms.pid = ms_os_pid();
    error = ms_ring_create(false);
    return error ? error : ms_threads_init() ? 0 : -ENOMEM;
}

static int begin(const ms_options *options) {
    if (!ms_lock(&g_ms.grow_lock))
        return -EBUSY;
    int error = begin_ring(options);
    ms_unlock(&g_ms.grow_lock);
    if (error)
        return error;
    atomic_store(&g_ms.on, true);
    ms_boot_switch_to_ring();
    ms_control_switch(true);
    return MS_START_OWN;
}

/* ---- from here on one thread at a time -------------------------------------------------------------- */

static bool names_present(const char *output) {
    return !output || strcmp(output, g_ms.output) == 0;
}

static int start(const ms_options *options) {
    if (g_ms.forbidden)
        return -EPERM;
    if (has_recorder() && !ms_os_is_locked(g_ms.ring_directory))
        return -ESRCH; /* it is gone */
    if (!atomic_load(&g_ms.on))
        return has_recorder() ? -ESRCH : begin(options);
    if (has_recorder() || ms_control_is_on() || names_present(options->output)) {
        ms_control_switch(true);
        return MS_START_THEIRS;
    }
    end_ring();
    return begin(options);
}

static int stop(void) {
    if (!atomic_load(&g_ms.on))
        return -ESRCH;
    if (has_recorder()) {
        ms_control_switch(false);
        return MS_START_THEIRS;
    }
    end_ring();
    return MS_START_OWN;
}

/* What the C library allocates for us is not the program's. */
static int alone(const ms_options *options) {
    if (!ms_lock(&g_ms.start_lock))
        return -EBUSY;
    ms_thread *before = ms_inner_begin();
    if (ms_threads_forked())
        ms_boot_child();
    int result = options ? start(options) : stop();
    ms_inner_end(before);
    ms_unlock(&g_ms.start_lock);
    return result;
}

int ms_start(const ms_options *options) {
    return alone(options);
}

int ms_stop(void) {
    return alone(NULL);
}
