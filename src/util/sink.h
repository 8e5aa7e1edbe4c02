/* sink.h - where an exporter writes: a file, stdout, or memory. Errors stick: check once, at the
 * end. */
#ifndef MS_UTIL_SINK_H
#define MS_UTIL_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

typedef struct ms_sink ms_sink;

/* Writes to `path`, which is created with mode 0600 under a temporary name beside it and put in
 * place by ms_sink_close(); "-" or NULL: stdout. NULL with `error` set on failure. */
ms_sink *ms_sink_open(const char *path, ms_error *error);

/* Writes to memory; ms_sink_take() hands it over. */
ms_sink *ms_sink_memory(void);

/* The bytes so far, terminated, owned by the caller (free()); `*size` may be NULL. */
char *ms_sink_take(ms_sink *sink, size_t *size);

/* Flushes, puts the file in place and frees the sink; on any earlier write error removes the
 * temporary file and says why. */
MS_MUST_CHECK ms_err ms_sink_close(ms_sink *sink, ms_error *error);

/* Frees the sink and drops what was written. NULL is fine. */
void ms_sink_abandon(ms_sink *sink);

void ms_sink_write(ms_sink *sink, const void *bytes, size_t size);
void ms_sink_text(ms_sink *sink, const char *text);
void ms_sink_printf(ms_sink *sink, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* True when the sink is stdout and stdout is a terminal: colours make sense. */
bool ms_sink_is_terminal(const ms_sink *sink);

#endif
