/* type_told.h - the types that a program has described itself, where no debug info has them. */
#ifndef MS_LOAD_TYPE_TOLD_H
#define MS_LOAD_TYPE_TOLD_H

#include "model/model.h"
#include "symbol/datatype.h"
#include "util/map.h"

/* By name without keyword, of those in the model. All is borrowed. */
typedef struct ms_told {
    const ms_model *model;
    ms_arena *arena;
    ms_map of; /* hash of the name -> index + 1 in declared_types */
} ms_told;

/* A name without its keyword: struct, class, union. */
const char *ms_told_plain(const char *name);

void ms_told_init(ms_told *told, const ms_model *model, ms_arena *arena);

/* The type of that name. Of its members only those are known that the program has named, so that its padding is not.
 * NULL: it is not described. */
const ms_datatype *ms_told_named(const ms_told *told, const char *name);

#endif
