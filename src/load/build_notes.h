/* build_notes.h - the part of the model that the program itself has told: variables,
 * scopes, tasks and so on. */
#ifndef MS_LOAD_BUILD_NOTES_H
#define MS_LOAD_BUILD_NOTES_H

#include "load/frames.h"
#include "load/replay.h"
#include "model/model.h"

/* Says what the blocks of a site are, where the program did. */
void ms_build_site_name(ms_model *model, const ms_replay *replay, const ms_site_count *count,
                        ms_site *site);

/* Fills in the tables of annotations. The replay is finished, threads and tasks stand in the model in its
 * order. `frames`: NULL: stacks are left out. */
void ms_build_notes(ms_model *model, ms_replay *replay, ms_frames *frames);

#endif
