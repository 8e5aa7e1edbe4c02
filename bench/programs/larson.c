/* larson.c - larson THREADS COUNT: each thread makes COUNT blocks and swaps each for another in a pool
 * that all share, and frees that: most blocks are freed by another thread than made them. */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

enum { SLOTS = 4096, THREADS_MAX = 64 }; /* slots per thread */

static void *pool[SLOTS * THREADS_MAX];
static unsigned threads;
static uint64_t count;

__attribute__((noinline)) static void *make(unsigned depth, size_t size) {
    void *block = depth > 0 ? make(depth - 1, size) : malloc(size);
    __asm__ volatile("" : "+r"(block) : : "memory");
    return block;
}

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

static void *work(void *seed) {
    uint64_t state = 88172645463325252u ^ (uint64_t)(uintptr_t)seed << 32;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t random = next_random(&state);
        void *block = make(4 + (unsigned)(random >> 40 & 7), 16 + (random >> 8) % 240);
        if (!block)
            abort();
        *(char *)block = 1;
        void **slot = &pool[(random >> 20) % (threads * SLOTS)];
        free(__atomic_exchange_n(slot, block, __ATOMIC_ACQ_REL));
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    threads = (unsigned)atoi(argv[1]);
    count = strtoull(argv[2], NULL, 10);
    pthread_t thread[THREADS_MAX];
    if (threads == 0 || threads > THREADS_MAX)
        return 2;
    for (uintptr_t i = 0; i < threads; i++)
        if (pthread_create(&thread[i], NULL, work, (void *)(i + 1)) != 0)
            return 1;
    for (unsigned i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
    return 0;
}
