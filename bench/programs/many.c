/* many.c - many THREADS COUNT: that many threads, all alive at once, each making COUNT blocks of 64
 * bytes and freeing all but the last 10: a total that is known beforehand, thread by thread. */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

enum { KEPT = 10, SIZE = 64, STACK = 64 * 1024 };

static pthread_barrier_t everybody;
static uint64_t count;

static void *work(void *unused) {
    void *kept[KEPT] = {NULL};
    pthread_barrier_wait(&everybody);
    for (uint64_t i = 0; i < count; i++) {
        free(kept[i % KEPT]);
        kept[i % KEPT] = malloc(SIZE);
    }
    pthread_barrier_wait(&everybody);
    return unused;
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    unsigned threads = (unsigned)atoi(argv[1]);
    count = strtoull(argv[2], NULL, 10);
    pthread_t thread;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, STACK);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    pthread_barrier_init(&everybody, NULL, threads + 1);
    for (unsigned i = 0; i < threads; i++)
        if (pthread_create(&thread, &small, work, NULL) != 0)
            return 1;
    pthread_barrier_wait(&everybody);
    pthread_barrier_wait(&everybody); /* behind it nobody allocates any more */
    return 0;
}
