#include "capture/control.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "capture/clock.h"
#include "capture/home.h"
#include "capture/os.h"
#include "capture/record.h"
#include "capture/no_malloc.h"

bool ms_control_is_on(void) {
    return atomic_load(&g_ms.on) && !ms_is_off();
}

bool ms_control_is_paused(void) {
    return atomic_load(&g_ms.on) && ms_is_off() &&
           __atomic_load_n(&g_ms.ring->off_since_us, __ATOMIC_RELAXED) != MS_NOT_OFF;
}

/* The switch is the clock, too: while it is off, nobody can see the time in it. So a gap begins when it was
 * switched off, and its end is when the first event behind it is. */
bool ms_control_switch(bool on) {
    ms_ring_header *ring = g_ms.ring;
    if (!atomic_load(&g_ms.on))
        return false;
    uint64_t now_us = (ms_os_monotonic_ns() - ring->start_monotonic_ns) / 1000;
    uint64_t tick_us = __atomic_load_n(&ring->tick_us, __ATOMIC_RELAXED);
    if (on == (tick_us != MS_TICK_OFF))
        return true;
    uint64_t none = MS_NOT_OFF;
    if (!on) /* a gap that nobody has told of yet began earlier */
        __atomic_compare_exchange_n(&ring->off_since_us, &none, now_us, false, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED);
    __atomic_store_n(&ring->tick_us, on ? now_us : MS_TICK_OFF, __ATOMIC_RELEASE);
    return true;
}

/* ---- the trace so far ---------------------------------------------------------------------------- */

#define ANSWER_STEP_US 1000

/* After so many such steps: does the recorder live? Does it move? */
#define ALIVE_EVERY 100
#define MOVES_EVERY 5000

static bool is_answered(const ms_ring_header *ring, uint32_t question) {
    return (int32_t)(__atomic_load_n(&ring->answered, __ATOMIC_ACQUIRE) - question) >= 0;
}

/* After `steps` of waiting; `*beats` are those seen last. */
static bool is_at_work(const ms_ring_header *ring, unsigned steps, uint32_t *beats) {
    if (steps % ALIVE_EVERY == 0 && !ms_os_is_locked(g_ms.ring_directory))
        return false;
    if (steps % MOVES_EVERY != 0)
        return true;
    uint32_t before = *beats;
    *beats = __atomic_load_n(&ring->beats, __ATOMIC_RELAXED);
    return *beats != before;
}

/* A recorder that digests the trace answers when that is done. */
static bool ask(ms_ring_header *ring) {
    uint32_t question = __atomic_add_fetch(&ring->asked, 1, __ATOMIC_RELEASE);
    uint32_t beats = __atomic_load_n(&ring->beats, __ATOMIC_RELAXED);
    for (unsigned steps = 1; !is_answered(ring, question); steps++) {
        if (!is_at_work(ring, steps, &beats))
            return false;
        ms_os_sleep_us(ANSWER_STEP_US);
    }
    return ring->trace_size != 0;
}

bool ms_control_hold_trace(char path[MS_PATH_SIZE], uint64_t *size) {
    ms_ring_header *ring = g_ms.ring;
    if (!atomic_load(&g_ms.on))
        return false;
    *size = 0;
    if (ring->lone) {
        memcpy(path, g_ms.path, MS_PATH_SIZE);
        return true;
    }
    __atomic_add_fetch(&ring->readers, 1, __ATOMIC_RELAXED);
    if (ask(ring)) {
        *size = ring->trace_size;
        memcpy(path, ring->trace_path, MS_PATH_SIZE);
        return true;
    }
    ms_control_release_trace();
    return false;
}

void ms_control_release_trace(void) {
    if (!g_ms.ring->lone)
        __atomic_sub_fetch(&g_ms.ring->readers, 1, __ATOMIC_RELAXED);
}

/* ---- the signal ---------------------------------------------------------------------------------- */

static void handle_signal(int number) {
    (void)number;
    int saved = errno;
    ms_control_switch(!ms_control_is_on());
    errno = saved;
}

/* A program that sets a handler of its own for this signal gets it: the option was for another one. */
void ms_control_take_signal(void) {
    struct sigaction before, action = {.sa_handler = handle_signal, .sa_flags = SA_RESTART};
    if (g_ms.signal <= 0 || sigaction(g_ms.signal, NULL, &before) != 0 ||
        before.sa_handler != SIG_DFL)
        return;
    sigaction(g_ms.signal, &action, NULL);
}

/* ---- tasks --------------------------------------------------------------------------------------- */

void ms_control_task(uint64_t task) {
    ms_home_set(task);
    ms_thread *thread = ms_is_off() ? NULL : ms_enter();
    if (!thread)
        return;
    if (ms_tick(thread))
        ms_tick_task(thread);
    ms_leave(thread);
}
