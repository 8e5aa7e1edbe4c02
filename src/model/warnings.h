/* warnings.h - what the reader of a report must know before believing it: losses, cuts, broken stacks,
 * missing symbols. Every report says it in the same words. */
#ifndef MS_MODEL_WARNINGS_H
#define MS_MODEL_WARNINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/model.h"

/* Sets `*warnings` to as many lines as it returns, the gravest first; 0: nothing is wrong. Names in them are
 * escaped as ms_human_safe() does. `lift`: allocator wrappers are not to blame. All is owned by `arena`. */
size_t ms_warnings(const ms_model *model, ms_arena *arena, bool lift, const char ***warnings);

#endif
