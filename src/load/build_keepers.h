/* build_keepers.h - the sites of a model by the variable that keeps their blocks. */
#ifndef MS_LOAD_BUILD_KEEPERS_H
#define MS_LOAD_BUILD_KEEPERS_H

#include "model/model.h"

/* Fills in `keepers` from the sites that know a variable. To be called when stacks and modules are complete and
 * lifted, for functions are those that attribution is lifted to. */
void ms_build_keepers(ms_model *model);

#endif
