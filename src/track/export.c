#include "track/export.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/hooks.h"
#include "capture/os.h"

/* DIR/lib/libmemscope.so goes with DIR/bin/memscope. */
static bool find_program(char program[MS_PATH_SIZE]) {
    static const char beside[] = "/../bin/memscope";
    const char *slash = strrchr(g_ms.library, '/');
    size_t size = slash ? (size_t)(slash - g_ms.library) : 0;
    if (!slash || size + sizeof beside > MS_PATH_SIZE)
        return false;
    memcpy(program, g_ms.library, size);
    memcpy(program + size, beside, sizeof beside);
    return true;
}

static bool is_for_us(const char *assignment) {
    return strncmp(assignment, "LD_PRELOAD=", 11) == 0 || strncmp(assignment, "MEMSCOPE_", 9) == 0;
}

/* Without what would have `memscope` itself recorded. */
static void copy_environment(char **to) {
    for (char **at = environ; at && *at; at++) {
        if (!is_for_us(*at))
            *to++ = *at;
    }
    *to = NULL;
}

static int wait_for(pid_t pid) {
    int status;
    pid_t ended;
    while ((ended = waitpid(pid, &status, 0)) < 0 && errno == EINTR) {
    }
    return ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

/* By the real function: the hook would hand on the preload. */
static int run(const char *program, const char *path, const char *format) {
    size_t count = 1;
    while (environ && environ[count - 1])
        count++;
    char **environment = ms_os_memory(count * sizeof *environment, false);
    if (!environment)
        return -1;
    copy_environment(environment);
    const char *const arguments[] = {"memscope",           "report", "-o", path, g_ms.path,
                                     format ? "-f" : NULL, format,   NULL};
    pid_t pid;
    int failed =
        ms_real.posix_spawn(&pid, program, NULL, NULL, (char *const *)arguments, environment);
    ms_os_memory_free(environment, count * sizeof *environment);
    return failed ? -1 : wait_for(pid);
}

int ms_export(const char *path, const char *format) {
    char program[MS_PATH_SIZE];
    bool can = g_ms.ring && g_ms.ring->lone && path && MS_HAVE(posix_spawn);
    return can && find_program(program) ? run(program, path, format) : -1;
}
