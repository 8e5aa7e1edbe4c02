/* pace.h - where, between two TIME events of its thread, an event lies: they are taken to be spread
 * evenly. An estimate for ordering threads, never shown.
 *
 *      TIME 1000   a   b   c   d   TIME 1400        a: 1000 + 0/4, b: 1000 + 1/4 ...
 *
 * The stamps themselves are sound: threads read one clock, before they let a block go and after they
 * got one. So of two events at one address the one with the smaller stamp was first, and the estimate
 * only decides between equal stamps. */
#ifndef MS_LOAD_PACE_H
#define MS_LOAD_PACE_H

#include <stdint.h>

#define MS_PACE_BITS 10 /* of the part of an order that is estimated */

/* Orders compare as numbers. */
typedef struct ms_when {
    uint64_t order;    /* stamp << MS_PACE_BITS | estimate */
    uint64_t until_us; /* no event with a later stamp happened before */
} ms_when;

typedef struct ms_pace {
    uint64_t stamp_us;
    uint64_t count, done; /* events with this stamp, and of them given an order */
} ms_pace;

/* `count` events follow a TIME `stamp_us`. */
static inline void ms_pace_begin(ms_pace *pace, uint64_t stamp_us, uint64_t count) {
    *pace = (ms_pace){.stamp_us = stamp_us, .count = count ? count : 1};
}

static inline ms_when ms_pace_next(ms_pace *pace) {
    /* a damaged stream may begin without a TIME */
    uint64_t part = pace->count ? (pace->done << MS_PACE_BITS) / pace->count : 0;
    uint64_t most = (UINT64_C(1) << MS_PACE_BITS) - 1;
    pace->done++;
    return (ms_when){pace->stamp_us << MS_PACE_BITS | (part < most ? part : most), pace->stamp_us};
}

#endif
