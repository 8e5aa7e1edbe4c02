#include "load/tasks.h"

#include <stdlib.h>

#include "util/memory.h"

void ms_tasks_init(ms_tasks *tasks, ms_arena *arena) {
    *tasks = (ms_tasks){0};
    ms_map_init(&tasks->of, arena);
}

void ms_tasks_deinit(ms_tasks *tasks) {
    free(tasks->items);
    tasks->items = NULL;
}

uint32_t ms_tasks_of(ms_tasks *tasks, uint64_t id, uint64_t now_us) {
    if (id == 0)
        return 0;
    if (tasks->count == MS_TASKS_MAX)
        return ms_map_get(&tasks->of, id);
    uint32_t *place = ms_map_at(&tasks->of, id, NULL);
    if (!*place) {
        tasks->items =
            ms_memory_grow(tasks->items, tasks->count + 1, &tasks->capacity, sizeof *tasks->items);
        tasks->items[tasks->count] = (ms_task_count){.id = id, .first_us = now_us};
        *place = (uint32_t)++tasks->count;
    }
    return *place;
}

void ms_task_enter(ms_task_count *task, uint64_t size, ms_estimate weight) {
    task->live_bytes += size;
    task->live_blocks++;
    ms_held_add(&task->held, weight, size);
    uint64_t bytes = ms_estimated(task->live_bytes, task->held.bytes.excess);
    if (ms_surely(bytes, task->held.bytes.variance) >
        ms_surely(task->peak_bytes, task->peak_variance)) {
        task->peak_bytes = bytes;
        task->peak_variance = task->held.bytes.variance;
    }
}

void ms_task_born(ms_task_count *task, uint64_t size, ms_estimate weight, bool is_realloc) {
    task->allocations += !is_realloc;
    task->reallocations += is_realloc;
    task->bytes_allocated += size;
    ms_estimate_add(is_realloc ? &task->reallocations_excess : &task->allocations_excess, weight,
                    1);
    ms_estimate_add(&task->bytes_excess, weight, (double)size);
    ms_task_enter(task, size, weight);
}

void ms_task_leave(ms_task_count *task, uint64_t size, ms_estimate weight) {
    task->live_bytes -= size;
    task->live_blocks--;
    ms_held_remove(&task->held, weight, size);
}

void ms_task_freed_by_other(ms_task_count *task, ms_estimate weight) {
    task->freed_by_others++;
    ms_estimate_add(&task->freed_excess, weight, 1);
}
