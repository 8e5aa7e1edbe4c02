/* ends.c - allocates 20 blocks of 10 bytes, frees 5 of them, registers an exit handler that
 * allocates 3 of 100 bytes, and ends in the way named: return, exit, _exit, quick_exit, abort,
 * segv, term, kill, thread (main ends by pthread_exit while another thread runs on).
 *
 * Answer: allocations 23, frees 5, bytes_allocated 500, live_bytes 450 (where handlers run:
 * return, exit). Without handlers: allocations 20, frees 5, bytes_allocated 200, live_bytes 150. */
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include "victim.h"

static void at_exit(void) {
    for (int i = 0; i < 3; i++)
        take(100);
}

static void *last_thread(void *argument) {
    usleep(10000);
    exit(5);
    return argument;
}

static void end(const char *way) {
    if (strcmp(way, "exit") == 0)
        exit(3);
    if (strcmp(way, "_exit") == 0)
        _exit(4);
    if (strcmp(way, "quick_exit") == 0)
        quick_exit(6);
    if (strcmp(way, "abort") == 0)
        abort();
    if (strcmp(way, "segv") == 0)
        *(volatile int *)8 = 1;
    if (strcmp(way, "term") == 0)
        raise(SIGTERM);
    if (strcmp(way, "kill") == 0)
        kill(getpid(), SIGKILL);
    if (strcmp(way, "thread") == 0) {
        pthread_t thread;
        EXPECT(pthread_create(&thread, NULL, last_thread, NULL) == 0);
        pthread_exit(NULL);
    }
}

int main(int argc, char **argv) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    atexit(at_exit);
    void *blocks[20];
    for (int i = 0; i < 20; i++)
        blocks[i] = take(10);
    for (int i = 0; i < 5; i++)
        free(blocks[i]);
    say("ending\n");
    if (argc > 1)
        end(argv[1]);
    return 2;
}
