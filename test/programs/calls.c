/* calls.c - every C allocation function, successful and failing, without one allocation by libc.
 *
 * Answer: allocations 14, reallocations 4, frees 13, bytes_allocated 6703, live_blocks 1,
 * live_bytes 10, unmatched_frees 0, threads 1. */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>

#include "victim.h"

/* Not in every libc: a preload may bring them. */
extern void cfree(void *block) __attribute__((weak));
extern void free_sized(void *block, size_t size) __attribute__((weak));
extern void free_aligned_sized(void *block, size_t alignment, size_t size) __attribute__((weak));

/* The compiler must not see how large it is. */
static volatile size_t huge = PTRDIFF_MAX / 2;

static void plain(void) {
    void *ten = take(10); /* lives */
    EXPECT(malloc_usable_size(ten) >= 10);
    EXPECT(malloc_usable_size(NULL) == 0);

    void *nothing = take(0);
    free(nothing);

    char *zeroed = calloc(5, 8);
    KEEP(zeroed);
    EXPECT(zeroed != NULL);
    for (int i = 0; i < 40; i++)
        EXPECT(zeroed[i] == 0);
    if (cfree != NULL)
        cfree(zeroed);
    else
        free(zeroed);
    free(NULL);
}

static void resizing(void) {
    void *nothing = NULL; /* the compiler must not make malloc of it */
    KEEP(nothing);
    char *block = realloc(nothing, 30); /* an allocation */
    EXPECT(block != NULL);
    memset(block, 'x', 30);
    block = realloc(block, 5000);
    EXPECT(block != NULL && block[29] == 'x');
    block = realloc(block, 20);
    EXPECT(block != NULL && block[19] == 'x');
    void *other = block; /* a copy that the compiler does not take for freed */
    KEEP(other);
    void *none = realloc(other, huge); /* fails: the block lives on */
    KEEP(none);
    EXPECT(none == NULL && block[0] == 'x');
    block = realloc(block, 0); /* a free */
    KEEP(block);
    EXPECT(block == NULL);

    block = reallocarray(NULL, 3, 7);
    EXPECT(block != NULL);
    block = reallocarray(block, 100, 10);
    EXPECT(block != NULL);
    other = block;
    KEEP(other);
    none = reallocarray(other, huge, 16);
    KEEP(none);
    EXPECT(none == NULL && errno == ENOMEM);
    block = realloc(block, 24);
    EXPECT(block != NULL);
    free(block);
}

static void aligned(void) {
    void *block = NULL;
    EXPECT(posix_memalign(&block, 64, 100) == 0 && (uintptr_t)block % 64 == 0);
    free(block);
    void *none = NULL;
    size_t crooked = 3;
    KEEP(crooked);
    EXPECT(posix_memalign(&none, crooked, 100) == EINVAL);
    EXPECT(posix_memalign(&none, 64, huge) == ENOMEM);

    block = aligned_alloc(64, 128);
    EXPECT(block != NULL && (uintptr_t)block % 64 == 0);
    if (free_aligned_sized != NULL)
        free_aligned_sized(block, 64, 128);
    else
        free(block);
    block = memalign(32, 50);
    EXPECT(block != NULL && (uintptr_t)block % 32 == 0);
    free(block);
    block = valloc(60);
    EXPECT(block != NULL && (uintptr_t)block % 4096 == 0);
    free(block);
    block = pvalloc(70);
    EXPECT(block != NULL && (uintptr_t)block % 4096 == 0);
    free(block);
    block = memalign(64, huge);
    KEEP(block);
    EXPECT(block == NULL);
}

static void strings(void) {
    char *copy = strdup("eleven char"); /* 12 bytes */
    KEEP(copy);
    EXPECT(copy != NULL && strcmp(copy, "eleven char") == 0);
    free(copy);
    copy = strndup("eleven char", 6); /* 7 bytes */
    KEEP(copy);
    EXPECT(copy != NULL && strcmp(copy, "eleven") == 0);
    free(copy);

    void *sized = take(71);
    if (free_sized != NULL)
        free_sized(sized, 71);
    else
        free(sized);
    void *last = take(60);
    free(last);
}

static void failing(void) {
    void *none = malloc(huge);
    KEEP(none);
    EXPECT(none == NULL);
    none = calloc(huge, 16);
    KEEP(none);
    EXPECT(none == NULL);
    none = realloc(NULL, huge);
    KEEP(none);
    EXPECT(none == NULL);
}

int main(void) {
    plain();
    resizing();
    aligned();
    strings();
    failing();
    say("calls done\n");
    return 0;
}
