/* glib.h - GLib's main loop and threads, as far as adapters need them: glib.def, with types that say no more
 * than their size, or in which register they go. Where GLib's own headers have been included before, as in
 * the test that compares the two, those are its own. */
#ifndef MS_ADAPT_GLIB_H
#define MS_ADAPT_GLIB_H

#include <sys/types.h>

#include "adapt/memory.h"
#include "adapt/route.h"

typedef int gint;
typedef unsigned guint;
typedef char gchar;
typedef gint gboolean;
typedef void *gpointer;
typedef unsigned long gulong;
typedef int GPid;
typedef struct _GSource GSource;
typedef struct _GMainContext GMainContext;
typedef struct _GIOChannel GIOChannel;
typedef struct _GThread GThread;
typedef struct _GThreadPool GThreadPool;
typedef struct _GError GError;
typedef struct _GClosure GClosure;
typedef void (*GDestroyNotify)(gpointer data);

#ifndef __G_LIB_H__
typedef unsigned GIOCondition, GThreadPriority; /* enumerations */
typedef ms_callback *GSourceFunc, *GSourceOnceFunc, *GChildWatchFunc, *GIOFunc, *GUnixFDSourceFunc,
    *GFunc;
typedef void *(*GThreadFunc)(void *);

/* How a source comes to its callback. It is called between the first and the last but one, and others ask
 * only the last, to find a source by its data. */
typedef struct GSourceCallbackFuncs {
    void (*ref)(gpointer closure);
    void (*unref)(gpointer closure);
    void (*get)(gpointer closure, GSource *source, void **function, gpointer *data);
} GSourceCallbackFuncs;
#endif

/* A GClosure without a marshaller is one of C, a GCClosure: its source is going to marshal for it. */
typedef struct ms_c_closure {
    unsigned bits;
    void *marshal, *data, *notifiers;
    void *callback;
} ms_c_closure;

/* What a source of the library's caller, or its own, is to call instead; NULL: GLib is to call the callback itself.
 * `notify` may be NULL. glib.c. */
ms_closure *ms_glib_closure(struct memscope_place *kind, void *callback, void *data, void *notify,
                            const uint64_t *frame, const void *caller);

/* What a GTask ran in on another thread, when that is done: it goes on there. False: it is none, or ran on
 * none. glib_thread.c. */
bool ms_glib_take_task(const void *task, ms_unit *unit);

#define MS_ENTRY MS_DECLARE_ENTRY
#define MS_NEEDED MS_DECLARE_NEEDED
#include "adapt/glib.def"
#undef MS_ENTRY
#undef MS_NEEDED

#endif
