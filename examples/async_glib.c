/* async_glib.c - 50 jobs on GLib's main loop, of which no word is said: each source is a task by itself, named
 * by its kind and its callback, and what it sets off is its child.
 *
 *     memscope run --strategy async -- build/examples/async_glib
 *
 * A job starts on a timeout, is finished by an idle source, and every tenth leaves its result behind. One more
 * timeout is set within a task that is begun by a word: so it works for that. */
#include <glib.h>
#include <string.h>

#include "memscope.h"
#include "example.h"

enum { JOBS = 50, KEEP_EVERY = 10 };

struct job {
    unsigned number;
    char *input, *result;
    struct books begun, finished;
};

static struct job jobs[JOBS];
static unsigned left = JOBS + 1;
static GMainLoop *loop;

static size_t input_size(const struct job *job) {
    return 200 + 10 * job->number;
}

static void done(void) {
    if (--left == 0)
        g_main_loop_quit(loop);
}

static gboolean finish(gpointer data) {
    struct job *job = data;
    job->result = take(&job->finished, input_size(job) / 2);
    memcpy(job->result, job->input, input_size(job) / 2);
    give_back(&job->begun, job->input, input_size(job));
    if (job->number % KEEP_EVERY != 0)
        give_back(&job->finished, job->result, input_size(job) / 2);
    done();
    return G_SOURCE_REMOVE;
}

static gboolean start(gpointer data) {
    struct job *job = data;
    job->input = take(&job->begun, input_size(job));
    memset(job->input, 'a' + (int)(job->number % 26), input_size(job));
    g_idle_add(finish, job);
    return G_SOURCE_REMOVE;
}

static gboolean sum_up(gpointer data) {
    struct books *books = data;
    char *summary = take(books, 60);
    MEMSCOPE_TRACK(summary);
    done();
    return G_SOURCE_REMOVE;
}

int main(void) {
    struct books begun = {0}, finished = {0}, summed = {0};
    loop = g_main_loop_new(NULL, FALSE);
    for (unsigned i = 0; i < JOBS; i++) {
        jobs[i].number = i;
        g_timeout_add(1 + i % 5, start, &jobs[i]);
    }
    {
        MEMSCOPE_TASK("summary");
        g_timeout_add(3, sum_up, &summed);
    }
    g_main_loop_run(loop);
    g_main_loop_unref(loop);

    for (unsigned i = 0; i < JOBS; i++) {
        add_books(&begun, &jobs[i].begun);
        add_books(&finished, &jobs[i].finished);
    }
    printf("task.g_timeout start.count=%d\n", JOBS);
    printf("task.g_timeout start.live_bytes=%" PRIu64 "\n", begun.live_bytes);
    printf("task.g_timeout start.zombies=0\n");
    printf("task.g_idle finish.count=%d\n", JOBS);
    printf("task.g_idle finish.parent=g_timeout start\n");
    printf("task.g_idle finish.bytes_allocated=%" PRIu64 "\n", finished.bytes);
    printf("task.g_idle finish.live_bytes=%" PRIu64 "\n", finished.live_bytes);
    printf("task.g_idle finish.live_blocks=%d\n", JOBS / KEEP_EVERY);
    printf("task.g_idle finish.freed_by_others=0\n");
    printf("task.summary.live_bytes=%" PRIu64 "\n", summed.live_bytes);
    printf("variable.summary.task=summary\n");
    printf("variable.summary.size=60\n");
    return 0;
}
