/* memscope run: checks, records, and says what came of it. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "load/digest.h"
#include "recorder/inspect.h"
#include "recorder/session.h"
#include "util/sink.h"

/* Failures of our own, as env(1) and timeout(1) have them. */
enum { STATUS_FAILED = 125, STATUS_NOT_EXECUTABLE = 126, STATUS_NOT_FOUND = 127 };

#define TRACES_LISTED 10

static int cannot_execute(const char *program, int error) {
    if (error == ENOENT) {
        ms_say("run: %s: no such program; give its path, or see that PATH has it", program);
        return STATUS_NOT_FOUND;
    }
    ms_say("run: %s: cannot be executed: %s; check its permissions", program, strerror(error));
    return STATUS_NOT_EXECUTABLE;
}

static int cannot_write(const char *path, int error) {
    if (error == EEXIST)
        ms_say("run: %s: not a regular file; give -o the name of a file", path);
    else
        ms_say("run: %s: cannot write the trace there: %s; choose another place with -o", path,
               strerror(error));
    return STATUS_FAILED;
}

/* ---- what is said at the end ------------------------------------------------------------------ */

static void say_summary(const ms_options *options, const char *path) {
    ms_error error;
    ms_model *model = ms_cli_load(path, options, false, NULL, &error);
    if (!model) {
        ms_say("%s", error.message);
        return;
    }
    ms_sink *sink = ms_sink_memory();
    ms_export_options export = ms_cli_export_options(options, STDERR_FILENO, path);
    if (sink) {
        size_t size;
        ms_text_summary(model, sink, &export);
        char *text = ms_sink_take(sink, &size);
        if (text)
            fwrite(text, 1, size, stderr);
        free(text);
        ms_sink_abandon(sink);
    }
    ms_model_free(model);
}

static void say_failures(const ms_session_result *result) {
    for (size_t i = 0; i < result->trace_count; i++) {
        const ms_session_trace *trace = &result->traces[i];
        if (trace->error)
            ms_say("%s: %s; %" PRIu64 " events are not in it, what it holds is readable. The "
                   "program was not disturbed; choose a place with more room with -o",
                   trace->path, strerror(trace->error), trace->unwritten);
    }
}

/* What was not to be had. */
static void say_bounds(const ms_options *options, const ms_session_result *result) {
    for (size_t i = 0; i < result->trace_count; i++) {
        const ms_session_trace *trace = &result->traces[i];
        struct stat status;
        if (trace->failed_digests)
            ms_say("%s: %u digests of its older part failed, for want of memory or room, or were "
                   "killed; nothing is lost",
                   trace->path, trace->failed_digests);
        if (options->max_trace && stat(trace->path, &status) == 0 &&
            (uint64_t)status.st_size > options->max_trace)
            ms_say("%s: is larger than --max-trace: what stands for its events takes that much",
                   trace->path);
    }
}

static void say_traces(const ms_session_result *result) {
    size_t listed = result->trace_count < TRACES_LISTED ? result->trace_count : TRACES_LISTED;
    for (size_t i = 0; i < listed; i++) {
        const ms_session_trace *trace = &result->traces[i];
        ms_say("trace of process %d: %s (%" PRIu64 " events)", (int)trace->pid, trace->path,
               trace->events);
    }
    if (listed < result->trace_count)
        ms_say("and %zu more traces beside them", result->trace_count - listed);
}

/* The trace of the program itself, or of whom it started when it has none. */
static const ms_session_trace *main_trace(const ms_session_result *result, const char *output) {
    for (size_t i = 0; output && i < result->trace_count; i++)
        if (strcmp(result->traces[i].path, output) == 0)
            return &result->traces[i];
    return result->trace_count ? &result->traces[0] : NULL;
}

static void say_result(const ms_options *options, const ms_session_result *result) {
    const ms_session_trace *trace = main_trace(result, options->output);
    say_failures(result);
    say_bounds(options, result);
    if (options->quiet)
        return;
    if (result->interrupted)
        ms_say("recording was stopped by a signal; the program goes on");
    if (!trace)
        ms_say("nothing was recorded: no process allocated memory, or none could be preloaded");
    else if (options->analysis)
        say_summary(options, trace->path);
    say_traces(result);
}

/* ---- the verb ---------------------------------------------------------------------------------- */

static void die_of(int number) {
    struct rlimit no_core = {0, 0}; /* the program has left its own */
    sigset_t only;
    setrlimit(RLIMIT_CORE, &no_core);
    signal(number, SIG_DFL);
    sigemptyset(&only);
    sigaddset(&only, number);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    raise(number);
}

static int exit_status(const ms_session_result *result) {
    fflush(NULL);
    if (result->stop_signal)
        die_of(result->stop_signal);
    if (WIFSIGNALED(result->status)) {
        die_of(WTERMSIG(result->status));
        return 128 + WTERMSIG(result->status);
    }
    return WEXITSTATUS(result->status);
}

/* In a process of its own, of which only this remains. */
static bool digest(int trace, int out, uint64_t last_chunk, uint64_t end, uint64_t room) {
    ms_digest_order order = {
        .trace = trace, .out = out, .last_chunk = last_chunk, .end = end, .room = room};
    return ms_digest(&order, NULL) == MS_ERR_OK;
}

static int record(const ms_options *options, const char *library, char **argv) {
    ms_session_result result;
    ms_error error;
    if (ms_session_run(options, library, options->output, argv, digest, &result, &error)) {
        ms_say("run: %s", error.message);
        return STATUS_FAILED;
    }
    if (!result.started)
        return cannot_execute(argv[0], result.exec_errno);
    say_result(options, &result);
    free(result.traces);
    return exit_status(&result);
}

int ms_cmd_run(const ms_options *options, int argc, char **argv) {
    char path[4096], library[4096];
    if (argc == 0) {
        ms_say("run: which program? memscope run -- PROGRAM [ARGUMENT...]");
        return ms_err_exit_status(MS_ERR_USAGE);
    }
    int missing = ms_program_find(argv[0], path, sizeof path);
    if (missing)
        return cannot_execute(argv[0], missing);
    int unwritable = ms_output_check(options->output ? options->output : "x");
    if (unwritable)
        return cannot_write(options->output ? options->output : ".", unwritable);
    if (!ms_cli_library(library, sizeof library)) {
        ms_say("run: %s: the library is missing; reinstall memscope", library);
        return STATUS_FAILED;
    }
    const char *problem = ms_program_unrecordable(path);
    if (problem)
        ms_say("run: %s %s; only dynamically linked children of it will be recorded", path,
               problem);
    return record(options, library, argv);
}
