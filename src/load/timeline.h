/* timeline.h - what was live over time, in at most MS_TIMELINE_MAX moments at even distances. The
 * distance is a tick at first and doubles whenever the moments are too many. */
#ifndef MS_LOAD_TIMELINE_H
#define MS_LOAD_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/weight.h"
#include "model/model.h"

#define MS_TIMELINE_MAX 1024u

/* What a moment tells: what was recorded, and what that stands for beyond itself. */
typedef struct ms_level {
    uint64_t live_bytes, live_blocks, births, mapped_bytes;
    ms_held held;
    ms_estimate births_excess;
    bool sampled; /* births were missed: it is an estimate */
} ms_level;

static inline uint64_t ms_level_bytes(const ms_level *level) {
    return level->sampled ? ms_estimated(level->live_bytes, level->held.bytes.excess)
                          : level->live_bytes;
}

typedef struct ms_timeline {
    ms_moment *moments; /* time_ns holds microseconds until ms_timeline_finish() */
    size_t count;
    uint64_t interval_us;
    uint64_t next_us; /* when the next moment is due */
    uint64_t max_live_bytes;
    double max_variance;
} ms_timeline;

void ms_timeline_init(ms_timeline *timeline);
void ms_timeline_deinit(ms_timeline *timeline);

/* To be called with the level before an event at `time_us` changes it, if that is not before next_us. */
void ms_timeline_due(ms_timeline *timeline, uint64_t time_us, const ms_level *level);

/* To be called after each change; `live_bytes` is what ms_level_bytes() says. */
static inline void ms_timeline_live(ms_timeline *timeline, uint64_t live_bytes,
                                    const ms_level *level) {
    if (live_bytes > timeline->max_live_bytes) {
        timeline->max_live_bytes = live_bytes;
        timeline->max_variance = level->held.bytes.variance;
    }
}

/* The last moment, at `end_us`; then the moments go to the model, with the resident set from its
 * resources. */
void ms_timeline_finish(ms_timeline *timeline, uint64_t end_us, const ms_level *level,
                        ms_model *model);

#endif
