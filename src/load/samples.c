#include "load/samples.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/varint.h"
#include "load/replay.h"
#include "trace/format.h"
#include "util/memory.h"

void ms_samples_init(ms_samples *s, ms_arena *arena) {
    *s = (ms_samples){.keep = 1, .peak_rss_bytes = MS_UNKNOWN};
    ms_map_init(&s->cpu_of, arena);
}

void ms_samples_deinit(ms_samples *s) {
    free(s->items);
    free(s->cpu);
}

static void thin(ms_samples *s) {
    for (size_t i = 0; i < s->count / 2; i++)
        s->items[i] = s->items[2 * i + 1];
    s->count /= 2;
    s->keep *= 2;
}

static void add_process(ms_samples *s, uint64_t time_us, const uint64_t *values) {
    uint64_t rss = values[MS_SAMPLE_rss_bytes];
    if (rss != MS_UNKNOWN && (s->peak_rss_bytes == MS_UNKNOWN || rss > s->peak_rss_bytes))
        s->peak_rss_bytes = rss;
    s->taken++;
    if (++s->skipped < s->keep)
        return;
    s->skipped = 0;
    if (!s->items)
        s->items = ms_memory_zeroed(MS_SAMPLES_MAX, sizeof *s->items);
    ms_resource *item = &s->items[s->count++];
    item->time_ns = time_us * 1000;
#define MS_SAMPLE(name, unit, doc) item->name = values[MS_SAMPLE_##name];
#include "trace/samples.def"
    if (s->count == MS_SAMPLES_MAX)
        thin(s);
}

void ms_samples_note_cpu(ms_samples *s, uint32_t tid, uint64_t ns) {
    uint32_t *place = ms_map_at(&s->cpu_of, tid, NULL);
    if (!*place) {
        s->cpu = ms_memory_grow(s->cpu, s->cpu_count + 1, &s->cpu_capacity, sizeof *s->cpu);
        *place = (uint32_t)++s->cpu_count;
    }
    s->cpu[*place - 1] = (ms_cpu){ns, tid};
}

static void add_thread(ms_samples *s, uint32_t tid, const uint64_t *values) {
    uint64_t user = values[MS_SAMPLE_user_ns], system = values[MS_SAMPLE_system_ns];
    if (user == MS_UNKNOWN || system == MS_UNKNOWN)
        return;
    ms_samples_note_cpu(s, tid, user + system);
}

/* `count` values, stored + 1; those this version does not know are skipped, missing ones unknown. */
static bool read_values(const uint8_t **at, const uint8_t *end, uint64_t count,
                        uint64_t values[MS_SAMPLE_COUNT]) {
    for (size_t i = 0; i < MS_SAMPLE_COUNT; i++)
        values[i] = MS_UNKNOWN;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t value;
        if (!ms_varint_get(at, end, &value))
            return false;
        if (i < MS_SAMPLE_COUNT)
            values[i] = value - 1;
    }
    return true;
}

void ms_samples_read(ms_samples *s, const uint8_t *payload, size_t size) {
    const uint8_t *end = payload + size;
    uint64_t time_us, tid, count, values[MS_SAMPLE_COUNT];
    while (payload < end && ms_varint_get(&payload, end, &time_us) &&
           ms_varint_get(&payload, end, &tid) && ms_varint_get(&payload, end, &count) &&
           read_values(&payload, end, count, values)) {
        if (time_us > MS_TIME_MAX_US)
            time_us = MS_TIME_MAX_US;
        if (time_us > s->last_us)
            s->last_us = time_us;
        if (tid == 0)
            add_process(s, s->last_us, values);
        else if (tid <= UINT32_MAX)
            add_thread(s, (uint32_t)tid, values);
    }
}

uint64_t ms_samples_cpu_ns(ms_samples *s, uint32_t tid) {
    uint32_t place = *ms_map_at(&s->cpu_of, tid, NULL);
    return place ? s->cpu[place - 1].ns : MS_UNKNOWN;
}

void ms_samples_finish(const ms_samples *s, ms_model *model) {
    size_t size = s->count * sizeof *s->items;
    model->resources.items = ms_arena_alloc(model->arena, size);
    model->resources.count = s->count;
    if (size)
        memcpy(model->resources.items, s->items, size);
    /* One sample, of the start, says nothing about a peak. */
    model->summary.peak_rss_bytes = s->taken > 1 ? s->peak_rss_bytes : MS_UNKNOWN;
}
