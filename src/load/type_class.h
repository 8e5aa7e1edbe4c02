/* type_class.h - what a type of blocks is for. Pure. */
#ifndef MS_LOAD_TYPE_CLASS_H
#define MS_LOAD_TYPE_CLASS_H

#include "symbol/datatype.h"

/* "struct", "text", "collection" ...: see records.def. `type` is what the debug info says, NULL: nothing;
 * `name` as the program spells it. NULL: not known. */
const char *ms_type_class(const char *name, const ms_datatype *type);

#endif
