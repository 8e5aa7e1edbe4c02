/* ids.h - the number of a stack: what an allocation's event says instead of the stack itself. */
#ifndef MS_CAPTURE_IDS_H
#define MS_CAPTURE_IDS_H

#include "capture/state.h"

/* The id of the stack whose innermost frame is `frame` of the thread's tree, no root; the tree has it from
 * then on. Writes STACK events for frames not seen before. 0 when there is no room for more;
 * MS_LOSS_STACK_TABLE is then counted. */
uint32_t ms_ids_of(ms_thread *thread, uint32_t frame);

/* Forgets all ids: there is a new ring. */
void ms_ids_reset(void);

#endif
