/* trace_format.h - docs/trace-format.md, printed from the lists and structs of src/trace. */
#ifndef MS_CLI_TRACE_FORMAT_H
#define MS_CLI_TRACE_FORMAT_H

#include "util/sink.h"

/* Writes the format of a trace, both forms, as Markdown. */
void ms_trace_format_write(ms_sink *out);

#endif
