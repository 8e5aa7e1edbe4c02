/* pairs.h - what became of deaths and births that came in an impossible order.
 *
 * Threads are ordered by tick, so within a tick two threads that hand a block to and fro may be read
 * in a wrong order:
 *
 *      what happened               what is read
 *      A born                      A born
 *          B frees it              A frees it      <- took the death for its own
 *          B born, same address        B frees it  <- EARLY: nothing is live there
 *      A frees it                      B born      <- and stays live for ever
 *
 * As many died as were born, whatever the order. So an early death is kept for a while, and the next
 * birth at its address dies at once. It counts as one only if another thread saw a block die there
 * just before: otherwise it is a death of a block whose birth was not recorded. The other way round,
 * a birth on a live address (the wait for the death is over, see merge.h) replaces the block, and the
 * death that then comes late, from another thread than that of the birth, is taken for the old one's.
 *
 * A small table of recent deaths and births remembers this; what nothing answers in time is counted
 * when it is forgotten. One thread at a time. */
#ifndef MS_LOAD_PAIRS_H
#define MS_LOAD_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "load/live.h"

#define MS_PAIRS_SLOTS 16384u
#define MS_PAIRS_MEMORY_US 100000u /* how long a disorder is remembered */

typedef enum ms_pair_state { MS_PAIR_DIED, MS_PAIR_EARLY, MS_PAIR_LATE } ms_pair_state;

typedef struct ms_pair {
    uint64_t address;
    uint64_t time_us;
    ms_pair_state state;
    uint32_t thread; /* whose event it was */
    bool silent;     /* EARLY: a realloc's, which is no free */
    ms_block old;    /* LATE: the block that was replaced */
} ms_pair;

typedef struct ms_pairs {
    ms_pair *slots;
    uint64_t unmatched; /* early deaths that no birth answered */
    uint64_t implied;   /* births on live blocks whose death never came */
} ms_pairs;

void ms_pairs_init(ms_pairs *pairs);
void ms_pairs_deinit(ms_pairs *pairs);

/* A block at `address` died in `thread`. */
void ms_pairs_died(ms_pairs *pairs, uint64_t address, uint32_t thread, uint64_t now_us);

/* A death of no live block: kept, or counted as unmatched. `silent`: by realloc, never counted. */
void ms_pairs_early(ms_pairs *pairs, uint64_t address, uint32_t thread, uint64_t now_us,
                    bool silent);

/* True: the death of what is born now at `address` came early, in `*thread`. `*silent` as above. */
bool ms_pairs_take_early(ms_pairs *pairs, uint64_t address, uint64_t now_us, uint32_t *thread,
                         bool *silent);

/* `thread` made a block where `old` was live. */
void ms_pairs_replaced(ms_pairs *pairs, const ms_block *old, uint32_t thread, uint64_t now_us);

/* True: the death at `address` in `thread` is that of a replaced block, now in `*old`. */
bool ms_pairs_take_late(ms_pairs *pairs, uint64_t address, uint32_t thread, uint64_t now_us,
                        ms_block *old);

/* Counts what is still unanswered. */
void ms_pairs_finish(ms_pairs *pairs);

#endif
