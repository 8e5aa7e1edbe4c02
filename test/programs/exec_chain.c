/* exec_chain.c - executes itself three times, so that one process has four images, each by another
 * function of the exec family. Image n (0..3) allocates n + 1 blocks of 50 bytes and prints its n.
 * With a second argument "bare" every image starts the next one with an empty environment.
 *
 * Answer: allocations 4, frees 0, bytes_allocated 200, live_bytes 200 (the last image). */
#include <fcntl.h>

#include "victim.h"

extern char **environ;

int main(int argc, char **argv) {
    int image = argc > 1 ? atoi(argv[1]) : 0;
    const char *mode = argc > 2 ? argv[2] : "full";
    for (int i = 0; i <= image; i++)
        take(50);
    say("image %d\n", image);
    if (image >= 3)
        return 33;

    char next[16];
    snprintf(next, sizeof next, "%d", image + 1);
    char *arguments[] = {argv[0], next, (char *)mode, NULL};
    char *nothing[] = {NULL};
    char **environment = strcmp(mode, "bare") == 0 ? nothing : environ;
    if (image == 0)
        execve("/proc/self/exe", arguments, environment);
    else if (image == 1)
        execle("/proc/self/exe", argv[0], next, mode, (char *)NULL, environment);
    else
        fexecve(open("/proc/self/exe", O_RDONLY | O_CLOEXEC), arguments, environment);
    return 99;
}
