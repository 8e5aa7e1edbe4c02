/* markup.h - text inside of HTML and XML. */
#ifndef MS_UTIL_MARKUP_H
#define MS_UTIL_MARKUP_H

#include "util/sink.h"

/* Writes `safe`, which came from ms_human_safe(), with nothing in it that is markup: good between tags and
 * in quoted attributes. The two code points that XML has no place for become U+FFFD. */
void ms_markup_text(ms_sink *sink, const char *safe);

#endif
