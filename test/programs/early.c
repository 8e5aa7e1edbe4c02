/* early.c - allocates before main: 5 blocks of 80 bytes in .preinit_array (before any library has
 * run its constructors), 4 of 90 in its own constructor; frees all of them in its destructor,
 * behind exit.
 *
 * Answer: allocations 10, frees 9, bytes_allocated 860, live_bytes 100. */
#include "victim.h"

static void *blocks[9];

static void first(void) {
    for (int i = 0; i < 5; i++)
        blocks[i] = malloc(80);
}

__attribute__((section(".preinit_array"), used)) static void (*const preinit)(void) = first;

__attribute__((constructor)) static void second(void) {
    for (int i = 5; i < 9; i++)
        blocks[i] = malloc(90);
}

__attribute__((destructor)) static void last(void) {
    for (int i = 0; i < 9; i++)
        free(blocks[i]);
}

int main(void) {
    take(100);
    say("early done\n");
    return 0;
}
