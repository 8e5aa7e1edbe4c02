/* fit.h - whether an event can be the next one, of a program that speaks of its memory.
 *
 * Within a tick of the clock the order of threads is an estimate (pace.h). Numbers do not mind: pairs.h
 * sets them right. But a word about a block means the block that lives there when it is said:
 *
 *      what happened                       what the estimate may say
 *      A born, A tracked                   A born
 *                         B frees it                       B frees it
 *                                          A tracked       <- nothing lives there
 *
 * So an event that cannot be the next, or had better not, waits for those of other threads that may have
 * happened before it. What is left then is an order that is possible, and as a rule the one there was:
 * programs hand a block on after they have spoken of it, and are handed it before they free it. */
#ifndef MS_LOAD_FIT_H
#define MS_LOAD_FIT_H

#include "trace/event.h"

/* What of several that wait goes on first when nothing else can happen in the tick. */
typedef enum ms_fit {
    MS_FIT_NOW,        /* it waits for nobody */
    MS_FIT_FREE_AGAIN, /* it ends a block of another thread, and its own thread gets the address next */
    MS_FIT_FREE,       /* it ends a block of another thread, which may have spoken of it before */
    MS_FIT_LATER, /* it ends or begins a block where another thread has to do one first, by all signs */
    MS_FIT_UNKNOWN,   /* it speaks of something that nobody has heard of */
    MS_FIT_IMPOSSIBLE /* it ends a block that is not live, or begins one where one is */
} ms_fit;

typedef struct ms_replay ms_replay;

/* `*maker`: of MS_FIT_FREE the number of the thread whose block it is. */
ms_fit ms_fit_of(const ms_replay *replay, const ms_event *event, uint32_t *maker);

#endif
