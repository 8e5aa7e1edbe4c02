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
        tasks->items[tasks->count] =
            (ms_task_count){.id = id, .first_us = now_us, .since_us = now_us};
        *place = (uint32_t)++tasks->count;
    }
    return *place;
}

/* The time since the last change was work, or it was not. */
static void settle(ms_task_count *task, uint64_t now_us) {
    uint64_t stretch = now_us - task->since_us;
    task->since_us = now_us;
    if (task->workers) {
        task->busy_us += stretch;
    } else if (!task->ended) {
        task->idle_us += stretch;
        if (stretch > task->longest_idle_us)
            task->longest_idle_us = stretch;
    }
}

void ms_task_take_up(ms_task_count *task, uint64_t now_us) {
    if (task->workers == 0) {
        settle(task, now_us);
        task->taken_up++;
    }
    task->workers++;
}

void ms_task_put_down(ms_task_count *task, uint64_t now_us) {
    if (task->workers == 1)
        settle(task, now_us);
    task->workers -= task->workers > 0;
}

/* It was neither work nor an idle gap that it had ended. */
static void resume(ms_task_count *task, uint64_t now_us) {
    if (!task->ended)
        return;
    settle(task, now_us);
    task->ended = false;
}

void ms_task_begin(ms_task_count *task, const ms_said *said) {
    if (task->begun) {
        resume(task, said->now_us);
        return;
    }
    task->begun = true;
    task->begun_us = said->now_us;
    task->parent = said->old;
    task->place = said->place;
    task->callback = said->address;
    task->stack = said->stack;
}

bool ms_task_end(ms_task_count *task, uint64_t now_us) {
    if (task->ended)
        return false;
    settle(task, now_us);
    task->ended = true;
    task->ended_us = now_us;
    return true;
}

void ms_tasks_finish(ms_tasks *tasks, uint64_t now_us) {
    for (size_t i = 0; i < tasks->count; i++)
        settle(&tasks->items[i], now_us);
}

void ms_task_freed_by_other(ms_task_count *task, ms_estimate weight) {
    task->freed_by_others++;
    ms_estimate_add(&task->freed_excess, weight, 1);
}
