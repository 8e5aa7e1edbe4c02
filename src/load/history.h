/* history.h - how the recording itself changed while it ran: sampling rates, and gaps in which nothing
 * was recorded. The lists are bounded, what they sum up to is not. */
#ifndef MS_LOAD_HISTORY_H
#define MS_LOAD_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/model.h"

#define MS_HISTORY_MAX 4096u /* entries of each list */

typedef struct ms_history {
    ms_rate_change *rates;
    size_t rate_count, rate_capacity;
    uint64_t rate_changes;    /* listed or not */
    uint64_t sampled_from_us; /* UINT64_MAX: never */
    uint64_t rate;            /* the latest that was not 0 */
    bool several_rates;
    ms_recording_gap *gaps;
    size_t gap_count, gap_capacity;
    uint64_t gap_changes;                /* likewise */
    uint64_t gap_us;                     /* in all */
    uint64_t gap_since_us, gap_until_us; /* the latest; 0, 0: none */
    uint64_t first_gap_until_us;         /* UINT64_MAX: none */
} ms_history;

void ms_history_init(ms_history *history);
void ms_history_deinit(ms_history *history);

/* The thread with the number `thread` changed to `rate`. */
void ms_history_rate(ms_history *history, uint64_t now_us, uint32_t thread, uint64_t rate);

/* Nothing was recorded from `since_us` until now. Several threads may tell of one gap. */
void ms_history_gap(ms_history *history, uint64_t now_us, uint64_t since_us);

/* Fills in what the capture record says of it. */
void ms_history_finish(const ms_history *history, ms_model *model);

#endif
