/* storm.c - 4 threads compute in frames of many shapes while a timer of each, 4000 times a second,
 * interrupts them wherever they are: in prologues, in epilogues, in leaves. Where the handler strikes
 * outside of the C library's allocator, it allocates, too.
 *
 * Every handler that allocates makes one block of 77 bytes; how many do is chance. */
#include <alloca.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>

#include "victim.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

enum { THREADS = 4, STRIKES = 2500 };

static __thread volatile sig_atomic_t computing, strikes;

static void strike(int number) {
    (void)number;
    int error = errno;
    strikes++;
    if (computing)
        free(take(77));
    errno = error;
}

__attribute__((noinline)) static long leaf(long a, long b) {
    return a * 31 + b;
}

__attribute__((noinline)) static long branch(long depth, long seed);

__attribute__((noinline)) static long variable(long depth, long seed) {
    size_t size = 16 + (size_t)(seed & 255);
    volatile char *room = alloca(size);
    room[0] = room[size - 1] = (char)seed;
    return branch(depth - 1, seed + room[size - 1]) + room[0];
}

__attribute__((noinline, target("sse2"))) static long realigned(long depth, long seed) {
    _Alignas(64) volatile long wide[8] = {seed};
    return branch(depth - 1, wide[0] ^ depth) + wide[0];
}

__attribute__((noinline)) static long branch(long depth, long seed) {
    if (depth <= 0)
        return leaf(seed, depth);
    seed = leaf(seed, depth);
    return seed & 4   ? variable(depth, seed)
           : seed & 8 ? realigned(depth, seed)
                      : branch(depth - 1, seed);
}

static void *work(void *unused) {
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF};
    event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
    struct itimerspec often = {{0, 250000}, {0, 250000}};
    timer_t timer;
    EXPECT(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    EXPECT(timer_settime(timer, 0, &often, NULL) == 0);
    volatile long sum = 0;
    for (long round = 0; strikes < STRIKES; round++) {
        computing = 1;
        for (long i = 0; i < 200; i++)
            sum += branch(12, round + i);
        computing = 0;
        for (size_t i = 0; i < 20; i++)
            free(take(i + 1));
    }
    timer_delete(timer);
    return unused;
}

int main(void) {
    struct sigaction action = {.sa_handler = strike, .sa_flags = SA_RESTART};
    EXPECT(sigaction(SIGPROF, &action, NULL) == 0);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        EXPECT(pthread_create(&threads[i], NULL, work, NULL) == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    say("storm done\n");
    return 0;
}
