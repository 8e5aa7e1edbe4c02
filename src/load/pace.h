/* pace.h - when, between two TIME events of its thread, an event happened: they are taken to be spread
 * evenly. An estimate for ordering threads, never shown.
 *
 *      TIME 1000   a   b   c   d   TIME 1400        a: 1000, b: 1100, c: 1200, d: 1300
 *
 * A thread that is idle writes nothing, so few events with a long time behind them happened at its
 * beginning. */
#ifndef MS_LOAD_PACE_H
#define MS_LOAD_PACE_H

#include <stdint.h>

/* When an event happened, by estimate, and when it was over for sure. */
typedef struct ms_when {
    uint64_t us, until_us;
} ms_when;

#define MS_PACE_IDLE_US 1000u /* a tick, when all goes well */
#define MS_PACE_EVENT_US 50u  /* no busy thread takes longer for an event */

typedef struct ms_pace {
    uint64_t from_us, until_us;
    uint64_t step; /* microseconds an event, times 1024 */
    uint64_t done; /* events */
} ms_pace;

/* `count` events follow a TIME `from_us` and come before one of `until_us`. UINT64_MAX: not known; then
 * they are spread up to `likely_us`. */
static inline void ms_pace_begin(ms_pace *pace, uint64_t from_us, uint64_t until_us,
                                 uint64_t likely_us, uint64_t count) {
    uint64_t end_us = until_us == UINT64_MAX ? likely_us : until_us;
    uint64_t span = end_us > from_us ? end_us - from_us : 0;
    uint64_t most = MS_PACE_IDLE_US + MS_PACE_EVENT_US * count;
    *pace = (ms_pace){.from_us = from_us, .until_us = until_us};
    if (count)
        pace->step = (span < most ? span : most) * 1024 / count;
}

/* When the next event happened. */
static inline ms_when ms_pace_next(ms_pace *pace) {
    return (ms_when){pace->from_us + pace->step * pace->done++ / 1024, pace->until_us};
}

#endif
