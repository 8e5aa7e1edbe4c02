/* values.h - what a register or a place in memory holds, said in terms of what the function was given.
 *
 * A value is a term plus a number of bytes. Terms are built once and compared by their number, so two places
 * hold the same if their values are equal:
 *
 *     ENTRY(rdi)                       the first argument
 *     LOAD(ENTRY(rdi) + 16)            what lies 16 bytes behind it when the function is entered
 *     FRAME - 24                       the address of a local variable: FRAME is DWARF's CFA
 *     SUM(LOAD(NUMBER + 0x4010), SCALED(RESULT(0x1183), 8))
 *     BLOCK + 8                        8 bytes behind the start of the block that is followed
 *     KEEPER + 8                       the second word of an object that keeps it, nobody knows in which word */
#ifndef MS_SYMBOL_VALUES_H
#define MS_SYMBOL_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/map.h"

typedef enum ms_term_kind {
    MS_TERM_NUMBER,  /* nothing: the value is a number, or an address in the file */
    MS_TERM_UNKNOWN, /* never equal to anything */
    MS_TERM_BLOCK,
    MS_TERM_KEEPER, /* what lies so many bytes into an object that keeps the block */
    MS_TERM_FRAME,
    MS_TERM_THREAD, /* start of the thread's own storage */
    MS_TERM_FIXED,  /* how many of the above: each is the term of its own number */
    MS_TERM_ENTRY,  /* what register `a` held on entry */
    MS_TERM_LOAD,   /* what lies at (a + k) */
    MS_TERM_RESULT, /* of the call at address `k` */
    MS_TERM_MERGED, /* what place `k` holds where ways meet at instruction `a` */
    MS_TERM_LEFT,   /* what the instruction at address `k` left in register `a` */
    MS_TERM_SUM,    /* of terms a and b */
    MS_TERM_SCALED, /* term a times k */
    MS_TERM_SYMBOL  /* the address of something in another file, by its number */
} ms_term_kind;

typedef struct ms_term {
    uint8_t kind;
    uint32_t a, b;
    int64_t k;
} ms_term;

typedef struct ms_value {
    uint32_t term;
    int64_t offset;
} ms_value;

typedef struct ms_values {
    ms_arena *arena;
    ms_map index;
    ms_term *items;
    uint32_t count, capacity;
} ms_values;

void ms_values_init(ms_values *values, ms_arena *arena);
void ms_values_deinit(ms_values *values);

/* The term, made if need be; MS_TERM_UNKNOWN when there are too many. */
ms_value ms_values_make(ms_values *values, ms_term term);

static inline ms_value ms_number(int64_t number) {
    return (ms_value){.term = MS_TERM_NUMBER, .offset = number};
}

static inline ms_value ms_unknown(void) {
    return (ms_value){.term = MS_TERM_UNKNOWN};
}

static inline bool ms_value_equal(ms_value a, ms_value b) {
    return a.term == b.term && a.offset == b.offset && a.term != MS_TERM_UNKNOWN;
}

/* Offsets wrap, as the machine's do. */
static inline ms_value ms_value_plus(ms_value value, int64_t bytes) {
    value.offset = (int64_t)((uint64_t)value.offset + (uint64_t)bytes);
    return value;
}

ms_value ms_values_add(ms_values *values, ms_value a, ms_value b);
ms_value ms_values_subtract(ms_values *values, ms_value a, ms_value b);
ms_value ms_values_scale(ms_values *values, ms_value value, int64_t factor);
ms_value ms_values_load(ms_values *values, ms_value at);

static inline const ms_term *ms_values_at(const ms_values *values, uint32_t term) {
    return &values->items[term];
}

/* Whether the value is, or may be, a way to the block. */
static inline bool ms_value_leads(ms_value value) {
    return value.term == MS_TERM_BLOCK || value.term == MS_TERM_KEEPER;
}

#endif
