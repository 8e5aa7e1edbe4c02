#include "recorder/pulse.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

/* Threads look every 50 ms (capture/ring.c), and give up when nothing has moved for 20 times that. */
#define BEAT_NS 200000000

struct ms_pulse {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* on the monotonic clock */
    bool stopped;
    time_t turned_s;
    uint32_t **beats;
    size_t count, capacity;
};

static struct timespec now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time;
}

static void beat(const ms_pulse *pulse) {
    for (size_t i = 0; i < pulse->count; i++)
        __atomic_fetch_add(pulse->beats[i], 1, __ATOMIC_RELEASE);
}

static struct timespec next_beat(void) {
    struct timespec time = now();
    time.tv_nsec += BEAT_NS;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static void *run(void *self) {
    ms_pulse *pulse = self;
    pthread_mutex_lock(&pulse->lock);
    while (!pulse->stopped) {
        struct timespec until = next_beat();
        pthread_cond_timedwait(&pulse->changed, &pulse->lock, &until);
        if (now().tv_sec - pulse->turned_s < MS_PULSE_PATIENCE_S)
            beat(pulse);
    }
    pthread_mutex_unlock(&pulse->lock);
    return NULL;
}

/* Signals are the loop's. */
static bool start_thread(ms_pulse *pulse) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&pulse->thread, NULL, run, pulse) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static void free_pulse(ms_pulse *pulse) {
    pthread_cond_destroy(&pulse->changed);
    pthread_mutex_destroy(&pulse->lock);
    free(pulse->beats);
    free(pulse);
}

ms_pulse *ms_pulse_start(void) {
    ms_pulse *pulse = calloc(1, sizeof *pulse);
    pthread_condattr_t clock;
    if (!pulse)
        return NULL;
    pulse->turned_s = now().tv_sec;
    pthread_mutex_init(&pulse->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&pulse->changed, &clock);
    pthread_condattr_destroy(&clock);
    if (start_thread(pulse))
        return pulse;
    free_pulse(pulse);
    return NULL;
}

void ms_pulse_stop(ms_pulse *pulse) {
    if (!pulse)
        return;
    pthread_mutex_lock(&pulse->lock);
    pulse->stopped = true;
    pthread_cond_signal(&pulse->changed);
    pthread_mutex_unlock(&pulse->lock);
    pthread_join(pulse->thread, NULL);
    free_pulse(pulse);
}

static bool has_room(ms_pulse *pulse) {
    if (pulse->count < pulse->capacity)
        return true;
    size_t capacity = pulse->capacity ? 2 * pulse->capacity : 16;
    uint32_t **beats = realloc(pulse->beats, capacity * sizeof *beats);
    if (!beats)
        return false;
    pulse->beats = beats;
    pulse->capacity = capacity;
    return true;
}

void ms_pulse_add(ms_pulse *pulse, uint32_t *beats) {
    if (!pulse)
        return;
    pthread_mutex_lock(&pulse->lock);
    if (has_room(pulse))
        pulse->beats[pulse->count++] = beats;
    pthread_mutex_unlock(&pulse->lock);
}

void ms_pulse_remove(ms_pulse *pulse, const uint32_t *beats) {
    if (!pulse)
        return;
    pthread_mutex_lock(&pulse->lock);
    for (size_t i = 0; i < pulse->count; i++)
        if (pulse->beats[i] == beats) {
            pulse->beats[i] = pulse->beats[--pulse->count];
            break;
        }
    pthread_mutex_unlock(&pulse->lock);
}

void ms_pulse_turn(ms_pulse *pulse) {
    if (!pulse)
        return;
    pthread_mutex_lock(&pulse->lock);
    pulse->turned_s = now().tv_sec;
    pthread_mutex_unlock(&pulse->lock);
}
