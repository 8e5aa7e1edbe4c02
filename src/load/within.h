/* within.h - in which live block an address lies. Made when it is asked for the first time, from the live
 * blocks; from then on whoever makes blocks says so. One thread at a time.
 *
 * Blocks of 2^c to 2^(c+1) - 1 bytes are of class c. In a cell of 2^c bytes at most one of them begins, for
 * live blocks do not overlap; and one that has an address begins in its cell or in one of the two before.
 * So the table has a place for each cell of each class, and a question looks at three for each class there
 * is. Of deaths it is not told: what it finds is looked up among the live blocks. */
#ifndef MS_LOAD_WITHIN_H
#define MS_LOAD_WITHIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/live.h"

typedef struct ms_within {
    uint64_t *starts; /* of blocks; 0: a free slot. NULL: nobody has asked yet */
    uint8_t *classes;
    size_t mask, count;
    uint64_t in_use;    /* classes, a bit for each */
    uint64_t low, high; /* all blocks lie between */
    bool asked;         /* somebody has */
} ms_within;

void ms_within_deinit(ms_within *within);

/* Makes it, as if it were asked. */
void ms_within_begin(ms_within *within, const ms_live *live);

/* A block is born, and in `live`. Does nothing before the first question. */
void ms_within_born(ms_within *within, const ms_live *live, uint64_t address, uint64_t size);

/* The live block that `address` lies in, or NULL. Likewise when nobody has asked before, for the other. */
const ms_block *ms_within_find(ms_within *within, const ms_live *live, uint64_t address);
const ms_block *ms_within_look(const ms_within *within, const ms_live *live, uint64_t address);

#endif
