/* forks.c - WAYs of making a child, 200 times, while 3 threads allocate as fast as they can: fork,
 * vfork (from threads that never allocated before), clone and syscall (the bare system calls, which
 * run no fork handlers), spawn. But for spawn, which runs /bin/true, a child makes 5 blocks of 100
 * bytes and frees them; the parent goes on. Usage: forks WAY */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "victim.h"

enum { CHILDREN = 200, THREADS = 3 };

static atomic_int stop;
static const char *way;

__attribute__((noinline)) static void live_as_child(void) {
    for (int i = 0; i < 5; i++)
        free(take(100));
    _exit(7);
}

static pid_t make_child(void) {
    char *const arguments[] = {"/bin/true", NULL};
    pid_t pid = -1;
    if (strcmp(way, "fork") == 0)
        pid = fork();
    else if (strcmp(way, "clone") == 0)
        pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    else if (strcmp(way, "syscall") == 0)
        pid = (pid_t)syscall(SYS_fork);
    else if (posix_spawn(&pid, arguments[0], NULL, NULL, arguments, environ) != 0)
        pid = -1;
    if (pid == 0)
        live_as_child();
    return pid;
}

/* On its own: the compiler must not keep anything across a vfork. */
__attribute__((noinline)) static pid_t make_vfork_child(void) {
    pid_t pid = vfork();
    if (pid == 0)
        live_as_child();
    return pid;
}

static void *be_parent(void *unused) {
    int status = 0;
    pid_t pid = strcmp(way, "vfork") == 0 ? make_vfork_child() : make_child();
    EXPECT(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    EXPECT(WEXITSTATUS(status) == (strcmp(way, "spawn") == 0 ? 0 : 7));
    return unused;
}

static void *load(void *unused) {
    void *blocks[50];
    while (!stop) {
        for (size_t i = 0; i < 50; i++)
            blocks[i] = take(1 + i);
        for (size_t i = 0; i < 50; i++)
            free(blocks[i]);
        sched_yield();
    }
    return unused;
}

int main(int argc, char **argv) {
    EXPECT(argc == 2);
    way = argv[1];
    pthread_t threads[THREADS], parent;
    for (int i = 0; i < THREADS; i++)
        EXPECT(pthread_create(&threads[i], NULL, load, NULL) == 0);
    for (int i = 0; i < CHILDREN; i++) {
        EXPECT(pthread_create(&parent, NULL, be_parent, NULL) == 0);
        EXPECT(pthread_join(parent, NULL) == 0);
    }
    stop = 1;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    say("forks done\n");
    return 0;
}
