/* small_stacks.c - threads with the smallest stack there is: one allocates first thing, one forks, and
 * one gets a signal on a stack of 6 KiB more than the kernel needs for its frame, whose handler makes
 * the thread's first allocation. */
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/wait.h>

#include "victim.h"

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

static void on_user(int number) {
    (void)number;
    free(take(24));
}

static void *allocate(void *unused) {
    free(take(24));
    return unused;
}

static void *fork_there(void *unused) {
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        free(take(24));
        _exit(4);
    }
    EXPECT(pid > 0 && waitpid(pid, &status, 0) == pid && status == 4 << 8);
    return unused;
}

static void *signalled(void *unused) {
    static char room[64 * 1024];
    stack_t own = {.ss_sp = room, .ss_size = getauxval(AT_MINSIGSTKSZ) + 6144};
    EXPECT(sigaltstack(&own, NULL) == 0);
    EXPECT(raise(SIGUSR1) == 0);
    own.ss_flags = SS_DISABLE;
    EXPECT(sigaltstack(&own, NULL) == 0);
    return unused;
}

static void in_small_thread(void *(*function)(void *)) {
    pthread_t thread;
    pthread_attr_t smallest;
    pthread_attr_init(&smallest);
    EXPECT(pthread_attr_setstacksize(&smallest, (size_t)sysconf(_SC_THREAD_STACK_MIN)) == 0);
    EXPECT(pthread_create(&thread, &smallest, function, NULL) == 0);
    EXPECT(pthread_join(thread, NULL) == 0);
}

int main(void) {
    struct sigaction action = {.sa_handler = on_user, .sa_flags = SA_ONSTACK};
    EXPECT(sigaction(SIGUSR1, &action, NULL) == 0);
    in_small_thread(allocate);
    in_small_thread(fork_there);
    in_small_thread(signalled);
    say("small stacks done\n");
    return 0;
}
