/* libevent's listeners and buffered connections: each is a unit of its own, from its first callback to its
 * end. A connection that is made in the callback of a listener is a child of that. */
#include "adapt/event.h"

#include "capture/hooks.h"

/* ---- what libevent calls ------------------------------------------------------------------------- */

enum { READ = 0, WRITE = 1, EVENT = 2, LISTENER = 0, ERROR = 1 };

static inline long call(long key, unsigned which, long b, long c, long d, long e) {
    ms_followed f;
    if (!ms_table_get((const void *)key, &f) || !f.callbacks[which])
        return 0;
    if (ms_unit_tell(&f.unit))
        ms_table_put(&f);
    return ms_unit_run(&f.unit, (ms_callback *)f.callbacks[which], key, b, c, d, e, 0);
}

#define STAND_IN(name, which)                                                                      \
    static long name(long key, long b, long c, long d, long e, long unused) {                      \
        (void)unused;                                                                              \
        return call(key, which, b, c, d, e);                                                       \
    }
STAND_IN(on_read, READ)
STAND_IN(on_write, WRITE)
STAND_IN(on_event, EVENT)
STAND_IN(on_connection, LISTENER)
STAND_IN(on_error, ERROR)

/* As it is followed already, or as it is to be. */
static ms_followed follow(const void *key, struct memscope_place *kind, const void *callback,
                          const uint64_t *frame) {
    ms_followed f;
    if (ms_table_get(key, &f))
        ms_unit_again(&f.unit);
    else
        f = (ms_followed){.key = key, .unit = ms_unit_of_handle(kind, callback, frame)};
    return f;
}

static void forget(const void *key) {
    ms_followed f;
    if (ms_table_take(key, &f))
        ms_unit_end(&f.unit);
}

/* ---- connections --------------------------------------------------------------------------------- */

static void set_callbacks(const void *caller, const uint64_t *frame, struct bufferevent *buffer,
                          bufferevent_data_cb read, bufferevent_data_cb write,
                          bufferevent_event_cb event, void *argument) {
    ms_entry_bufferevent_setcb *set = ms_route_real(MS_ENTRY_bufferevent_setcb, caller);
    void *first = read ? (void *)read : write ? (void *)write : (void *)event;
    if (first && !ms_route_is_inside(caller)) {
        ms_followed f = follow(buffer, MS_KIND("bufferevent"), first, frame);
        f.callbacks[READ] = (void *)read;
        f.callbacks[WRITE] = (void *)write;
        f.callbacks[EVENT] = (void *)event;
        if (ms_table_put(&f)) {
            read = read ? (bufferevent_data_cb)(void *)on_read : NULL;
            write = write ? (bufferevent_data_cb)(void *)on_write : NULL;
            event = event ? (bufferevent_event_cb)(void *)on_event : NULL;
        }
    }
    set(buffer, read, write, event, argument);
}

void ms_adapt_bufferevent_setcb(struct bufferevent *buffer, bufferevent_data_cb read,
                                bufferevent_data_cb write, bufferevent_event_cb event,
                                void *argument) {
    set_callbacks(__builtin_return_address(0), MS_FRAME, buffer, read, write, event, argument);
}

struct bufferevent *ms_adapt_bufferevent_new(evutil_socket_t fd, bufferevent_data_cb read,
                                             bufferevent_data_cb write, bufferevent_event_cb event,
                                             void *argument) {
    struct bufferevent *buffer = MS_REAL(bufferevent_new)(fd, NULL, NULL, NULL, NULL);
    if (buffer)
        set_callbacks(__builtin_return_address(0), MS_FRAME, buffer, read, write, event, argument);
    return buffer;
}

void ms_adapt_bufferevent_getcb(struct bufferevent *buffer, bufferevent_data_cb *read,
                                bufferevent_data_cb *write, bufferevent_event_cb *event,
                                void **argument) {
    ms_followed f;
    MS_REAL(bufferevent_getcb)(buffer, read, write, event, argument);
    if (!ms_table_get(buffer, &f))
        return;
    if (read && (void *)*read == (void *)on_read)
        *read = (bufferevent_data_cb)f.callbacks[READ];
    if (write && (void *)*write == (void *)on_write)
        *write = (bufferevent_data_cb)f.callbacks[WRITE];
    if (event && (void *)*event == (void *)on_event)
        *event = (bufferevent_event_cb)f.callbacks[EVENT];
}

/* It is called no more from now on, though its memory may stay for a while. */
void ms_adapt_bufferevent_free(struct bufferevent *buffer) {
    ms_entry_bufferevent_free *real = MS_REAL(bufferevent_free);
    forget(buffer);
    real(buffer);
}

/* ---- filters: connections whose data another one carries ------------------------------------------ */

enum { OUTPUT, FREE }; /* of the closure's other callbacks: its first filters what comes in */

/* The last word of a filter. */
static long on_free(long closure, long b, long c, long d, long e, long f) {
    ms_closure_call_other[FREE](closure, b, c, d, e, f);
    ms_closure_unref((void *)closure);
    return 0;
}

/* The unit is the buffer's, which has ended before. */
static void filter_with(struct bufferevent *buffer, ms_closure *closure) {
    ms_followed f = {.key = buffer, .unit = closure->unit};
    if (ms_table_put(&f))
        closure->unit.kind = NULL;
}

struct bufferevent *ms_adapt_bufferevent_filter_new(struct bufferevent *below,
                                                    bufferevent_filter_cb input,
                                                    bufferevent_filter_cb output, int options,
                                                    ms_free_context *free_context, void *context) {
    void *first = input ? (void *)input : (void *)output;
    ms_closure *closure = MS_EVENT_HANDLE("bufferevent_filter", first, context);
    if (!closure)
        return MS_REAL(bufferevent_filter_new)(below, input, output, options, free_context,
                                               context);
    closure->others[OUTPUT] = (void *)output;
    closure->others[FREE] = (void *)free_context;
    if (input)
        input = (bufferevent_filter_cb)(void *)ms_closure_call;
    if (output)
        output = (bufferevent_filter_cb)(void *)ms_closure_call_other[OUTPUT];
    struct bufferevent *buffer = MS_REAL(bufferevent_filter_new)(
        below, input, output, options, (ms_free_context *)(void *)on_free, closure);
    if (buffer)
        filter_with(buffer, closure);
    else
        ms_closure_unref(closure);
    return buffer;
}

/* ---- listeners ----------------------------------------------------------------------------------- */

static void listen_with(const void *caller, const uint64_t *frame, struct evconnlistener *listener,
                        evconnlistener_cb callback, void *argument) {
    ms_entry_evconnlistener_set_cb *set = ms_route_real(MS_ENTRY_evconnlistener_set_cb, caller);
    if (callback && !ms_route_is_inside(caller)) {
        ms_followed f = follow(listener, MS_KIND("evconnlistener"), (void *)callback, frame);
        f.callbacks[LISTENER] = (void *)callback;
        if (ms_table_put(&f))
            callback = (evconnlistener_cb)(void *)on_connection;
    }
    set(listener, callback, argument);
}

/* Without a callback it does not listen yet: so none comes before we know of the listener. */
struct evconnlistener *ms_adapt_evconnlistener_new(struct event_base *base,
                                                   evconnlistener_cb callback, void *argument,
                                                   unsigned flags, int backlog,
                                                   evutil_socket_t fd) {
    struct evconnlistener *listener =
        MS_REAL(evconnlistener_new)(base, NULL, NULL, flags, backlog, fd);
    if (listener)
        listen_with(__builtin_return_address(0), MS_FRAME, listener, callback, argument);
    return listener;
}

struct evconnlistener *ms_adapt_evconnlistener_new_bind(struct event_base *base,
                                                        evconnlistener_cb callback, void *argument,
                                                        unsigned flags, int backlog,
                                                        const struct sockaddr *address, int size) {
    struct evconnlistener *listener =
        MS_REAL(evconnlistener_new_bind)(base, NULL, NULL, flags, backlog, address, size);
    if (listener)
        listen_with(__builtin_return_address(0), MS_FRAME, listener, callback, argument);
    return listener;
}

void ms_adapt_evconnlistener_set_cb(struct evconnlistener *listener, evconnlistener_cb callback,
                                    void *argument) {
    listen_with(__builtin_return_address(0), MS_FRAME, listener, callback, argument);
}

void ms_adapt_evconnlistener_set_error_cb(struct evconnlistener *listener,
                                          evconnlistener_errorcb callback) {
    if (callback && !ms_route_is_inside(__builtin_return_address(0))) {
        ms_followed f = follow(listener, MS_KIND("evconnlistener"), (void *)callback, MS_FRAME);
        f.callbacks[ERROR] = (void *)callback;
        if (ms_table_put(&f))
            callback = (evconnlistener_errorcb)(void *)on_error;
    }
    MS_REAL(evconnlistener_set_error_cb)(listener, callback);
}

void ms_adapt_evconnlistener_free(struct evconnlistener *listener) {
    ms_entry_evconnlistener_free *real = MS_REAL(evconnlistener_free);
    forget(listener);
    real(listener);
}
