/* fork_allocates.c - the parent allocates 10 blocks of 100 bytes and forks; the child allocates 7
 * of 1000 bytes, frees 3 of them; then both leave through exit. With an argument, that many
 * children.
 *
 * Answer: allocations 10, frees 0, bytes_allocated 1000, live_bytes 1000.
 * Child: allocations 7, frees 3, bytes_allocated 7000, live_bytes 4000. */
#include <sys/wait.h>

#include "victim.h"

static void child(void) {
    void *blocks[7];
    for (int i = 0; i < 7; i++)
        blocks[i] = take(1000);
    for (int i = 0; i < 3; i++)
        free(blocks[i]);
    exit(7);
}

int main(int argc, char **argv) {
    int children = argc > 1 ? atoi(argv[1]) : 1;
    for (int i = 0; i < 10; i++)
        take(100);
    for (int i = 0; i < children; i++) {
        pid_t pid = fork();
        EXPECT(pid >= 0);
        if (pid == 0)
            child();
        int status = 0;
        EXPECT(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7);
    }
    say("%d children done\n", children);
    return 0;
}
