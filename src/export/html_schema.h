/* html_schema.h - what the page is told of its tables: for each its key and its columns, in the order in
 * which html.c writes them. Inside the HTML exporter only. */
#ifndef MS_EXPORT_HTML_SCHEMA_H
#define MS_EXPORT_HTML_SCHEMA_H

#include "model/model.h"
#include "util/sink.h"

void ms_html_write_schema(const ms_model *model, ms_sink *sink);

#endif
