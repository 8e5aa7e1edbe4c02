/* build.h - the model out of a finished replay. */
#ifndef MS_LOAD_BUILD_H
#define MS_LOAD_BUILD_H

#include "load/info.h"
#include "load/load.h"
#include "load/replay.h"
#include "load/samples.h"

/* Fills in sites, threads, modules, stacks, timeline, resources, and the totals; lifts attribution
 * unless told not to. `end_us`: the time of the last thing recorded. The replay is finished. */
void ms_build(ms_model *model, ms_replay *replay, const ms_info *info, ms_samples *samples,
              uint64_t end_us, const ms_load_options *options);

#endif
