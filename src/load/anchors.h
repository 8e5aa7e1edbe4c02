/* anchors.h - what hangs on an address that the program has spoken of: the variables there, the counted
 * object, the passport, the container, the tag. Each is a number in its own table, index + 1; 0: none. An address
 * within a block hangs on the anchor of the block in turn. One thread at a time.
 *
 * Like the table of live blocks (live.h): open addressing without tombstones, so that what was said
 * about blocks long dead takes no room. */
#ifndef MS_LOAD_ANCHORS_H
#define MS_LOAD_ANCHORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MS_SPEAKERS UINT32_MAX

typedef struct ms_anchor {
    uint64_t address;   /* 0: a free slot */
    uint32_t variables; /* the latest of a chain */
    uint32_t reference, passport, container, tagged;
    uint32_t inner;   /* number of its place within a block; 0: it lies in none, or at its start */
    uint32_t inside;  /* of the first such place in the block that begins here */
    uint32_t speaker; /* number of the thread that has spoken of it; MS_SPEAKERS: several have */
} ms_anchor;

/* An address within a block that something hangs on. */
typedef struct ms_inner {
    uint64_t address, block;
    uint32_t next, prev; /* in the block, or of the spare ones: number; 0: none */
} ms_inner;

typedef struct ms_anchors {
    ms_anchor *slots; /* NULL until the first */
    size_t mask, count;
    ms_inner *inners; /* by number - 1 */
    size_t inner_count, inner_capacity;
    uint32_t spare_inner;
    uint64_t seed; /* of the hash: a trace must not choose which addresses collide */
} ms_anchors;

void ms_anchors_init(ms_anchors *anchors);
void ms_anchors_deinit(ms_anchors *anchors);

/* What hangs on `address`, or NULL. Good until the next call of one of those below. */
ms_anchor *ms_anchors_find(const ms_anchors *anchors, uint64_t address);

/* Likewise, made if need be, within the block at `block`, or in none when that is 0. `address` is not 0. */
ms_anchor *ms_anchors_at(ms_anchors *anchors, uint64_t address, uint64_t block);

/* The first address within the block of an anchor, or 0. */
uint64_t ms_anchors_inside(const ms_anchors *anchors, const ms_anchor *anchor);

/* All addresses that something hangs on, into `addresses`, which has room for anchors->count: in an order
 * in which they can be made anew, with the same places within blocks. */
void ms_anchors_list(const ms_anchors *anchors, uint64_t *addresses);

/* An anchor takes leave of the block that it lies in. */
void ms_anchors_take_out(ms_anchors *anchors, ms_anchor *anchor);

/* Forgets an anchor on which nothing hangs any more; another one stays. */
void ms_anchors_tidy(ms_anchors *anchors, ms_anchor *anchor);

#endif
