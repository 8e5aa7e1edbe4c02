/* wide.c - a million blocks from a hundred thousand stacks, for reports of that size: every path of five
 * calls through ten functions, ROUNDS times. Sizes are spread over powers of two; a tenth stays.
 *
 * Usage: wide [ROUNDS], 10 if not given */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEPTH = 5, WAYS = 10, HELD = 4096 };

static void *held[HELD];
static uint64_t state = 1;

static uint64_t draw(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
}

static void block(void) {
    uint64_t r = draw();
    void *made = malloc(16u << (r & 7) | (r >> 8 & 127));
    if (r % 10 == 0)
        return; /* stays */
    void **place = &held[r % HELD];
    free(*place);
    *place = made;
}

static void step(unsigned depth, unsigned path);

/* The barriers keep each call a frame of its own. */
#define CALL(n)                                                                                    \
    static __attribute__((noinline)) void call_##n(unsigned depth, unsigned path) {                \
        if (depth == DEPTH)                                                                        \
            block();                                                                               \
        else                                                                                       \
            step(depth, path);                                                                     \
        __asm__ volatile("");                                                                      \
    }
#define CALLS CALL(0) CALL(1) CALL(2) CALL(3) CALL(4) CALL(5) CALL(6) CALL(7) CALL(8) CALL(9)
CALLS

static __attribute__((noinline)) void step(unsigned depth, unsigned path) {
    static void (*const calls[WAYS])(unsigned, unsigned) = {call_0, call_1, call_2, call_3, call_4,
                                                            call_5, call_6, call_7, call_8, call_9};
    calls[path % WAYS](depth + 1, path / WAYS);
    __asm__ volatile("");
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 10;
    for (int round = 0; round < rounds; round++)
        for (unsigned path = 0; path < 100000; path++)
            step(0, path);
    return 0;
}
