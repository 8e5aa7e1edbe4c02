/* glib_files.c - what GIO answers later, on one main loop, of a program that knows nothing of tasks but for one that it
 * begins by a word. What each callback keeps, test_adapters.py knows by heart. There is no bus, whatever the environment
 * says. Without memscope, and however often it is run, it says "glib_files done". */
#include <memscope.h>

#include <gio/gio.h>

#include "victim.h"

static GMainLoop *loop;
static int left; /* answers that are to come */

static void gone(void) {
    if (--left == 0)
        g_main_loop_quit(loop);
}

/* ---- a stream: 61 bytes, and 62 of what is asked for in that answer ------------------------------------------ */

static char bytes[8];

static void on_closed(GObject *stream, GAsyncResult *result, gpointer data) {
    EXPECT(data == &loop && g_input_stream_close_finish(G_INPUT_STREAM(stream), result, NULL));
    void *closed = take(62);
    MEMSCOPE_TRACK(closed);
    gone();
}

static void on_read(GObject *stream, GAsyncResult *result, gpointer data) {
    EXPECT(data == bytes && g_async_result_get_user_data(result) == bytes);
    EXPECT(g_input_stream_read_finish(G_INPUT_STREAM(stream), result, NULL) == 5);
    void *was_read = take(61);
    MEMSCOPE_TRACK(was_read);
    g_input_stream_close_async(G_INPUT_STREAM(stream), 0, NULL, on_closed, &loop);
}

static void start_stream(void) {
    GInputStream *stream = g_memory_input_stream_new_from_data("hello", 5, NULL);
    g_input_stream_read_async(stream, bytes, sizeof bytes, 0, NULL, on_read, bytes);
    g_object_unref(stream);
    left++;
}

/* ---- a name on a bus that is not there: 63 bytes of who wants it, 64 when it does no more; 65 of who waits for it -- */

static void on_bus(GDBusConnection *connection, const gchar *name, gpointer data) {
    (void)connection, (void)name, (void)data;
    EXPECT(false);
}

static void on_lost(GDBusConnection *connection, const gchar *name, gpointer data) {
    EXPECT(!connection && strcmp(name, "a.b") == 0 && data == &left);
    void *lost = take(63);
    MEMSCOPE_TRACK(lost);
    gone();
}

static void on_disowned(gpointer data) {
    EXPECT(data == &left);
    void *disowned = take(64);
    MEMSCOPE_TRACK(disowned);
    gone();
}

static void on_appeared(GDBusConnection *connection, const gchar *name, const gchar *owner,
                        gpointer data) {
    (void)connection, (void)name, (void)owner, (void)data;
    EXPECT(false);
}

static void on_vanished(GDBusConnection *connection, const gchar *name, gpointer data) {
    EXPECT(!connection && strcmp(name, "a.b") == 0 && data == bytes);
    void *vanished = take(65);
    MEMSCOPE_TRACK(vanished);
    gone();
}

/* ---- a task begun by a word: 66 bytes for a file, 67 for a file that is not there, 68 for an asynchronous function of
 * the program's own ------------------------------------------------------------------------------------------- */

static void on_loaded(GObject *file, GAsyncResult *result, gpointer data) {
    char *contents = NULL;
    bool is_there = data == &loop;
    EXPECT(g_file_load_contents_finish(G_FILE(file), result, &contents, NULL, NULL, NULL) ==
           is_there);
    g_free(contents);
    void *loaded = take(is_there ? 66 : 67);
    MEMSCOPE_TRACK(loaded);
    gone();
}

static void on_own(GObject *object, GAsyncResult *result, gpointer data) {
    EXPECT(!object && data == &left && g_task_propagate_boolean(G_TASK(result), NULL));
    void *own = take(68);
    MEMSCOPE_TRACK(own);
    gone();
}

static gboolean answer(gpointer task) {
    g_task_return_boolean(task, TRUE);
    g_object_unref(task);
    return G_SOURCE_REMOVE;
}

static void load(const char *path, gpointer data) {
    GFile *file = g_file_new_for_path(path);
    g_file_load_contents_async(file, NULL, on_loaded, data);
    g_object_unref(file);
    left++;
}

static void plan(void) {
    MEMSCOPE_TASK("plan");
    load("/proc/self/status", &loop);
    load("/nowhere/at/all", &left);
    g_idle_add(answer, g_task_new(NULL, NULL, on_own, &left));
    left++;
}

int main(void) {
    setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all", 1);
    loop = g_main_loop_new(NULL, FALSE);
    start_stream();
    guint owner = g_bus_own_name(G_BUS_TYPE_SESSION, "a.b", G_BUS_NAME_OWNER_FLAGS_NONE, on_bus,
                                 on_bus, on_lost, &left, on_disowned);
    guint watcher = g_bus_watch_name(G_BUS_TYPE_SESSION, "a.b", G_BUS_NAME_WATCHER_FLAGS_NONE,
                                     on_appeared, on_vanished, bytes, NULL);
    left += 2;
    plan();
    g_main_loop_run(loop);
    left++;
    g_bus_unwatch_name(watcher);
    g_bus_unown_name(owner);
    while (left)
        g_main_context_iteration(NULL, TRUE);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    g_main_loop_unref(loop);
    EXPECT(left == 0);
    say("glib_files done\n");
    return 0;
}
