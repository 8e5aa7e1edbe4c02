/* log.c - the logging oracle, for programs of one thread: every event in order, so that a
 * brute-force replay can say what was live when. Output: a u64 count, then that many operations
 * of four u64: kind (1 birth, 2 move, 3 death), block, old block, size. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>

static void oracle_open(void);
static size_t oracle_birth(void *block, size_t size);
static void oracle_move(void *block, void *old, size_t size);
static void oracle_death(void *block);
static void oracle_correct(size_t ticket, size_t from, size_t to);

#include "hooks.h"

enum { BIRTH = 1, MOVE = 2, DEATH = 3, CAPACITY = 32 << 20 };

typedef struct operation {
    uint64_t kind, block, old, size;
} operation;

/* Sparse: only what is written takes space. */
static struct {
    uint64_t count;
    operation operations[CAPACITY];
} * record;

static void oracle_open(void) {
    record = oracle_map(sizeof *record);
}

static size_t append(uint64_t kind, const void *block, const void *old, size_t size) {
    size_t at = record->count;
    if (at == CAPACITY)
        abort();
    record->operations[at] = (operation){kind, (uintptr_t)block, (uintptr_t)old, size};
    record->count = at + 1;
    return at;
}

static size_t oracle_birth(void *block, size_t size) {
    return append(BIRTH, block, NULL, size);
}

static void oracle_move(void *block, void *old, size_t size) {
    append(MOVE, block, old, size);
}

static void oracle_death(void *block) {
    append(DEATH, block, NULL, 0);
}

static void oracle_correct(size_t ticket, size_t from, size_t to) {
    (void)from;
    record->operations[ticket].size = to;
}
