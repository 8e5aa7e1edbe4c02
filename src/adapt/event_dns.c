/* libevent's look-ups of names, each of which goes on with what makes it and is answered once, if only by that it
 * was cancelled; and its servers of names, which are units of their own. */
#include "adapt/event.h"

#include "capture/hooks.h"

/* Refused at once, it is not answered. */
static void *asked(ms_closure *closure, void *request) {
    if (closure && !request)
        ms_closure_unref(closure);
    return request;
}

static int asked_default(ms_closure *closure, int result) {
    if (closure && result != 0)
        ms_closure_unref(closure);
    return result;
}

/* What stands in for the callback and its argument, if there is anything to follow. */
static evdns_callback_type stand_in(const ms_closure *closure, evdns_callback_type callback) {
    return closure ? (evdns_callback_type)(void *)ms_event_call_last : callback;
}

#define RESOLVE(name, argument_type)                                                               \
    struct evdns_request *ms_adapt_evdns_base_resolve_##name(                                      \
        struct evdns_base *base, argument_type what, int flags, evdns_callback_type callback,      \
        void *argument) {                                                                          \
        ms_closure *closure = MS_EVENT_REQUEST("evdns", callback, argument);                       \
        return asked(closure, MS_REAL(evdns_base_resolve_##name)(base, what, flags,                \
                                                                 stand_in(closure, callback),      \
                                                                 closure ? closure : argument));   \
    }                                                                                              \
    int ms_adapt_evdns_resolve_##name(argument_type what, int flags, evdns_callback_type callback, \
                                      void *argument) {                                            \
        ms_closure *closure = MS_EVENT_REQUEST("evdns", callback, argument);                       \
        return asked_default(                                                                      \
            closure, MS_REAL(evdns_resolve_##name)(what, flags, stand_in(closure, callback),       \
                                                   closure ? closure : argument));                 \
    }
RESOLVE(ipv4, const char *)
RESOLVE(ipv6, const char *)
RESOLVE(reverse, const struct in_addr *)
RESOLVE(reverse_ipv6, const struct in6_addr *)

/* Answered in any case, perhaps before it returns: then it returns NULL. */
struct evdns_getaddrinfo_request *ms_adapt_evdns_getaddrinfo(struct evdns_base *base,
                                                             const char *name, const char *service,
                                                             const struct addrinfo *hints,
                                                             evdns_getaddrinfo_cb callback,
                                                             void *argument) {
    ms_closure *closure = MS_EVENT_REQUEST("evdns", callback, argument);
    if (closure) {
        callback = (evdns_getaddrinfo_cb)(void *)ms_event_call_last;
        argument = closure;
    }
    return MS_REAL(evdns_getaddrinfo)(base, name, service, hints, callback, argument);
}

/* ---- servers ------------------------------------------------------------------------------------- */

enum { ANSWERS = 0 }; /* the only closure of a port */

static struct evdns_server_port *opened(struct evdns_server_port *port, ms_closure *closure) {
    if (closure && port)
        ms_event_keep(port, ANSWERS, closure);
    else if (closure)
        ms_closure_unref(closure);
    return port;
}

struct evdns_server_port *
ms_adapt_evdns_add_server_port_with_base(struct event_base *base, evutil_socket_t fd, int flags,
                                         evdns_request_callback_fn_type callback, void *argument) {
    ms_closure *closure = MS_EVENT_HANDLE("evdns_server", callback, argument);
    if (closure) {
        callback = (evdns_request_callback_fn_type)(void *)ms_closure_call;
        argument = closure;
    }
    return opened(MS_REAL(evdns_add_server_port_with_base)(base, fd, flags, callback, argument),
                  closure);
}

struct evdns_server_port *ms_adapt_evdns_add_server_port(evutil_socket_t fd, int flags,
                                                         evdns_request_callback_fn_type callback,
                                                         void *argument) {
    ms_closure *closure = MS_EVENT_HANDLE("evdns_server", callback, argument);
    if (closure) {
        callback = (evdns_request_callback_fn_type)(void *)ms_closure_call;
        argument = closure;
    }
    return opened(MS_REAL(evdns_add_server_port)(fd, flags, callback, argument), closure);
}

void ms_adapt_evdns_close_server_port(struct evdns_server_port *port) {
    ms_followed row = ms_event_take(port);
    MS_REAL(evdns_close_server_port)(port);
    ms_event_let_go(&row);
}
