/* typing.h - what the debug info of a program's modules says of its types, while its model is built: of tracked
 * variables, and of what the blocks of each site consist of. */
#ifndef MS_LOAD_TYPING_H
#define MS_LOAD_TYPING_H

#include "load/frames.h"
#include "load/places.h"
#include "symbol/datatype.h"

typedef struct ms_typing {
    ms_frames *frames;          /* borrowed; NULL: nothing is known */
    const ms_datatype **places; /* of the variable of a place, by index + 1; NULL: not known */
    const ms_datatype *
        *sites;      /* of one of what its blocks consist of, by index in the model; NULL */
    uint32_t likely; /* module that knew the last */
} ms_typing;

/* For as many places and sites; looks up the types that places do not say themselves. `frames` may be NULL. What it
 * says lives until those are freed. */
void ms_typing_init(ms_typing *typing, ms_frames *frames, const ms_places *places, size_t sites);
void ms_typing_deinit(ms_typing *typing);

/* The type of that name, as C and C++ spell it, in whichever module has it; NULL: none does. */
const ms_datatype *ms_typing_named(ms_typing *typing, const char *name);

#endif
