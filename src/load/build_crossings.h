/* build_crossings.h - which modules' blocks are released by which, in the model. */
#ifndef MS_LOAD_BUILD_CROSSINGS_H
#define MS_LOAD_BUILD_CROSSINGS_H

#include "load/replay.h"
#include "model/model.h"

/* The replay is finished. `site_ids`: of its sites, in the model, by index; NULL: it has none of them. */
void ms_build_crossings(ms_model *model, const ms_replay *replay, const uint64_t *site_ids);

/* Is it certain that the stack of an id is of another module than who releases blocks, index + 1? What the
 * C library releases, it releases for anybody. */
bool ms_build_crosses(ms_replay *replay, uint64_t stack, uint32_t freer);

/* The file name of who releases blocks, index + 1, in the model's memory; NULL: not known. */
const char *ms_build_freer(ms_model *model, const ms_replay *replay, uint32_t freer);

#endif
