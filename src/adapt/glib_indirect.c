/* Sources of GLib that find their callback by functions of the program's, or of GObject's, which has closures for
 * callbacks: ours stand before those, and ask them. */
#include "adapt/glib.h"
#include "capture/hooks.h"

enum {
    FUNCTIONS,
    DATA
}; /* of the program's, among the closure's others: it is called with what they give */

static __thread const ms_closure *dispatching; /* as in glib.c */

static const GSourceCallbackFuncs *functions_of(const ms_closure *closure) {
    return closure->others[FUNCTIONS];
}

static void indirect_ref(gpointer pointer) {
    ms_closure *closure = pointer;
    functions_of(closure)->ref(closure->others[DATA]);
    ms_closure_ref(closure);
    dispatching = closure;
}

static void indirect_unref(gpointer pointer) {
    ms_closure *closure = pointer;
    functions_of(closure)->unref(closure->others[DATA]);
    ms_closure_unref(closure);
}

static void get(const GSourceCallbackFuncs *functions, void *data, GSource *source, void **function,
                gpointer *argument) {
    /* GLib's own type says that it is a GSourceFunc */
    void (*ask)(gpointer, GSource *, void **, gpointer *) =
        (void (*)(gpointer, GSource *, void **, gpointer *))functions->get;
    ask(data, source, function, argument);
}

static void indirect_get(gpointer pointer, GSource *source, void **function, gpointer *argument) {
    ms_closure *closure = pointer;
    bool dispatched = dispatching == closure;
    dispatching = NULL;
    get(functions_of(closure), closure->others[DATA], source, function, argument);
    if (!dispatched)
        return;
    closure->callback = *function;
    closure->data = *argument;
    *function = (void *)ms_closure_call;
    *argument = closure;
}

static GSourceCallbackFuncs indirect_functions = {indirect_ref, indirect_unref, indirect_get};

/* Who has GObject set a closure: it calls GLib for that. */
static __thread struct {
    const void *caller;
    const uint64_t *frame;
    void *callback; /* NULL: not known */
} setter;

void ms_adapt_g_source_set_callback_indirect(GSource *source, gpointer data,
                                             GSourceCallbackFuncs *functions) {
    const void *caller = setter.caller ? setter.caller : __builtin_return_address(0);
    const uint64_t *frame = setter.caller ? setter.frame : MS_FRAME;
    void *callback = NULL, *argument = NULL;
    if (functions)
        get(functions, data, source, &callback, &argument);
    if (setter.caller && setter.callback)
        callback = setter.callback;
    ms_closure *closure =
        ms_glib_closure(MS_KIND("g_source"), callback, argument, NULL, frame, caller);
    if (closure) {
        closure->others[FUNCTIONS] = functions;
        closure->others[DATA] = data;
        data = closure;
        functions = &indirect_functions;
    }
    MS_REAL(g_source_set_callback_indirect)(source, data, functions);
}

void ms_adapt_g_source_set_closure(GSource *source, GClosure *closure) {
    const ms_c_closure *of_c = (const ms_c_closure *)closure;
    setter.caller = __builtin_return_address(0);
    setter.frame = MS_FRAME;
    setter.callback = of_c->marshal ? NULL : of_c->callback;
    MS_REAL(g_source_set_closure)(source, closure);
    setter.caller = NULL;
}
