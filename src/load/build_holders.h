/* build_holders.h - who holds counted objects, in the model: first a row for each stack, then, when stacks
 * have functions, one for each function. */
#ifndef MS_LOAD_BUILD_HOLDERS_H
#define MS_LOAD_BUILD_HOLDERS_H

#include "load/build_words.h"

/* The rows of an object that is held at the end, or was released too often; of others there are none. */
void ms_build_holders(const ms_words *words, const ms_reference_count *reference,
                      ms_smart_pointer *pointer);

/* Rows of one function become one: when the model has its stacks. */
void ms_name_holders(ms_model *model);

/* The frame of the function that took or gave up a reference, behind the glue of memscope.h and of GLib
 * that did it for that function; NULL: no stack was taken. */
const ms_frame *ms_holder_frame(const ms_model *model, uint32_t stack);

#endif
