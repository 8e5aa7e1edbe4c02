/* busy.c - allocates and releases a block of 48 bytes as often as the argument says, from a few places. */
#include "victim.h"

__attribute__((noinline)) static void pair(void) {
    free(take(48));
    __asm__ volatile("");
}

__attribute__((noinline)) static void deeper(void) {
    pair();
    __asm__ volatile("");
}

int main(int argc, char **argv) {
    long count = argc > 1 ? atol(argv[1]) : 1000;
    for (long i = 0; i < count; i++) {
        if (i % 3)
            pair();
        else
            deeper();
    }
    return 0;
}
