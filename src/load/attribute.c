#include "load/attribute.h"

static ms_origin origin_of(const ms_replay *r, const ms_block *block) {
    return ms_origins_at(&r->origins, block->origin);
}

/* NULL: none. */
static ms_task_count *task_of(ms_replay *r, ms_origin origin) {
    return origin.task ? &r->tasks.items[origin.task - 1] : NULL;
}

static void enter(ms_replay *r, ms_held_share *share, ms_estimate weight, uint64_t size) {
    ms_held_settle(share, r->peak);
    ms_held_add(&share->now, weight, size);
}

static void leave(ms_replay *r, ms_held_share *share, ms_estimate weight, uint64_t size) {
    ms_held_settle(share, r->peak);
    ms_held_remove(&share->now, weight, size);
}

void ms_attribute_birth(ms_replay *r, const ms_block *block, bool is_realloc) {
    ms_origin origin = origin_of(r, block);
    ms_estimate weight = ms_weight(block->size, origin.rate);
    ms_task_count *task = task_of(r, origin);
    if (task)
        ms_tally_born(&task->tally, block->size, weight, is_realloc);
    ms_scope_tree_born(&r->notes.scopes, origin.scope, block->size, weight, is_realloc);
    if (!origin.rate)
        return;
    ms_site_excess *site = ms_site_excess_of(&r->sites.items[block->site]);
    ms_estimate_add(is_realloc ? &site->reallocations : &site->allocations, weight, 1);
    ms_estimate_add(&site->bytes_allocated, weight, (double)block->size);
    ms_estimate_add(&r->level.births_excess, weight, 1);
    ms_held_add(&r->level.held, weight, block->size);
    enter(r, &site->live, weight, block->size);
    enter(r, &r->threads[origin.thread].held, weight, block->size);
}

void ms_attribute_leave(ms_replay *r, const ms_block *block) {
    ms_origin origin = origin_of(r, block);
    ms_estimate weight = ms_weight(block->size, origin.rate);
    ms_task_count *task = task_of(r, origin);
    if (task)
        ms_tally_leave(&task->tally, block->size, weight);
    ms_scope_tree_died(&r->notes.scopes, origin.scope, block->size, weight);
    if (!origin.rate)
        return;
    ms_held_remove(&r->level.held, weight, block->size);
    leave(r, &ms_site_excess_of(&r->sites.items[block->site])->live, weight, block->size);
    leave(r, &r->threads[origin.thread].held, weight, block->size);
}

static void hold(ms_replay *r, const ms_block *block, ms_origin origin) {
    ms_estimate weight = ms_weight(block->size, origin.rate);
    ms_held_add(&r->level.held, weight, block->size);
    enter(r, &ms_site_excess_of(&r->sites.items[block->site])->live, weight, block->size);
    enter(r, &r->threads[origin.thread].held, weight, block->size);
}

void ms_attribute_again(ms_replay *r, ms_block *block, uint32_t number) {
    ms_series_touch(&r->series, &r->sites.items[block->site], block->site);
    ms_attribute_leave(r, block);
    block->origin = number;
    ms_origin origin = origin_of(r, block);
    ms_estimate weight = ms_weight(block->size, origin.rate);
    ms_task_count *task = task_of(r, origin);
    if (task)
        ms_tally_enter(&task->tally, block->size, weight);
    ms_scope_tree_enter_block(&r->notes.scopes, origin.scope, block->size, weight);
    if (origin.rate)
        hold(r, block, origin);
}

void ms_attribute_release(ms_replay *r, const ms_block *block, uint32_t number) {
    ms_origin origin = origin_of(r, block), by = ms_origins_at(&r->origins, number);
    ms_estimate weight = ms_weight(block->size, origin.rate);
    ms_task_count *task = task_of(r, origin);
    if (task && by.task != origin.task)
        ms_task_freed_by_other(task, weight);
    if (!origin.rate)
        return;
    ms_estimate_add(&ms_site_excess_of(&r->sites.items[block->site])->frees, weight, 1);
    if (origin.thread != by.thread)
        ms_estimate_add(&r->threads[origin.thread].freed_by_others_excess, weight, 1);
}

void ms_attribute_own_peak(ms_site_count *site) {
    const ms_estimate *bytes = &site->excess->live.now.bytes;
    uint64_t held = ms_estimated(site->live.bytes, bytes->excess);
    if (ms_surely(held, bytes->variance) >
        ms_surely(site->own_peak_bytes, site->excess->own_peak_variance)) {
        site->own_peak_bytes = held;
        site->excess->own_peak_variance = bytes->variance;
    }
}

uint64_t ms_attribute_lifetime(const ms_replay *r, const ms_block *block) {
    return ms_lifetime_weight(ms_weight(block->size, origin_of(r, block).rate).excess);
}

/* ---- events ----------------------------------------------------------------------------- */

/* From now on the thread's blocks have another origin. Where there are too many of them, task and scope
 * are given up before a rate, which numbers rest on. */
static void change_origin(ms_replay *r, uint32_t thread, ms_origin origin) {
    uint32_t index = ms_origins_of(&r->origins, origin);
    if (index == UINT32_MAX) {
        r->changes_left_out++;
        origin.task = origin.scope = 0;
        index = ms_origins_of(&r->origins, origin);
    }
    if (index != UINT32_MAX)
        r->threads[thread].origin = index;
}

static void change_rate(ms_replay *r, uint32_t thread, uint64_t rate) {
    ms_origin origin = ms_origins_at(&r->origins, r->threads[thread].origin);
    if (origin.rate == rate)
        return;
    ms_history_rate(&r->history, r->now_us, r->threads[thread].serial, rate);
    if (r->level.births == 0)
        r->history.sampled_from_us = 0; /* nothing was exact before */
    r->level.sampled = true;
    origin.rate = rate;
    change_origin(r, thread, origin);
}

static void change_task(ms_replay *r, uint32_t thread, uint64_t id) {
    ms_origin origin = ms_origins_at(&r->origins, r->threads[thread].origin);
    uint32_t before = origin.task;
    origin.task = ms_tasks_of(&r->tasks, id, r->now_us);
    r->changes_left_out += id && !origin.task;
    change_origin(r, thread, origin);
    uint32_t now = ms_origins_at(&r->origins, r->threads[thread].origin).task;
    if (before == now)
        return;
    if (before)
        ms_task_put_down(&r->tasks.items[before - 1], r->now_us);
    if (now)
        ms_task_take_up(&r->tasks.items[now - 1], r->now_us);
}

void ms_attribute_scope(ms_replay *r, uint32_t thread, uint32_t scope) {
    ms_origin origin = ms_origins_at(&r->origins, r->threads[thread].origin);
    if (origin.scope == scope)
        return;
    origin.scope = scope;
    change_origin(r, thread, origin);
}

static void end_thread(ms_replay *r, uint32_t thread) {
    change_task(r, thread, 0);
    r->threads[thread].ended = true;
}

/* Counts only grow: a smaller one is an old one. */
static void note_count(ms_replay *r, const ms_event *event, uint32_t thread) {
    if (event->family >= MS_COUNT_COUNT)
        return;
    uint64_t *count = &r->threads[thread].counts[event->family];
    if (event->number > *count)
        *count = event->number;
}

void ms_attribute_event(ms_replay *r, const ms_event *event, uint32_t thread) {
    switch (event->kind) {
    case MS_EVENT_RATE: change_rate(r, thread, event->number); break;
    case MS_EVENT_TASK: change_task(r, thread, event->number); break;
    case MS_EVENT_THREAD_END: end_thread(r, thread); break;
    case MS_EVENT_COUNT: note_count(r, event, thread); break;
    case MS_EVENT_GAP: ms_history_gap(&r->history, r->now_us, event->number); break;
    default: break;
    }
}
