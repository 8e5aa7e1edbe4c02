/* libevent's HTTP. What answers the requests of a path, or all others, is a unit of its own, until it is
 * replaced or its server freed. A request that the program makes goes on with what makes it, and so does what is
 * to be told of the end of an answer, or of a connection.
 *
 * Of a request that has failed no callback is told which it was, and all but one have the same argument: so that
 * is a closure of ours. */
#include "adapt/event.h"

#include "base/hash.h"
#include "capture/hooks.h"

/* ---- servers ------------------------------------------------------------------------------------- */

enum { GENERAL, BUFFERS, PATHS }; /* of a server's closures; the last is a list */

void ms_adapt_evhttp_set_gencb(struct evhttp *http, ms_evhttp_cb *callback, void *argument) {
    ms_closure *closure = MS_EVENT_HANDLE("evhttp", callback, argument);
    if (closure) {
        callback = (ms_evhttp_cb *)(void *)ms_closure_call;
        argument = closure;
    }
    MS_REAL(evhttp_set_gencb)(http, callback, argument);
    ms_event_keep(http, GENERAL, closure);
}

void ms_adapt_evhttp_set_bevcb(struct evhttp *http, ms_evhttp_buffer_cb *callback, void *argument) {
    ms_closure *closure = MS_EVENT_HANDLE("evhttp", callback, argument);
    if (closure) {
        callback = (ms_evhttp_buffer_cb *)(void *)ms_closure_call;
        argument = closure;
    }
    MS_REAL(evhttp_set_bevcb)(http, callback, argument);
    ms_event_keep(http, BUFFERS, closure);
}

/* Paths are told apart by 64 bits, for there is no heap to keep them in. */
static const void *hash_of(const char *path) {
    uint64_t hash = 0;
    for (; *path; path++)
        hash = ms_hash_frame(hash, (unsigned char)*path);
    return (const void *)hash;
}

/* It goes before the others, whose head is kept by it from now on, not by the server. */
static void add_path(const struct evhttp *http, const char *path, ms_closure *closure) {
    ms_followed row = {.key = http};
    ms_table_get(http, &row);
    closure->handle = hash_of(path);
    closure->next = row.callbacks[PATHS];
    row.callbacks[PATHS] = closure;
    ms_table_put(&row);
}

int ms_adapt_evhttp_set_cb(struct evhttp *http, const char *path, ms_evhttp_cb *callback,
                           void *argument) {
    ms_closure *closure = MS_EVENT_HANDLE("evhttp", callback, argument);
    if (!closure)
        return MS_REAL(evhttp_set_cb)(http, path, callback, argument);
    callback = (ms_evhttp_cb *)(void *)ms_closure_call;
    int result = MS_REAL(evhttp_set_cb)(http, path, callback, closure);
    if (result == 0)
        add_path(http, path, closure);
    else
        ms_closure_unref(closure);
    return result;
}

static void remove_path(const struct evhttp *http, const char *path) {
    ms_followed row;
    const void *hash = hash_of(path);
    if (!ms_table_get(http, &row))
        return;
    ms_closure *before = NULL, *at = row.callbacks[PATHS];
    while (at && at->handle != hash) {
        before = at;
        at = at->next;
    }
    if (!at)
        return;
    if (before) {
        before->next = at->next;
    } else {
        row.callbacks[PATHS] = at->next;
        ms_table_put(&row);
    }
    ms_closure_unref(at);
}

int ms_adapt_evhttp_del_cb(struct evhttp *http, const char *path) {
    int result = MS_REAL(evhttp_del_cb)(http, path);
    if (result == 0)
        remove_path(http, path);
    return result;
}

void ms_adapt_evhttp_free(struct evhttp *http) {
    ms_followed row = ms_event_take(http);
    MS_REAL(evhttp_free)(http);
    ms_event_let_go(&row);
}

/* ---- requests ------------------------------------------------------------------------------------ */

enum { DONE, COMPLETE };        /* of a request's closures; the second is of one that is answered */
enum { CHUNK, HEADER, FAILED }; /* of the first one's other callbacks */

/* It is done, unless the program keeps it. Its address may be another's by now. */
static void forget(const ms_closure *closure) {
    if (closure->kept || ms_event_kept(closure->handle, DONE) != closure)
        return;
    ms_followed row = ms_event_take(closure->handle);
    ms_event_let_go(&row);
}

/* Of a request that has failed libevent has let go before. */
static long on_done(long request, long pointer, long c, long d, long e, long f) {
    ms_closure *closure = (ms_closure *)pointer;
    ms_closure_ref(closure);
    if (!request)
        forget(closure);
    long result = ms_closure_call(request, pointer, c, d, e, f);
    forget(closure);
    ms_closure_unref(closure);
    return result;
}

struct evhttp_request *ms_adapt_evhttp_request_new(ms_evhttp_cb *callback, void *argument) {
    ms_closure *closure = MS_EVENT_REQUEST("evhttp_request", callback, argument);
    if (!closure)
        return MS_REAL(evhttp_request_new)(callback, argument);
    struct evhttp_request *request =
        MS_REAL(evhttp_request_new)((ms_evhttp_cb *)(void *)on_done, closure);
    if (!request) {
        ms_closure_unref(closure);
        return NULL;
    }
    ms_followed before = ms_event_take(request); /* libevent has let go of it, and told nobody */
    ms_event_let_go(&before);
    closure->handle = request;
    ms_event_keep(request, DONE, closure);
    return request;
}

/* What libevent is to be given for another callback of the request, which may be none of ours. */
static void *other(const struct evhttp_request *request, unsigned which, void *callback) {
    ms_closure *closure = ms_event_kept(request, DONE);
    if (!closure || !callback)
        return callback;
    closure->others[which] = callback;
    return (void *)ms_closure_call_other[which];
}

void ms_adapt_evhttp_request_set_chunked_cb(struct evhttp_request *request,
                                            ms_evhttp_cb *callback) {
    callback = (ms_evhttp_cb *)other(request, CHUNK, (void *)callback);
    MS_REAL(evhttp_request_set_chunked_cb)(request, callback);
}

void ms_adapt_evhttp_request_set_header_cb(struct evhttp_request *request,
                                           ms_evhttp_header_cb *callback) {
    callback = (ms_evhttp_header_cb *)other(request, HEADER, (void *)callback);
    MS_REAL(evhttp_request_set_header_cb)(request, callback);
}

void ms_adapt_evhttp_request_set_error_cb(struct evhttp_request *request,
                                          ms_evhttp_error_cb *callback) {
    callback = (ms_evhttp_error_cb *)other(request, FAILED, (void *)callback);
    MS_REAL(evhttp_request_set_error_cb)(request, callback);
}

/* libevent frees the request then. */
static long on_complete(long request, long closure, long c, long d, long e, long f) {
    ms_closure_ref((void *)closure);
    ms_event_keep((const void *)request, COMPLETE, NULL);
    long result = ms_closure_call(request, closure, c, d, e, f);
    ms_closure_unref((void *)closure);
    return result;
}

void ms_adapt_evhttp_request_set_on_complete_cb(struct evhttp_request *request,
                                                ms_evhttp_cb *callback, void *argument) {
    ms_closure *closure = MS_EVENT_REQUEST("evhttp_request", callback, argument);
    if (closure) {
        callback = (ms_evhttp_cb *)(void *)on_complete;
        argument = closure;
    }
    MS_REAL(evhttp_request_set_on_complete_cb)(request, callback, argument);
    ms_event_keep(request, COMPLETE, closure);
}

void ms_adapt_evhttp_request_own(struct evhttp_request *request) {
    ms_closure *closure = ms_event_kept(request, DONE);
    if (closure)
        closure->kept = true;
    MS_REAL(evhttp_request_own)(request);
}

void ms_adapt_evhttp_request_free(struct evhttp_request *request) {
    ms_followed row = ms_event_take(request);
    MS_REAL(evhttp_request_free)(request);
    ms_event_let_go(&row);
}

/* Of its callbacks only that of a failure is called, and at once. */
void ms_adapt_evhttp_cancel_request(struct evhttp_request *request) {
    ms_closure *closure = ms_event_kept(request, DONE);
    if (closure)
        ms_closure_ref(closure);
    MS_REAL(evhttp_cancel_request)(request);
    if (closure) {
        forget(closure);
        ms_closure_unref(closure);
    }
}

/* ---- connections --------------------------------------------------------------------------------- */

enum { CLOSED, SENT }; /* of a connection's closures */

void ms_adapt_evhttp_connection_set_closecb(struct evhttp_connection *connection,
                                            ms_evhttp_connection_cb *callback, void *argument) {
    ms_closure *closure = MS_EVENT_REQUEST("evhttp_connection", callback, argument);
    if (closure) {
        callback = (ms_evhttp_connection_cb *)(void *)ms_closure_call;
        argument = closure;
    }
    MS_REAL(evhttp_connection_set_closecb)(connection, callback, argument);
    ms_event_keep(connection, CLOSED, closure);
}

/* An empty chunk is not sent: what is there to be called stays. */
void ms_adapt_evhttp_send_reply_chunk_with_cb(struct evhttp_request *request,
                                              struct evbuffer *chunk,
                                              ms_evhttp_connection_cb *callback, void *argument) {
    struct evhttp_connection *connection = MS_REAL(evhttp_request_get_connection)(request);
    bool sends = connection && MS_REAL(evbuffer_get_length)(chunk) > 0;
    ms_closure *closure =
        sends ? MS_EVENT_REQUEST("evhttp_send_reply_chunk", callback, argument) : NULL;
    if (closure) {
        callback = (ms_evhttp_connection_cb *)(void *)ms_closure_call;
        argument = closure;
    }
    MS_REAL(evhttp_send_reply_chunk_with_cb)(request, chunk, callback, argument);
    if (sends)
        ms_event_keep(connection, SENT, closure);
}

void ms_adapt_evhttp_connection_free(struct evhttp_connection *connection) {
    ms_followed row = ms_event_take(connection);
    MS_REAL(evhttp_connection_free)(connection);
    ms_event_let_go(&row);
}
