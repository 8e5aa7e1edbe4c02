/* declared.h - the type of a variable where the program speaks of it, as a C compiler finds it there. */
#ifndef MS_SYMBOL_DECLARED_H
#define MS_SYMBOL_DECLARED_H

#include "symbol/symbol.h"
#include "symbol/types.h"

/* NULL: the file does not say, or the function is in several units that do not agree. */
const ms_datatype *ms_declared(ms_types *types, const ms_spoken *spoken);

#endif
