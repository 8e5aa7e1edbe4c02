/* The table of calls: what memscope.h finds where this library is loaded. And the same, as functions with
 * names, for whoever has no use for a C header. */
#include "memscope/calls.h"

#include <string.h>

#include "capture/control.h"
#include "capture/home.h"
#include "capture/os.h"
#include "capture/state.h"
#include "track/export.h"
#include "track/note.h"
#include "track/process.h"
#include "track/task.h"

MS_EXPORT int memscope_resume(void);
MS_EXPORT int memscope_pause(void);
MS_EXPORT int memscope_is_recording(void);
MS_EXPORT void memscope_task_switch(uint64_t task);

/* 0, or -1 when nothing can be recorded in this process. */
int memscope_resume(void) {
    return ms_control_switch(true) ? 0 : -1;
}

int memscope_pause(void) {
    return ms_control_switch(false) ? 0 : -1;
}

int memscope_is_recording(void) {
    return ms_control_is_on();
}

void memscope_task_switch(uint64_t task) {
    ms_control_task(task);
}

static uint64_t task_current(void) {
    return ms_home_task();
}

static uint64_t total(const ms_ring_header *ring, unsigned of) {
    uint64_t known_us = __atomic_load_n(&ring->totals_us, __ATOMIC_ACQUIRE);
    return known_us ? __atomic_load_n(&ring->totals[of], __ATOMIC_RELAXED) : MEMSCOPE_UNKNOWN;
}

static void take_totals(struct memscope_counts *all, const ms_ring_header *ring) {
    uint64_t known_us = __atomic_load_n(&ring->totals_us, __ATOMIC_RELAXED);
    all->counted_ns = known_us ? known_us * 1000 : MEMSCOPE_UNKNOWN;
    all->allocations = total(ring, MS_COUNT_ALLOCATIONS);
    all->reallocations = total(ring, MS_COUNT_REALLOCATIONS);
    all->frees = total(ring, MS_COUNT_FREES);
    all->bytes_allocated = total(ring, MS_COUNT_BYTES);
}

/* A program built with a header older than we are knows less of `stats` than we do. */
static int stats(struct memscope_counts *stats, size_t size) {
    ms_ring_header *ring = g_ms.ring;
    if (!atomic_load(&g_ms.on))
        return -1;
    struct memscope_counts all = {
        .recording = ms_control_is_on(),
        .time_ns = ms_os_monotonic_ns() - ring->start_monotonic_ns,
        .task = ms_home_task(),
        .threads = __atomic_load_n(&ring->threads, __ATOMIC_RELAXED),
        .stacks = __atomic_load_n(&ring->stacks, __ATOMIC_RELAXED) - MS_ROOT_COUNT,
        .places = atomic_load_explicit(&g_ms.sites, memory_order_relaxed),
        .written = __atomic_load_n(&ring->sealed, __ATOMIC_RELAXED) * MS_RING_CHUNK_SIZE,
        .strategy = ms_process_strategy(&g_ms.options),
        .sample_bytes = g_ms.sample_bytes,
        .budget_percent = g_ms.budget_percent,
    };
    for (unsigned cause = 0; cause < MS_LOSS_COUNT; cause++)
        all.lost += __atomic_load_n(&ring->lost[cause], __ATOMIC_RELAXED);
    take_totals(&all, ring);
    memcpy(stats, &all, size < sizeof all ? size : sizeof all);
    return 0;
}

MS_EXPORT extern const struct memscope_calls memscope_calls_1;

const struct memscope_calls memscope_calls_1 = {
    .size = sizeof memscope_calls_1,
    .note = ms_note,
    .note_stack = ms_note_stack,
    .describe = ms_note_type,
    .task_begin = ms_task_begin,
    .task_switch = ms_control_task,
    .task_end = ms_task_end,
    .task_current = task_current,
    .stats = stats,
    .pause = memscope_pause,
    .resume = memscope_resume,
    .is_recording = memscope_is_recording,
    .export_report = ms_export,
    .config = ms_process_config,
    .start = ms_process_start,
    .stop = ms_process_stop,
    .task_stack = ms_task_stack,
};
