/* lib_cycle_a.c - loaded in turn with its sibling by cycles.c. The two are alike to the linker, so
 * they lie at the same addresses; their frames are not alike. */
#include <stdlib.h>

void *cycle_make(size_t size, int depth);

__attribute__((noinline)) void *cycle_make(size_t size, int depth) {
    volatile char room[24];
    room[0] = (char)depth;
    void *block = depth > 0 ? cycle_make(size, depth - 1) : malloc(size);
    __asm__ volatile("" : "+r"(block) : "r"(room) : "memory");
    return block;
}
