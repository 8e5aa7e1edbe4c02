/* standing.h - what holds for a thread until it says otherwise: the rate it samples at, the task it
 * works for, who releases blocks, and with which stack. A packer remembers it from chunk to chunk, because
 * each chunk decodes by itself. Offline side; memory for each thread that ever said any of it. */
#ifndef MS_TRACE_STANDING_H
#define MS_TRACE_STANDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/event.h"

typedef struct ms_standing {
    uint32_t thread; /* serial; 0: no entry */
    uint64_t rate, task;
    uint64_t freer, free_stack; /* pc and stack id; 0: not said */
} ms_standing;

/* Is it an event that says so? */
static inline bool ms_event_stands(unsigned kind) {
    return kind == MS_EVENT_RATE || kind == MS_EVENT_TASK || kind == MS_EVENT_FREER ||
           kind == MS_EVENT_FREER_STACK;
}

/* Starts as all zeros. */
typedef struct ms_standings {
    ms_standing *slots; /* open addressing, at most half full */
    size_t slot_count, count;
} ms_standings;

void ms_standings_deinit(ms_standings *standings);

/* What holds for `thread`; all zeros when nothing was ever said. */
ms_standing ms_standings_of(const ms_standings *standings, uint32_t thread);

/* Takes a RATE, TASK, FREER or FREER_STACK. `*news`: it changes something. False without memory. */
bool ms_standings_note(ms_standings *standings, const ms_event *event, bool *news);

#endif
