/* GLib's pools of threads: an item goes on in the task that has pushed it.
 *
 * What is pushed stays the program's, for the pool sorts it, looks for it and lets go of it. So what it is pushed for
 * stands in a list beside: those that wait, by their data; of two with the same the first goes first. The pool's
 * function is ours, with a closure for its data, which holds that list.
 *
 * Pools that libraries make for themselves are left alone. */
#include "adapt/glib.h"
#include "adapt/table.h"
#include "adapt/thunk.h"
#include "capture/hooks.h"

static void append(ms_closure *pool, ms_closure *item) {
    ms_adapt_lock();
    item->next = NULL;
    if (pool->first)
        pool->last->next = item;
    else
        pool->first = item;
    pool->last = item;
    ms_adapt_unlock();
}

/* NULL: it was pushed when nothing was followed. */
static ms_closure *take(ms_closure *pool, const void *data) {
    ms_adapt_lock();
    ms_closure *before = NULL, *item = pool->first;
    while (item && item->data != data) {
        before = item;
        item = item->next;
    }
    if (item && before)
        before->next = item->next;
    else if (item)
        pool->first = item->next;
    if (item && pool->last == item)
        pool->last = before;
    ms_adapt_unlock();
    return item;
}

static void on_item(gpointer data, gpointer pointer) {
    ms_closure *pool = pointer, *item = take(pool, data);
    ms_callback *function = (ms_callback *)pool->callback;
    long user_data = (long)pool->data;
    if (!item) {
        ms_thunk_call((long)data, user_data, 0, 0, 0, 0, function);
        return;
    }
    ms_unit_tell(&item->unit);
    ms_unit_run(&item->unit, function, (long)data, user_data, 0, 0, 0, 0);
    ms_closure_unref(item);
}

static ms_closure *closure_of(const void *caller, GFunc function, gpointer data) {
    bool follows = function && !ms_route_is_inside(caller);
    return follows ? ms_closure_new((ms_unit){0}, (void *)function, data) : NULL;
}

/* Without memory for the row nobody finds the closure, and nothing is put into its list. */
static GThreadPool *made(GThreadPool *pool, ms_closure *closure) {
    ms_followed followed = {.key = pool, .callbacks = {closure}};
    if (pool)
        ms_table_put(&followed);
    else
        ms_closure_free(closure);
    return pool;
}

GThreadPool *ms_adapt_g_thread_pool_new(GFunc function, gpointer data, gint threads,
                                        gboolean exclusive, GError **error) {
    ms_closure *closure = closure_of(__builtin_return_address(0), function, data);
    ms_entry_g_thread_pool_new *real = MS_REAL(g_thread_pool_new);
    if (!closure)
        return real(function, data, threads, exclusive, error);
    return made(real((GFunc)(void *)on_item, closure, threads, exclusive, error), closure);
}

GThreadPool *ms_adapt_g_thread_pool_new_full(GFunc function, gpointer data,
                                             GDestroyNotify free_item, gint threads,
                                             gboolean exclusive, GError **error) {
    ms_closure *closure = closure_of(__builtin_return_address(0), function, data);
    ms_entry_g_thread_pool_new_full *real = MS_REAL(g_thread_pool_new_full);
    if (!closure)
        return real(function, data, free_item, threads, exclusive, error);
    return made(real((GFunc)(void *)on_item, closure, free_item, threads, exclusive, error),
                closure);
}

gboolean ms_adapt_g_thread_pool_push(GThreadPool *pool, gpointer data, GError **error) {
    ms_followed followed;
    ms_closure *closure = ms_table_get(pool, &followed) ? followed.callbacks[0] : NULL;
    if (closure) {
        ms_unit unit = ms_unit_of_request(MS_KIND("g_thread_pool"), closure->callback, MS_FRAME);
        ms_closure *item = ms_closure_new(unit, NULL, data);
        if (item)
            append(closure, item);
    }
    return MS_REAL(g_thread_pool_push)(pool, data, error);
}

/* Its items are done, or never will be. A pool that nobody waits for goes on for a while: then its closure stays. */
void ms_adapt_g_thread_pool_free(GThreadPool *pool, gboolean immediate, gboolean wait) {
    ms_followed followed;
    bool known = ms_table_take(pool, &followed); /* then its address may be another's */
    MS_REAL(g_thread_pool_free)(pool, immediate, wait);
    if (!known || !wait)
        return;
    ms_closure *closure = followed.callbacks[0], *next = closure->first;
    for (ms_closure *item = next; item; item = next) {
        next = item->next;
        ms_closure_unref(item);
    }
    ms_closure_free(closure);
}
