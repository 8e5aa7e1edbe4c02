/* budget.h - holds the CPU time that recording adds to a thread below a share of the thread's own: the
 * unified strategy. Each thread measures what its recorded allocations cost and sets its own sampling rate;
 * every change is a RATE event, so that weights stay right. */
#ifndef MS_CAPTURE_BUDGET_H
#define MS_CAPTURE_BUDGET_H

#include "capture/state.h"

/* One recorded allocation took so many cycles. */
void ms_budget_timed(ms_thread *thread, uint64_t cycles);

/* To be called now and then, between ms_enter() and ms_leave(); most calls find it too early. */
void ms_budget_check(ms_thread *thread);

#endif
