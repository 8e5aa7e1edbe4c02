/* digest.h - the older part of a trace becomes a checkpoint, which is exact and much smaller. */
#ifndef MS_LOAD_DIGEST_H
#define MS_LOAD_DIGEST_H

#include <stdint.h>

#include "util/error.h"

typedef struct ms_digest_order {
    int trace; /* the trace, open for reading */
    int out;   /* an empty file, open for reading and writing */
    uint64_t
        last_chunk; /* where an EVENTS chunk begins, not the first: those before it go, as far as
                            they are surely over; UINT64_MAX: all, of a trace that has ended well */
    uint64_t end;   /* what lies from last_chunk to here is copied */
    uint64_t
        room; /* for the checkpoint, in bytes; 0: any. Where it does not suffice, moments of what sites had
                       live are left out (series.h), what the program said is cut (forget.h), then live blocks are thinned (thin.h), and what is
                       live becomes an estimate */
} ms_digest_order;

/* Writes into `out` a trace that ms_load() makes the same of as of `trace` up to `end`: its INFO chunks,
 * a checkpoint, and the chunks from `last_chunk` on. Some events of the first of these are in the
 * checkpoint already; it says so. Both files stay open.
 * Cost: that of loading, without symbols; memory likewise.
 * MS_ERR_INPUT when the trace is damaged or not as said, MS_ERR_OUTPUT when `out` cannot be written. */
MS_MUST_CHECK ms_err ms_digest(const ms_digest_order *order, ms_error *error);

#endif
