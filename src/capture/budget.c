#include "capture/budget.h"

#include "base/chance.h"
#include "base/logarithm.h"
#include "capture/arch.h"
#include "capture/os.h"
#include "capture/sample.h"
#include "capture/no_malloc.h"

/* How long a thread's events are counted before its rate is looked at. */
#define PERIOD_US 16000

/* What a thread may spend in advance: short threads are recorded exactly. */
#define CREDIT_NS 2000000.0

/* What is not timed, from measurements: of a recorded block the way into the recording, and its release; of
 * what is not recorded all. */
#define UNTIMED_NS 15.0
#define PASSED_NS 2.5

#define STAGE_MIN 4096

/* What a recorded allocation takes at most, until more of them have been timed. */
#define FIRST_CYCLES 500.0

/* Rates below this record nearly every allocation of an ordinary size: they save nothing over all. */
#define RATE_MIN 64.0
#define RATE_MAX 1e12

void ms_budget_timed(ms_thread *thread, uint64_t cycles) {
    ms_budget *b = &thread->budget;
    double sample = (double)cycles;
    if (b->birth_cycles == 0) /* the first ones look everything up, or are interrupted */
        b->birth_cycles = sample < FIRST_CYCLES ? sample : FIRST_CYCLES;
    if (sample > 8 * b->birth_cycles)
        sample = 8 * b->birth_cycles; /* an interrupt, or another program's time slice */
    b->birth_cycles += (sample - b->birth_cycles) / 32;
}

/* The rate at which, of the allocations of the last period, `wanted` would have been recorded, if they had
 * all had their mean size. */
static double rate_for(double wanted, double births, double bytes) {
    if (wanted >= births)
        return 0;
    double chance = -ms_logarithm(1 - wanted / births);
    double of_bytes = chance - 1.0 / (1 << MS_CHANCE_SHIFT); /* the rest each block has anyway */
    double rate = of_bytes > 0 ? (bytes / births + 1) / of_bytes : RATE_MAX;
    if (!(rate > RATE_MIN))
        return RATE_MIN;
    return rate < RATE_MAX ? rate : RATE_MAX;
}

static uint64_t passed_of(const ms_thread *thread) {
    return thread->counts[MS_COUNT_ALLOCATIONS] + thread->counts[MS_COUNT_REALLOCATIONS] +
           thread->counts[MS_COUNT_FREES];
}

static uint64_t births_of(const ms_thread *thread) {
    return thread->counts[MS_COUNT_ALLOCATIONS] + thread->counts[MS_COUNT_REALLOCATIONS];
}

/* Is the step from one rate to the other worth an event? */
static bool differs(double from, double to) {
    if (from == 0 || to == 0)
        return from != to;
    return to > from * 1.25 || to < from * 0.8;
}

static void adapt(ms_thread *thread, double cpu_ns, double cycles_per_ns) {
    ms_budget *b = &thread->budget;
    double share = (double)g_ms.budget_percent / 100;
    double birth_ns = b->birth_cycles / cycles_per_ns + UNTIMED_NS;
    double passed_ns = (double)(passed_of(thread) - b->passed_before) * PASSED_NS;
    b->spent_ns += (double)b->recorded * birth_ns + passed_ns;
    b->cpu_ns += cpu_ns;
    /* what is left over is spent within the next eight periods, so that rates do not swing */
    double left_ns = CREDIT_NS + share * b->cpu_ns - b->spent_ns;
    double next_ns = share * cpu_ns + left_ns / 8 - passed_ns;
    double births = (double)(births_of(thread) - b->births_before) + (double)b->recorded;
    double bytes =
        (double)(thread->counts[MS_COUNT_BYTES] - b->bytes_before) + (double)b->recorded_bytes;
    double wanted = next_ns > 0 ? next_ns / birth_ns : 0;
    double rate = births > 0 ? rate_for(wanted > 1 ? wanted : 1, births, bytes) : 0;
    double stage = bytes + births * (double)ms_chance_of_block((uint64_t)rate);
    b->stage_bytes = stage < (double)STAGE_MIN ? STAGE_MIN : (uint64_t)stage;
    if (differs((double)thread->rate, rate))
        ms_sample_set_rate(thread, (uint64_t)rate);
}

void ms_budget_check(ms_thread *thread) {
    ms_budget *b = &thread->budget;
    if (thread->time_us < b->next_us)
        return;
    b->next_us = thread->time_us + PERIOD_US;
    uint64_t cpu_ns = ms_os_thread_cpu_ns(), wall_ns = ms_os_monotonic_ns(), cycles = ms_cycles();
    if (b->wall_before_ns && wall_ns > b->wall_before_ns && cycles > b->cycles_before)
        adapt(thread, (double)(cpu_ns - b->cpu_before_ns),
              (double)(cycles - b->cycles_before) / (double)(wall_ns - b->wall_before_ns));
    b->cpu_before_ns = cpu_ns;
    b->wall_before_ns = wall_ns;
    b->cycles_before = cycles;
    b->births_before = births_of(thread);
    b->passed_before = passed_of(thread);
    b->bytes_before = thread->counts[MS_COUNT_BYTES];
    b->recorded = b->recorded_bytes = 0;
}
