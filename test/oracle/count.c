/* count.c - the counting oracle: how many events of each kind, for any number of threads.
 * Output: five u64: allocations, reallocations, frees, bytes, and 1 when the file is in use. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>

static void oracle_open(void);
static size_t oracle_birth(void *block, size_t size);
static void oracle_move(void *block, void *old, size_t size);
static void oracle_death(void *block);
static void oracle_correct(size_t ticket, size_t from, size_t to);

#include "hooks.h"

static struct { uint64_t allocations, reallocations, frees, bytes, used; } * counts;

static void add(uint64_t *counter, uint64_t amount) {
    __atomic_fetch_add(counter, amount, __ATOMIC_RELAXED);
}

static void oracle_open(void) {
    counts = oracle_map(sizeof *counts);
    counts->used = 1;
}

static size_t oracle_birth(void *block, size_t size) {
    (void)block;
    add(&counts->allocations, 1);
    add(&counts->bytes, size);
    return 0;
}

static void oracle_move(void *block, void *old, size_t size) {
    (void)block;
    (void)old;
    add(&counts->reallocations, 1);
    add(&counts->bytes, size);
}

static void oracle_death(void *block) {
    (void)block;
    add(&counts->frees, 1);
}

static void oracle_correct(size_t ticket, size_t from, size_t to) {
    (void)ticket;
    add(&counts->bytes, to - from);
}
