/* tracks.c - THREADS threads track COUNT variables each: a block of 64 bytes and a number, in turns, all by
 * the same two lines. With a third argument the process forks first, and the child does the same again.
 *
 * Usage: tracks THREADS COUNT [fork]. */
#include <memscope.h>

#include <pthread.h>
#include <sys/wait.h>

#include "victim.h"

enum { THREADS_MAX = 64 };

static int count;

static void *track(void *unused) {
    void **kept = take((size_t)count * sizeof *kept);
    for (int i = 0; i < count; i += 2) {
        void *block = take(64);
        MEMSCOPE_TRACK(block);
        MEMSCOPE_TRACK(i);
        kept[i] = block;
    }
    for (int i = 0; i < count; i += 2)
        free(kept[i]);
    free(kept);
    return unused;
}

static void run(int threads) {
    pthread_t each[THREADS_MAX];
    for (int i = 0; i < threads; i++)
        EXPECT(pthread_create(&each[i], NULL, track, NULL) == 0);
    for (int i = 0; i < threads; i++)
        EXPECT(pthread_join(each[i], NULL) == 0);
}

int main(int argc, char **argv) {
    EXPECT(argc > 2);
    int threads = atoi(argv[1]), status = 0;
    EXPECT(threads <= THREADS_MAX);
    count = atoi(argv[2]);
    run(threads);
    if (argc > 3) {
        pid_t child = fork();
        if (child == 0)
            run(threads);
        else
            EXPECT(waitpid(child, &status, 0) == child && status == 0);
    }
    return 0;
}
