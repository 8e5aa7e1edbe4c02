/* copy.h - a trace, as far as it goes, becomes another file. */
#ifndef MS_LOAD_COPY_H
#define MS_LOAD_COPY_H

#include <stdint.h>

#include "util/error.h"

/* Writes what the trace at `path`, of either form, holds into the file `out`, which it replaces. Of a ring what
 * it holds now; of a trace that is still recorded the first `so_far` bytes (0: it is not), and the copy is a
 * whole one. Any other trace has to have ended well. Cost: one pass over the file. Fails with MS_ERR_INPUT or
 * MS_ERR_OUTPUT, and `out` is as it was. */
MS_MUST_CHECK ms_err ms_trace_copy(const char *path, uint64_t so_far, const char *out,
                                   ms_error *error);

#endif
