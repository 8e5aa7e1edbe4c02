/* lib_early.c - preloaded beside us: allocates in its constructor, 6 blocks of 70 bytes, and
 * frees 2 of them in its destructor. */
#include <stdlib.h>

static void *blocks[6];

__attribute__((constructor(101))) static void load(void) {
    for (int i = 0; i < 6; i++)
        blocks[i] = malloc(70);
}

__attribute__((destructor)) static void unload(void) {
    for (int i = 0; i < 2; i++)
        free(blocks[i]);
}
