/* own_malloc.c - brings its own malloc, over mmap. The executable's functions come before a
 * preload's, so nobody outside sees these allocations; of the arenas of 1 MiB behind them at least
 * 2 are seen as mappings (the first one may be taken while a preload still starts).
 *
 * Answer: allocations 0, frees 0. */
#include <errno.h>
#include <sys/mman.h>

#include "victim.h"

enum { ARENA = 1 << 20 };

static char *arena;
static size_t used = ARENA;
static size_t calls;

static void *own_malloc(size_t size) {
    calls++;
    size = (size + 31) & ~(size_t)15;
    if (size > ARENA) {
        errno = ENOMEM;
        return NULL;
    }
    if (used + size > ARENA) {
        arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (arena == MAP_FAILED)
            return NULL;
        used = 0;
    }
    size_t *block = (size_t *)(void *)(arena + used);
    used += size;
    *block = size;
    return block + 2;
}

static void own_free(void *block) {
    (void)block;
}

static void *own_calloc(size_t count, size_t size) {
    return own_malloc(count * size); /* fresh pages are zero, and nothing is used twice */
}

static void *own_realloc(void *old, size_t size) {
    void *block = own_malloc(size);
    if (old != NULL && block != NULL)
        memcpy(block, old, size < ((size_t *)old)[-2] ? size : ((size_t *)old)[-2] - 16);
    return block;
}

/* Aliases: a compiler that saw these bodies behind these names would mix them up with its ideas. */
void *malloc(size_t size) __attribute__((alias("own_malloc")));
void free(void *block) __attribute__((alias("own_free")));
void *calloc(size_t count, size_t size) __attribute__((alias("own_calloc")));
void *realloc(void *old, size_t size) __attribute__((alias("own_realloc")));

/* Nor may it draw conclusions from their calls. */
static void *(*volatile resize)(void *, size_t) = realloc;
static void (*volatile release)(void *) = free;

int main(void) {
    for (int i = 0; i < 2500; i++) {
        char *copy = strdup("a thousand bytes or so of text, from libc through our own malloc");
        copy = resize(copy, 1000);
        EXPECT(copy != NULL && copy[0] == 'a');
        release(copy);
    }
    EXPECT(calls >= 5000);
    say("own malloc done\n");
    return 0;
}
