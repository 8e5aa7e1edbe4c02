/* signals.c - allocates while a profiling timer interrupts it as often as the kernel allows. The
 * handler maps and unmaps pages, which a handler may do at any moment. A second handler is raised
 * where nothing is being allocated, so it may allocate. The program sees to it that no system
 * call of its own is disturbed and that the storm really blew.
 *
 * Answer: allocations 200100, frees 200100, live_bytes 0. */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "victim.h"

static volatile sig_atomic_t storms;

static void on_profile(int number) {
    (void)number;
    int error = errno;
    void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED)
        munmap(page, 4096);
    storms++;
    errno = error;
}

static void on_user(int number) {
    void *block = take((size_t)number);
    free(block);
}

int main(void) {
    struct sigaction action = {.sa_handler = on_profile, .sa_flags = SA_RESTART};
    EXPECT(sigaction(SIGPROF, &action, NULL) == 0);
    action.sa_handler = on_user;
    EXPECT(sigaction(SIGUSR1, &action, NULL) == 0);
    struct itimerval every = {{0, 500}, {0, 500}};
    EXPECT(setitimer(ITIMER_PROF, &every, NULL) == 0);

    void *blocks[100];
    for (int round = 0; round < 2000; round++) {
        for (size_t i = 0; i < 100; i++)
            blocks[i] = take(1 + i * 3);
        for (size_t i = 0; i < 100; i++)
            free(blocks[i]);
        if (round % 20 == 0)
            raise(SIGUSR1);
    }
    while (storms == 0)
        continue;
    say("signals done\n");
    return 0;
}
