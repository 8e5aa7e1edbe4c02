/* html_static.h - the part of the page that is readable without script. Inside the HTML exporter
 * only. */
#ifndef MS_EXPORT_HTML_STATIC_H
#define MS_EXPORT_HTML_STATIC_H

#include "export/export.h"

/* The name of the program, for the title. */
void ms_html_write_title(const ms_model *model, ms_sink *sink);

/* The verdict, the summary, findings and the ranked lists. */
void ms_html_write_static(const ms_model *model, ms_sink *sink, const ms_export_options *options);

#endif
