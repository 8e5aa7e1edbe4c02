/* micro.c - micro DEPTH PAIRS [varied]: PAIRS times malloc and free, DEPTH frames below main. Always
 * from the same place, or with the innermost 3 frames different from call to call. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 48, VARIED = 3 };

#define NOINLINE __attribute__((noinline))
#define KEEP(value) __asm__ volatile("" : "+r"(value) : : "memory")

NOINLINE static void same(uint64_t pairs) {
    for (uint64_t i = 0; i < pairs; i++) {
        void *block = malloc(SIZE);
        KEEP(block);
        free(block);
    }
}

typedef void *step(unsigned path, unsigned levels);
static step step_0, step_1, step_2, step_3;
static step *const steps[] = {step_0, step_1, step_2, step_3};

/* KEEP: a call in tail position would leave no frame. */
#define STEP(name)                                                                                 \
    NOINLINE static void *name(unsigned path, unsigned levels) {                                   \
        void *block = levels == 0 ? malloc(SIZE) : steps[path % 4](path / 4, levels - 1);          \
        KEEP(block);                                                                               \
        return block;                                                                              \
    }
STEP(step_0)
STEP(step_1)
STEP(step_2)
STEP(step_3)

NOINLINE static void varied(uint64_t pairs) {
    unsigned random = 1;
    for (uint64_t i = 0; i < pairs; i++) {
        random = random * 1664525 + 1013904223;
        void *block = step_0(random >> 20, VARIED - 1);
        KEEP(block);
        free(block);
    }
}

NOINLINE static unsigned descend(unsigned depth, uint64_t pairs, void (*work)(uint64_t)) {
    unsigned levels = 0;
    if (depth > 1)
        levels = descend(depth - 1, pairs, work);
    else
        work(pairs);
    KEEP(levels);
    return levels + 1;
}

int main(int argc, char **argv) {
    if (argc < 3)
        return 2;
    uint64_t pairs = strtoull(argv[2], NULL, 10);
    descend((unsigned)atoi(argv[1]), pairs, argc > 3 && !strcmp(argv[3], "varied") ? varied : same);
    return 0;
}
