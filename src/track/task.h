/* task.h - tasks that the library numbers. */
#ifndef MS_TRACK_TASK_H
#define MS_TRACK_TASK_H

#include <stdbool.h>

#include "memscope/calls.h"

/* A number that no task had before, never below 2^32: those are for programs that number their tasks
 * themselves. `found`: of a task that nobody begins by a word, but that adapters find. */
uint64_t ms_task_number(bool found);

/* A new task, a child of the one that the thread works for. */
uint64_t ms_task_begin(struct memscope_place *place);

/* If the thread works for it, it works for none from now on. */
void ms_task_end(uint64_t task);

/* [base, base + size) is its stack from now on; of task 0: nobody's. */
void ms_task_stack(uint64_t task, const void *base, size_t size);

#endif
