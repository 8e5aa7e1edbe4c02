/* crowd.c - N threads alive at once, each with one block. Usage: crowd N */
#include <pthread.h>

#include "victim.h"

static pthread_barrier_t everybody;

static void *attend(void *unused) {
    void *block = take(48);
    pthread_barrier_wait(&everybody);
    free(block);
    return unused;
}

int main(int argc, char **argv) {
    EXPECT(argc == 2);
    unsigned count = (unsigned)atoi(argv[1]);
    pthread_t *threads = calloc(count, sizeof *threads);
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 64 * 1024);
    pthread_barrier_init(&everybody, NULL, count + 1);
    for (unsigned i = 0; i < count; i++)
        EXPECT(pthread_create(&threads[i], &small, attend, NULL) == 0);
    pthread_barrier_wait(&everybody);
    for (unsigned i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    say("crowd done\n");
    return 0;
}
