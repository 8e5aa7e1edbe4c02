/* task.h - tasks that the library numbers. */
#ifndef MS_TRACK_TASK_H
#define MS_TRACK_TASK_H

#include <stdbool.h>

#include "memscope/calls.h"

/* A number that no task had before, never below 2^32: those are for programs that number their tasks
 * themselves. `found`: of a task that nobody begins by a word, but that adapters find. */
uint64_t ms_task_number(bool found);

static inline bool ms_task_is_found(uint64_t task) {
    return task >> 32 && task % 2;
}

/* A new task, a child of the one that the thread works for. */
uint64_t ms_task_begin(struct memscope_place *place);

/* If the thread works for it, it works for none from now on. */
void ms_task_end(uint64_t task);

#endif
