/* daemon.c - becomes a daemon the classic way (fork, setsid, fork, chdir to /, umask, null
 * streams, all descriptors closed) and then, orphaned, allocates 50 blocks of 60 bytes and writes
 * "alive" to the file named by its argument (an absolute path). The starter allocates 2 blocks of
 * 30 bytes before, unless there is a second argument.
 *
 * Answer: allocations 2. Child: allocations 50, bytes_allocated 3000, live_bytes 3060 (the daemon;
 * the process between them only forks). */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "victim.h"

static void leave_home(void) {
    if (fork() != 0)
        _exit(0);
    setsid();
    if (fork() != 0)
        _exit(0);
    EXPECT(chdir("/") == 0);
    umask(0);
    for (int file = 0; file < 1024; file++)
        close(file);
    EXPECT(open("/dev/null", O_RDWR) == 0 && dup(0) == 1 && dup(0) == 2);
}

int main(int argc, char **argv) {
    EXPECT(argc > 1);
    for (int i = 0; argc == 2 && i < 2; i++)
        take(30);
    pid_t first = fork();
    EXPECT(first >= 0);
    if (first > 0) {
        int status = 0;
        EXPECT(waitpid(first, &status, 0) == first && status == 0);
        say("daemon started\n");
        return 0;
    }
    leave_home();
    usleep(50000);
    for (int i = 0; i < 50; i++)
        take(60);
    int file = open(argv[1], O_WRONLY | O_CREAT | O_EXCL, 0600);
    EXPECT(write(file, "alive\n", 6) == 6);
    return 0;
}
