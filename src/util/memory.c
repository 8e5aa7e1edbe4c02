#include "util/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_CAPACITY 16

static _Noreturn void die(size_t count, size_t size) {
    fprintf(stderr, "memscope: out of memory (%zu items of %zu bytes were needed)\n", count, size);
    exit(4);
}

void *ms_memory_zeroed(size_t count, size_t size) {
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        die(count, size);
    return memory;
}

void *ms_memory_grow(void *items, size_t needed, size_t *capacity, size_t size) {
    if (needed <= *capacity)
        return items;
    size_t wanted = *capacity ? *capacity : FIRST_CAPACITY;
    while (wanted < needed && wanted <= SIZE_MAX / 2)
        wanted *= 2;
    void *moved = reallocarray(items, wanted, size);
    if (wanted < needed || !moved)
        die(needed, size);
    *capacity = wanted;
    return moved;
}
