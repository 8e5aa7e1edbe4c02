#include "util/markup.h"

#include <string.h>

static const char *entity(char c) {
    switch (c) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

/* U+FFFE or U+FFFF. */
static bool is_noncharacter(const char *at) {
    return strncmp(at, "\xef\xbf\xbe", 3) == 0 || strncmp(at, "\xef\xbf\xbf", 3) == 0;
}

void ms_markup_text(ms_sink *sink, const char *safe) {
    for (const char *at = safe; *at; at++) {
        const char *instead = entity(*at);
        if (instead) {
            ms_sink_text(sink, instead);
        } else if (is_noncharacter(at)) {
            ms_sink_text(sink, "\xef\xbf\xbd");
            at += 2;
        } else {
            ms_sink_write(sink, at, 1);
        }
    }
}
