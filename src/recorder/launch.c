#include "recorder/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool set_preload(const char *library) {
    const char *others = getenv("LD_PRELOAD");
    if (!others || !*others)
        return setenv("LD_PRELOAD", library, 1) == 0;
    size_t size = strlen(library) + 1 + strlen(others) + 1;
    char *all = malloc(size);
    if (!all)
        return false;
    snprintf(all, size, "%s:%s", library, others);
    bool done = setenv("LD_PRELOAD", all, 1) == 0;
    free(all);
    return done;
}

/* The program's hooks read the same options from their environment. */
static bool set_options(const ms_options *options) {
    for (size_t i = 0; i < ms_option_switch_count;
         i++) /* heard already, and flags may overrule them */
        if (ms_option_switches[i].option->where & MS_FOR_CAPTURE)
            unsetenv(ms_option_switches[i].variable);
    for (size_t i = 0; i < ms_option_count; i++) {
        const ms_option_info *option = &ms_option_infos[i];
        char variable[64], value[4096];
        if (!(option->where & MS_FOR_CAPTURE))
            continue;
        ms_option_variable(option, variable, sizeof variable);
        ms_options defaults = ms_options_default();
        char normal[4096];
        ms_option_format(&defaults, option, normal, sizeof normal);
        ms_option_format(options, option, value, sizeof value);
        if (strcmp(value, normal) == 0 ? unsetenv(variable) : setenv(variable, value, 1))
            return false;
    }
    return true;
}

static bool prepare(const ms_options *options, const char *library, const char *ring_directory) {
    ms_options for_child = *options;
    for_child.ring_directory = ring_directory;
    for_child.output = NULL;
    for_child.root = options->follow ? 0 : (uint64_t)getpid(); /* we are the child already */
    return set_preload(library) && set_options(&for_child);
}

static _Noreturn void child(const ms_options *options, const char *library,
                            const char *ring_directory, char *const argv[], const sigset_t *mask,
                            int report) {
    int error = ENOMEM;
    if (prepare(options, library, ring_directory)) {
        sigprocmask(SIG_SETMASK, mask, NULL);
        execvp(argv[0], argv);
        error = errno;
    }
    while (write(report, &error, sizeof error) < 0 && errno == EINTR) {
    }
    _exit(127);
}

pid_t ms_launch(const ms_options *options, const char *library, const char *ring_directory,
                char *const argv[], const sigset_t *mask, int *exec_errno) {
    int report[2]; /* closed by a successful exec; else it brings errno */
    *exec_errno = 0;
    if (pipe2(report, O_CLOEXEC) != 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0)
        child(options, library, ring_directory, argv, mask, report[1]);
    close(report[1]);
    ssize_t got;
    while (pid > 0 && (got = read(report[0], exec_errno, sizeof *exec_errno)) < 0 &&
           errno == EINTR) {
    }
    close(report[0]);
    if (pid > 0 && *exec_errno)
        waitpid(pid, NULL, 0);
    return pid;
}
