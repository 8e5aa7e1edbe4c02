/* thread.h - threads of the C library: thread.def. */
#ifndef MS_ADAPT_THREAD_H
#define MS_ADAPT_THREAD_H

#include <pthread.h>

#include "adapt/route.h"

#define MS_ENTRY MS_DECLARE_ENTRY
#define MS_NEEDED MS_DECLARE_NEEDED
#include "adapt/thread.def"
#undef MS_ENTRY
#undef MS_NEEDED

#endif
