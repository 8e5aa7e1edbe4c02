#include "load/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/memory.h"

#define FIRST_INTERVAL_US 1000

void ms_timeline_init(ms_timeline *t) {
    *t = (ms_timeline){.moments = ms_memory_zeroed(MS_TIMELINE_MAX, sizeof *t->moments),
                       .interval_us = FIRST_INTERVAL_US,
                       .next_us = FIRST_INTERVAL_US};
}

void ms_timeline_deinit(ms_timeline *t) {
    free(t->moments);
    t->moments = NULL;
}

static ms_moment join(ms_moment first, ms_moment second) {
    if (first.max_live_bytes > second.max_live_bytes) {
        second.max_live_bytes = first.max_live_bytes;
        second.max_live_bytes_error = first.max_live_bytes_error;
    }
    return second;
}

/* Each pair of moments becomes one. */
static void halve(ms_timeline *t) {
    for (size_t i = 0; i + 1 < t->count; i += 2)
        t->moments[i / 2] = join(t->moments[i], t->moments[i + 1]);
    t->count /= 2;
    t->interval_us *= 2;
}

static uint64_t error(const ms_level *level, double variance) {
    return level->sampled ? ms_standard_error(variance) : MS_UNKNOWN;
}

static void add(ms_timeline *t, uint64_t time_us, const ms_level *level) {
    t->moments[t->count++] = (ms_moment){
        .time_ns = time_us,
        .live_bytes = ms_level_bytes(level),
        .live_blocks = ms_estimated(level->live_blocks, level->held.blocks.excess),
        .max_live_bytes = t->max_live_bytes,
        .allocations = ms_estimated(level->births, level->births_excess.excess),
        .mapped_bytes = level->mapped_bytes,
        .rss_bytes = MS_UNKNOWN,
        .live_bytes_error = error(level, level->held.bytes.variance),
        .live_blocks_error = error(level, level->held.blocks.variance),
        .max_live_bytes_error = error(level, t->max_variance),
        .allocations_error = error(level, level->births_excess.variance),
    };
    t->max_live_bytes = ms_level_bytes(level);
    t->max_variance = level->held.bytes.variance;
}

/* One moment is kept free for the end; pairs want an even number. */
void ms_timeline_due(ms_timeline *t, uint64_t time_us, const ms_level *level) {
    while (time_us >= t->next_us) {
        add(t, t->next_us, level);
        if (t->count + 2 >= MS_TIMELINE_MAX)
            halve(t);
        t->next_us = t->moments[t->count - 1].time_ns + t->interval_us;
    }
}

static void fill_rss(ms_moment *moments, size_t count, const ms_model *model) {
    size_t next = 0;
    uint64_t rss = MS_UNKNOWN;
    for (size_t i = 0; i < count; i++) {
        for (; next < model->resources.count &&
               model->resources.items[next].time_ns <= moments[i].time_ns;
             next++)
            rss = model->resources.items[next].rss_bytes;
        moments[i].rss_bytes = rss;
    }
}

/* A moment that was due just then was before the last events. */
static void add_end(ms_timeline *t, uint64_t end_us, const ms_level *level) {
    ms_moment before = {0};
    if (t->count && t->moments[t->count - 1].time_ns == end_us)
        before = t->moments[--t->count];
    add(t, end_us, level);
    t->moments[t->count - 1] = join(before, t->moments[t->count - 1]);
}

void ms_timeline_finish(ms_timeline *t, uint64_t end_us, const ms_level *level, ms_model *model) {
    ms_timeline_due(t, end_us, level);
    add_end(t, end_us, level);
    for (size_t i = 0; i < t->count; i++)
        t->moments[i].time_ns *= 1000;
    fill_rss(t->moments, t->count, model);
    size_t size = t->count * sizeof *t->moments;
    model->timeline.items = ms_arena_alloc(model->arena, size);
    model->timeline.count = t->count;
    memcpy(model->timeline.items, t->moments, size);
}
