/* deep.c - recursion 100,000 levels deep, an allocation on every thousandth level on the way down,
 * freed on the way up.
 *
 * Answer: allocations 100, frees 100, bytes_allocated 1600, peak_bytes 1600, peak_blocks 100,
 * live_bytes 0. */
#include "victim.h"

__attribute__((noinline)) static int dive(int depth) {
    if (depth == 0)
        return 0;
    void *block = depth % 1000 == 0 ? take(16) : NULL;
    int below = dive(depth - 1);
    free(block);
    return below + 1;
}

int main(void) {
    int depth = 100000;
    say("%d levels\n", dive(depth));
    return 0;
}
