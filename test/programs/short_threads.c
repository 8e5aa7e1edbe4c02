/* short_threads.c - 1000 threads, ten at a time; each allocates 3 blocks (10, 20, 30 bytes) and
 * frees 2 of them; main frees the third. */
#include <pthread.h>

#include "victim.h"

enum { THREADS = 1000, AT_ONCE = 10 };

static void *work(void *argument) {
    (void)argument;
    void *first = take(10);
    void *second = take(20);
    void *third = take(30);
    free(first);
    free(second);
    return third;
}

int main(void) {
    for (int done = 0; done < THREADS; done += AT_ONCE) {
        pthread_t threads[AT_ONCE];
        for (int i = 0; i < AT_ONCE; i++)
            EXPECT(pthread_create(&threads[i], NULL, work, NULL) == 0);
        for (int i = 0; i < AT_ONCE; i++) {
            void *block = NULL;
            EXPECT(pthread_join(threads[i], &block) == 0 && block != NULL);
            free(block);
        }
    }
    say("%d short threads done\n", THREADS);
    return 0;
}
