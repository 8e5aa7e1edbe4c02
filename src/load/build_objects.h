/* build_objects.h - counted objects, passports and containers in the model, and what is wrong with them. */
#ifndef MS_LOAD_BUILD_OBJECTS_H
#define MS_LOAD_BUILD_OBJECTS_H

#include "load/build_words.h"

void ms_build_objects(const ms_words *words);

/* Adds findings: tasks that are left over, blocks that are still abroad. From the model alone. */
void ms_build_findings(ms_model *model);

#endif
