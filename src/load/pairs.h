/* pairs.h - births and deaths that were read in an impossible order.
 *
 * At one address births and deaths alternate. The order of threads, though, is an estimate within a
 * tick (merge.h), and where two threads hand a block to and fro it may be wrong:
 *
 *      what happened               what is read
 *      A born                      A born
 *          B frees it              A frees it      <- takes the death for its own
 *          B born, same address        B frees it  <- EARLY: nothing is live there
 *      A frees it                      B born      <- and would stay live for ever
 *
 * But whatever the order, as many died as were born. So an early death is owed: the birth that comes
 * late answers it, by dying at once. And a birth OVER a live block, the mirror image, waits for that
 * block's death, which comes late: until then the block lives on in the shadow of the new one, and a
 * death there is its death. So what is live does not depend on the order taken.
 *
 * Only that is an answer which may have happened first: the event of another thread, with a stamp not
 * behind the time by which the one it answers was surely over. But where a block has died just before
 * in another thread, an early death must be a disorder (nobody frees twice), and any birth answers it. What no answer
 * comes for was not recorded: its birth (an unmatched free) or its death (an implied one). One thread
 * at a time. */
#ifndef MS_LOAD_PAIRS_H
#define MS_LOAD_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/live.h"

#define MS_PAIRS_MAX 65536u /* noted at one time */

/* How long an answer is waited for: longer than a recorder may stall. */
#define MS_PAIRS_SETTLE_US 2000000u

typedef enum ms_pair_kind { MS_PAIR_EARLY, MS_PAIR_OVER } ms_pair_kind;

/* An event at an address, as far as it matters for the order. */
typedef struct ms_moved {
    uint64_t address;
    uint64_t stamp_us; /* it did not happen before */
    uint64_t until_us; /* nor after */
    uint32_t thread;
    uint32_t origin; /* of the blocks its thread made then: says for which task it was */
    uint32_t freer;  /* who releases blocks in its thread then: see crossings.h */
    bool is_free;    /* a death, and not a realloc's */
} ms_moved;

typedef struct ms_pair {
    ms_pair_kind kind;
    bool twice;            /* EARLY: a block has died there just before */
    uint32_t next;         /* of the same hash, or of the spare ones: number */
    uint32_t older, newer; /* number, 0: none */
    ms_moved moved;
    ms_block block;  /* OVER: the one in the shadow */
    uint64_t number; /* OVER: under which that was born, see live.h */
} ms_pair;

/* That a block died at an address. */
typedef struct ms_died {
    uint64_t address;
    uint32_t time_ms;
    uint32_t thread; /* MS_SEVERAL: of late, in more than one */
} ms_died;

#define MS_SEVERAL UINT32_MAX
#define MS_PAIRS_DIED_WAYS 4u
#define MS_PAIRS_DIED (16384u * MS_PAIRS_DIED_WAYS)

typedef struct ms_pairs {
    ms_died *died;  /* by hash, the latest four of each: a cache line */
    ms_pair *items; /* by number, from 1 */
    uint32_t made;  /* numbers in use or spare are 1 .. made */
    uint32_t spare;
    uint32_t oldest, newest;
    uint32_t count;
    uint32_t *heads; /* by hash: number */
} ms_pairs;

void ms_pairs_init(ms_pairs *pairs);
void ms_pairs_deinit(ms_pairs *pairs);

/* A block died. `surely`: in that thread, not by an answer. */
void ms_pairs_died(ms_pairs *pairs, const ms_moved *death, bool surely);

/* Notes a death where nothing is live. There must be room, here and in ms_pairs_over(): see
 * ms_pairs_settle(). */
void ms_pairs_early(ms_pairs *pairs, const ms_moved *death);

/* Notes a birth where `block` is live, born under `number`, which goes on in the shadow. */
void ms_pairs_over(ms_pairs *pairs, const ms_moved *birth, const ms_block *block, uint64_t number);

/* Notes what was noted before, by another: the oldest first. False when there is no room. */
bool ms_pairs_restore(ms_pairs *pairs, const ms_pair *pair);

/* Likewise, at its place (below MS_PAIRS_DIED_WAYS) among those of its hash. */
void ms_pairs_restore_died(ms_pairs *pairs, unsigned way, ms_died died);

/* True: the birth answers an early death, now in `*death`. `must`: there is a block that can only be
 * dead, so any early death is the one. */
bool ms_pairs_answer_early(ms_pairs *pairs, const ms_moved *birth, bool must, ms_moved *death);

/* True: the death is that of a block in the shadow, the oldest, now in `*block` with its
 * `*number`. `must`: nothing else is live there, so any in the shadow is the one. */
bool ms_pairs_answer_over(ms_pairs *pairs, const ms_moved *death, bool must, ms_block *block,
                          uint64_t *number);

/* True when the oldest has waited long enough, or there is no room for two more; `all`: when there is
 * one. It is forgotten and put into `*pair`. */
bool ms_pairs_settle(ms_pairs *pairs, uint64_t now_us, bool all, ms_pair *pair);

#endif
