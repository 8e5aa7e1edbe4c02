/* gobject_threads.c - objects that eight threads take and drop references of, each the last one now and
 * then, and addresses that come back. Nothing is left. Prints how many objects there were. */
#include <glib-object.h>
#include <pthread.h>

#include "victim.h"

enum { THREADS = 8, OBJECTS = 2000, TURNS = 5 };

static GObject *objects[OBJECTS];
static pthread_barrier_t barrier;

static void *work(void *unused) {
    for (int i = 0; i < OBJECTS; i++) {
        for (int turn = 0; turn < TURNS; turn++) {
            g_object_ref(objects[i]);
            g_object_unref(objects[i]);
        }
        g_object_unref(objects[i]); /* the thread's own, which it was started with */
        if (i % 16 == 0)
            g_object_unref(g_object_new(G_TYPE_OBJECT, NULL));
    }
    pthread_barrier_wait(&barrier);
    return unused;
}

int main(void) {
    pthread_t threads[THREADS];
    for (int i = 0; i < OBJECTS; i++) {
        objects[i] = g_object_new(G_TYPE_OBJECT, NULL);
        for (int thread = 1; thread < THREADS; thread++)
            g_object_ref(objects[i]);
    }
    EXPECT(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
    for (int i = 0; i < THREADS; i++)
        EXPECT(pthread_create(&threads[i], NULL, work, NULL) == 0);
    for (int i = 0; i < THREADS; i++)
        EXPECT(pthread_join(threads[i], NULL) == 0);
    say("objects=%d\n", OBJECTS + THREADS * ((OBJECTS + 15) / 16));
    return 0;
}
