#include "capture/sample.h"

#include "base/chance.h"
#include "base/hash.h"
#include "base/logarithm.h"
#include "capture/arch.h"
#include "capture/budget.h"
#include "capture/os.h"
#include "capture/record.h"
#include "capture/no_malloc.h"

/* Beyond what any program allocates. */
#define FAR (UINT64_C(1) << 62)

/* One recorded allocation in so many is timed: reading the counter twice costs as much as a third of what
 * is measured. */
#define TIMED_EVERY 16

static uint64_t draw(ms_thread *thread) {
    thread->random += MS_HASH_K; /* splitmix64 by Sebastiano Vigna, with another finish */
    return ms_mum(thread->random, thread->random ^ MS_HASH_K);
}

/* Bytes up to and including the next hit one. Its logarithm is distributed so that each byte is hit with
 * probability 1 - exp(-1 / rate) whatever went before: no need to remember where in a block a hit was. */
static uint64_t distance(ms_thread *thread) {
    double uniform = (double)((draw(thread) >> 11) + 1) * 0x1p-53; /* in (0, 1] */
    double bytes = -ms_logarithm(uniform) * (double)thread->rate;
    return bytes < (double)FAR ? (uint64_t)bytes + 1 : FAR;
}

/* Counts down to the next hit. Under a budget in stages, each as long as the last period was in bytes: at
 * the end of one a thread that has become quiet learns that it can record more. */
static void count_down(ms_thread *thread, uint64_t bytes) {
    uint64_t stage = thread->budget.stage_bytes;
    thread->until_hit = stage && bytes > stage ? stage : bytes;
    thread->beyond = bytes - thread->until_hit;
}

static void count_down_anew(ms_thread *thread) {
    count_down(thread, thread->rate ? distance(thread) : 0);
}

static void set_rate(ms_thread *thread, uint64_t rate_bytes) {
    thread->rate = rate_bytes;
    thread->block_bytes = ms_chance_of_block(rate_bytes);
    count_down_anew(thread);
}

void ms_sample_begin(ms_thread *thread) {
    thread->counts = thread->spare_counts;
    thread->sampling = g_ms.sampling;
    if (!thread->sampling)
        return;
    ms_os_random(&thread->random, sizeof thread->random);
    set_rate(thread, g_ms.sample_bytes);
    thread->until_timed = TIMED_EVERY;
}

void ms_sample_set_rate(ms_thread *thread, uint64_t rate_bytes) {
    if (thread->rate == rate_bytes)
        return;
    set_rate(thread, rate_bytes);
    ms_record_word(thread, MS_EVENT_RATE, rate_bytes);
}

bool ms_sample_hit(ms_thread *thread, uint64_t bytes) {
    uint64_t whole = thread->until_hit + thread->beyond;
    if (bytes < whole) {
        count_down(thread, whole - bytes);
        return false;
    }
    if (g_ms.budget_percent && --thread->until_timed == 0)
        thread->timed_since = ms_cycles();
    count_down_anew(thread);
    return true;
}

void ms_sample_recorded(ms_thread *thread, const void *address, size_t size) {
    ms_mark(address);
    if (!g_ms.budget_percent)
        return;
    thread->budget.recorded++;
    thread->budget.recorded_bytes += size;
    if (thread->timed_since) {
        ms_budget_timed(thread, ms_cycles() - thread->timed_since);
        thread->timed_since = 0;
        thread->until_timed = TIMED_EVERY;
    }
}
