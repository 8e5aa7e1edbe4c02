/* event.h - libevent, as far as adapters need it: event.def, with types that say no more than their size, or in
 * which register they go. Where libevent's own headers have been included before, as in the test that
 * compares the two, those are its own. */
#ifndef MS_ADAPT_EVENT_H
#define MS_ADAPT_EVENT_H

#include <sys/socket.h>
#include <sys/time.h>

#include "adapt/route.h"
#include "adapt/unit.h"

struct event;
struct event_base;
struct bufferevent;
struct evconnlistener;

#ifndef EVENT2_EVENT_H_INCLUDED_
typedef int evutil_socket_t;
typedef ms_callback *event_callback_fn, *event_finalize_callback_fn, *bufferevent_data_cb,
    *bufferevent_event_cb, *evconnlistener_cb;
#endif

#define MS_ENTRY MS_DECLARE_ENTRY
#define MS_NEEDED MS_DECLARE_NEEDED
#include "adapt/event.def"
#undef MS_ENTRY
#undef MS_NEEDED

#endif
