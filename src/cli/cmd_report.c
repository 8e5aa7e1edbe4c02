#include "cli/cli.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load/copy.h"
#include "load/pack_ring.h"
#include "util/sink.h"

#define INTERRUPTED 130 /* 128 + SIGINT, as shells say it */

static const char *find_trace(const ms_options *options, int argc, char **argv, ms_error *error) {
    int given = argc + (options->input != NULL);
    if (given == 1)
        return options->input ? options->input : argv[0];
    if (given == 0)
        ms_fail(error, MS_ERR_USAGE,
                "report: which trace? memscope report TRACE; 'memscope run' makes one");
    else
        ms_fail(error, MS_ERR_USAGE, "report: takes one trace; what is '%s'?", argv[argc - 1]);
    return NULL;
}

/* What stands behind the last dot of the file's name; "" without one. */
static const char *ending_of(const char *path) {
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash + 1 : path, '.');
    return dot ? dot + 1 : "";
}

/* Named by --format; else by the ending of OUT; else text. An ending nobody knows is more likely a
 * format this version has not than a wish for text. */
static const ms_exporter *find_exporter(const ms_options *options, ms_error *error) {
    if (options->format)
        return ms_exporter_named(options->format);
    if (!options->out || !*ending_of(options->out))
        return ms_exporter_named("text");
    const ms_exporter *exporter = ms_exporter_for(options->out);
    if (!exporter)
        ms_fail(error, MS_ERR_USAGE,
                "report: no format has the ending .%s; choose one with --format",
                ending_of(options->out));
    return exporter;
}

/* A report that replaced its trace would be the last one. */
static ms_err check_out(const char *trace, const char *out, ms_error *error) {
    struct stat a, b;
    if (out && stat(trace, &a) == 0 && stat(out, &b) == 0 && a.st_dev == b.st_dev &&
        a.st_ino == b.st_ino)
        return ms_fail(error, MS_ERR_USAGE,
                       "report: %s is the trace itself; choose another name with --output", out);
    return MS_ERR_OK;
}

static ms_err write_report(const ms_options *options, const ms_exporter *exporter,
                           const char *trace, bool *interrupted, ms_error *error) {
    /* Before the trace is read: a place that cannot be written to should not cost the wait. */
    ms_sink *sink = ms_sink_open(options->out, error);
    if (!sink)
        return error->code;
    ms_model *model = ms_cli_load(trace, options, exporter->rows, interrupted, error);
    if (!model) {
        ms_sink_abandon(sink);
        return error->code;
    }
    int fd = ms_sink_is_terminal(sink) ? STDOUT_FILENO : -1;
    ms_export_options export = ms_cli_export_options(options, fd, trace);
    ms_err code = exporter->write(model, sink, &export, error);
    ms_model_free(model);
    if (code) {
        ms_sink_abandon(sink);
        return code;
    }
    return ms_sink_close(sink, error);
}

/* OUT is to be a trace itself. */
static bool is_copy(const ms_options *options) {
    return options->out && !options->format && strcmp(ending_of(options->out), "memscope") == 0;
}

static int copy_trace(const ms_options *options, const char *trace) {
    ms_error error = {0};
    if (check_out(trace, options->out, &error) ||
        ms_trace_copy(trace, options->so_far, options->out, &error))
        return ms_say_error(&error);
    return 0;
}

int ms_cmd_report(const ms_options *options, int argc, char **argv) {
    ms_error error = {0};
    bool interrupted = false;
    const char *trace = find_trace(options, argc, argv, &error);
    if (trace && is_copy(options))
        return copy_trace(options, trace);
    const ms_exporter *exporter = trace ? find_exporter(options, &error) : NULL;
    if (!exporter || check_out(trace, options->out, &error) ||
        write_report(options, exporter, trace, &interrupted, &error))
        return ms_say_error(&error);
    /* A ring file of a lone preload shrinks to a fraction once its process is gone; where that cannot
     * be done, it stays as good as it is. */
    if (!interrupted && ms_pack_ring(trace, &error))
        return 0;
    return interrupted ? INTERRUPTED : 0;
}
