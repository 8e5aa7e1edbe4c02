/* event.h - libevent, as far as adapters need it: event.def, with types that say no more than their size, or in
 * which register they go. Where libevent's own headers have been included before, as in the test that
 * compares the two, those are its own. */
#ifndef MS_ADAPT_EVENT_H
#define MS_ADAPT_EVENT_H

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "adapt/memory.h"
#include "adapt/route.h"
#include "adapt/table.h"

struct event;
struct event_base;
struct bufferevent;
struct evconnlistener;
struct evbuffer;
struct evhttp;
struct evhttp_request;
struct evhttp_connection;
struct evdns_base;
struct evdns_request;
struct evdns_getaddrinfo_request;
struct evdns_server_port;

#ifndef EVENT2_EVENT_H_INCLUDED_
typedef int evutil_socket_t;
typedef unsigned ms_evhttp_error; /* an enumeration */
typedef ms_callback *event_callback_fn, *event_finalize_callback_fn, *bufferevent_data_cb,
    *bufferevent_event_cb, *bufferevent_filter_cb, *evconnlistener_cb, *evconnlistener_errorcb,
    *evdns_callback_type, *evdns_getaddrinfo_cb, *evdns_request_callback_fn_type;
#else
typedef enum evhttp_request_error ms_evhttp_error;
#endif

/* Types that libevent has no name for. */
typedef void ms_free_context(void *);
typedef void ms_evhttp_cb(struct evhttp_request *, void *);
typedef int ms_evhttp_header_cb(struct evhttp_request *, void *);
typedef void ms_evhttp_error_cb(ms_evhttp_error, void *);
typedef void ms_evhttp_connection_cb(struct evhttp_connection *, void *);
typedef struct bufferevent *ms_evhttp_buffer_cb(struct event_base *, void *);

#define MS_ENTRY MS_DECLARE_ENTRY
#define MS_NEEDED MS_DECLARE_NEEDED
#include "adapt/event.def"
#undef MS_ENTRY
#undef MS_NEEDED

/* ---- closures: event_closure.c ---------------------------------------------------------------- */

/* What libevent is to be given for a callback of `caller`, with a unit of its own or for a request; NULL: the
 * callback itself. `frame` as for ms_unit_of_handle(). */
ms_closure *ms_event_handle(struct memscope_place *kind, void *callback, void *argument,
                            const uint64_t *frame, const void *caller);
ms_closure *ms_event_request(struct memscope_place *kind, void *callback, void *argument,
                             const uint64_t *frame, const void *caller);

/* The same in ms_adapt_NAME. */
#define MS_EVENT_HANDLE(kind, callback, argument)                                                  \
    ms_event_handle(MS_KIND(kind), (void *)callback, argument, MS_FRAME,                           \
                    __builtin_return_address(0))
#define MS_EVENT_REQUEST(kind, callback, argument)                                                 \
    ms_event_request(MS_KIND(kind), (void *)callback, argument, MS_FRAME,                          \
                     __builtin_return_address(0))

/* As ms_closure_call(), and lets go of the closure: of what is called but once. */
ms_callback ms_event_call_last;

/* Closures that libevent has of a handle or request stand in the table by its address, and are let go of when
 * something else is put in their place, or NULL. */
ms_closure *ms_event_kept(const void *key, unsigned which);
void ms_event_keep(const void *key, unsigned which, ms_closure *closure);

/* Of a handle that is freed: they are taken before, as its address may be another's then, and let go of
 * afterwards, each with all that is behind it in a list. */
ms_followed ms_event_take(const void *key);
void ms_event_let_go(const ms_followed *row);

#endif
