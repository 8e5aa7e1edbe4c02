/* thunk.h - what of adapting no compiler can do: thunk.c. */
#ifndef MS_ADAPT_THUNK_H
#define MS_ADAPT_THUNK_H

#include "adapt/unit.h"
#include "capture/state.h"

/* Calls `callback` with the other arguments. All callbacks of a program are called by this: so what returns to
 * ms_thunk_called was not called by us, but by a callback that ended in a jump. */
long ms_thunk_call(long a, long b, long c, long d, long e, long f, ms_callback *callback);
extern MS_HIDDEN const char ms_thunk_called[];

#endif
