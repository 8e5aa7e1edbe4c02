/* build_tags.h - tags, and types that the program describes, in the model. */
#ifndef MS_LOAD_BUILD_TAGS_H
#define MS_LOAD_BUILD_TAGS_H

#include "load/build_words.h"

void ms_build_tags(const ms_words *words);

void ms_build_declared(const ms_words *words);

/* Says of the types of blocks and of counted objects, which stand in the model, what is described of them. */
void ms_name_declared(ms_model *model);

#endif
