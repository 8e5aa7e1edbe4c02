/* titles.c - overwrites its arguments and its environment, as setproctitle() does, and leaves
 * `environ` pointing to memory that is gone; then it forks, starts threads and allocates.
 *
 * Blocks of 61 bytes: 30 by the parent's thread, 30 by the child's. */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "victim.h"

static void *work(void *unused) {
    for (int i = 0; i < 30; i++)
        free(take(61));
    return unused;
}

static void work_in_thread(void) {
    pthread_t thread;
    EXPECT(pthread_create(&thread, NULL, work, NULL) == 0);
    EXPECT(pthread_join(thread, NULL) == 0);
}

static void overwrite(int argc, char **argv) {
    for (char **text = environ; *text; text++)
        memset(*text, 'e', strlen(*text));
    for (int i = 0; i < argc; i++)
        memset(argv[i], 'a', strlen(argv[i]));
    char **gone = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(gone != MAP_FAILED && munmap(gone, 4096) == 0);
    environ = gone;
}

int main(int argc, char **argv) {
    overwrite(argc, argv);
    pid_t pid = fork();
    work_in_thread();
    if (pid == 0)
        _exit(3);
    int status = 0;
    EXPECT(pid > 0 && waitpid(pid, &status, 0) == pid && status == 3 << 8);
    say("titles done\n");
    return 0;
}
