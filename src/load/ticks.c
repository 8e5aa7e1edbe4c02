#include "load/ticks.h"

#include "load/merge.h"

static uint64_t most(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

static void end(ms_ticks *t, uint64_t live_bytes) {
    if (t->several) {
        t->upper = most(t->upper, t->start_bytes + t->tops);
        t->lower = most(t->lower, most(t->start_bytes, live_bytes));
    } else {
        t->upper = most(t->upper, t->peak);
        t->lower = most(t->lower, t->peak);
    }
}

static void begin(ms_ticks *t, uint64_t live_bytes) {
    end(t, live_bytes);
    t->tick++;
    t->start_bytes = t->peak = live_bytes;
    t->tops = 0;
    t->several = t->any = false;
}

/* Without a tick that both have seen: the others have been quiet for longer than any tick lasts. */
static bool alone(const ms_ticks *t, uint64_t time_us) {
    return time_us > t->other_us && time_us - t->other_us > MS_ORDER_WINDOW_US;
}

static void see_thread(ms_ticks *t, uint32_t thread, uint64_t time_us) {
    if (thread != t->thread) {
        t->other_us = t->thread_us;
        t->thread = thread;
        t->several = t->any;
    }
    t->any = true;
    t->thread_us = time_us;
}

void ms_ticks_move(ms_ticks *t, ms_tick_part *part, uint32_t thread, uint64_t time_us,
                   int64_t delta, uint64_t live_bytes, bool certain) {
    bool later = time_us > t->time_us;
    if (t->tick == 0 || (later && (certain || (thread == t->thread && alone(t, time_us)))))
        begin(t, live_bytes - (uint64_t)delta);
    if (later)
        t->time_us = time_us;
    see_thread(t, thread, time_us);

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
    end(t, live_bytes);
    uint64_t above = t->upper > peak_bytes ? t->upper - peak_bytes : 0;
    uint64_t below = peak_bytes > t->lower ? peak_bytes - t->lower : 0;
    return most(above, below);
}
