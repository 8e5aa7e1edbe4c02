/* reorder.h - the order of members in which a structure needs fewer bytes. Pure. */
#ifndef MS_SYMBOL_REORDER_H
#define MS_SYMBOL_REORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbol/datatype.h"

typedef struct ms_reordering {
    uint64_t size;
    uint32_t *order; /* index in the layout's members; free() */
    uint64_t *bits;  /* where each begins, in that order, in bits; free() */
} ms_reordering;

/* Fills in the members in the order of fewest bytes. What the compiler places stays in front, an array without an
 * end stays last, neighbouring bit-fields stay together. False: no order needs fewer bytes, or the layout is one that
 * the rules used here do not give for the order it has (as of packed structures), so they would not hold for
 * another either. */
bool ms_reorder(const ms_layout *layout, ms_reordering *reordering);
void ms_reordering_deinit(ms_reordering *reordering);

#endif
