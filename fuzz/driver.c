/* driver.c - runs a target without libFuzzer: on each file of the folders given, as it is and with
 * some hundred small changes, the same every time. That is what the tests do; real fuzzing is done
 * with -DMS_FUZZ=ON. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHANGES = 300, INPUT_MAX = 1 << 20 };

static uint64_t next_random(uint64_t *state) {
    *state += MS_HASH_K;
    return ms_hash_u64(*state ^ *state >> 31);
}

/* A copy of exactly its size, so that a sanitizer sees every step outside. */
static void run(const uint8_t *bytes, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

/* Flips, overwrites, cuts or repeats a bit of the input. */
static size_t change(uint8_t *bytes, size_t size, uint64_t *state) {
    static const uint8_t extremes[] = {0, 1, 0x7f, 0x80, 0xff};
    size_t at = next_random(state) % size, length = 1 + next_random(state) % 16;
    if (length > size - at)
        length = size - at;
    switch (next_random(state) % 4) {
    case 0: bytes[at] ^= (uint8_t)(1u << next_random(state) % 8); return size;
    case 1: memset(bytes + at, extremes[next_random(state) % 5], length); return size;
    case 2: memmove(bytes + at, bytes + at + length, size - at - length); return size - length;
    default: memmove(bytes + next_random(state) % (size - length + 1), bytes + at, length);
    }
    return size;
}

static void run_changed(const uint8_t *original, size_t size) {
    static uint8_t bytes[INPUT_MAX];
    uint64_t state = size;
    for (int i = 0; i < CHANGES; i++) {
        size_t left = size;
        memcpy(bytes, original, size);
        for (uint64_t n = 1 + next_random(&state) % 4; n > 0 && left > 0; n--)
            left = change(bytes, left, &state);
        run(bytes, left);
    }
}

static int run_file(const char *path) {
    static uint8_t bytes[INPUT_MAX];
    FILE *file = fopen(path, "rb");
    if (!file)
        return 0;
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    run(bytes, size);
    if (size)
        run_changed(bytes, size);
    return 1;
}

int main(int argc, char **argv) {
    int files = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        struct dirent *entry;
        while (folder && (entry = readdir(folder))) {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            if (entry->d_name[0] != '.')
                files += run_file(path);
        }
        if (folder)
            closedir(folder);
    }
    printf("%d inputs, %d changes of each\n", files, CHANGES);
    return files > 0 ? 0 : 1;
}
