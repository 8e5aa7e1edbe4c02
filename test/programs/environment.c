/* environment.c - does to its environment what daemons do: overwrites the memory of argv and
 * environ with a title, puts a new environment elsewhere, clears it, and starts children before
 * and after ("PROGRAM" is run by system each time). Then allocates 4 blocks of 25 bytes, live. */
#include <sys/wait.h>

#include "victim.h"

extern char **environ;

static int run(char *program) {
    pid_t pid = fork();
    EXPECT(pid >= 0);
    if (pid == 0) {
        char *arguments[] = {program, NULL};
        execve(program, arguments, environ);
        _exit(127);
    }
    int status = 0;
    EXPECT(waitpid(pid, &status, 0) == pid);
    return status;
}

static void overwrite(char **argv) {
    char *begin = argv[0];
    char *end = begin + strlen(begin) + 1;
    for (char **word = argv + 1; *word != NULL; word++)
        end = *word + strlen(*word) + 1;
    for (char **word = environ; *word != NULL; word++)
        end = *word + strlen(*word) + 1;
    memset(begin, 'T', (size_t)(end - begin - 1));
    end[-1] = '\0';
}

int main(int argc, char **argv) {
    static char program[4096];
    static char *fresh[] = {"PATH=/usr/bin:/bin", "TITLE=set", NULL};
    EXPECT(argc > 1 && strlen(argv[1]) < sizeof program);
    strcpy(program, argv[1]);
    EXPECT(run(program) == 0);
    overwrite(argv);
    environ = fresh;
    EXPECT(run(program) == 0);
    clearenv();
    EXPECT(run(program) == 0);
    for (int i = 0; i < 4; i++)
        take(25);
    say("environment done\n");
    return 0;
}
