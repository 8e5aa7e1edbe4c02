/* html_template.h - the page without its data, as web/ builds it. */
#ifndef MS_EXPORT_HTML_TEMPLATE_H
#define MS_EXPORT_HTML_TEMPLATE_H

#include <stddef.h>

/* Where the exporter puts its own into it: each stands there once, in this order. */
#define MS_HTML_TITLE "<!--memscope:title-->"
#define MS_HTML_STATIC "<!--memscope:static-->"
#define MS_HTML_DATA "<!--memscope:data-->"

/* Its bytes, `*size` of them, not terminated; none in a build without Node.js. */
const char *ms_html_template(size_t *size);

#endif
