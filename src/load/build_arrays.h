/* build_arrays.h - arrays that a program grows by realloc, as containers in the model. */
#ifndef MS_LOAD_BUILD_ARRAYS_H
#define MS_LOAD_BUILD_ARRAYS_H

#include <stddef.h>

#include "load/replay.h"
#include "model/model.h"

/* Appends a container for each site at which arrays have grown, most copied bytes first. `sites`: in the
 * order of the model's, of a finished replay. */
void ms_build_arrays(ms_model *model, const ms_replay *replay, const ms_site_count *const *sites,
                     size_t count);

/* Gives them the names, types and places of their sites, as these are now: to be called when nothing will
 * change there any more. */
void ms_name_arrays(ms_model *model);

#endif
