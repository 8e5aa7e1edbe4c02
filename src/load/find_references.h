/* find_references.h - findings of kind `refcount`. */
#ifndef MS_LOAD_FIND_REFERENCES_H
#define MS_LOAD_FIND_REFERENCES_H

#include <stddef.h>

#include "model/model.h"

#define MS_REFERENCE_FINDINGS 32

/* Puts up to MS_REFERENCE_FINDINGS into `findings`, the worst first, and says how many. Of a model whose
 * objects have their holders by function. */
size_t ms_find_references(ms_model *model, ms_finding *findings);

#endif
