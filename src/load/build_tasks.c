#include "load/build_tasks.h"

#include <stdlib.h>

#include "load/build_words.h"
#include "util/memory.h"

/* The error of an estimate; of what is exact there is none. */
static uint64_t error(bool estimated, double variance) {
    return estimated ? ms_standard_error(variance) : MS_UNKNOWN;
}

static ms_task task(const ms_task_count *count, bool sampled) {
    const ms_tally *t = &count->tally;
    const ms_held *live = &t->held;
    uint64_t live_bytes = ms_estimated(t->live_bytes, live->bytes.excess);
    bool higher = live_bytes > t->peak_bytes; /* no less was the peak, then */
    return (ms_task){
        .id = count->id,
        .parent = count->parent ? count->parent : MS_UNKNOWN,
        .allocations = ms_estimated(t->allocations, t->allocations_excess.excess),
        .reallocations = ms_estimated(t->reallocations, t->reallocations_excess.excess),
        .bytes_allocated = ms_estimated(t->bytes_allocated, t->bytes_excess.excess),
        .peak_bytes = higher ? live_bytes : t->peak_bytes,
        .live_bytes = live_bytes,
        .live_blocks = ms_estimated(t->live_blocks, live->blocks.excess),
        .freed_by_others = ms_estimated(count->freed_by_others, count->freed_excess.excess),
        .first_ns = ms_words_ns(count->first_us),
        .allocations_error = error(sampled, t->allocations_excess.variance),
        .reallocations_error = error(sampled, t->reallocations_excess.variance),
        .bytes_allocated_error = error(sampled, t->bytes_excess.variance),
        .peak_bytes_error = error(sampled, higher ? live->bytes.variance : t->peak_variance),
        .live_bytes_error = error(sampled, live->bytes.variance),
        .live_blocks_error = error(sampled, live->blocks.variance),
        .freed_by_others_error = error(sampled, count->freed_excess.variance),
        .begun_ns = count->begun ? ms_words_ns(count->begun_us) : MS_UNKNOWN,
        .ended_ns = count->ended ? ms_words_ns(count->ended_us) : MS_UNKNOWN,
        .zombie = count->begun && !count->ended,
        .line = MS_UNKNOWN,
        .taken_up = count->taken_up,
        .busy_ns = ms_words_ns(count->busy_us),
        .idle_ns = ms_words_ns(count->idle_us),
        .longest_idle_ns = ms_words_ns(count->longest_idle_us),
    };
}

void ms_build_tasks(ms_model *model, const ms_replay *replay) {
    const ms_tasks *tasks = &replay->tasks;
    model->tasks.items = ms_arena_alloc(model->arena, tasks->count * sizeof *model->tasks.items);
    model->tasks.count = tasks->count;
    for (size_t i = 0; i < tasks->count; i++)
        model->tasks.items[i] = task(&tasks->items[i], replay->level.sampled);
}

/* ---- by name ----------------------------------------------------------------------------------------- */

/* A task as both have it. */
typedef struct pair {
    const ms_task_count *count;
    const ms_task *task;
} pair;

static int order(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

static uint32_t place_of(const pair *p) {
    return p->count->begun ? p->count->place : 0;
}

/* One of a name is begun at the same place as another, or found to run the same. */
static int by_group(const void *a, const void *b) {
    const pair *x = a, *y = b;
    int places = order(place_of(x), place_of(y));
    return places ? places : order(x->count->callback, y->count->callback);
}

static int by_group_and_bytes(const void *a, const void *b) {
    const pair *x = a, *y = b;
    int groups = by_group(a, b), bytes = order(x->task->bytes_allocated, y->task->bytes_allocated);
    return groups ? groups : bytes ? bytes : order(x->task->id, y->task->id);
}

/* So many of a hundred requested no more than this one. Not known of estimates: their errors would widen it. */
static uint64_t bytes_of(const pair *pairs, size_t count, size_t percent) {
    if (pairs->task->bytes_allocated_error != MS_UNKNOWN)
        return MS_UNKNOWN;
    return pairs[(count * percent + 99) / 100 - 1].task->bytes_allocated;
}

static void add_error(uint64_t *sum, uint64_t error) {
    *sum = ms_error_join(*sum, error);
}

static void add(ms_task_group *g, const ms_task *t) {
    g->ended += t->ended_ns != MS_UNKNOWN;
    g->zombies += t->zombie;
    g->allocations += t->allocations;
    g->reallocations += t->reallocations;
    g->bytes_allocated += t->bytes_allocated;
    g->live_bytes += t->live_bytes;
    g->live_blocks += t->live_blocks;
    g->freed_by_others += t->freed_by_others;
    g->taken_up += t->taken_up;
    g->busy_ns += t->busy_ns;
    if (t->peak_bytes > g->max_peak_bytes) {
        g->max_peak_bytes = t->peak_bytes;
        g->max_peak_bytes_error = t->peak_bytes_error;
    }
    add_error(&g->allocations_error, t->allocations_error);
    add_error(&g->reallocations_error, t->reallocations_error);
    add_error(&g->bytes_allocated_error, t->bytes_allocated_error);
    add_error(&g->live_bytes_error, t->live_bytes_error);
    add_error(&g->live_blocks_error, t->live_blocks_error);
    add_error(&g->freed_by_others_error, t->freed_by_others_error);
}

/* Of pairs of one group, in the order of their bytes. */
static ms_task_group group_of(const pair *pairs, size_t count) {
    const ms_task *largest = pairs[count - 1].task;
    ms_task_group g = {.task = largest->task,
                       .callback = largest->callback,
                       .file = largest->file,
                       .line = largest->line,
                       .function = largest->function,
                       .tasks = count,
                       .largest = largest->id,
                       .max_bytes = largest->bytes_allocated,
                       .max_bytes_error = largest->bytes_allocated_error,
                       .max_peak_bytes_error = MS_UNKNOWN,
                       .p50_bytes = bytes_of(pairs, count, 50),
                       .p90_bytes = bytes_of(pairs, count, 90),
                       .p99_bytes = bytes_of(pairs, count, 99),
                       .allocations_error = MS_UNKNOWN,
                       .reallocations_error = MS_UNKNOWN,
                       .bytes_allocated_error = MS_UNKNOWN,
                       .live_bytes_error = MS_UNKNOWN,
                       .live_blocks_error = MS_UNKNOWN,
                       .freed_by_others_error = MS_UNKNOWN};
    for (size_t i = 0; i < count; i++)
        add(&g, pairs[i].task);
    return g;
}

static int by_live(const void *a, const void *b) {
    const ms_task_group *x = a, *y = b;
    int live = order(y->live_bytes, x->live_bytes),
        bytes = order(y->bytes_allocated, x->bytes_allocated);
    return live ? live : bytes ? bytes : order(x->largest, y->largest);
}

void ms_build_task_groups(ms_model *m, const ms_replay *replay) {
    size_t count = m->tasks.count, groups = 0;
    uint64_t *ids = ms_arena_alloc(m->arena, count * sizeof *ids);
    pair *pairs = ms_memory_zeroed(count + 1, sizeof *pairs);
    for (size_t i = 0; i < count; i++) {
        ids[i] = m->tasks.items[i].id;
        pairs[i] = (pair){&replay->tasks.items[i], &m->tasks.items[i]};
    }
    m->task_ids = ids;
    m->task_id_count = count;
    qsort(pairs, count, sizeof *pairs, by_group_and_bytes);
    for (size_t i = 0; i < count; i++)
        groups += i == 0 || by_group(&pairs[i - 1], &pairs[i]) != 0;
    m->task_groups.items = ms_arena_alloc(m->arena, groups * sizeof *m->task_groups.items);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && by_group(&pairs[i], &pairs[end]) == 0;)
            end++;
        m->task_groups.items[m->task_groups.count++] = group_of(&pairs[i], end - i);
    }
    qsort(m->task_groups.items, groups, sizeof *m->task_groups.items, by_live);
    free(pairs);
}

/* ---- one by one ------------------------------------------------------------------------------------- */

/* What is live at the end, what never ended, and what was large. */
static int by_worth(const void *a, const void *b) {
    const ms_task *x = a, *y = b;
    int live = order(y->live_bytes, x->live_bytes), zombies = order(y->zombie, x->zombie),
        bytes = order(y->bytes_allocated, x->bytes_allocated);
    return live ? live : zombies ? zombies : bytes ? bytes : order(x->id, y->id);
}

static int by_start(const void *a, const void *b) {
    const ms_task *x = a, *y = b;
    int first = order(x->first_ns, y->first_ns);
    return first ? first : order(x->id, y->id);
}

void ms_list_tasks(ms_model *m) {
    if (m->tasks.count <= MS_TASKS_LISTED)
        return;
    qsort(m->tasks.items, m->tasks.count, sizeof *m->tasks.items, by_worth);
    m->capture.tasks_left_out = m->tasks.count - MS_TASKS_LISTED;
    m->tasks.count = MS_TASKS_LISTED;
    qsort(m->tasks.items, m->tasks.count, sizeof *m->tasks.items, by_start);
}
