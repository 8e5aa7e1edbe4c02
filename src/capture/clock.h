/* clock.h - what time it is for an event.
 *
 * All threads go by one clock, the ring's tick_us, or what one frees before another gets it would seem to
 * come later. It only goes up. The recorder moves it every millisecond; whoever else looks at the true clock
 * moves it, too. So a stamp is never later than the truth, and stamps at one address never contradict each
 * other: releases are stamped before, births after the real call.
 *
 * Alone there is no recorder, so threads move it: in principle at every event, but reading the clock costs
 * more than all the rest. While events come thick a thread reads it only now and then, and a stamp may be
 * late by MS_LONE_LAG_US at most: the kernel's coarse clock, cheap to read, tells when that is over. */
#ifndef MS_CAPTURE_CLOCK_H
#define MS_CAPTURE_CLOCK_H

#include "capture/record.h"

#define MS_LONE_LAG_US 4000 /* a tick of the coarse clock at the usual 250 Hz */

/* The true time since the start of the ring; moves the tick. */
uint64_t ms_clock_now_us(ms_ring_header *ring);

/* The tick changed, or nobody but us moves it: writes a TIME event. False: recording is switched off. */
bool ms_tick_slow(ms_thread *thread, uint64_t tick);

/* To be called before each event. */
static inline bool ms_tick(ms_thread *thread) {
    uint64_t tick = __atomic_load_n(ms_switch, __ATOMIC_RELAXED);
    return ms_likely(tick == thread->tick) || ms_tick_slow(thread, tick);
}

/* TASK when the trace has another task of this thread. Not the lane: it is many threads. */
static inline void ms_tick_task(ms_thread *thread) {
    if (thread->task == ms_task || !thread->tid)
        return;
    thread->task = ms_task;
    ms_record_word(thread, MS_EVENT_TASK, ms_task);
}

#endif
