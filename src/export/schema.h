/* schema.h - the JSON report described, from the same descriptors that write it. */
#ifndef MS_EXPORT_SCHEMA_H
#define MS_EXPORT_SCHEMA_H

#include "util/sink.h"

/* A JSON Schema (2020-12) of the report. Every member is required; members beyond it are allowed,
 * for later versions add some. The unit of a number is in "x-unit". */
void ms_schema_write_json(ms_sink *sink);

/* The same as a reference to read, in Markdown. */
void ms_schema_write_markdown(ms_sink *sink);

#endif
