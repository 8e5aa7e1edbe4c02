/* session.h - `memscope run`: starts a program, records it and its children, ends when they have. */
#ifndef MS_RECORDER_SESSION_H
#define MS_RECORDER_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/options.h"
#include "recorder/bound.h"
#include "util/error.h"

/* A trace that a session left. */
typedef struct ms_session_trace {
    char path[4096];
    pid_t pid;
    uint64_t events;         /* heap and mapping events */
    uint64_t unwritten;      /* events lost because it could not be written */
    int error;               /* errno of that; 0: none */
    unsigned failed_digests; /* of its older part, see bound.h */
} ms_session_trace;

typedef struct ms_session_result {
    int status;   /* of the program, as waitpid() gives it; valid when `started` */
    bool started; /* else `exec_errno` says why the program could not be executed */
    int exec_errno;
    bool interrupted;         /* recording was stopped by a signal; the program went on */
    int stop_signal;          /* the signal that also ends memscope itself; 0: none */
    ms_session_trace *traces; /* the program's first, then by appearance; free() */
    size_t trace_count;
} ms_session_result;

/* `digest` may be NULL: then --max-trace, --ring and --aggregate do nothing.
 *
 * Runs `argv` (NULL-terminated) with the library at `library` preloaded, the options handed on in
 * its environment, and its trace at `output`: the last image of the first process; other images and
 * processes get .PID (and .N) before the ending. `output` NULL: memscope.PROGRAM.PID.memscope.
 *
 * SIGINT and SIGQUIT, typed at a terminal, are the program's to answer: recording goes on until it
 * ends. (Once only its children are left, they stop the recording.) SIGTERM and SIGHUP stop the
 * recording and leave the program running. As process 1, of a container, memscope passes them all on
 * instead.
 *
 * Returns an error when nothing could be started for reasons of our own. */
MS_MUST_CHECK ms_err ms_session_run(const ms_options *options, const char *library,
                                    const char *output, char *const argv[],
                                    ms_digest_function *digest, ms_session_result *result,
                                    ms_error *error);

#endif
