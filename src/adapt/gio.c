/* What GIO answers once goes on with what has asked for it. Who owns a name on a bus, or watches for one, is a unit of
 * its own until that ends. */
#include "adapt/gio.h"

#include "capture/home.h"
#include "capture/hooks.h"

/* ---- what is answered once ----------------------------------------------------------------------- */

static long on_ready(long source, long result, long closure, long d, long e, long f) {
    ms_closure_call(source, result, closure, d, e, f);
    ms_closure_unref((void *)closure);
    return 0;
}

/* From here on the closure, if there is one, is called and let go of. */
static void stand_in(ms_closure *closure, GAsyncReadyCallback *callback, gpointer *data) {
    if (!closure)
        return;
    *callback = (GAsyncReadyCallback)(void *)on_ready;
    *data = closure;
}

static ms_closure *new_closure(struct memscope_place *kind, void *callback, void *data,
                               const uint64_t *frame, const void *caller) {
    if (!callback || ms_route_is_inside(caller))
        return NULL;
    return ms_closure_new(ms_unit_of_request(kind, callback, frame), callback, data);
}

#define MS_READY(name, parameters, arguments)                                                      \
    void ms_adapt_##name parameters {                                                              \
        stand_in(new_closure(MS_KIND(#name), (void *)callback, data, MS_FRAME,                     \
                             __builtin_return_address(0)),                                         \
                 &callback, &data);                                                                \
        MS_REAL(name) arguments;                                                                   \
    }
#define MS_ENTRY(library, type, name, parameters)
#include "adapt/gio.def"
#undef MS_ENTRY

/* Without a task to go on with there is nothing to follow: what it does on other threads is followed as it is. */
GTask *ms_adapt_g_task_new(gpointer object, GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer data) {
    if (ms_home_task())
        stand_in(new_closure(MS_KIND("g_task"), (void *)callback, data, MS_FRAME,
                             __builtin_return_address(0)),
                 &callback, &data);
    return MS_REAL(g_task_new)(object, cancellable, callback, data);
}

gpointer ms_adapt_g_async_result_get_user_data(GAsyncResult *result) {
    gpointer data = MS_REAL(g_async_result_get_user_data)(result);
    return ms_closure_is((long)data) ? ((ms_closure *)data)->data : data;
}

/* ---- names on a bus ------------------------------------------------------------------------------ */

/* What is called for a name: all with the same data, which is let go of at the end. */
typedef struct handlers {
    void *of[1 + MS_OTHERS];
    gpointer data;
    GDestroyNotify notify;
} handlers;

static void follow(handlers *h, struct memscope_place *kind, const uint64_t *frame,
                   const void *caller) {
    void *first = NULL;
    for (unsigned i = 1 + MS_OTHERS; i-- > 0;)
        first = h->of[i] ? h->of[i] : first;
    if (!first || ms_route_is_inside(caller))
        return;
    ms_closure *closure = ms_closure_new(ms_unit_of_handle(kind, first, frame), h->of[0], h->data);
    if (!closure)
        return;
    closure->notify = (void *)h->notify;
    if (h->of[0])
        h->of[0] = (void *)ms_closure_call;
    for (unsigned i = 0; i < MS_OTHERS; i++) {
        closure->others[i] = h->of[1 + i];
        if (h->of[1 + i])
            h->of[1 + i] = (void *)ms_closure_call_other[i];
    }
    h->data = closure;
    h->notify = ms_closure_unref;
}

#define FOLLOW(h, kind) follow(h, MS_KIND(kind), MS_FRAME, __builtin_return_address(0))

guint ms_adapt_g_bus_own_name(GBusType bus, const gchar *name, GBusNameOwnerFlags flags,
                              GBusAcquiredCallback connected, GBusNameAcquiredCallback acquired,
                              GBusNameLostCallback lost, gpointer data, GDestroyNotify notify) {
    handlers h = {{(void *)connected, (void *)acquired, (void *)lost}, data, notify};
    FOLLOW(&h, "g_bus_own_name");
    return MS_REAL(g_bus_own_name)(bus, name, flags, (GBusAcquiredCallback)h.of[0],
                                   (GBusNameAcquiredCallback)h.of[1], (GBusNameLostCallback)h.of[2],
                                   h.data, h.notify);
}

guint ms_adapt_g_bus_own_name_on_connection(GDBusConnection *connection, const gchar *name,
                                            GBusNameOwnerFlags flags,
                                            GBusNameAcquiredCallback acquired,
                                            GBusNameLostCallback lost, gpointer data,
                                            GDestroyNotify notify) {
    handlers h = {{(void *)acquired, (void *)lost}, data, notify};
    FOLLOW(&h, "g_bus_own_name");
    return MS_REAL(g_bus_own_name_on_connection)(connection, name, flags,
                                                 (GBusNameAcquiredCallback)h.of[0],
                                                 (GBusNameLostCallback)h.of[1], h.data, h.notify);
}

guint ms_adapt_g_bus_watch_name(GBusType bus, const gchar *name, GBusNameWatcherFlags flags,
                                GBusNameAppearedCallback appeared,
                                GBusNameVanishedCallback vanished, gpointer data,
                                GDestroyNotify notify) {
    handlers h = {{(void *)appeared, (void *)vanished}, data, notify};
    FOLLOW(&h, "g_bus_watch_name");
    return MS_REAL(g_bus_watch_name)(bus, name, flags, (GBusNameAppearedCallback)h.of[0],
                                     (GBusNameVanishedCallback)h.of[1], h.data, h.notify);
}

guint ms_adapt_g_bus_watch_name_on_connection(GDBusConnection *connection, const gchar *name,
                                              GBusNameWatcherFlags flags,
                                              GBusNameAppearedCallback appeared,
                                              GBusNameVanishedCallback vanished, gpointer data,
                                              GDestroyNotify notify) {
    handlers h = {{(void *)appeared, (void *)vanished}, data, notify};
    FOLLOW(&h, "g_bus_watch_name");
    return MS_REAL(g_bus_watch_name_on_connection)(
        connection, name, flags, (GBusNameAppearedCallback)h.of[0],
        (GBusNameVanishedCallback)h.of[1], h.data, h.notify);
}
