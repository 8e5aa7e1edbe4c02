#include "capture/clock.h"

#include "capture/budget.h"
#include "capture/home.h"
#include "capture/os.h"
#include "capture/ring.h"
#include "capture/record.h"
#include "capture/thread.h"
#include "capture/no_malloc.h"

uint64_t ms_clock_now_us(ms_ring_header *ring) {
    uint64_t clock_us = (ms_os_monotonic_ns() - ring->start_monotonic_ns) / 1000;
    uint64_t tick_us = __atomic_load_n(&ring->tick_us, __ATOMIC_RELAXED);
    while (tick_us < clock_us &&
           !__atomic_compare_exchange_n(&ring->tick_us, &tick_us, clock_us, true, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED)) {
    }
    return tick_us < clock_us || tick_us == MS_TICK_OFF ? clock_us : tick_us;
}

/* May this event, like the one before, go by a clock read a little earlier? The more events there were
 * between the latest readings, all within a few microseconds, the more may be. */
static bool may_lag(ms_thread *thread) {
    ms_lone_clock *lone = &thread->lone;
    uint64_t coarse_ns = ms_os_coarse_ns();
    if (coarse_ns == lone->coarse_ns && lone->events_left > 0) {
        lone->events_left--;
        return true;
    }
    lone->coarse_ns = coarse_ns;
    return false;
}

static uint64_t lone_now_us(ms_thread *thread, uint64_t tick_us) {
    ms_lone_clock *lone = &thread->lone;
    if (may_lag(thread))
        return tick_us;
    uint64_t now_us = ms_clock_now_us(thread->ring);
    if (now_us - lone->read_us < MS_LONE_STEP_US / 2)
        lone->events_between =
            lone->events_between * 2 + 1 < 256 ? lone->events_between * 2 + 1 : 255;
    else if (now_us - lone->read_us > MS_LONE_STEP_US)
        lone->events_between /= 4;
    lone->events_left = lone->events_between;
    lone->read_us = now_us;
    return now_us;
}

/* Recording was off: the first thread to notice that it is on again says since when. */
static void note_gap(ms_thread *thread) {
    ms_ring_header *ring = thread->ring;
    uint64_t since_us = __atomic_load_n(&ring->off_since_us, __ATOMIC_RELAXED);
    if (ms_likely(since_us == MS_NOT_OFF))
        return;
    if (__atomic_compare_exchange_n(&ring->off_since_us, &since_us, MS_NOT_OFF, false,
                                    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ms_record_word(thread, MS_EVENT_GAP, since_us);
}

/* Without room nothing is lost yet: it is what happens now that will be, and is counted. A new chunk begins
 * with a later time. */
static void record_time(ms_thread *thread, uint64_t time_us) {
    if (thread->cursor == thread->end && !ms_ring_refill(thread))
        return;
    if (time_us > thread->time_us)
        thread->time_us = time_us;
    ms_commit(thread->cursor++, ms_word(MS_EVENT_TIME, 0, thread->time_us));
}

/* It may be on another stack than before; and its task may have changed while recording was off. */
static inline bool on_task(ms_thread *thread) {
    if (thread->tid) {
        ms_home_task();
        ms_tick_task(thread);
    }
    return true;
}

/* While there are coroutines, it is to look before each event where it is: so it sees no tick twice. */
static void see(ms_thread *thread, uint64_t tick) {
    thread->tick = thread->looked = tick;
    atomic_thread_fence(memory_order_seq_cst); /* or who tells of the first stack may miss us */
    if (ms_coroutines_exist())
        thread->tick = MS_TICK_NONE;
}

/* The thread has seen another tick, or nobody but us moves it. */
static __attribute__((noinline)) bool tick_moved(ms_thread *thread, uint64_t tick) {
    atomic_thread_fence(memory_order_acquire); /* of the switch, which is set behind the ring */
    if (ms_unlikely(thread->ring != g_ms.ring))
        ms_thread_rejoin(thread);
    uint64_t step_us = 0;
    if (thread->ring->lone) {
        tick = lone_now_us(thread, tick);
        step_us = MS_LONE_STEP_US;
    } else {
        see(thread, tick);
    }
    if (tick > thread->time_us && tick - thread->time_us >= step_us && tick <= MS_WORD_VALUE_MASK) {
        record_time(thread, tick);
    }
    note_gap(thread);
    if (thread->sampling && g_ms.budget_percent)
        ms_budget_check(thread);
    return on_task(thread);
}

bool ms_tick_slow(ms_thread *thread, uint64_t tick) {
    if (tick == MS_TICK_OFF)
        return false;
    return tick == thread->looked ? on_task(thread) : tick_moved(thread, tick);
}
