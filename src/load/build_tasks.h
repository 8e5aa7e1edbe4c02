/* build_tasks.h - tasks by name, in the model, and which of them are listed one by one. */
#ifndef MS_LOAD_BUILD_TASKS_H
#define MS_LOAD_BUILD_TASKS_H

#include "load/replay.h"
#include "model/model.h"

/* More are not of use to anybody one by one. */
#define MS_TASKS_LISTED 20000

/* All, in the order of the replay; their words are not there yet. */
void ms_build_tasks(ms_model *model, const ms_replay *replay);

/* Once all tasks of the replay, in its order, have their words in the model: makes the groups. */
void ms_build_task_groups(ms_model *model, const ms_replay *replay);

/* Nobody looks for tasks by their index any more: leaves those that are worth a line, as many as are listed. */
void ms_list_tasks(ms_model *model);

#endif
