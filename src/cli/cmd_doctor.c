#include "cli/cli.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "recorder/leftover.h"
#include "symbol/symbol.h"
#include "util/args.h"
#include "util/human.h"

/* What a check says: fine; something is limited; recording would not work. */
typedef enum ms_verdict { FINE, LIMIT, PROBLEM } ms_verdict;

typedef struct ms_answer {
    ms_verdict verdict;
    char text[768];
} ms_answer;

static void say(ms_answer *answer, ms_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(ms_answer *answer, ms_verdict verdict, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(answer->text, sizeof answer->text, format, arguments);
    va_end(arguments);
    answer->verdict = verdict;
}

/* ---- the library ------------------------------------------------------------------------- */

static _Noreturn void exec_preloaded(const char *library, int out) {
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    setenv("LD_PRELOAD", library, 1);
    setenv("MEMSCOPE_ENABLE", "0", 1);
    execlp("cat", "cat", "/proc/self/maps", (char *)NULL);
    _exit(127);
}

/* Runs an ordinary program with the library preloaded; its memory map, or what the loader said
 * against it, goes to `text`. */
static bool run_preloaded(const char *library, char *text, size_t capacity) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        return false;
    pid_t child = fork();
    if (child == 0)
        exec_preloaded(library, ends[1]);
    close(ends[1]);
    size_t size = 0;
    ssize_t got = 0;
    while (child > 0 && size < capacity - 1 &&
           (got = read(ends[0], text + size, capacity - 1 - size)) > 0)
        size += (size_t)got;
    text[size] = 0;
    close(ends[0]);
    int status = -1;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static void check_library(ms_answer *answer) {
    char path[4096], map[65536];
    if (!ms_cli_library(path, sizeof path)) {
        say(answer, PROBLEM, "%s is missing; install memscope as a whole", path);
        return;
    }
    bool ran = run_preloaded(path, map, sizeof map);
    const char *refusal = strstr(map, "cannot be preloaded");
    if (refusal)
        say(answer, PROBLEM, "%s %.*s", path, (int)strcspn(refusal, "\n"), refusal);
    else if (!ran)
        say(answer, PROBLEM, "%s: a program that preloads it fails", path);
    else if (!strstr(map, "/libmemscope.so\n"))
        say(answer, PROBLEM, "%s is not loaded by programs; is the loader glibc's?", path);
    else
        say(answer, FINE, "%s loads", path);
}

static void check_c_library(ms_answer *answer) {
    const char *version = gnu_get_libc_version();
    if (dlsym(RTLD_DEFAULT, "_dl_find_object"))
        say(answer, FINE, "glibc %s", version);
    else
        say(answer, PROBLEM,
            "glibc %s has no _dl_find_object, which stacks are taken with; 2.35 or newer has",
            version);
}

/* ---- shared memory ----------------------------------------------------------------------- */

#define SHARED_DIRECTORY "/dev/shm"
#define RING_MAX (64u << 20) /* what one busy process may take */
#define PROBE_SIZE (1u << 20)

/* Does what a ring needs: blocks that are there before they are mapped. */
static int probe_shared_memory(void) {
    char path[] = SHARED_DIRECTORY "/memscope.doctor.XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return errno;
    unlink(path);
    int error = posix_fallocate(fd, 0, PROBE_SIZE);
    if (!error) {
        char *memory = mmap(NULL, PROBE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (memory == MAP_FAILED)
            error = errno;
        else
            munmap(memory, PROBE_SIZE);
    }
    close(fd);
    return error;
}

static void check_shared_memory(ms_answer *answer) {
    int error = probe_shared_memory();
    struct statvfs space;
    if (error || statvfs(SHARED_DIRECTORY, &space)) {
        say(answer, PROBLEM, SHARED_DIRECTORY ": %s; it must be a writable tmpfs with free space",
            strerror(error ? error : errno));
        return;
    }
    uint64_t free_bytes = (uint64_t)space.f_bavail * space.f_frsize;
    if (free_bytes < RING_MAX)
        say(answer, LIMIT,
            SHARED_DIRECTORY " has %llu MiB free; a busy process may need %u, events may be lost",
            (unsigned long long)(free_bytes >> 20), RING_MAX >> 20);
    else
        say(answer, FINE, SHARED_DIRECTORY " has %llu MiB free",
            (unsigned long long)(free_bytes >> 20));
}

/* ---- programs and environment ------------------------------------------------------------ */

static void check_programs(ms_answer *answer) {
    say(answer, LIMIT,
        "those that are statically linked, 32-bit, setuid or setgid, or have file capabilities "
        "cannot be recorded: the loader preloads nothing into them");
}

/* Describes a variable that is close to one of ours, but none. */
static bool is_misspelled(const char *entry, ms_answer *answer) {
    static const char prefix[] = "MEMSCOPE_";
    char name[64], best[64] = "";
    size_t size = strcspn(entry, "="), best_cost = SIZE_MAX;
    if (strncmp(entry, prefix, sizeof prefix - 1) != 0 || size >= sizeof name)
        return false;
    memcpy(name, entry, size);
    name[size] = 0;
    for (size_t i = 0; i < ms_option_count + ms_option_switch_count; i++) {
        char known[64];
        if (i < ms_option_count)
            ms_option_variable(&ms_option_infos[i], known, sizeof known);
        else
            snprintf(known, sizeof known, "%s", ms_option_switches[i - ms_option_count].variable);
        size_t cost = ms_misspelling(name + sizeof prefix - 1, known + sizeof prefix - 1);
        if (cost < best_cost) {
            best_cost = cost;
            memcpy(best, known, sizeof best);
        }
    }
    if (!*best || best_cost == 0)
        return false;
    say(answer, LIMIT, "%s is no variable of memscope; is %s meant?", name, best);
    return true;
}

static void check_environment(ms_answer *answer) {
    ms_options options = ms_options_default();
    ms_option_problems problems;
    ms_options_from_environment(&options, environ, ~0u, &problems);
    if (problems.count) {
        char variable[64];
        ms_option_variable(problems.items[0].option, variable, sizeof variable);
        say(answer, LIMIT, "%s=%.200s is no value for it and is ignored", variable,
            problems.items[0].value);
        return;
    }
    if (!options.enable) {
        say(answer, PROBLEM,
            "a variable switches recording off: MEMSCOPE_ENABLE=0 or one of "
            "MEMSCOPE_DISABLED, MEMSCOPE_DISABLE_GLOBAL, TRACE_TOOLS_DISABLED");
        return;
    }
    for (char **entry = environ; *entry; entry++)
        if (is_misspelled(*entry, answer))
            return;
    const char *preload = getenv("LD_PRELOAD");
    if (options.max_trace || options.ring || options.aggregate)
        say(answer, LIMIT,
            "MEMSCOPE_MAX_TRACE, MEMSCOPE_RING and MEMSCOPE_AGGREGATE take a recorder: with "
            "LD_PRELOAD alone they have no effect, use `memscope run`");
    else if (preload && *preload)
        say(answer, LIMIT, "LD_PRELOAD is %.200s; memscope goes in front of it", preload);
    else
        say(answer, FINE, "nothing in it is in the way");
}

/* ---- symbols ----------------------------------------------------------------------------- */

static void check_libc_symbols(ms_answer *answer) {
    Dl_info info;
    ms_symbols *symbols = ms_symbols_new(NULL);
    if (!symbols || !dladdr(dlsym(RTLD_DEFAULT, "malloc"), &info) || !info.dli_fname) {
        say(answer, LIMIT, "cannot be looked at");
        ms_symbols_free(symbols);
        return;
    }
    size_t libc = ms_symbols_add(symbols, info.dli_fname, NULL, 0, 0);
    if (ms_symbols_source_of(symbols, libc) == MS_SYMBOLS_DWARF)
        say(answer, FINE, "the C library's debug information is there");
    else
        say(answer, LIMIT,
            "%s has no debug information: its frames have no lines; on Debian, install libc6-dbg",
            info.dli_fname);
    ms_symbols_free(symbols);
}

static void check_debuginfod(ms_answer *answer) {
    const char *urls = getenv("DEBUGINFOD_URLS");
    if (!urls || !*urls)
        say(answer, LIMIT, "DEBUGINFOD_URLS is not set: --debuginfod has nobody to ask");
    else
        say(answer, FINE, "%.200s, asked only with --debuginfod", urls);
}

/* ---- what killed recorders left ------------------------------------------------------------ */

static void check_leftovers(ms_answer *answer) {
    ms_leftovers found;
    ms_leftovers_find(&found);
    if (found.count == 0)
        say(answer, FINE, "no recorder was killed and left its rings");
    else
        say(answer, LIMIT,
            "%zu recordings were cut short and left %s, which reports of their traces still need; "
            "when you need no more of them: rm -r %.500s",
            found.count, ms_human_bytes(found.bytes).text, found.places);
}

/* ---- the clock --------------------------------------------------------------------------- */

#define TICKS 40

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The recorder sleeps a millisecond between ticks: how long is that here? */
static void check_tick(ms_answer *answer) {
    uint64_t ticks[TICKS];
    for (size_t i = 0; i < TICKS; i++) {
        uint64_t start = now_ns();
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        ticks[i] = now_ns() - start;
    }
    qsort(ticks, TICKS, sizeof *ticks, by_size);
    double median_ms = (double)ticks[TICKS / 2] / 1e6;
    double worst_ms = (double)ticks[TICKS - 1] / 1e6;
    say(answer, median_ms < 5 ? FINE : LIMIT,
        "a tick of 1 ms takes %.2f ms (worst %.2f): times and the order of threads are that exact",
        median_ms, worst_ms);
}

/* ---- all of them ------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*check)(ms_answer *answer);
} checks[] = {
    {"library", check_library},
    {"C library", check_c_library},
    {"shared memory", check_shared_memory},
    {"environment", check_environment},
    {"programs", check_programs},
    {"libc symbols", check_libc_symbols},
    {"debuginfod", check_debuginfod},
    {"leftovers", check_leftovers},
    {"clock", check_tick},
};

static void print(const char *name, const ms_answer *answer, bool color) {
    static const struct {
        const char *word, *color;
    } words[] = {
        [FINE] = {"ok", "\033[32m"},
        [LIMIT] = {"limit", "\033[33m"},
        [PROBLEM] = {"PROBLEM", "\033[31m"},
    };
    printf("%s%-8s%s %-14s %s\n", color ? words[answer->verdict].color : "",
           words[answer->verdict].word, color ? "\033[0m" : "", name, answer->text);
}

int ms_cmd_doctor(const ms_options *options, int argc, char **argv) {
    if (argc > 0) {
        ms_say("doctor: takes no operand, not '%s'", argv[0]);
        return ms_err_exit_status(MS_ERR_USAGE);
    }
    bool color = ms_cli_color(options, STDOUT_FILENO);
    int problems = 0;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        ms_answer answer = {FINE, ""};
        checks[i].check(&answer);
        print(checks[i].name, &answer, color);
        problems += answer.verdict == PROBLEM;
    }
    printf("\n%s\n", problems ? "Recording would not work here." : "Recording works here.");
    return ms_finish_stdout(problems ? ms_err_exit_status(MS_ERR_ENVIRONMENT) : 0);
}
