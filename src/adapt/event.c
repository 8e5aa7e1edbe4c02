/* libevent's events. Each is a unit of its own from its first assignment until it is freed: assigned anew, as
 * servers do to wait for something else, it stays what it was.
 *
 * Nobody says when one in the program's own memory is done with. So its task ends whenever nothing is to come any
 * more, after event_del() or its only call, and goes on when it is called again. What somebody else assigns to that
 * memory then is another event: it may have been freed since.
 *
 * Its callback is not told which event it is for, so the argument is a closure of ours; who asks for it gets
 * the program's. */
#include "adapt/event.h"

#include "adapt/memory.h"
#include "adapt/table.h"
#include "capture/home.h"
#include "capture/hooks.h"

enum { FINALIZE = 0 }; /* of a closure's other callbacks */

/* The closure of an event that is followed; NULL: it is not. */
static ms_closure *closure_of(const struct event *event) {
    ms_followed followed;
    return ms_table_get(event, &followed) ? followed.callbacks[0] : NULL;
}

static bool remember(const struct event *event, ms_closure *closure) {
    ms_followed followed = {.key = event, .callbacks = {closure}};
    return ms_table_put(&followed);
}

/* An event may ask to be its own argument. */
static void *argument_of(void *argument, void *self, const struct event *event) {
    return argument == self ? (void *)(uintptr_t)event : argument;
}

struct event *ms_adapt_event_new(struct event_base *base, evutil_socket_t fd, short what,
                                 event_callback_fn callback, void *argument) {
    ms_closure *closure = MS_EVENT_HANDLE("event", callback, argument);
    if (!closure)
        return MS_REAL(event_new)(base, fd, what, callback, argument);
    struct event *event = MS_REAL(event_new)(base, fd, what, ms_closure_call, closure);
    if (event) {
        closure->data = argument_of(argument, MS_REAL(event_self_cbarg)(), event);
        remember(event, closure); /* without memory it is never let go of */
    } else {
        ms_closure_unref(closure);
    }
    return event;
}

static bool runs_for(const ms_closure *closure) {
    return closure->unit.task == ms_home_task();
}

static void finish(ms_closure *closure) {
    if (!closure->over)
        ms_unit_end(&closure->unit);
    closure->over = true;
}

/* Of an event in the program's memory, which its callback may free. */
static long on_own(long fd, long what, long pointer, long d, long e, long f) {
    ms_closure *closure = (ms_closure *)pointer;
    ms_entry_event_pending *pending = MS_BESIDE(event_pending, __builtin_return_address(0));
    const short any = 1 | 2 | 4 | 8; /* time, read, write, signal */
    closure->armed = !closure->handle || (pending && pending(closure->handle, any, NULL));
    if (closure->over)
        closure->unit.told--; /* it begins again */
    closure->over = false;
    ms_closure_ref(closure);
    ms_closure_call(fd, what, pointer, d, e, f);
    if (!closure->armed)
        finish(closure);
    ms_closure_unref(closure);
    return 0;
}

/* The closure of an event that is assigned, anew or for the first time. */
static ms_closure *assign(struct event *event, void *callback, void *argument, void *self,
                          const uint64_t *frame, const void *caller) {
    ms_closure *closure = closure_of(event);
    if (closure && closure->over && closure->unit.kind && !runs_for(closure) &&
        !ms_closure_is((long)argument))
        closure->unit = ms_unit_of_handle(MS_KIND("event"), callback, frame);
    if (!closure) {
        closure = ms_event_handle(MS_KIND("event"), callback, argument, frame, caller);
        if (closure)
            closure->handle = event;
        if (closure && !remember(event, closure)) {
            ms_closure_unref(closure);
            closure = NULL;
        }
    } else if (ms_closure_is((long)argument)) {
        return closure; /* one that libevent assigns by itself */
    } else {
        ms_unit_again(&closure->unit);
    }
    if (closure) {
        closure->callback = callback;
        closure->data = argument_of(argument, self, event);
        closure->over = false;
    }
    return closure;
}

#define ASSIGN(event, callback, argument)                                                          \
    assign(event, (void *)callback, argument, MS_REAL(event_self_cbarg)(), MS_FRAME,               \
           __builtin_return_address(0))

int ms_adapt_event_assign(struct event *event, struct event_base *base, evutil_socket_t fd,
                          short what, event_callback_fn callback, void *argument) {
    ms_closure *closure = ASSIGN(event, callback, argument);
    if (!closure)
        return MS_REAL(event_assign)(event, base, fd, what, callback, argument);
    return MS_REAL(event_assign)(event, base, fd, what, (event_callback_fn)(void *)on_own, closure);
}

void ms_adapt_event_set(struct event *event, evutil_socket_t fd, short what,
                        event_callback_fn callback, void *argument) {
    ms_closure *closure = ASSIGN(event, callback, argument);
    if (!closure)
        MS_REAL(event_set)(event, fd, what, callback, argument);
    else
        MS_REAL(event_set)(event, fd, what, (event_callback_fn)(void *)on_own, closure);
}

int ms_adapt_event_add(struct event *event, const struct timeval *timeout) {
    ms_closure *closure = closure_of(event);
    if (closure)
        closure->armed = true;
    return MS_REAL(event_add)(event, timeout);
}

/* Its callback, if it runs, comes to an end first. */
static int deleted(const struct event *event, int result) {
    ms_closure *closure = closure_of(event);
    if (closure && closure->handle) {
        closure->armed = false;
        if (!runs_for(closure))
            finish(closure);
    }
    return result;
}

int ms_adapt_event_del(struct event *event) {
    return deleted(event, MS_REAL(event_del)(event));
}

int ms_adapt_event_del_block(struct event *event) {
    return deleted(event, MS_REAL(event_del_block)(event));
}

int ms_adapt_event_del_noblock(struct event *event) {
    return deleted(event, MS_REAL(event_del_noblock)(event));
}

void ms_adapt_event_free(struct event *event) {
    ms_followed followed;
    bool known = ms_table_take(event, &followed); /* then its address may be another's */
    MS_REAL(event_free)(event);
    if (known)
        ms_closure_unref(followed.callbacks[0]);
}

/* ---- the end, told by a callback --------------------------------------------------------------------- */

/* It has the event's argument, too; and may free the event. */
static long on_final(long event, long pointer, long c, long d, long e, long f) {
    ms_closure *closure = (ms_closure *)pointer;
    ms_table_take((const void *)event, NULL);
    ms_unit_run(&closure->unit, (ms_callback *)closure->others[FINALIZE], event,
                (long)closure->data, c, d, e, f);
    if (closure->over)
        closure->unit.kind = NULL; /* ended already */
    ms_closure_unref(closure);
    return 0;
}

/* What libevent is to be given in the place of the callback. */
static event_finalize_callback_fn finalizes(const struct event *event,
                                            event_finalize_callback_fn callback) {
    ms_closure *closure = closure_of(event);
    if (!closure)
        return callback;
    closure->others[FINALIZE] = (void *)callback;
    return (event_finalize_callback_fn)(void *)on_final;
}

int ms_adapt_event_finalize(unsigned flags, struct event *event,
                            event_finalize_callback_fn callback) {
    return MS_REAL(event_finalize)(flags, event, finalizes(event, callback));
}

int ms_adapt_event_free_finalize(unsigned flags, struct event *event,
                                 event_finalize_callback_fn callback) {
    return MS_REAL(event_free_finalize)(flags, event, finalizes(event, callback));
}

/* ---- once ---------------------------------------------------------------------------------------- */

/* Nothing is called of what is not registered. */
static int registered(ms_closure *closure, int result) {
    if (closure && result != 0)
        ms_closure_unref(closure);
    return result;
}

int ms_adapt_event_base_once(struct event_base *base, evutil_socket_t fd, short what,
                             event_callback_fn callback, void *argument,
                             const struct timeval *timeout) {
    ms_closure *closure = MS_EVENT_HANDLE("event_base_once", callback, argument);
    if (closure) {
        callback = (event_callback_fn)(void *)ms_event_call_last;
        argument = closure;
    }
    return registered(closure,
                      MS_REAL(event_base_once)(base, fd, what, callback, argument, timeout));
}

int ms_adapt_event_once(evutil_socket_t fd, short what, event_callback_fn callback, void *argument,
                        const struct timeval *timeout) {
    ms_closure *closure = MS_EVENT_HANDLE("event_once", callback, argument);
    if (closure) {
        callback = (event_callback_fn)(void *)ms_event_call_last;
        argument = closure;
    }
    return registered(closure, MS_REAL(event_once)(fd, what, callback, argument, timeout));
}

/* ---- what a program may ask of an event ------------------------------------------------------------ */

event_callback_fn ms_adapt_event_get_callback(const struct event *event) {
    const ms_closure *closure = closure_of(event);
    return closure ? (event_callback_fn)closure->callback : MS_REAL(event_get_callback)(event);
}

void *ms_adapt_event_get_callback_arg(const struct event *event) {
    const ms_closure *closure = closure_of(event);
    return closure ? closure->data : MS_REAL(event_get_callback_arg)(event);
}

void ms_adapt_event_get_assignment(const struct event *event, struct event_base **base,
                                   evutil_socket_t *fd, short *what, event_callback_fn *callback,
                                   void **argument) {
    const ms_closure *closure = closure_of(event);
    MS_REAL(event_get_assignment)(event, base, fd, what, callback, argument);
    if (closure && callback)
        *callback = (event_callback_fn)closure->callback;
    if (closure && argument)
        *argument = closure->data;
}
