/* stack.h - the id of the stack that called a hook. */
#ifndef MS_CAPTURE_STACK_H
#define MS_CAPTURE_STACK_H

#include "capture/arch.h"
#include "capture/state.h"

/* Unwinds from the state (pc, sp, fp) of the hook's caller and returns the stack's id, writing STACK events for frames not seen before.
 * 0 when there is none to be had (MS_LOSS_STACK_TABLE is then counted) or stacks are off. */
uint32_t ms_stack_id(ms_thread *thread, uint64_t pc, uint64_t sp, uint64_t fp);

/* Forgets the thread's stacks; to be called before the first of them, too. */
void ms_stack_clear(ms_thread *thread);

/* The same, for the hook whose frame this is: MS_FRAME. */
static inline __attribute__((always_inline)) uint32_t ms_stack_of(ms_thread *thread,
                                                                  const uint64_t *frame) {
    ms_regs regs = ms_caller_regs(frame);
    return ms_stack_id(thread, regs.pc, regs.sp, regs.fp);
}

#endif
