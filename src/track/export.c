#include "track/export.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fmt.h"
#include "capture/control.h"
#include "capture/hooks.h"
#include "capture/os.h"

/* DIR/lib/libmemscope.so, or what that is a link to, goes with DIR/bin/memscope. */
static bool find_program(char program[MS_PATH_SIZE]) {
    static const char beside[] = "/../bin/memscope";
    if (ms_os_readlink(g_ms.library, program, MS_PATH_SIZE) <= 0 || program[0] != '/')
        memcpy(program, g_ms.library, MS_PATH_SIZE);
    char *slash = strrchr(program, '/');
    if (!slash || (size_t)(slash - program) + sizeof beside > MS_PATH_SIZE)
        return false;
    memcpy(slash, beside, sizeof beside);
    return true;
}

static bool is_for_us(const char *assignment) {
    return strncmp(assignment, "LD_PRELOAD=", 11) == 0 || strncmp(assignment, "MEMSCOPE_", 9) == 0;
}

/* Without what would have `memscope` itself recorded, and with one assignment more. */
static void copy_environment(char **to, char *more) {
    for (char **at = environ; at && *at; at++) {
        if (!is_for_us(*at))
            *to++ = *at;
    }
    *to++ = more;
    *to = NULL;
}

static size_t length(const char *const *list) {
    size_t count = 0;
    while (list && list[count])
        count++;
    return count;
}

static int wait_for(pid_t pid) {
    int status;
    pid_t ended;
    while ((ended = waitpid(pid, &status, 0)) < 0 && errno == EINTR) {
    }
    return ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

/* By the real function: the hook would hand on the preload. */
static int run(const char *program, const char *const *arguments, char *so_far) {
    size_t size = (length((const char *const *)environ) + 2) * sizeof(char *);
    char **environment = ms_os_memory(size, false);
    pid_t pid;
    if (!environment)
        return -1;
    copy_environment(environment, so_far);
    int failed =
        ms_real.posix_spawn(&pid, program, NULL, NULL, (char *const *)arguments, environment);
    ms_os_memory_free(environment, size);
    return failed ? -1 : wait_for(pid);
}

static int report(const char *program, const char *path, const char *format,
                  const char *const *flags, const char *trace, char *so_far) {
    const char *const fixed[] = {"memscope", "report", "-o", path, trace, "-f", format};
    size_t own = sizeof fixed / sizeof *fixed - (format ? 0 : 2), more = length(flags);
    size_t size = (own + more + 1) * sizeof(char *);
    const char **arguments = ms_os_memory(size, false);
    if (!arguments)
        return -1;
    memcpy(arguments, fixed, own * sizeof *arguments);
    if (more > 0)
        memcpy(arguments + own, flags, more * sizeof *arguments);
    int result = run(program, arguments, so_far);
    ms_os_memory_free(arguments, size);
    return result;
}

/* The stack may be a coroutine's: paths have memory of their own. */
struct paths {
    char program[MS_PATH_SIZE], trace[MS_PATH_SIZE];
};

static int export_to(struct paths *paths, const char *path, const char *format,
                     const char *const *flags) {
    uint64_t size;
    char so_far[48];
    if (!find_program(paths->program) || !ms_control_hold_trace(paths->trace, &size))
        return -1;
    ms_fmt fmt = ms_fmt_begin(so_far, sizeof so_far);
    ms_fmt_text(&fmt, "MEMSCOPE_SO_FAR=");
    ms_fmt_u64(&fmt, size);
    int result = report(paths->program, path, format, flags, paths->trace, so_far);
    ms_control_release_trace();
    return result;
}

int ms_export(const char *path, const char *format, const char *const *flags) {
    struct paths *paths = path && MS_HAVE(posix_spawn) ? ms_os_memory(sizeof *paths, false) : NULL;
    if (!paths)
        return -1;
    int result = export_to(paths, path, format, flags);
    ms_os_memory_free(paths, sizeof *paths);
    return result;
}
