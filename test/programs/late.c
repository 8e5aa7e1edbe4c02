/* late.c - allocates when it is almost over: in handlers of atexit() and on_exit(), in a destructor
 * function, and in a thread that is still at it while the process exits.
 *
 * Blocks of 91 bytes: 3 (one in each of the three). */
#include <pthread.h>
#include <stdatomic.h>

#include "victim.h"

static atomic_int running;

static void at_exit(void) {
    free(take(91));
}

static void on_exit_too(int status, void *unused) {
    (void)status, (void)unused;
    free(take(91));
}

__attribute__((destructor)) static void destroy(void) {
    free(take(91));
    say("late done\n");
}

static void *never_ends(void *unused) {
    for (;;) {
        free(take(15));
        running = 1;
    }
    return unused;
}

int main(void) {
    pthread_t thread;
    EXPECT(atexit(at_exit) == 0 && on_exit(on_exit_too, NULL) == 0);
    EXPECT(pthread_create(&thread, NULL, never_ends, NULL) == 0);
    while (!running)
        usleep(100);
    return 6;
}
