#include "load/ticks.h"

/* No tick lasts longer, nor does the clock that stands in for it where nobody ticks. */
#define TICK_MAX_US 5000u

static uint64_t most(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* A clock value that another thread has, too, came from the tick: all threads saw it change. Else
 * what the others did is over when it lies a tick back. */
bool ms_ticks_over(const ms_ticks *t, uint32_t thread, uint64_t time_us, ms_order order) {
    if (t->tick == 0)
        return true;
    if (time_us <= t->time_us || order == MS_ORDER_WAITING)
        return false;
    uint64_t others_us = thread == t->thread ? t->other_us : t->time_us;
    return order == MS_ORDER_TICK || time_us - others_us > TICK_MAX_US;
}

void ms_ticks_next(ms_ticks *t, uint64_t live_bytes) {
    if (t->several) {
        t->upper = most(t->upper, t->start_bytes + t->tops);
        t->lower = most(t->lower, most(t->start_bytes, live_bytes));
    } else {
        t->upper = most(t->upper, t->peak);
        t->lower = most(t->lower, t->peak);
    }
    t->tick++;
    t->start_bytes = t->peak = live_bytes;
    t->tops = 0;
    t->several = t->any = false;
}

static void see_thread(ms_ticks *t, uint32_t thread) {
    if (thread != t->thread) {
        t->other_us = t->time_us;
        t->thread = thread;
        t->several = t->any;
    }
    t->any = true;
}

void ms_ticks_move(ms_ticks *t, ms_tick_part *part, uint32_t thread, uint64_t time_us,
                   int64_t delta, uint64_t live_bytes) {
    see_thread(t, thread);
    if (time_us > t->time_us)
        t->time_us = time_us;
    if (part->tick != t->tick)
        *part = (ms_tick_part){.tick = t->tick};
    part->net += delta;
    if (part->net > part->top) {
        t->tops += (uint64_t)(part->net - part->top);
        part->top = part->net;
    }
    t->peak = most(t->peak, live_bytes);
}

uint64_t ms_ticks_finish(ms_ticks *t, uint64_t live_bytes, uint64_t peak_bytes) {
    if (t->tick == 0)
        return 0;
    ms_ticks_next(t, live_bytes);
    uint64_t above = t->upper > peak_bytes ? t->upper - peak_bytes : 0;
    uint64_t below = peak_bytes > t->lower ? peak_bytes - t->lower : 0;
    return most(above, below);
}
