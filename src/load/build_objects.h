/* build_objects.h - counted objects, passports and containers in the model, and what is wrong with them. */
#ifndef MS_LOAD_BUILD_OBJECTS_H
#define MS_LOAD_BUILD_OBJECTS_H

#include "load/build_words.h"
#include "load/frames.h"

/* `frames`: NULL: stacks are left out. */
void ms_build_objects(const ms_words *words, ms_frames *frames);

/* The stack of an id; `frames`: NULL: none. `*module`: that of its innermost frame, or MS_NO_MODULE. */
uint32_t ms_build_stack(const ms_words *words, ms_frames *frames, uint64_t stack, uint32_t *module);

/* Adds findings: tasks that are left over, blocks that are still abroad. From the model alone. */
void ms_build_findings(ms_model *model);

#endif
