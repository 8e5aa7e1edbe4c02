/* samples.h - what the recorder read from /proc beside the heap. */
#ifndef MS_LOAD_SAMPLES_H
#define MS_LOAD_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "model/model.h"
#include "util/arena.h"
#include "util/map.h"

/* Samples of the process are kept at even distances, at most MS_SAMPLES_MAX of them: when they are
 * too many every second one goes. The largest resident set is exact. */
#define MS_SAMPLES_MAX 8192u

/* CPU time of a thread at its last sample. */
typedef struct ms_cpu {
    uint64_t ns;
    uint32_t tid;
} ms_cpu;

typedef struct ms_samples {
    ms_resource *items;
    size_t count;
    uint64_t keep;    /* one sample in this many */
    uint64_t skipped; /* since the last that was kept */
    uint64_t taken;   /* samples of the process, kept or not */
    uint64_t last_us;
    uint64_t peak_rss_bytes; /* MS_UNKNOWN: none */
    ms_map cpu_of;           /* tid -> index + 1 */
    ms_cpu *cpu;
    size_t cpu_count, cpu_capacity;
} ms_samples;

/* `arena` is borrowed. */
void ms_samples_init(ms_samples *samples, ms_arena *arena);
void ms_samples_deinit(ms_samples *samples);

/* Takes the payload of a SAMPLES chunk. What comes behind damage is ignored. */
void ms_samples_read(ms_samples *samples, const uint8_t *payload, size_t size);

/* Notes the CPU time of a thread. */
void ms_samples_note_cpu(ms_samples *samples, uint32_t tid, uint64_t ns);

/* CPU time of a thread at its last sample; MS_UNKNOWN when it was never sampled. */
uint64_t ms_samples_cpu_ns(ms_samples *samples, uint32_t tid);

/* The model's resources. */
void ms_samples_finish(const ms_samples *samples, ms_model *model);

#endif
