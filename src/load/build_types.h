/* build_types.h - the types of blocks: how many of each are live, and where their members lie. */
#ifndef MS_LOAD_BUILD_TYPES_H
#define MS_LOAD_BUILD_TYPES_H

#include "load/typing.h"
#include "model/model.h"

/* Fills in `types` from the sites of the model, which know their types: by name, and in `typing`. */
void ms_build_types(ms_model *model, const ms_typing *typing);

#endif
