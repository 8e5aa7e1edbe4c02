/* context.h - contexts of the C library: context.def. Each that is made is a task, on the stack it is made for. */
#ifndef MS_ADAPT_CONTEXT_H
#define MS_ADAPT_CONTEXT_H

#include <stdint.h>
#include <ucontext.h>

#include "adapt/route.h"

#define MS_ENTRY MS_DECLARE_ENTRY
#define MS_NEEDED MS_DECLARE_NEEDED
#include "adapt/context.def"
#undef MS_ENTRY
#undef MS_NEEDED

/* Before makecontext(), which is then called with its arguments as they came: what is returned. `frame`: as
 * MS_FRAME of that function. thunk.c calls it. */
void *ms_context_made(ucontext_t *context, void (*function)(void), const uint64_t *frame);

/* Behind a context's function: it has returned. Returns where that had gone to without us. */
const void *ms_context_over(void);

/* What we have that function return to: thunk.c. */
extern __attribute__((visibility("hidden"))) const char ms_context_returned[];

#endif
