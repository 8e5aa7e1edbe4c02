/* build_types.h - the types of blocks: how many of each are live, and where their members lie. */
#ifndef MS_LOAD_BUILD_TYPES_H
#define MS_LOAD_BUILD_TYPES_H

#include "load/type_form.h"
#include "load/typing.h"
#include "model/model.h"

/* How the blocks of a site are made of which type. */
typedef struct ms_content {
    uint32_t type; /* index in the model's types + 1; 0: not known */
    ms_form form;
    uint64_t size; /* of the type, where the form asks for it */
} ms_content;

/* Fills in `types` from the sites of the model, which know their types: by name, and in `typing`. Returns one for
 * each site of the model, to be freed. */
ms_content *ms_build_types(ms_model *model, const ms_typing *typing);

#endif
