/* times.c - runs a command and writes what it took: times OUT COMMAND...
 *
 * OUT gets one line: wall seconds, CPU seconds of the command and all its descendants, the most KiB
 * any one of them had resident, and the exit status (negative: the signal). Linked statically: an
 * LD_PRELOAD passes through it without any effect, so it can stand between a profiler and its victim
 * and tell what the victim alone took. */
#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval time) {
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    if (argc < 3)
        return 2;
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* orphans come to us, or their time would be missing */
    double start = now(), wall = 0;
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    int status = 0, each;
    for (pid_t gone; (gone = wait(&each)) > 0 || errno == EINTR;)
        if (gone == child) {
            status = each;
            wall = now() - start;
        }
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    FILE *out = fopen(argv[1], "w");
    if (!out)
        return 125;
    fprintf(out, "%.6f %.6f %ld %d\n", wall, seconds(usage.ru_utime) + seconds(usage.ru_stime),
            usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
    fclose(out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
