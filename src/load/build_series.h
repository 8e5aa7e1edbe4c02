/* build_series.h - what was live of each type over time, for the model. */
#ifndef MS_LOAD_BUILD_SERIES_H
#define MS_LOAD_BUILD_SERIES_H

#include "load/build_types.h"
#include "load/replay.h"

/* Fills in `type_series`. `contents`: one for each site of the model; `site_ids`: the number in the model of each site of
 * the replay. The replay's series gets its moments up to the end. */
void ms_build_series(ms_model *model, ms_replay *replay, uint64_t end_us,
                     const ms_content *contents, const uint64_t *site_ids);

#endif
