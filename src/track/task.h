/* task.h - tasks that the library numbers. */
#ifndef MS_TRACK_TASK_H
#define MS_TRACK_TASK_H

#include "memscope/calls.h"

/* A new task, a child of the one that the thread works for. Its number is never below 2^32: those are for
 * programs that number their tasks themselves. */
uint64_t ms_task_begin(struct memscope_place *place);

/* If the thread works for it, it works for none from now on. */
void ms_task_end(uint64_t task);

#endif
