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
        ms_task_born(task, block->size, weight, is_realloc);
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
        ms_task_leave(task, block->size, weight);
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
    ms_attribute_leave(r, block);
    block->origin = number;
    ms_origin origin = origin_of(r, block);
    ms_task_count *task = task_of(r, origin);
    if (task)
        ms_task_enter(task, block->size, ms_weight(block->size, origin.rate));
    if (origin.rate)
        hold(r, block, origin);
}

void ms_attribute_release(ms_replay *r, const ms_block *block, uint32_t thread) {
    ms_origin origin = origin_of(r, block);
    ms_origin by = ms_origins_at(&r->origins, r->threads[thread].origin);
    ms_estimate weight = ms_weight(block->size, origin.rate);
    ms_task_count *task = task_of(r, origin);
    if (task && by.task != origin.task)
        ms_task_freed_by_other(task, weight);
    if (!origin.rate)
        return;
    ms_estimate_add(&ms_site_excess_of(&r->sites.items[block->site])->frees, weight, 1);
    if (origin.thread != thread)
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
