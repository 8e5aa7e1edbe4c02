/* tasks.h - counters of each task: work that moves between threads. One thread at a time. */
#ifndef MS_LOAD_TASKS_H
#define MS_LOAD_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/said.h"
#include "load/tally.h"
#include "util/map.h"

/* A broken trace names tasks without end. */
#define MS_TASKS_MAX (1u << 20)

typedef struct ms_task_count {
    uint64_t id; /* the trace's */
    ms_tally tally;
    uint64_t freed_by_others; /* recorded */
    ms_estimate freed_excess;
    uint64_t first_us; /* when it was begun or taken up first */

    /* What a program says that does more than switch. */
    uint64_t parent;   /* id; 0: none, or not known */
    uint32_t place;    /* its name: number of a place; 0: none */
    uint64_t callback; /* what it is to run, when nobody said a word of it; 0: somebody did */
    uint64_t stack;    /* id, of who set it off; 0: not known */
    bool begun, ended;
    uint64_t begun_us, ended_us;

    /* Who works for it. A task that nobody works for is idle, from its begin to its end. */
    uint32_t workers;  /* threads, now */
    uint64_t taken_up; /* times a first worker came */
    uint64_t since_us; /* it has been worked for, or been idle */
    uint64_t busy_us, idle_us, longest_idle_us;
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

/* A thread begins to work for it, or stops. */
void ms_task_take_up(ms_task_count *task, uint64_t now_us);
void ms_task_put_down(ms_task_count *task, uint64_t now_us);

/* It begins, as `said`. Of one that has begun already the first words stand; if it had ended, it goes on. */
void ms_task_begin(ms_task_count *task, const ms_said *said);

/* It ends. False: it had ended. Its begin, if another thread told of it, may be read later. */
bool ms_task_end(ms_task_count *task, uint64_t now_us);

/* The trace is over: counts the time since the last change, of those that have not ended. */
void ms_tasks_finish(ms_tasks *tasks, uint64_t now_us);

/* Another task, or none, released a block of it. */
void ms_task_freed_by_other(ms_task_count *task, ms_estimate weight);

#endif
