/* drops.c - a master that stays root and 3 workers that become the user "nobody" and only then
 * allocate, in a thread, too; one of them has a child after that. As nginx does.
 *
 * A worker: 20 blocks of 81 bytes; the child of the last: 5 of 82. */
#include <pthread.h>
#include <sys/wait.h>

#include "victim.h"

static void *work(void *unused) {
    for (int i = 0; i < 10; i++)
        free(take(81));
    return unused;
}

static void child(void) {
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 5; i++)
            free(take(82));
        _exit(0);
    }
    EXPECT(pid > 0 && waitpid(pid, NULL, 0) == pid);
}

static void worker(int number) {
    pthread_t thread;
    EXPECT(setgid(65534) == 0 && setuid(65534) == 0);
    work(NULL);
    EXPECT(pthread_create(&thread, NULL, work, NULL) == 0 && pthread_join(thread, NULL) == 0);
    if (number == 2)
        child();
    _exit(0);
}

int main(void) {
    void *kept = take(1000);
    for (int i = 0; i < 3; i++)
        if (fork() == 0)
            worker(i);
    for (int i = 0; i < 3; i++) {
        int status;
        EXPECT(wait(&status) > 0 && status == 0);
    }
    free(kept);
    say("drops done\n");
    return 0;
}
