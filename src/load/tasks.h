/* tasks.h - counters of each task: work that moves between threads. */
#ifndef MS_LOAD_TASKS_H
#define MS_LOAD_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/weight.h"
#include "util/map.h"

/* A broken trace names tasks without end. */
#define MS_TASKS_MAX (1u << 20)

typedef struct ms_task_count {
    uint64_t id;                                                           /* the trace's */
    uint64_t allocations, reallocations, bytes_allocated, freed_by_others; /* recorded */
    uint64_t live_bytes, live_blocks;                                      /* recorded */
    uint64_t peak_bytes;                                                   /* estimated */
    uint64_t first_us; /* when it was taken up first */
    ms_estimate allocations_excess, reallocations_excess, bytes_excess, freed_excess;
    ms_held held;
    double peak_variance;
} ms_task_count;

typedef struct ms_tasks {
    ms_task_count *items; /* in the order of their start */
    size_t count, capacity;
    ms_map of; /* id -> index + 1 */
} ms_tasks;

/* `arena` is borrowed. */
void ms_tasks_init(ms_tasks *tasks, ms_arena *arena);
void ms_tasks_deinit(ms_tasks *tasks);

/* The index + 1 of the task `id`, made if need be; 0 for 0, and for a new one when there are
 * MS_TASKS_MAX. */
uint32_t ms_tasks_of(ms_tasks *tasks, uint64_t id, uint64_t now_us);

/* A birth, and the end of a block; a block that counts again, without a birth. `weight`: of the block. */
void ms_task_born(ms_task_count *task, uint64_t size, ms_estimate weight, bool is_realloc);
void ms_task_enter(ms_task_count *task, uint64_t size, ms_estimate weight);
void ms_task_leave(ms_task_count *task, uint64_t size, ms_estimate weight);

/* Another task, or none, released a block of it. */
void ms_task_freed_by_other(ms_task_count *task, ms_estimate weight);

#endif
