#include "cli/cli.h"

#include "cli/trace_format.h"
#include "export/schema.h"
#include "util/sink.h"

int ms_cmd_schema(const ms_options *options, int argc, char **argv) {
    if (argc > 0) {
        ms_say("schema: takes no operand, not '%s'", argv[0]);
        return ms_err_exit_status(MS_ERR_USAGE);
    }
    if (options->json + options->md + options->trace > 1) {
        ms_say("schema: --json, --md and --trace are three things; ask for one");
        return ms_err_exit_status(MS_ERR_USAGE);
    }
    ms_error error;
    ms_sink *sink = ms_sink_open(NULL, &error);
    if (!sink)
        return ms_say_error(&error);
    if (options->json)
        ms_schema_write_json(sink);
    else if (options->trace)
        ms_trace_format_write(sink);
    else
        ms_schema_write_markdown(sink);
    return ms_sink_close(sink, &error) ? ms_say_error(&error) : 0;
}
