/* fork_inherits.c - the child frees 4 of the parent's 10 blocks, reallocates one more of them
 * from 100 to 300 bytes and frees that, too. Those are the parent's blocks: not unmatched, not
 * allocated here. The grandchild frees what is left.
 *
 * Answer: allocations 10, frees 0, live_bytes 1000, unmatched_frees 0.
 * Child: allocations 0, reallocations 1, unmatched_frees 0, live_bytes 0.
 * Grandchild: allocations 0, frees 5, inherited_frees 5, unmatched_frees 0. */
#include <sys/wait.h>

#include "victim.h"

static void wait_for(pid_t pid) {
    int status = 0;
    EXPECT(pid > 0 && waitpid(pid, &status, 0) == pid);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void) {
    char *blocks[10];
    for (int i = 0; i < 10; i++)
        memset(blocks[i] = take(100), i, 100);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 4; i++)
            free(blocks[i]);
        char *moved = realloc(blocks[4], 300);
        EXPECT(moved != NULL && moved[99] == 4);
        free(moved);
        pid_t grandchild = fork();
        if (grandchild == 0) {
            for (int i = 5; i < 10; i++)
                free(blocks[i]);
            exit(0);
        }
        wait_for(grandchild);
        exit(0);
    }
    wait_for(child);
    EXPECT(blocks[4][99] == 4);
    say("inheritance done\n");
    return 0;
}
