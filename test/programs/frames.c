/* frames.c - allocates inside frames whose size or shape the compiler does not know: alloca,
 * variable length arrays, over-aligned locals (a realigned frame) and all of them together,
 * called through each other in changing order.
 *
 * Answer: allocations 4000, frees 4000, bytes_allocated 160000, live_bytes 0. */
#include <alloca.h>
#include <stdint.h>

#include "victim.h"

typedef void *leaf(int level);

static void *next(int level);

__attribute__((noinline)) static void *with_alloca(int level) {
    char *bytes = alloca((size_t)(level * 37 + 16));
    memset(bytes, level, 16);
    void *block = next(level);
    KEEP(bytes);
    return block;
}

__attribute__((noinline)) static void *with_array(int level) {
    char bytes[level * 53 + 8];
    memset(bytes, level, 8);
    char *same = bytes;
    void *block = next(level);
    KEEP(same);
    return block;
}

__attribute__((noinline)) static void *with_alignment(int level) {
    _Alignas(128) char bytes[128];
    memset(bytes, level, sizeof bytes);
    char *same = bytes;
    KEEP(same);
    EXPECT((uintptr_t)same % 128 == 0);
    void *block = next(level);
    KEEP(same);
    return block;
}

__attribute__((noinline)) static void *with_all(int level) {
    _Alignas(64) char line[64];
    char bytes[level * 11 + 8];
    char *more = alloca((size_t)level + 1);
    memset(line, level, sizeof line);
    memset(bytes, level, 8);
    more[0] = 1;
    char *same = line, *also = bytes;
    void *block = next(level);
    KEEP(same);
    KEEP(also);
    KEEP(more);
    return block;
}

static leaf *const shapes[] = {with_alloca, with_array, with_alignment, with_all};
static unsigned order;

__attribute__((noinline)) static void *next(int level) {
    void *block = level == 0 ? take(40) : shapes[(order++ * 7 + 3) / 2 % 4](level - 1);
    KEEP(block);
    return block;
}

int main(void) {
    for (int i = 0; i < 4000; i++) {
        order = (unsigned)i;
        void *block = next(i % 12);
        free(block);
    }
    say("frames done\n");
    return 0;
}
