/* build_notes.h - the part of the model that the program itself has told: variables,
 * scopes, tasks and so on. */
#ifndef MS_LOAD_BUILD_NOTES_H
#define MS_LOAD_BUILD_NOTES_H

#include "load/frames.h"
#include "load/replay.h"
#include "load/typing.h"
#include "model/model.h"

/* Says what the blocks of a site are, where the program did: and returns the type of which they are one or several, if
 * that is known. */
const ms_datatype *ms_build_site_name(ms_model *model, const ms_replay *replay, ms_typing *typing,
                                      const ms_site_count *count, ms_site *site);

/* What a pointer of that type points to: "const struct node *" is one to a "struct node". */
const char *ms_build_pointee(ms_model *model, const char *type);

/* Fills in the tables of annotations. The replay is finished, threads and tasks stand in the model in its
 * order. Without frames in `typing` stacks are left out. `site_ids`: of the replay's sites, in the model, by index;
 * may be NULL. */
void ms_build_notes(ms_model *model, ms_replay *replay, ms_typing *typing,
                    const uint64_t *site_ids);

#endif
