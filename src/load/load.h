/* load.h - a trace file becomes a model. */
#ifndef MS_LOAD_LOAD_H
#define MS_LOAD_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "model/model.h"
#include "symbol/symbol.h"
#include "util/error.h"

typedef struct ms_load_options {
    ms_symbols_options symbols;
    bool no_symbols; /* addresses only: fast, for counting */
    bool no_lift;    /* leave allocator wrappers as the innermost frames */
    bool no_cache;   /* neither use nor keep what was found out about a program's code */
    bool rows;       /* list single blocks, within a budget: model/rows.h */
    uint64_t so_far; /* read no more than so many bytes of the trace, whose recorder is at work;
                        0: all there is, and what its ring holds beside */
    /* Called now and then with bytes done and bytes in all; may be NULL. Return false to stop: what
     * was read so far becomes the model, marked truncated. */
    bool (*progress)(void *context, uint64_t done, uint64_t total);
    void *context;
} ms_load_options;

/* Reads the trace at `path`, of either form, in one pass: memory is bounded by live blocks and
 * distinct stacks. `options` may be NULL.
 *
 * A trace that is cut or damaged gives a model of everything readable, with capture.truncated set
 * and `warning` (may be NULL) saying where and why. A ring whose recorder died is found by the path
 * in the trace and read to its end.
 *
 * Returns a model the caller frees, or NULL with `error` set: MS_ERR_INPUT when there is no such
 * file or it is no trace. */
ms_model *ms_load(const char *path, const ms_load_options *options, ms_error *warning,
                  ms_error *error);

#endif
