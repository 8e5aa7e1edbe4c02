/* hooks.h - the part both oracles share: a preload that sees every malloc-family call and says
 * what it means by the counting rules: birth, move (realloc of a block) or death. It shares no
 * code with memscope on purpose. Include it once, behind definitions of:
 *
 *   static void oracle_open(void);                         called before the first event
 *   static size_t oracle_birth(void *block, size_t size);  returns a ticket for oracle_correct
 *   static void oracle_move(void *block, void *old, size_t size);
 *   static void oracle_death(void *block);
 *   static void oracle_correct(size_t ticket, size_t from, size_t to);  the birth had `to` bytes
 *
 * operator new rounds sizes before it calls malloc. The request of the outermost call counts, so a
 * birth inside operator new is corrected when operator new returns the same block. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What this thread was given last, for operator new. */
static __thread __attribute__((tls_model("initial-exec"))) struct {
    void *block;
    size_t size;
    size_t ticket;
} last;

static struct {
    bool ready, starting;
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
    void *(*memalign)(size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*valloc)(size_t);
    void *(*pvalloc)(size_t);
} real;

/* Serves calls that dlsym makes while the real functions are being looked up. */
static _Alignas(64) char arena[16384];
static size_t arena_used;

static void *arena_take(size_t size) {
    size_t at = arena_used;
    arena_used += (size + 63) & ~(size_t)63;
    if (arena_used > sizeof arena)
        abort();
    return arena + at;
}

static bool in_arena(const void *block) {
    return (const char *)block >= arena && (const char *)block < arena + sizeof arena;
}

static void find(void *function, const char *name) {
    *(void **)function = dlsym(RTLD_NEXT, name);
}

/* False while the lookup itself runs. */
static bool started(void) {
    if (real.ready)
        return true;
    if (real.starting)
        return false;
    real.starting = true;
    int error = errno;
    find(&real.malloc, "malloc");
    find(&real.calloc, "calloc");
    find(&real.realloc, "realloc");
    find(&real.free, "free");
    find(&real.memalign, "memalign");
    find(&real.aligned_alloc, "aligned_alloc");
    find(&real.posix_memalign, "posix_memalign");
    find(&real.valloc, "valloc");
    find(&real.pvalloc, "pvalloc");
    oracle_open();
    pthread_atfork(NULL, NULL, oracle_open);
    errno = error;
    real.ready = true;
    return true;
}

/* The value of ORACLE_OUTPUT. Not by getenv: the first call may come before libc has set environ,
 * or after the program has cleared it. */
static void find_output(char *output, size_t room) {
    static char environment[65536];
    int file = open("/proc/self/environ", O_RDONLY | O_CLOEXEC);
    ssize_t size = read(file, environment, sizeof environment - 1);
    close(file);
    for (char *at = environment; size > 0 && at < environment + size; at += strlen(at) + 1) {
        if (strncmp(at, "ORACLE_OUTPUT=", 14) == 0 && strlen(at + 14) < room) {
            strcpy(output, at + 14);
            return;
        }
    }
    _exit(97);
}

/* A file of `size` bytes, shared with the kernel alone, so that it survives any death:
 * $ORACLE_OUTPUT.PID.N, N counting the images of one process. */
static void *oracle_map(size_t size) {
    char output[2048];
    find_output(output, sizeof output);
    int file = -1;
    for (int image = 0; file < 0 && image < 100; image++) {
        char path[2200];
        snprintf(path, sizeof path, "%s.%d.%d", output, getpid(), image);
        file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    }
    if (file < 0 || ftruncate(file, (off_t)size) != 0)
        _exit(97);
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map == MAP_FAILED)
        _exit(97);
    close(file);
    return map;
}

static void *born(void *block, size_t size) {
    if (block == NULL)
        return NULL;
    int error = errno;
    last.block = block;
    last.size = size;
    last.ticket = oracle_birth(block, size);
    errno = error;
    return block;
}

void *malloc(size_t size) {
    return started() ? born(real.malloc(size), size) : arena_take(size);
}

void *calloc(size_t count, size_t size) {
    return started() ? born(real.calloc(count, size), count * size) : arena_take(count * size);
}

void free(void *block) {
    if (block == NULL || in_arena(block) || !started())
        return;
    oracle_death(block);
    real.free(block);
}

void cfree(void *block); /* no longer declared by libc, still there */
void cfree(void *block) {
    free(block);
}

void *realloc(void *old, size_t size) {
    if (!started())
        return arena_take(size);
    if (old == NULL)
        return born(real.realloc(NULL, size), size);
    if (in_arena(old)) {
        void *copy = malloc(size);
        size_t room = (size_t)(arena + sizeof arena - (char *)old);
        return copy ? memcpy(copy, old, size < room ? size : room) : NULL;
    }
    void *block = real.realloc(old, size);
    if (block != NULL)
        oracle_move(block, old, size);
    else if (size == 0)
        oracle_death(old);
    return block;
}

void *memalign(size_t alignment, size_t size) {
    return started() ? born(real.memalign(alignment, size), size) : NULL;
}

void *aligned_alloc(size_t alignment, size_t size) {
    return started() ? born(real.aligned_alloc(alignment, size), size) : NULL;
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    int error = started() ? real.posix_memalign(block, alignment, size) : ENOMEM;
    if (error == 0)
        born(*block, size);
    return error;
}

void *valloc(size_t size) {
    return started() ? born(real.valloc(size), size) : NULL;
}

void *pvalloc(size_t size) {
    return started() ? born(real.pvalloc(size), size) : NULL;
}

static void *made(void *block, size_t size) {
    if (block != NULL && last.block == block && last.size != size) {
        oracle_correct(last.ticket, last.size, size);
        last.size = size;
    }
    return block;
}

/* The eight forms of operator new, by their Itanium names. They throw through us without harm:
 * nothing needs to be undone. */
#define NEW(name, parameters, arguments)                                                           \
    void *name parameters;                                                                         \
    void *name parameters {                                                                        \
        static void *(*next)parameters;                                                            \
        if (next == NULL)                                                                          \
            find(&next, #name);                                                                    \
        return made(next arguments, size);                                                         \
    }

NEW(_Znwm, (size_t size), (size))
NEW(_Znam, (size_t size), (size))
NEW(_ZnwmRKSt9nothrow_t, (size_t size, const void *tag), (size, tag))
NEW(_ZnamRKSt9nothrow_t, (size_t size, const void *tag), (size, tag))
NEW(_ZnwmSt11align_val_t, (size_t size, size_t alignment), (size, alignment))
NEW(_ZnamSt11align_val_t, (size_t size, size_t alignment), (size, alignment))
NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, (size_t size, size_t alignment, const void *tag),
    (size, alignment, tag))
NEW(_ZnamSt11align_val_tRKSt9nothrow_t, (size_t size, size_t alignment, const void *tag),
    (size, alignment, tag))
