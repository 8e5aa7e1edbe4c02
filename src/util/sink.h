/* sink.h - where an exporter writes: a file, stdout, or memory. Errors stick: check once, at the
 * end. One owner, one thread at a time. */
#ifndef MS_UTIL_SINK_H
#define MS_UTIL_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

typedef struct ms_sink ms_sink;

/* Writes to `path`, which is created with mode 0600 under a temporary name beside it and put in
 * place by ms_sink_close(); a link is followed, so its target is replaced. What exists and is no
 * regular file (a FIFO, a terminal, /dev/fd/N) is written directly. NULL, "-" or "/dev/stdout":
 * stdout; "/dev/stderr": stderr. Returns NULL with `error` set on failure.
 *
 * A closed pipe is an error like any other where SIGPIPE is ignored; that is the caller's to do. */
ms_sink *ms_sink_open(const char *path, ms_error *error);

/* Writes to memory; ms_sink_take() hands it over. NULL without memory. */
ms_sink *ms_sink_memory(void);

/* The bytes so far of a memory sink, terminated, owned by the caller (free()); `*size` may be NULL.
 * The sink is empty afterwards. NULL when memory ran out, now or in an earlier write. */
char *ms_sink_take(ms_sink *sink, size_t *size);

/* Flushes, puts the file in place and frees the sink; on any earlier write error removes the
 * temporary file and says why. */
MS_MUST_CHECK ms_err ms_sink_close(ms_sink *sink, ms_error *error);

/* Frees the sink and drops what was written. NULL is fine. */
void ms_sink_abandon(ms_sink *sink);

void ms_sink_write(ms_sink *sink, const void *bytes, size_t size);
void ms_sink_text(ms_sink *sink, const char *text);
void ms_sink_printf(ms_sink *sink, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* True once a write has failed: the rest may be spared. */
bool ms_sink_failed(const ms_sink *sink);

/* True when the sink is stdout or stderr and that is a terminal: colours make sense. */
bool ms_sink_is_terminal(const ms_sink *sink);

#endif
