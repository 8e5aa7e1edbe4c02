/* module.h - which shared objects the recorded program counters lie in. */
#ifndef MS_CAPTURE_MODULE_H
#define MS_CAPTURE_MODULE_H

#include "capture/unwind.h"

struct link_map;

/* An object that unwinding met: records it, with `thread`, when it is new. Signal-safe. */
void ms_module_seen(ms_thread *thread, const struct link_map *map, const ms_object *object);

/* After a dlclose: forgets objects that are gone, and everything cached about their code. */
void ms_module_closed(void);

/* After fork: a new ring knows no modules. */
void ms_module_reset(void);

#endif
