/* population.c - allocations of many sizes, some released, on as many threads as the argument says
 * (default 1), one after the other; what is live at the end, for each thread:
 *   small    10,000 of 40,000 blocks of 24 to 279 bytes     (kept: every fourth)
 *   pages     1,500 of  3,000 blocks of 4,096 bytes
 *   big          20 of     40 blocks of 1 MiB
 *   grown       100 arrays doubled with realloc from 64 bytes to 64 KiB, of 200 */
#include <pthread.h>

#include "victim.h"

__attribute__((noinline)) static void *small(size_t i) {
    return take(24 + i % 256);
}

__attribute__((noinline)) static void *page(void) {
    return take(4096);
}

__attribute__((noinline)) static void *big(void) {
    return take(1 << 20);
}

__attribute__((noinline)) static void *grown(void) {
    char *array = NULL;
    for (size_t size = 64; size <= 65536; size *= 2) {
        array = realloc(array, size);
        EXPECT(array != NULL);
    }
    return array;
}

static void *work(void *unused) {
    for (size_t i = 0; i < 40000; i++) {
        void *block = small(i);
        if (i % 4)
            free(block);
    }
    for (size_t i = 0; i < 3000; i++) {
        void *block = page();
        if (i % 2)
            free(block);
    }
    for (size_t i = 0; i < 40; i++) {
        void *block = big();
        if (i % 2)
            free(block);
    }
    for (size_t i = 0; i < 200; i++) {
        void *array = grown();
        if (i % 2)
            free(array);
    }
    return unused;
}

int main(int argc, char **argv) {
    int threads = argc > 1 ? atoi(argv[1]) : 1;
    for (int i = 1; i < threads; i++) {
        pthread_t thread;
        EXPECT(pthread_create(&thread, NULL, work, NULL) == 0);
        EXPECT(pthread_join(thread, NULL) == 0);
    }
    work(NULL);
    return 0;
}
