/* pairs.h - births and deaths that were read in an impossible order.
 *
 * Threads are ordered by tick, so within one, two threads that hand a block to and fro may be read in
 * a wrong order even after waiting for each other (merge.h):
 *
 *      what happened               what is read
 *      A born                      A born
 *          B frees it              A frees it      <- took the death for its own
 *          B born, same address        B frees it  <- EARLY: nothing is live there
 *      A frees it                      B born      <- and would stay live for ever
 *
 * But whatever the order, as many died as were born. So an early death, and its mirror image, a birth
 * OVER a live block, are only noted, and set right when the tick is over:
 *
 *      one more early than over, something is live there:  it is dead
 *      one more over than early, nothing is live there:    what was replaced last is live
 *      any other surplus:  a birth (an unmatched free) or a death (an implied one) was not recorded
 *
 * Where a single thread moved blocks at the address in that tick the order is known: then a surplus
 * of its own is not a disorder, but something that was not recorded. One thread at a time. */
#ifndef MS_LOAD_PAIRS_H
#define MS_LOAD_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/live.h"

#define MS_PAIRS_MAX 4096u /* addresses noted at one time */

/* Who moved blocks at an address in the present tick. */
typedef struct ms_touch {
    uint64_t address;
    uint32_t tick;
    uint32_t thread; /* or MS_TOUCH_SEVERAL */
} ms_touch;

/* What was impossible at an address. */
typedef struct ms_pair {
    uint64_t address;
    uint32_t next;        /* of the same hash: index + 1 */
    uint32_t early, over; /* how often */
    uint32_t early_frees; /* of `early`, those that are no realloc's */
    ms_block replaced;    /* the last one born over */
} ms_pair;

typedef struct ms_pairs {
    ms_touch *touches; /* by hash; where two addresses of a tick collide both count as several */
    uint32_t tick;
    ms_pair *items;
    size_t count;
    uint32_t *heads; /* by hash: index + 1 */
} ms_pairs;

void ms_pairs_init(ms_pairs *pairs);
void ms_pairs_deinit(ms_pairs *pairs);

/* `thread` moved a block at `address`. */
void ms_pairs_touch(ms_pairs *pairs, uint64_t address, uint32_t thread);

/* Notes a death where nothing is live; `is_free`: not by realloc. */
void ms_pairs_early(ms_pairs *pairs, uint64_t address, bool is_free);

/* Notes a birth where `old` is live. */
void ms_pairs_over(ms_pairs *pairs, const ms_block *old);

/* True when no more can be noted: they have to be set right, tick or not. */
static inline bool ms_pairs_full(const ms_pairs *pairs) {
    return pairs->count >= MS_PAIRS_MAX;
}

/* Did several threads move blocks at the address in this tick? */
bool ms_pairs_disputed(const ms_pairs *pairs, uint64_t address);

/* Forgets what was noted, and who touched what: the next tick begins. */
void ms_pairs_next_tick(ms_pairs *pairs);

#endif
