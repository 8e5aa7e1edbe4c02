/* known.c - known SEED: makes BLOCKS blocks of sizes that depend on SEED, keeps one in three, and prints
 * what that makes: bytes asked for, bytes kept, blocks kept. To compare estimates with. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCKS = 300000 };

__attribute__((noinline)) void *make_known(size_t size) {
    void *block = malloc(size);
    __asm__ volatile("" : "+r"(block) : : "memory");
    return block;
}

int main(int argc, char **argv) {
    if (argc != 2)
        return 2;
    uint32_t random = (uint32_t)atoi(argv[1]);
    uint64_t bytes = 0, kept_bytes = 0, kept = 0;
    for (unsigned i = 0; i < BLOCKS; i++) {
        random = random * 1664525 + 1013904223;
        size_t size =
            random >> 28 == 0 ? 4096 + (random >> 12) % 61440 : 16 + (random >> 16) % 1000;
        void *block = make_known(size);
        bytes += size;
        if (i % 3 != 0) {
            free(block);
            continue;
        }
        kept++;
        kept_bytes += size;
    }
    char line[96];
    setvbuf(stdout, line, _IOLBF, sizeof line); /* its buffer would be an allocation */
    printf("%llu %llu %llu\n", (unsigned long long)bytes, (unsigned long long)kept_bytes,
           (unsigned long long)kept);
    return 0;
}
