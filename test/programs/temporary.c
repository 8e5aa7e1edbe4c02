/* temporary.c - a temporary allocation is one whose block is released before its thread allocates
 * again. 700 are; 300 pairs overlap, of which the second is temporary and the first is not.
 *
 * Answer: allocations 1300, frees 1300, temporary_allocations 1000, live_bytes 0, peak_bytes 96. */
#include "victim.h"

int main(void) {
    for (int i = 0; i < 700; i++) {
        void *block = take(40);
        free(block);
    }
    for (int i = 0; i < 300; i++) {
        void *first = take(48);
        void *second = take(48);
        free(second);
        free(first);
    }
    say("temporary done\n");
    return 0;
}
