/* glib_tasks.c - one main loop of GLib, that knows nothing of tasks but for one that it begins by a word. What
 * each callback allocates, test_adapters.py knows by heart; it keeps all, unless it says so. Without memscope,
 * and however often it is run, it says "glib_tasks done". */
#define GLIB_DISABLE_DEPRECATION_WARNINGS
#include <memscope.h>

#include <gio/gio.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "victim.h"

static GMainLoop *loop;
static int left; /* sources that are to go */

static void gone(void) {
    if (--left == 0)
        g_main_loop_quit(loop);
}

/* ---- a timeout: three times 10 bytes; the first starts an idle source, whose 20 bytes main() frees;
 * 11 bytes when its data goes ----------------------------------------------------------------------- */

static void *of_child;

static gboolean on_child(gpointer data) {
    EXPECT(data == &of_child);
    of_child = take(20);
    gone();
    return G_SOURCE_REMOVE;
}

static gboolean on_tick(gpointer data) {
    int *ticks = data;
    take(10);
    if (*ticks == 0) {
        g_idle_add(on_child, &of_child);
        left++;
    }
    return ++*ticks < 3;
}

static void forget_tick(gpointer data) {
    EXPECT(*(int *)data == 3);
    take(11);
    gone();
}

/* ---- once: 21 and 22 bytes ------------------------------------------------------------------------- */

static void on_idle_once(gpointer data) {
    take(*(size_t *)data);
    gone();
}

static void on_timeout_once(gpointer data) {
    take(*(size_t *)data);
    gone();
}

/* ---- one that starts itself again: three times 12 bytes ------------------------------------------ */

static gboolean on_again(gpointer data) {
    int *times = data;
    take(12);
    if (++*times < 3)
        g_idle_add(on_again, data);
    else
        gone();
    return G_SOURCE_REMOVE;
}

/* ---- found by its data, and removed before it is called: no bytes at all --------------------------- */

static gboolean never(gpointer data) {
    (void)data;
    EXPECT(false);
    return G_SOURCE_REMOVE;
}

static void start_nothing(void) {
    static int mark;
    guint id = g_idle_add(never, &mark);
    GSource *found = g_main_context_find_source_by_user_data(NULL, &mark);
    EXPECT(found && g_source_get_id(found) == id);
    EXPECT(g_idle_remove_by_data(&mark) && !g_idle_remove_by_data(&mark));
}

/* ---- from outside: 95 bytes for a signal, 96 for a pipe, 94 for a channel, 97 for a child ---------- */

static gboolean on_signal(gpointer data) {
    EXPECT(data == NULL);
    take(95);
    gone();
    return G_SOURCE_REMOVE;
}

static gboolean on_fd(gint fd, GIOCondition condition, gpointer data) {
    EXPECT(fd == *(int *)data && condition == G_IO_IN);
    take(96);
    gone();
    return G_SOURCE_REMOVE;
}

static gboolean on_channel(GIOChannel *channel, GIOCondition condition, gpointer data) {
    EXPECT(channel == data && condition == G_IO_IN);
    take(94);
    gone();
    return G_SOURCE_REMOVE;
}

static void on_end_of_child(GPid pid, gint status, gpointer data) {
    EXPECT(pid == *(GPid *)data && WEXITSTATUS(status) == 7);
    take(97);
    gone();
}

static void start_outside(void) {
    static int pair[2];
    static GPid pid;
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && write(pair[1], "x", 1) == 1);
    GIOChannel *channel = g_io_channel_unix_new(pair[0]);
    g_unix_signal_add(SIGUSR1, on_signal, NULL);
    g_unix_fd_add(pair[0], G_IO_IN, on_fd, &pair[0]);
    g_io_add_watch(channel, G_IO_IN, on_channel, channel);
    pid = fork();
    EXPECT(pid >= 0);
    if (pid == 0)
        _exit(7);
    g_child_watch_add(pid, on_end_of_child, &pid);
    raise(SIGUSR1);
    left += 4;
}

/* ---- a source that the program makes itself: 50 bytes --------------------------------------------- */

static gboolean on_own(gpointer data) {
    (void)data;
    take(50);
    gone();
    return G_SOURCE_REMOVE;
}

static void start_own(void) {
    GSource *source = g_timeout_source_new(1);
    g_source_set_callback(source, on_own, NULL, NULL);
    g_source_attach(source, NULL);
    g_source_unref(source);
    left++;
}

/* ---- sources that find their callbacks by functions: 51 bytes by the program's own, 52 by GObject's ------------ */

static struct found {
    int references;
    GSourceFunc function;
} found_by;

static void found_ref(gpointer data) {
    ((struct found *)data)->references++;
}

static void found_unref(gpointer data) {
    ((struct found *)data)->references--;
}

static void found_get(gpointer data, GSource *source, GSourceFunc *function, gpointer *argument) {
    EXPECT(source != NULL);
    *function = ((struct found *)data)->function;
    *argument = &left;
}

static gboolean on_found(gpointer data) {
    EXPECT(data == &left && found_by.references == 2);
    take(51);
    gone();
    return G_SOURCE_REMOVE;
}

static gboolean on_closure(gpointer data) {
    EXPECT(data == &found_by);
    take(52);
    gone();
    return G_SOURCE_REMOVE;
}

static void start_indirect(void) {
    static GSourceCallbackFuncs functions = {found_ref, found_unref, found_get};
    GSource *source = g_idle_source_new(), *closed = g_timeout_source_new(1);
    found_by = (struct found){1, on_found};
    g_source_set_callback_indirect(source, &found_by, &functions);
    g_source_attach(source, NULL);
    g_source_unref(source);
    g_source_set_closure(closed, g_cclosure_new(G_CALLBACK(on_closure), &found_by, NULL));
    g_source_attach(closed, NULL);
    g_source_unref(closed);
    left += 2;
}

/* ---- a task begun by a word: 30 bytes of a timeout, 92 of two threads, 90 of a third, which calls into the loop for 91, and 40
 * on a thread of GTask's, which on the loop's are freed, where 41 come -------------------------------- */

static gboolean on_planned(gpointer data) {
    (void)data;
    void *planned = take(30);
    MEMSCOPE_TRACK(planned);
    gone();
    return G_SOURCE_REMOVE;
}

static gboolean on_called(gpointer data) {
    (void)data;
    void *called = take(91);
    MEMSCOPE_TRACK(called);
    gone();
    return G_SOURCE_REMOVE;
}

static gpointer run_older(gpointer data) {
    void *older = take(46);
    MEMSCOPE_TRACK(older);
    return data;
}

static gpointer run_thread(gpointer data) {
    void *threaded = take(90);
    MEMSCOPE_TRACK(threaded);
    g_main_context_invoke(NULL, on_called, NULL);
    return data;
}

static void on_work(GTask *task, gpointer object, gpointer data, GCancellable *cancellable) {
    EXPECT(!object && !data && !cancellable);
    void *worked = take(40);
    MEMSCOPE_TRACK(worked);
    g_task_return_pointer(task, worked, NULL);
}

static void on_worked(GObject *object, GAsyncResult *result, gpointer data);

/* What is asked for meanwhile does not change what was asked for then. */
static void on_kept(gpointer result) {
    for (int i = 0; i < 100; i++)
        g_object_unref(g_task_new(NULL, NULL, on_worked, result));
    EXPECT(g_async_result_get_user_data(result) == &left);
    g_object_unref(result);
}

static void on_worked(GObject *object, GAsyncResult *result, gpointer data) {
    EXPECT(!object && data == &left && g_async_result_get_user_data(result) == data);
    g_idle_add_once(on_kept, g_object_ref(result));
    free(g_task_propagate_pointer(G_TASK(result), NULL));
    void *finished = take(41);
    MEMSCOPE_TRACK(finished);
    gone();
}

/* ---- a pool of one thread: 44 bytes for nobody, 42 and 43 for the tasks that push them; 45 by another thread for
 * a task that waits ---------------------------------------------------------------------------------------- */

static void on_pushed(gpointer data, gpointer user_data) {
    EXPECT(user_data == &loop);
    void *pushed = take(GPOINTER_TO_SIZE(data));
    MEMSCOPE_TRACK(pushed);
}

static void push(GThreadPool *pool, size_t size) {
    EXPECT(g_thread_pool_push(pool, GSIZE_TO_POINTER(size), NULL));
}

static void on_at_once(GTask *task, gpointer object, gpointer data, GCancellable *cancellable) {
    EXPECT(!object && !data && !cancellable);
    void *waited = take(45);
    MEMSCOPE_TRACK(waited);
    g_task_return_boolean(task, TRUE);
}

static void start_pool(void) {
    GThreadPool *pool = g_thread_pool_new(on_pushed, &loop, 1, TRUE, NULL);
    push(pool, 44);
    {
        MEMSCOPE_TASK("pushes");
        push(pool, 42);
    }
    {
        MEMSCOPE_TASK("waits");
        GTask *task = g_task_new(NULL, NULL, NULL, NULL);
        g_task_run_in_thread_sync(task, on_at_once);
        g_object_unref(task);
    }
    {
        MEMSCOPE_TASK("pushes too");
        push(pool, 43);
    }
    g_thread_pool_free(pool, FALSE, TRUE);
}

static void plan(void) {
    MEMSCOPE_TASK("plan");
    g_timeout_add(5, on_planned, NULL);
    g_thread_join(g_thread_create(run_older, NULL, TRUE, NULL));
    g_thread_join(
        g_thread_create_full(run_older, NULL, 0, TRUE, FALSE, G_THREAD_PRIORITY_NORMAL, NULL));
    g_thread_join(g_thread_new("planned", run_thread, NULL));
    GTask *task = g_task_new(NULL, NULL, on_worked, &left);
    g_task_run_in_thread(task, on_work);
    g_object_unref(task);
    left += 3;
}

int main(void) {
    static int ticks, times;
    static size_t sizes[] = {21, 22};
    loop = g_main_loop_new(NULL, FALSE);
    g_timeout_add_full(G_PRIORITY_HIGH, 1, on_tick, &ticks, forget_tick);
    g_idle_add_once(on_idle_once, &sizes[0]);
    g_timeout_add_once(1, on_timeout_once, &sizes[1]);
    g_idle_add(on_again, &times);
    left = 4;
    start_nothing();
    start_outside();
    start_own();
    start_indirect();
    start_pool();
    plan();
    g_main_loop_run(loop);
    g_main_loop_unref(loop);
    EXPECT(left == 0 && found_by.references == 0);
    free(of_child);
    say("glib_tasks done\n");
    return 0;
}
