/* json.h - a JSON report becomes the model it was written from, but for single blocks, which such a
 * report does not list. */
#ifndef MS_LOAD_JSON_H
#define MS_LOAD_JSON_H

#include <stdbool.h>

#include "load/load.h"

/* Is the file at `path` to be read as JSON? It begins as such, or is called so and is no trace. */
bool ms_json_is_report(const char *path);

/* Reads the report at `path` in one pass. Of `options` (may be NULL) only `no_lift` and the progress
 * count. The findings are the report's. `warning` (may be NULL) says what of the report this version
 * does not know, or misses.
 *
 * Returns a model the caller frees, or NULL with `error` (may be NULL) set: MS_ERR_INPUT for what is no
 * such report, is cut, or was stopped by the callback. */
ms_model *ms_load_json(const char *path, const ms_load_options *options, ms_error *warning,
                       ms_error *error);

#endif
