/* frame_key.h - frames as numbers that are equal for equal frames (64-bit hashes). Pure. */
#ifndef MS_MODEL_FRAME_KEY_H
#define MS_MODEL_FRAME_KEY_H

#include "model/model.h"

/* The function: its name and module; without a name the address stands for it. */
uint64_t ms_frame_function_key(const ms_frame *frame);

/* The place in it: the line where that is known, else the address. The line comes first so that a
 * function that was inlined in twenty places is still one place. */
uint64_t ms_frame_place_key(const ms_frame *frame);

#endif
