/* What GLib runs on other threads: it goes on in the task that asked for it. */
#include "adapt/gio.h"

#include "adapt/table.h"
#include "adapt/thread.h"
#include "capture/hooks.h"

/* ---- calls into another thread's loop -------------------------------------------------------------- */

/* Perhaps at once. */
static void invoke(ms_entry_g_main_context_invoke_full *real, GMainContext *context, gint priority,
                   ms_closure *closure) {
    real(context, priority, ms_closure_call, closure, ms_closure_unref);
}

void ms_adapt_g_main_context_invoke(GMainContext *context, GSourceFunc function, gpointer data) {
    ms_unit unit = ms_unit_of_request(MS_KIND("g_main_context_invoke"), (void *)function, MS_FRAME);
    ms_closure *closure = ms_closure_new(unit, (void *)function, data);
    if (closure)
        invoke(MS_REAL(g_main_context_invoke_full), context, 0, closure);
    else
        MS_REAL(g_main_context_invoke)(context, function, data);
}

void ms_adapt_g_main_context_invoke_full(GMainContext *context, gint priority, GSourceFunc function,
                                         gpointer data, GDestroyNotify notify) {
    ms_unit unit = ms_unit_of_request(MS_KIND("g_main_context_invoke"), (void *)function, MS_FRAME);
    ms_closure *closure = ms_closure_new(unit, (void *)function, data);
    if (!closure) {
        MS_REAL(g_main_context_invoke_full)(context, priority, function, data, notify);
        return;
    }
    closure->notify = (void *)notify;
    invoke(MS_REAL(g_main_context_invoke_full), context, priority, closure);
}

/* ---- threads --------------------------------------------------------------------------------- */

GThread *ms_adapt_g_thread_new(const gchar *name, GThreadFunc function, gpointer data) {
    ms_closure *closure = ms_thread_closure(__builtin_return_address(0), (void *)function, data);
    return closure ? MS_REAL(g_thread_new)(name, ms_thread_run, closure)
                   : MS_REAL(g_thread_new)(name, function, data);
}

GThread *ms_adapt_g_thread_try_new(const gchar *name, GThreadFunc function, gpointer data,
                                   GError **error) {
    ms_closure *closure = ms_thread_closure(__builtin_return_address(0), (void *)function, data);
    if (!closure)
        return MS_REAL(g_thread_try_new)(name, function, data, error);
    GThread *thread = MS_REAL(g_thread_try_new)(name, ms_thread_run, closure, error);
    ms_thread_started(closure, !thread);
    return thread;
}

/* Older names. */
GThread *ms_adapt_g_thread_create(GThreadFunc function, gpointer data, gboolean joinable,
                                  GError **error) {
    ms_closure *closure = ms_thread_closure(__builtin_return_address(0), (void *)function, data);
    if (!closure)
        return MS_REAL(g_thread_create)(function, data, joinable, error);
    GThread *thread = MS_REAL(g_thread_create)(ms_thread_run, closure, joinable, error);
    ms_thread_started(closure, !thread);
    return thread;
}

GThread *ms_adapt_g_thread_create_full(GThreadFunc function, gpointer data, gulong stack_size,
                                       gboolean joinable, gboolean bound, GThreadPriority priority,
                                       GError **error) {
    ms_closure *closure = ms_thread_closure(__builtin_return_address(0), (void *)function, data);
    if (closure) {
        function = ms_thread_run;
        data = closure;
    }
    GThread *thread =
        MS_REAL(g_thread_create_full)(function, data, stack_size, joinable, bound, priority, error);
    if (closure)
        ms_thread_started(closure, !thread);
    return thread;
}

/* ---- work for a GTask ---------------------------------------------------------------------------- */

/* No handle of anybody's. */
static const void *key_of(const void *task) {
    return (const char *)task + 1;
}

static long on_task_thread(long task, long object, long data, long cancellable, long e, long f) {
    ms_followed work;
    if (!ms_table_get(key_of((const void *)task), &work))
        return 0;
    if (ms_unit_tell(&work.unit))
        ms_table_put(&work);
    return ms_unit_run(&work.unit, (ms_callback *)work.callbacks[0], task, object, data,
                       cancellable, e, f);
}

/* What GLib is to be given in the place of the function. */
static GTaskThreadFunc follow(GTask *task, GTaskThreadFunc function, const uint64_t *frame) {
    ms_followed work = {.key = key_of(task),
                        .unit = ms_unit_of_request(MS_KIND("g_task"), (void *)function, frame),
                        .callbacks = {(void *)function}};
    return ms_table_put(&work) ? (GTaskThreadFunc)(void *)on_task_thread : function;
}

void ms_adapt_g_task_run_in_thread(GTask *task, GTaskThreadFunc function) {
    MS_REAL(g_task_run_in_thread)(task, follow(task, function, MS_FRAME));
}

/* It waits, and nothing is called on this thread when that is done. */
void ms_adapt_g_task_run_in_thread_sync(GTask *task, GTaskThreadFunc function) {
    ms_followed work;
    MS_REAL(g_task_run_in_thread_sync)(task, follow(task, function, MS_FRAME));
    if (ms_table_take(key_of(task), &work))
        ms_unit_end(&work.unit);
}

bool ms_glib_take_task(const void *task, ms_unit *unit) {
    ms_followed work;
    if (!ms_table_take(key_of(task), &work))
        return false;
    *unit = work.unit;
    return true;
}
