/* endless.c - allocates until it is killed, or COUNT times, and says in a shared file how far it
 * came, so that whoever kills it knows what must have been recorded.
 *
 * Usage: endless PROGRESS [COUNT [THREADS]]. PROGRESS is an existing file with one u64 per
 * thread. Each thread: allocation i has size_of(i) bytes; before it, block i - 1000 is freed;
 * behind it, the thread's progress is i + 1. What is left is not freed. */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>

#include "victim.h"

enum { WINDOW = 1000, THREADS_MAX = 16 };

static volatile uint64_t *progress;
static uint64_t count = UINT64_MAX;

/* 1..1000, in an order that does not pack well, repeated every 65536. */
static size_t size_of(uint64_t i) {
    uint64_t k = i % 65536;
    return 1 + (k * k * 2654435761u >> 20) % 1000;
}

/* Some different stacks. */
__attribute__((noinline)) static void *make(size_t size, unsigned depth) {
    void *block = depth > 0 ? make(size, depth - 1) : take(size);
    KEEP(block);
    return block;
}

static void *work(void *argument) {
    size_t self = (size_t)argument;
    if (self > 0) {
        char name[24];
        snprintf(name, sizeof name, "worker-%u", (unsigned)self);
        pthread_setname_np(pthread_self(), name);
    }
    void *window[WINDOW] = {NULL};
    for (uint64_t i = 0; i < count; i++) {
        free(window[i % WINDOW]);
        window[i % WINDOW] = make(size_of(i), (unsigned)(i / 7 % 11));
        progress[self] = i + 1;
    }
    return NULL;
}

int main(int argc, char **argv) {
    EXPECT(argc > 1);
    if (argc > 2)
        count = strtoull(argv[2], NULL, 10);
    size_t threads = argc > 3 ? strtoul(argv[3], NULL, 10) : 1;
    EXPECT(threads >= 1 && threads <= THREADS_MAX);
    int file = open(argv[1], O_RDWR | O_CLOEXEC);
    EXPECT(file >= 0);
    progress = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    EXPECT(progress != MAP_FAILED);
    pthread_t others[THREADS_MAX];
    for (size_t i = 1; i < threads; i++)
        EXPECT(pthread_create(&others[i], NULL, work, (void *)i) == 0);
    work(NULL);
    for (size_t i = 1; i < threads; i++)
        EXPECT(pthread_join(others[i], NULL) == 0);
    say("endless came to its end\n");
    return 0;
}
