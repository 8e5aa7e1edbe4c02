/* gobject_type.h - what is told of an object's type: its name, as a place in the trace, and its size. */
#ifndef MS_ADAPT_GOBJECT_TYPE_H
#define MS_ADAPT_GOBJECT_TYPE_H

#include <stddef.h>

#include "memscope/calls.h"

typedef struct ms_gobject_type {
    struct memscope_place *place;
    size_t size; /* of an instance, without what is private to classes */
} ms_gobject_type;

/* Of a live object. The first of each type asks `code`'s libgobject. Of those beyond some hundreds of types
 * neither is known. */
ms_gobject_type ms_gobject_type_of(const void *object, const void *code);

#endif
