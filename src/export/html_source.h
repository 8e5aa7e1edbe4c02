/* html_source.h - lines of source around those that frames stand on. Inside the HTML exporter only.
 *
 * Paths come from a trace, and the page goes to other people: only files that are named as source is are
 * read, and only those that were last changed before the program was built and run, for what is newer is
 * not what was compiled. */
#ifndef MS_EXPORT_HTML_SOURCE_H
#define MS_EXPORT_HTML_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "export/html_names.h"
#include "model/model.h"

typedef struct ms_html_source_file {
    const char *path;  /* borrowed from a frame */
    const char *state; /* "shown", else why it is not */
} ms_html_source_file;

typedef struct ms_html_source_line {
    uint32_t file, number; /* index of the file; lines count from 1 */
    const char *text;      /* without its end, safe to be shown; owned by the arena */
} ms_html_source_line;

typedef struct ms_html_source {
    ms_html_source_file *files; /* in the order in which frames name them */
    size_t file_count, file_capacity;
    ms_html_source_line *lines; /* by file, then by number */
    size_t line_count, line_capacity;
    size_t bytes; /* of these lines */
    ms_arena *arena;
} ms_html_source;

/* Reads what the frames of `names` stand on, those it has first first, as long as there is room in a page.
 * Files lie below `root`; NULL: below /. `model` and `names` must outlive it. Texts are not yet among the
 * names. */
void ms_html_source_init(ms_html_source *source, const ms_model *model, ms_html_names *names,
                         const char *root);
void ms_html_source_deinit(ms_html_source *source);

#endif
