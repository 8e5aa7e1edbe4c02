/* shorten.h - the writer's side of recall.h: finds the short form of an event. Offline side. */
#ifndef MS_TRACE_SHORTEN_H
#define MS_TRACE_SHORTEN_H

#include "trace/recall.h"

/* Where a block is: the key lies in the slot, so that a look-up is one cache miss. */
typedef struct ms_address_slot {
    uint64_t address;
    uint32_t block; /* 1 + index of the block last born there; 0: empty slot */
    uint32_t live;  /* not yet freed */
} ms_address_slot;

/* Starts as all zeros. */
typedef struct ms_shortener {
    ms_recall recall;
    ms_address_slot *by_address; /* open addressing, at most half full */
    uint32_t *by_pair;           /* 1 + number of a combination; likewise */
    size_t address_slots, pair_slots;
    size_t addresses;     /* slots used */
    size_t tried, spared; /* events, and those that went without an address */
} ms_shortener;

void ms_shortener_clear(ms_shortener *shortener);
void ms_shortener_deinit(ms_shortener *shortener);

/* Fills `out` with the short form of `event` and returns true; `*new_pair`: size, stack and family are
 * to be written, too. False: the event is to be written as it is. */
bool ms_shorten(ms_shortener *shortener, const ms_event *event, ms_event *out, bool *new_pair);

#endif
