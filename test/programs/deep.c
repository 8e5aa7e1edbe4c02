/* deep.c - recursion 100,000 levels deep, an allocation on every level on the way down, freed on
 * the way up.
 *
 * Answer: allocations 100000, frees 100000, bytes_allocated 1600000, peak_bytes 1600000,
 * peak_blocks 100000, live_bytes 0. */
#include "victim.h"

__attribute__((noinline)) static int dive(int depth) {
    if (depth == 0)
        return 0;
    void *block = take(16);
    int below = dive(depth - 1);
    free(block);
    return below + 1;
}

int main(void) {
    int depth = 100000;
    say("%d levels\n", dive(depth));
    return 0;
}
