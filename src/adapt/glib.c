/* GLib's main loop: each source is a unit of its own, from its registration to the notice that its data is
 * needed no more.
 *
 * A source finds its callback by functions, so that there we can put our own: while it is dispatched they
 * give ms_closure_call() and our closure, and at all other times what the program has registered, for a
 * program may look for a source by its data. */
#include "adapt/glib.h"

#include "capture/home.h"
#include "capture/hooks.h"

enum { DEFAULT = 0, DEFAULT_IDLE = 200 }; /* priorities */

/* A closure was referenced to be dispatched: the next thing that GLib does is to get its callback. */
static __thread const ms_closure *dispatching;

static void source_ref(gpointer closure) {
    ms_closure_ref(closure);
    dispatching = closure;
}

static void source_get(gpointer data, GSource *source, void **function, gpointer *argument) {
    (void)source;
    ms_closure *closure = data;
    bool dispatched = dispatching == closure;
    dispatching = NULL;
    *function = dispatched ? (void *)ms_closure_call : closure->callback;
    *argument = dispatched ? closure : closure->data;
}

static GSourceCallbackFuncs source_functions = {source_ref, ms_closure_unref, source_get};

/* A source that the library makes for itself goes on with what it is made for; false: that is not known. */
static bool unit_of_library(const void *data, ms_unit *unit) {
    if (ms_glib_take_task(data, unit))
        return true;
    *unit = (ms_unit){.task = ms_home_task()};
    return ms_home_task() != 0;
}

ms_closure *ms_glib_closure(struct memscope_place *kind, void *callback, void *data, void *notify,
                            const uint64_t *frame, const void *caller) {
    ms_unit unit;
    if (!callback)
        return NULL;
    bool of_library = ms_route_is_inside(caller);
    if (of_library && !unit_of_library(data, &unit))
        return NULL;
    if (!of_library && !ms_closure_renews(callback, data, &unit))
        unit = ms_unit_of_handle(kind, callback, frame);
    ms_closure *closure = ms_closure_new(unit, callback, data);
    if (closure)
        closure->notify = notify;
    return closure;
}

#define CALLER __builtin_return_address(0)
#define CLOSURE(kind, function, data, notify)                                                      \
    ms_glib_closure(MS_KIND(kind), (void *)function, data, (void *)notify, MS_FRAME, CALLER)

/* As every g_..._add() does. */
static guint attach(const void *caller, GSource *source, gint priority, ms_closure *closure) {
    ms_entry_g_source_set_priority *set_priority =
        ms_route_real(MS_ENTRY_g_source_set_priority, caller);
    ms_entry_g_source_set_callback_indirect *set_callback =
        ms_route_real(MS_ENTRY_g_source_set_callback_indirect, caller);
    ms_entry_g_source_attach *attach_source = ms_route_real(MS_ENTRY_g_source_attach, caller);
    ms_entry_g_source_unref *unref = ms_route_real(MS_ENTRY_g_source_unref, caller);
    set_priority(source, priority);
    set_callback(source, closure, &source_functions);
    guint id = attach_source(source, NULL);
    unref(source);
    return id;
}

void ms_adapt_g_source_set_callback(GSource *source, GSourceFunc function, gpointer data,
                                    GDestroyNotify notify) {
    ms_closure *closure = CLOSURE("g_source", function, data, notify);
    if (closure)
        MS_REAL(g_source_set_callback_indirect)(source, closure, &source_functions);
    else
        MS_REAL(g_source_set_callback)(source, function, data, notify);
}

/* ---- idle and timeout ------------------------------------------------------------------------------ */

guint ms_adapt_g_idle_add(GSourceFunc function, gpointer data) {
    ms_closure *closure = CLOSURE("g_idle", function, data, NULL);
    if (!closure)
        return MS_REAL(g_idle_add)(function, data);
    return attach(CALLER, MS_REAL(g_idle_source_new)(), DEFAULT_IDLE, closure);
}

guint ms_adapt_g_idle_add_full(gint priority, GSourceFunc function, gpointer data,
                               GDestroyNotify notify) {
    ms_closure *closure = CLOSURE("g_idle", function, data, notify);
    if (!closure)
        return MS_REAL(g_idle_add_full)(priority, function, data, notify);
    return attach(CALLER, MS_REAL(g_idle_source_new)(), priority, closure);
}

guint ms_adapt_g_idle_add_once(GSourceOnceFunc function, gpointer data) {
    ms_closure *closure = CLOSURE("g_idle", function, data, NULL);
    if (!closure)
        return MS_REAL(g_idle_add_once)(function, data);
    closure->once = true;
    return attach(CALLER, MS_REAL(g_idle_source_new)(), DEFAULT_IDLE, closure);
}

guint ms_adapt_g_timeout_add(guint interval, GSourceFunc function, gpointer data) {
    ms_closure *closure = CLOSURE("g_timeout", function, data, NULL);
    if (!closure)
        return MS_REAL(g_timeout_add)(interval, function, data);
    return attach(CALLER, MS_REAL(g_timeout_source_new)(interval), DEFAULT, closure);
}

guint ms_adapt_g_timeout_add_full(gint priority, guint interval, GSourceFunc function,
                                  gpointer data, GDestroyNotify notify) {
    ms_closure *closure = CLOSURE("g_timeout", function, data, notify);
    if (!closure)
        return MS_REAL(g_timeout_add_full)(priority, interval, function, data, notify);
    return attach(CALLER, MS_REAL(g_timeout_source_new)(interval), priority, closure);
}

guint ms_adapt_g_timeout_add_once(guint interval, GSourceOnceFunc function, gpointer data) {
    ms_closure *closure = CLOSURE("g_timeout", function, data, NULL);
    if (!closure)
        return MS_REAL(g_timeout_add_once)(interval, function, data);
    closure->once = true;
    return attach(CALLER, MS_REAL(g_timeout_source_new)(interval), DEFAULT, closure);
}

guint ms_adapt_g_timeout_add_seconds(guint interval, GSourceFunc function, gpointer data) {
    ms_closure *closure = CLOSURE("g_timeout", function, data, NULL);
    if (!closure)
        return MS_REAL(g_timeout_add_seconds)(interval, function, data);
    return attach(CALLER, MS_REAL(g_timeout_source_new_seconds)(interval), DEFAULT, closure);
}

guint ms_adapt_g_timeout_add_seconds_full(gint priority, guint interval, GSourceFunc function,
                                          gpointer data, GDestroyNotify notify) {
    ms_closure *closure = CLOSURE("g_timeout", function, data, notify);
    if (!closure)
        return MS_REAL(g_timeout_add_seconds_full)(priority, interval, function, data, notify);
    return attach(CALLER, MS_REAL(g_timeout_source_new_seconds)(interval), priority, closure);
}

/* ---- children, channels, descriptors, signals ------------------------------------------------------ */

guint ms_adapt_g_child_watch_add(GPid pid, GChildWatchFunc function, gpointer data) {
    ms_closure *closure = CLOSURE("g_child_watch", function, data, NULL);
    if (!closure)
        return MS_REAL(g_child_watch_add)(pid, function, data);
    return attach(CALLER, MS_REAL(g_child_watch_source_new)(pid), DEFAULT, closure);
}

guint ms_adapt_g_child_watch_add_full(gint priority, GPid pid, GChildWatchFunc function,
                                      gpointer data, GDestroyNotify notify) {
    ms_closure *closure = CLOSURE("g_child_watch", function, data, notify);
    if (!closure)
        return MS_REAL(g_child_watch_add_full)(priority, pid, function, data, notify);
    return attach(CALLER, MS_REAL(g_child_watch_source_new)(pid), priority, closure);
}

guint ms_adapt_g_io_add_watch(GIOChannel *channel, GIOCondition condition, GIOFunc function,
                              gpointer data) {
    ms_closure *closure = channel ? CLOSURE("g_io_watch", function, data, NULL) : NULL;
    if (!closure)
        return MS_REAL(g_io_add_watch)(channel, condition, function, data);
    return attach(CALLER, MS_REAL(g_io_create_watch)(channel, condition), DEFAULT, closure);
}

guint ms_adapt_g_io_add_watch_full(GIOChannel *channel, gint priority, GIOCondition condition,
                                   GIOFunc function, gpointer data, GDestroyNotify notify) {
    ms_closure *closure = channel ? CLOSURE("g_io_watch", function, data, notify) : NULL;
    if (!closure)
        return MS_REAL(g_io_add_watch_full)(channel, priority, condition, function, data, notify);
    return attach(CALLER, MS_REAL(g_io_create_watch)(channel, condition), priority, closure);
}

guint ms_adapt_g_unix_fd_add(gint fd, GIOCondition condition, GUnixFDSourceFunc function,
                             gpointer data) {
    ms_closure *closure = CLOSURE("g_unix_fd", function, data, NULL);
    if (!closure)
        return MS_REAL(g_unix_fd_add)(fd, condition, function, data);
    return attach(CALLER, MS_REAL(g_unix_fd_source_new)(fd, condition), DEFAULT, closure);
}

guint ms_adapt_g_unix_fd_add_full(gint priority, gint fd, GIOCondition condition,
                                  GUnixFDSourceFunc function, gpointer data,
                                  GDestroyNotify notify) {
    ms_closure *closure = CLOSURE("g_unix_fd", function, data, notify);
    if (!closure)
        return MS_REAL(g_unix_fd_add_full)(priority, fd, condition, function, data, notify);
    return attach(CALLER, MS_REAL(g_unix_fd_source_new)(fd, condition), priority, closure);
}

guint ms_adapt_g_unix_signal_add(gint signal, GSourceFunc function, gpointer data) {
    ms_closure *closure = CLOSURE("g_unix_signal", function, data, NULL);
    if (!closure)
        return MS_REAL(g_unix_signal_add)(signal, function, data);
    return attach(CALLER, MS_REAL(g_unix_signal_source_new)(signal), DEFAULT, closure);
}

guint ms_adapt_g_unix_signal_add_full(gint priority, gint signal, GSourceFunc function,
                                      gpointer data, GDestroyNotify notify) {
    ms_closure *closure = CLOSURE("g_unix_signal", function, data, notify);
    if (!closure)
        return MS_REAL(g_unix_signal_add_full)(priority, signal, function, data, notify);
    return attach(CALLER, MS_REAL(g_unix_signal_source_new)(signal), priority, closure);
}
