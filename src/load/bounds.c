#include "load/bounds.h"

#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

/* No tick lasts longer, however slow the recorder is. */
#define TICK_MAX_US 100000u

/* Between looks at how far the sweep may go. */
#define LOOK_US 2000u

/* The sweep does not wait with more steps than this. */
#define MAX_STEPS 65536u

static int64_t most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* Of the sizes in a broken trace sums may wrap, as those of the replay do. */
static int64_t plus(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t minus(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static ms_bound *bound_of(ms_bounds *b, uint32_t thread) {
    if (thread < b->count)
        return &b->threads[thread];
    b->threads = ms_memory_grow(b->threads, (size_t)thread + 1, &b->capacity, sizeof *b->threads);
    memset(b->threads + b->count, 0, (thread + 1 - b->count) * sizeof *b->threads);
    b->count = (size_t)thread + 1;
    return &b->threads[thread];
}

void ms_bounds_init(ms_bounds *b, uint64_t live_bytes, uint64_t peak_bytes) {
    int64_t live = (int64_t)live_bytes;
    *b = (ms_bounds){.tops = live, .bottoms = live};
    b->upper = b->lower = (int64_t)peak_bytes;
    *bound_of(b, 0) = (ms_bound){
        .net = live, .top = live, .bottom = live, .swept_top = live, .swept_bottom = live};
}

void ms_bounds_deinit(ms_bounds *b) {
    free(b->threads);
    free(b->open);
    free(b->steps);
}

/* ---- steps ------------------------------------------------------------------------------ */

static void push(ms_bounds *b, ms_bound_step step) {
    b->steps = ms_memory_grow(b->steps, b->step_count + 1, &b->step_capacity, sizeof *b->steps);
    size_t i = b->step_count++;
    for (; i > 0 && step.time_us < b->steps[(i - 1) / 2].time_us; i = (i - 1) / 2)
        b->steps[i] = b->steps[(i - 1) / 2];
    b->steps[i] = step;
}

static ms_bound_step pop(ms_bounds *b) {
    ms_bound_step first = b->steps[0], last = b->steps[--b->step_count];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= b->step_count)
            break;
        if (child + 1 < b->step_count && b->steps[child + 1].time_us < b->steps[child].time_us)
            child++;
        if (last.time_us <= b->steps[child].time_us)
            break;
        b->steps[i] = b->steps[child];
        i = child;
    }
    b->steps[i] = last;
    return first;
}

/* Sweeps over all steps before `until_us`. Those of one time are taken together. */
static void sweep(ms_bounds *b, uint64_t until_us) {
    while (b->step_count && b->steps[0].time_us < until_us) {
        ms_bound_step step = pop(b);
        ms_bound *t = &b->threads[step.thread];
        b->tops = plus(b->tops, minus(step.top, t->swept_top));
        b->bottoms = plus(b->bottoms, minus(step.bottom, t->swept_bottom));
        t->swept_top = step.top;
        t->swept_bottom = step.bottom;
        if (step.alone)
            b->lower = most(b->lower, plus(minus(b->bottoms, step.bottom), step.top));
        if (b->step_count && b->steps[0].time_us == step.time_us)
            continue;
        b->upper = most(b->upper, b->tops);
        b->lower = most(b->lower, b->bottoms);
    }
}

/* ---- stretches -------------------------------------------------------------------------- */

static void end_stretch(ms_bounds *b, uint32_t thread) {
    ms_bound *t = &b->threads[thread];
    if (t->moves)
        push(b, (ms_bound_step){.time_us = t->stamp_us,
                                .top = t->top,
                                .bottom = t->bottom,
                                .thread = thread,
                                .alone = b->moves - t->first_move == t->moves});
    t->top = t->bottom = t->net;
    t->moves = 0;
}

static void begin_stretch(ms_bounds *b, uint32_t thread, uint64_t stamp_us) {
    ms_bound *t = &b->threads[thread];
    end_stretch(b, thread);
    t->stamp_us = stamp_us;
    t->first_move = b->moves;
    if (t->open)
        return;
    t->open = true;
    b->open = ms_memory_grow(b->open, b->open_count + 1, &b->open_capacity, sizeof *b->open);
    b->open[b->open_count++] = thread;
}

/* Ends the stretches of those who have been quiet for too long; from then on they stand still. */
static void end_quiet(ms_bounds *b) {
    size_t kept = 0;
    for (size_t i = 0; i < b->open_count; i++) {
        uint32_t thread = b->open[i];
        ms_bound *t = &b->threads[thread];
        t->open = t->stamp_us + TICK_MAX_US >= b->time_us;
        if (t->open) {
            b->open[kept++] = thread;
            continue;
        }
        end_stretch(b, thread);
        push(b, (ms_bound_step){.time_us = t->stamp_us + TICK_MAX_US,
                                .top = t->net,
                                .bottom = t->net,
                                .thread = thread});
    }
    b->open_count = kept;
}

/* Sweeps as far as all stretches are over. */
static void look(ms_bounds *b) {
    b->looked_us = b->time_us;
    end_quiet(b);
    uint64_t until_us = b->time_us;
    for (size_t i = 0; i < b->open_count; i++)
        if (b->threads[b->open[i]].stamp_us < until_us)
            until_us = b->threads[b->open[i]].stamp_us;
    sweep(b, b->step_count > MAX_STEPS ? b->time_us : until_us);
}

void ms_bounds_move(ms_bounds *b, uint32_t thread, uint64_t stamp_us, int64_t delta) {
    if (stamp_us > b->time_us)
        b->time_us = stamp_us;
    ms_bound *t = bound_of(b, thread);
    if (t->stamp_us != stamp_us || !t->open) {
        begin_stretch(b, thread, stamp_us);
        if (b->time_us - b->looked_us > LOOK_US || b->step_count > MAX_STEPS)
            look(b);
    }
    b->moves++;
    t->moves++;
    t->net = plus(t->net, delta);
    t->top = most(t->net, t->top);
    t->bottom = least(t->net, t->bottom);
}

uint64_t ms_bounds_finish(ms_bounds *b, uint64_t peak_bytes) {
    for (uint32_t thread = 0; thread < b->count; thread++)
        end_stretch(b, thread);
    sweep(b, UINT64_MAX);
    int64_t peak = (int64_t)peak_bytes;
    return (uint64_t)most(most(minus(b->upper, peak), minus(peak, b->lower)), 0);
}
