/* export.h - a model becomes a report in some format. Each format is one file, and one line in
 * exporters.def. */
#ifndef MS_EXPORT_EXPORT_H
#define MS_EXPORT_EXPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "model/model.h"
#include "model/rank.h"
#include "util/error.h"
#include "util/sink.h"

/* What the formats may be told. A format ignores what means nothing to it. */
typedef struct ms_export_options {
    bool color;   /* text: with ANSI colours */
    bool lift;    /* blame the callers of allocator wrappers; of JSON: no effect, it shows both */
    ms_cost cost; /* what collapsed stacks count */
    size_t top;   /* entries of each ranked list; 0: all */
    size_t width; /* columns of text; 0: 80 */
    const char *trace;   /* path of the trace, for hints; may be NULL */
    bool embed_source;   /* html: with lines of the source that stacks name */
    const char *sysroot; /* where that lies; NULL: below / */
} ms_export_options;

/* Lifting, the peak, ten entries, 80 columns, no colours. */
ms_export_options ms_export_defaults(void);

typedef struct ms_exporter {
    const char *name;       /* as in --format */
    const char *doc;        /* one line for --help */
    const char *endings[3]; /* of file names, without the dot; up to the first NULL */
    bool rows;              /* shows single blocks: is best given a model that has them */

    /* Writes `model` to `sink`. What goes wrong with the sink sticks to it and is reported when it
     * is closed; the result is about everything else. Borrows all; any thread. */
    ms_err (*write)(const ms_model *model, ms_sink *sink, const ms_export_options *options,
                    ms_error *error);
} ms_exporter;

/* In the order of exporters.def. */
extern const ms_exporter *const ms_exporters[];
extern const size_t ms_exporter_count;

/* The exporter called `name`, or NULL. */
const ms_exporter *ms_exporter_named(const char *name);

/* The exporter that the ending of `path` stands for, or NULL. */
const ms_exporter *ms_exporter_for(const char *path);

/* The short form of the text report, some 20 lines, for the end of a run. */
void ms_text_summary(const ms_model *model, ms_sink *sink, const ms_export_options *options);

#endif
