/* stack.h - the id of the stack that called a hook. */
#ifndef MS_CAPTURE_STACK_H
#define MS_CAPTURE_STACK_H

#include "capture/arch.h"
#include "capture/state.h"

/* Unwinds from `regs` and returns the stack's id, writing STACK events for frames not seen before.
 * 0 when there is none to be had (MS_LOSS_STACK_TABLE is then counted) or stacks are off. */
uint32_t ms_stack_id(ms_thread *thread, ms_regs regs);

/* Forgets all stack ids: a new ring, after fork. */
void ms_stacks_reset(void);

#endif
