/* symbols.c - sites of many shapes, for the comparison of names and lines with addr2line:
 * functions that are inlined, static, recursive, called through pointers, and calls that span
 * lines. Nothing is freed, so every site shows. Built at several levels of optimisation. */
#include "victim.h"

static inline void *small_helper(size_t size) {
    return calloc(1, size);
}

static inline void *helper_of_helper(size_t size) {
    void *block = small_helper(size + 1);
    KEEP(block);
    return block;
}

/* One call over two lines, two calls on one line. */
/* clang-format off */
__attribute__((noinline)) static void direct(void) {
    void *block = malloc(11);
    KEEP(block);
    block = malloc(
        12);
    KEEP(block);
    block = malloc(13); KEEP(block); block = malloc(14); KEEP(block);
}
/* clang-format on */

__attribute__((noinline)) static void inlined(void) {
    void *block = helper_of_helper(20);
    KEEP(block);
    block = small_helper(22);
    KEEP(block);
}

__attribute__((noinline)) static void *recursive(int depth) {
    void *block = depth == 0 ? malloc(31) : recursive(depth - 1);
    KEEP(block);
    return block;
}

__attribute__((noinline)) static void *pointed(size_t size) {
    void *block = realloc(NULL, size);
    KEEP(block);
    return block;
}

static void *(*volatile pointer)(size_t) = pointed;

__attribute__((noinline)) static void copies(void) {
    char *copy = strdup("a copy that libc makes");
    KEEP(copy);
}

int main(void) {
    direct();
    inlined();
    recursive(5);
    void *block = pointer(41);
    KEEP(block);
    copies();
    for (int i = 0; i < 3; i++) {
        block = malloc(51);
        KEEP(block);
    }
    say("symbols done\n");
    return 0;
}
