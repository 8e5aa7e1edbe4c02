/* threads.c - 8 named threads pass blocks around: each allocates 2000 blocks of 1..200 bytes into
 * its own ring of slots, and frees those of its neighbour; at the end nothing is live but libc's
 * own. By thread name worker-N: allocations 2000, freed_by_others 2000. */
#include <pthread.h>
#include <stdatomic.h>

#include "victim.h"

enum { THREADS = 8, BLOCKS = 2000 };

static _Atomic(char *) slots[THREADS][BLOCKS];

static void *work(void *argument) {
    size_t self = (size_t)argument;
    char name[24];
    snprintf(name, sizeof name, "worker-%u", (unsigned)self);
    pthread_setname_np(pthread_self(), name);
    size_t neighbour = (self + 1) % THREADS;
    for (size_t i = 0; i < BLOCKS; i++) {
        char *block = take(1 + (self * 31 + i * 17) % 200);
        block[0] = (char)i;
        atomic_store(&slots[self][i], block);
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        char *block = NULL;
        while ((block = atomic_exchange(&slots[neighbour][i], NULL)) == NULL)
            usleep(100);
        EXPECT(block[0] == (char)i);
        free(block);
    }
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        EXPECT(pthread_create(&threads[i], NULL, work, (void *)i) == 0);
    for (size_t i = 0; i < THREADS; i++)
        EXPECT(pthread_join(threads[i], NULL) == 0);
    say("threads done\n");
    return 0;
}
