/* told.c - does what its input says, a line each, and says "done" after each:
 *   take COUNT SIZE     allocates COUNT blocks of SIZE bytes and keeps them, in all up to 10,000
 *   free COUNT          releases the COUNT oldest of them
 *   fork                goes on in a child; the parent waits for it
 *   start PATH, stop    calls memscope_start(), memscope_stop(); says the result, and why not. PATH "-": none
 *   stats               says what memscope_stats() tells of blocks, once it knows: allocations, reallocations,
 *                       frees, bytes, strategy; "none" without a trace, "unknown" without a recorder
 *   mapped WORD         says how many of the process's mapped files have WORD in their name
 *   export PATH [FORMAT [FLAG]]  calls memscope_export(); says its result
 *   task NUMBER         calls memscope_task_switch()
 *   pause, resume, on   calls memscope_pause(), memscope_resume(); says "on" or "off"
 * and ends when the input does. */
#include <memscope.h>

#include <errno.h>
#include <sys/wait.h>

#include "victim.h"

static void *kept[10000];
static int first, next;

__attribute__((noinline)) static void take_some(int count, int size) {
    for (int i = 0; i < count; i++)
        kept[next++] = take((size_t)size);
}

__attribute__((noinline)) static void free_some(int count) {
    for (int i = 0; i < count; i++)
        free(kept[first++]);
}

static void split(void) {
    pid_t child = fork();
    int status = 1;
    if (child == 0)
        return;
    EXPECT(waitpid(child, &status, 0) == child);
    _exit(WEXITSTATUS(status));
}

static void say_result(int result) {
    if (result < 0)
        say("%d %s\n", result, strerror(errno));
    else
        say("%d\n", result);
}

static void start(const char *path) {
    struct memscope_config config = memscope_config_default();
    if (strcmp(path, "-") != 0)
        config.output = path;
    say_result(memscope_start(&config));
}

static void say_mapped(const char *word) {
    char line[4352];
    int count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    EXPECT(maps);
    while (fgets(line, sizeof line, maps))
        count += strchr(line, '/') && strstr(line, word);
    fclose(maps);
    say("%d\n", count);
}

/* What has happened before this call is to be among it. */
static void say_stats(void) {
    struct memscope_counts stats;
    if (memscope_stats(&stats) < 0) {
        say("none\n");
        return;
    }
    uint64_t from_ns = stats.time_ns;
    for (int tries = 0;
         tries < 3000 && (stats.counted_ns == MEMSCOPE_UNKNOWN || stats.counted_ns < from_ns);
         tries++) {
        if (tries > 300 && stats.counted_ns == MEMSCOPE_UNKNOWN)
            break;
        usleep(1000);
        EXPECT(memscope_stats(&stats) == 0);
    }
    if (stats.counted_ns == MEMSCOPE_UNKNOWN)
        say("unknown %d\n", (int)stats.strategy);
    else
        say("%d %d %d %d %d\n", (int)stats.allocations, (int)stats.reallocations, (int)stats.frees,
            (int)stats.bytes_allocated, (int)stats.strategy);
}

static void export(const char *words) {
    char path[100], format[16], flag[32];
    int count = sscanf(words, "%99s %15s %31s", path, format, flag);
    const char *const flags[] = {flag, NULL};
    struct memscope_export_options options = {format, count > 2 ? flags : NULL};
    say("%d\n", memscope_export(path, count > 1 ? &options : NULL));
}

static void obey(const char *line) {
    int count, size;
    char path[100];
    if (strncmp(line, "export ", 7) == 0)
        export(line + 7);
    else if (sscanf(line, "take %d %d", &count, &size) == 2)
        take_some(count, size);
    else if (sscanf(line, "free %d", &count) == 1)
        free_some(count);
    else if (sscanf(line, "task %d", &count) == 1)
        memscope_task_switch((uint64_t)count);
    else if (sscanf(line, "start %99s", path) == 1)
        start(path);
    else if (sscanf(line, "mapped %99s", path) == 1)
        say_mapped(path);
    else if (strcmp(line, "stats") == 0)
        say_stats();
    else if (strcmp(line, "stop") == 0)
        say_result(memscope_stop());
    else if (strcmp(line, "fork") == 0)
        split();
    else if (strcmp(line, "pause") == 0)
        EXPECT(memscope_pause() == 0);
    else if (strcmp(line, "resume") == 0)
        EXPECT(memscope_resume() == 0);
    else if (strcmp(line, "on") == 0)
        say("%s\n", memscope_is_recording() ? "on" : "off");
    else
        EXPECT(!"a command");
    say("done\n");
}

int main(void) {
    char line[128];
    for (size_t size = 0; read(STDIN_FILENO, line + size, 1) == 1;) {
        if (line[size++] != '\n' && size < sizeof line)
            continue;
        line[size - 1] = 0;
        size = 0;
        obey(line);
    }
    return 0;
}
