/* starts_children.c - starts PROGRAM ARGS in the way named first: vfork, fork, spawn
 * (posix_spawnp), spawn-bare (posix_spawn with an empty environment), system, popen; then
 * allocates 5 blocks.
 *
 * Usage: starts_children WAY PROGRAM [ARGS]. Its own status is 0 when the child's was. */
#include <spawn.h>
#include <sys/wait.h>

#include "victim.h"

extern char **environ;

static int wait_for(pid_t pid) {
    int status = 0;
    EXPECT(pid > 0 && waitpid(pid, &status, 0) == pid);
    return status;
}

static int by_vfork(char **arguments) {
    pid_t pid = vfork();
    if (pid == 0) {
        execvp(arguments[0], arguments);
        _exit(127);
    }
    return wait_for(pid);
}

static int by_fork(char **arguments) {
    pid_t pid = fork();
    if (pid == 0) {
        execvp(arguments[0], arguments);
        _exit(127);
    }
    return wait_for(pid);
}

static int by_spawn(char **arguments, char **environment) {
    pid_t pid = 0;
    EXPECT(posix_spawnp(&pid, arguments[0], NULL, NULL, arguments, environment) == 0);
    return wait_for(pid);
}

static void join(char **words, char *line, size_t room) {
    size_t used = 0;
    for (; *words != NULL; words++)
        used += (size_t)snprintf(line + used, room - used, "'%s' ", *words);
    EXPECT(used < room);
}

static int by_popen(const char *line) {
    FILE *pipe = popen(line, "r");
    EXPECT(pipe != NULL);
    char text[256];
    while (fgets(text, sizeof text, pipe) != NULL)
        say("%s", text);
    return pclose(pipe);
}

int main(int argc, char **argv) {
    EXPECT(argc > 2);
    char line[4096];
    join(argv + 2, line, sizeof line);
    char *nothing[] = {NULL};
    int status = -1;
    if (strcmp(argv[1], "vfork") == 0)
        status = by_vfork(argv + 2);
    else if (strcmp(argv[1], "fork") == 0)
        status = by_fork(argv + 2);
    else if (strcmp(argv[1], "spawn") == 0)
        status = by_spawn(argv + 2, environ);
    else if (strcmp(argv[1], "spawn-bare") == 0)
        status = by_spawn(argv + 2, nothing);
    else if (strcmp(argv[1], "system") == 0)
        status = system(line);
    else if (strcmp(argv[1], "popen") == 0)
        status = by_popen(line);
    for (int i = 0; i < 5; i++)
        take(11);
    say("%s: %d\n", argv[1], status);
    return status != 0;
}
