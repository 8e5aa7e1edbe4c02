#include <limits.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "recorder/control.h"

/* The process that the one operand names, or 0, said. */
static pid_t process_of(const char *verb, int argc, char **argv) {
    char *end = NULL;
    long pid = argc == 1 ? strtol(argv[0], &end, 10) : 0;
    if (argc == 1 && *argv[0] && !*end && pid > 0 && pid <= INT_MAX)
        return (pid_t)pid;
    if (argc == 1)
        ms_say("%s: '%s' is no process id", verb, argv[0]);
    else
        ms_say("%s: takes one process id", verb);
    return 0;
}

static int switch_process(const char *verb, bool on, int argc, char **argv) {
    ms_error error;
    char ring[PATH_MAX];
    pid_t pid = process_of(verb, argc, argv);
    if (!pid)
        return ms_err_exit_status(MS_ERR_USAGE);
    if (ms_control_process(pid, on, ring, sizeof ring, &error))
        return ms_say_error(&error);
    ms_say("process %d %s, into %s", pid, on ? "is recorded" : "is no longer recorded", ring);
    return 0;
}

int ms_cmd_attach(const ms_options *options, int argc, char **argv) {
    (void)options;
    return switch_process("attach", true, argc, argv);
}

int ms_cmd_detach(const ms_options *options, int argc, char **argv) {
    (void)options;
    return switch_process("detach", false, argc, argv);
}
