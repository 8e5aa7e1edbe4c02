#include "load/replay.h"

#include <stdlib.h>
#include <string.h>

#include "load/attribute.h"
#include "load/listing.h"
#include "util/memory.h"

/* An event is taken to be over by then where no later TIME of its thread tells. */
#define STRETCH_MAX_US 100000u

void ms_replay_init(ms_replay *r) {
    *r = (ms_replay){.arena = ms_arena_new(), .thinned_from_us = UINT64_MAX};
    if (!r->arena)
        r->arena = ms_memory_zeroed(SIZE_MAX, 1); /* ends the process */
    ms_live_init(&r->live);
    ms_pairs_init(&r->pairs);
    ms_nodes_init(&r->nodes);
    ms_timeline_init(&r->timeline);
    ms_series_init(&r->series);
    ms_map_init(&r->thread_of, r->arena);
    ms_origins_init(&r->origins, r->arena);
    ms_crossings_init(&r->crossings, r->arena);
    ms_tasks_init(&r->tasks, r->arena);
    ms_history_init(&r->history);
    ms_notes_init(&r->notes, r->arena);
}

void ms_replay_deinit(ms_replay *r) {
    ms_live_deinit(&r->live);
    ms_nodes_deinit(&r->nodes);
    ms_sites_deinit(&r->sites);
    ms_origins_deinit(&r->origins);
    ms_crossings_deinit(&r->crossings);
    ms_tasks_deinit(&r->tasks);
    ms_history_deinit(&r->history);
    ms_notes_deinit(&r->notes);
    ms_pairs_deinit(&r->pairs);
    ms_bounds_deinit(&r->bounds);
    ms_mappings_deinit(&r->mappings);
    ms_timeline_deinit(&r->timeline);
    ms_series_deinit(&r->series);
    free(r->threads);
    ms_arena_free(r->arena);
}

/* ---- who -------------------------------------------------------------------------------- */

static uint32_t add_thread(ms_replay *r, const ms_event *event) {
    r->threads =
        ms_memory_grow(r->threads, r->thread_count + 1, &r->thread_capacity, sizeof *r->threads);
    r->threads[r->thread_count] = (ms_thread_count){.serial = event->thread,
                                                    .tid = event->tid,
                                                    .origin = (uint32_t)r->thread_count,
                                                    .first_us = r->now_us};
    if (r->thread_count == 1) { /* from now on there is an order to be uncertain of */
        r->several = true;
        ms_bounds_init(&r->bounds, ms_level_bytes(&r->level), r->peak_bytes);
    }
    return (uint32_t)r->thread_count++;
}

/* The index of the event's thread. */
static uint32_t thread_of(ms_replay *r, const ms_event *event) {
    if (r->thread_count && r->threads[r->last_thread].serial == event->thread)
        return r->last_thread;
    uint32_t *place = ms_map_at(&r->thread_of, event->thread, NULL);
    if (!*place)
        *place = add_thread(r, event) + 1;
    r->last_thread = *place - 1;
    return r->last_thread;
}

static uint32_t site_of(ms_replay *r, const ms_event *event) {
    ms_stack_id *id = ms_nodes_id(&r->nodes, event->stack);
    if (!id->site) {
        uint32_t node = ms_nodes_resolve(&r->nodes, event->stack);
        bool resized = event->family == MS_FAMILY_RESIZED;
        uint8_t family = resized ? (uint8_t)MS_FAMILY_REALLOC : event->family;
        id->site = ms_sites_of(&r->sites, node, event->stack, family) + 1;
    }
    return id->site - 1;
}

/* The index of the thread that made the block. */
static uint32_t maker_of(const ms_replay *r, const ms_block *block) {
    return ms_origins_maker(&r->origins, block->origin);
}

/* ---- blocks ----------------------------------------------------------------------------- */

/* Takes a block out of all that counts live ones. */
static void leave(ms_replay *r, const ms_block *block) {
    ms_site_count *site = &r->sites.items[block->site];
    ms_series_touch(&r->series, site, block->site);
    ms_share_remove(&site->live, r->peak, block->size);
    ms_share_remove(&r->threads[maker_of(r, block)].live, r->peak, block->size);
    r->level.live_bytes -= block->size;
    r->level.live_blocks--;
    if (!ms_origin_is_plain(block->origin))
        ms_attribute_leave(r, block);
}

/* The block is not followed any more: if it is an array that has grown, this is what it had last. */
static inline void end_array(ms_replay *r, const ms_block *block) {
    if (ms_growths(block))
        ms_growth_of(&r->sites.items[block->site])->last_bytes += block->size;
}

void ms_replay_forget(ms_replay *r, ms_block *block) {
    end_array(r, block);
    leave(r, block);
    ms_live_remove(&r->live, block);
}

static void enter(ms_replay *r, const ms_block *block, bool is_realloc) {
    ms_site_count *site = &r->sites.items[block->site];
    ms_series_touch(&r->series, site, block->site);
    ms_share_add(&site->live, r->peak, block->size);
    ms_share_add(&r->threads[maker_of(r, block)].live, r->peak, block->size);
    r->level.live_bytes += block->size;
    r->level.live_blocks++;
    if (!ms_origin_is_plain(block->origin))
        ms_attribute_birth(r, block, is_realloc);
    if (site->excess)
        ms_attribute_own_peak(site);
    else if (site->live.bytes > site->own_peak_bytes)
        site->own_peak_bytes = site->live.bytes;
}

static inline void note_lifetime(ms_replay *r, const ms_block *block) {
    bool plain = ms_origin_is_plain(block->origin);
    ms_lifetimes_add(&r->sites.items[block->site].lifetimes, r->now_us - ms_born_us(block),
                     plain ? MS_LIFETIME_ONE : ms_attribute_lifetime(r, block));
}

/* The end of a block by an event that is its death; `number`: see live.h, here and below. */
static void note_death(ms_replay *r, const ms_block *block, uint64_t number,
                       const ms_moved *death) {
    note_lifetime(r, block);
    if (r->rows)
        ms_list_dead(r, block, number, death->is_free ? MS_ROW_FREED : MS_ROW_REALLOCATED,
                     death->thread);
}

/* The end of a block whose death was not recorded. */
static void leave_implied(ms_replay *r, const ms_block *block, uint64_t number) {
    if (r->rows)
        ms_list_dead(r, block, number, MS_ROW_IMPLIED, UINT32_MAX);
    end_array(r, block);
    leave(r, block);
}

/* A release of `block`, as far as it concerns those who made it. */
static void note_release(ms_replay *r, const ms_block *block, const ms_moved *death) {
    uint32_t maker = maker_of(r, block);
    r->sites.items[block->site].frees++;
    ms_crossings_note(&r->crossings, &r->sites, block->site, death->freer, block->size);
    if (maker != death->thread)
        r->threads[maker].freed_by_others++;
    if (!ms_origin_is_plain(block->origin))
        ms_attribute_release(r, block, death->origin);
}

/* It may have died in a gap without a word. */
static bool is_from_before_gap(const ms_replay *r, const ms_block *block) {
    return ms_born_us(block) < r->history.gap_until_us;
}

/* A release of a block that was not seen born, at `stamp_us`. */
static void note_stranger(ms_replay *r, uint64_t stamp_us) {
    if (stamp_us >= r->history.first_gap_until_us)
        r->gap_frees++;
    else if (stamp_us >= r->history.sampled_from_us || stamp_us >= r->thinned_from_us)
        r->unsampled_frees++;
    else
        r->unmatched++;
}

/* The present event, seen as one at `address`: a realloc is one at two. */
static const ms_moved *moved_at(ms_replay *r, uint64_t address, bool is_free) {
    r->moved.address = address;
    r->moved.is_free = is_free;
    return &r->moved;
}

/* The death of a block, as far as it was not counted when its event was read. */
static void die_uncounted(ms_replay *r, ms_block *block, const ms_moved *death) {
    note_death(r, block, ms_live_number(&r->live, block), death);
    if (death->is_free)
        note_release(r, block, death);
    ms_pairs_died(&r->pairs, &r->moved, false);
    end_array(r, block);
    leave(r, block);
    ms_live_remove(&r->live, block);
}

/* A birth where a block is live: that one's death was not recorded, came early, or is still to
 * come. */
static void replace(ms_replay *r, ms_block *block) {
    ms_moved death;
    if (!r->several || is_from_before_gap(r, block)) {
        if (is_from_before_gap(r, block))
            r->gap_deaths++;
        else
            r->implied++;
        leave_implied(r, block, ms_live_number(&r->live, block));
        ms_live_remove(&r->live, block);
        return;
    }
    const ms_moved *birth = moved_at(r, block->address, false);
    if (ms_pairs_answer_early(&r->pairs, birth, true, &death)) {
        die_uncounted(r, block, &death);
        return;
    }
    ms_pairs_over(&r->pairs, birth, block, ms_live_number(&r->live, block));
    ms_live_remove(&r->live, block);
}

/* The death of the block that has just been born may have been read before its birth. */
static void die_if_owed(ms_replay *r, uint64_t address) {
    ms_moved death;
    if (ms_pairs_answer_early(&r->pairs, moved_at(r, address, false), false, &death))
        die_uncounted(r, ms_live_at(&r->live, address), &death);
}

static void count_birth(ms_site_count *site, uint64_t size, uint64_t now_us) {
    if (site->allocations + site->reallocations == 0)
        site->first_us = now_us;
    site->last_us = now_us;
    site->bytes_allocated += size;
    if (size < site->min_size)
        site->min_size = size;
    if (size > site->max_size)
        site->max_size = size;
}

/* Returns the site of the newborn, which is an array that has grown so often. */
static ms_site_count *born(ms_replay *r, const ms_event *event, uint32_t thread, bool is_realloc,
                           uint64_t growths) {
    ms_block *old = ms_live_at(&r->live, event->address);
    if (r->notes.anchors.count)
        ms_notes_born(r, event->address, thread);
    if (old)
        replace(r, old);
    ms_block block = {.address = event->address,
                      .size = event->size,
                      .born = ms_born(r->now_us, growths),
                      .site = site_of(r, event),
                      .origin = r->threads[thread].origin};
    ms_site_count *site = &r->sites.items[block.site];
    count_birth(site, event->size, r->now_us);
    r->bytes_allocated += event->size;
    r->threads[thread].bytes_allocated += event->size;
    r->level.births++;
    enter(r, &block, is_realloc);
    ms_live_add(&r->live, block);
    if (r->notes.within.starts)
        ms_within_born(&r->notes.within, &r->live, block.address, block.size);
    die_if_owed(r, block.address);
    return site;
}

static uint64_t growths_after(const ms_block *block, uint64_t size) {
    uint64_t growths = ms_growths(block);
    return growths + (size > block->size && growths < MS_GROWTHS_MAX);
}

static void alloc(ms_replay *r, const ms_event *event, uint32_t thread) {
    born(r, event, thread, false, 0)->allocations++;
    r->allocations++;
    r->threads[thread].allocations++;
    r->threads[thread].last_born = event->address;
}

/* The death of the block at `address`. True: `*dead` is what it was, born under `*number`. */
static bool die(ms_replay *r, uint64_t address, bool is_free, ms_block *dead, uint64_t *number) {
    ms_block *block = ms_live_at(&r->live, address);
    const ms_moved *death = moved_at(r, address, is_free);
    bool late = ms_pairs_answer_over(&r->pairs, death, !block, dead, number);
    if (!late && !block) {
        if (r->several)
            ms_pairs_early(&r->pairs, death);
        else if (is_free)
            note_stranger(r, death->stamp_us);
        return false;
    }
    if (!late) {
        *dead = *block;
        *number = ms_live_number(&r->live, block);
        ms_live_remove(&r->live, block);
    }
    leave(r, dead);
    if (r->several)
        ms_pairs_died(&r->pairs, death, !late);
    return true;
}

/* Temporary: its thread has not allocated since. */
static bool is_temporary(const ms_replay *r, const ms_block *block, uint32_t thread) {
    return maker_of(r, block) == thread && r->threads[thread].last_born == block->address &&
           !is_from_before_gap(r, block);
}

/* The half of a realloc whose result was not sampled is a death, but no release. */
static void release(ms_replay *r, const ms_event *event, uint32_t thread) {
    ms_block dead;
    uint64_t number;
    bool is_free = event->family != MS_FAMILY_RESIZED;
    r->frees += is_free;
    r->threads[thread].frees += is_free;
    if (!die(r, event->address, is_free, &dead, &number))
        return;
    end_array(r, &dead);
    note_death(r, &dead, number, &r->moved);
    if (r->notes.anchors.count && !ms_live_at(&r->live, event->address))
        ms_notes_died(r, event->address, thread, is_free);
    if (!is_free)
        return;
    note_release(r, &dead, &r->moved);
    r->last_freed = dead.size < MS_MAPPED_MIN ? dead.address : 0;
    if (is_temporary(r, &dead, thread)) {
        r->temporary++;
        r->sites.items[dead.site].temporary++;
    }
}

/* Without an `old`: that one was not sampled. */
static void reallocate(ms_replay *r, const ms_event *event, uint32_t thread) {
    ms_block dead;
    uint64_t number;
    bool known = event->old && die(r, event->old, false, &dead, &number);
    if (known)
        note_death(r, &dead, number, &r->moved);
    if (r->notes.anchors.count && !ms_live_at(&r->live, event->old))
        ms_notes_lift(r, event->old);
    ms_site_count *site =
        born(r, event, thread, true, known ? growths_after(&dead, event->size) : 0);
    site->reallocations++;
    if (known && event->size > dead.size)
        ms_growth_add(ms_growth_of(site), &dead, event->size, event->address != event->old);
    ms_notes_lower(r, event, thread);
    r->reallocations++;
    r->threads[thread].reallocations++;
    r->threads[thread].last_born = 0;
}

/* ---- disorder --------------------------------------------------------------------------- */

/* What was noted in pairs and never answered. */
static void settle(ms_replay *r, bool all) {
    ms_pair pair;
    while (ms_pairs_settle(&r->pairs, r->now_us, all, &pair)) {
        if (pair.kind == MS_PAIR_EARLY && pair.moved.is_free)
            note_stranger(r, pair.moved.stamp_us);
        if (pair.kind == MS_PAIR_OVER) {
            r->implied++;
            leave_implied(r, &pair.block, pair.number);
        }
    }
}

static uint64_t stamp_of(const ms_event *event) {
    return event->time_us < MS_TIME_MAX_US ? event->time_us : MS_TIME_MAX_US;
}

/* Before a block event. */
static void begin_move(ms_replay *r, const ms_event *event, uint32_t thread, uint64_t until_us) {
    r->live.number++;
    settle(r, false);
    uint64_t stamp_us = stamp_of(event);
    if (until_us < stamp_us || until_us - stamp_us > STRETCH_MAX_US)
        until_us = stamp_us + STRETCH_MAX_US;
    r->moved = (ms_moved){.stamp_us = stamp_us,
                          .until_us = until_us,
                          .thread = thread,
                          .origin = r->threads[thread].origin,
                          .freer = r->threads[thread].freer};
}

static void set_peak(ms_replay *r, uint64_t bytes) {
    r->peak++;
    r->peak_bytes = bytes;
    r->peak_blocks = r->level.live_blocks;
    r->peak_us = r->now_us;
    r->peak_sampled = r->level.sampled;
    r->peak_held = r->level.sampled ? r->level.held : (ms_held){0};
}

/* Of estimates the highest that is sure to within its error: one small block that stands for a million
 * others is no peak. */
static MS_SELDOM bool surely_higher(const ms_replay *r, uint64_t bytes) {
    double peak_variance = r->peak_sampled ? r->peak_held.bytes.variance : 0;
    double variance = r->level.sampled ? r->level.held.bytes.variance : 0;
    return ms_surely(bytes, variance) > ms_surely(r->peak_bytes, peak_variance);
}

/* After an event; once, so that a realloc is one step. */
static void note_peak(ms_replay *r) {
    uint64_t bytes = ms_level_bytes(&r->level);
    bool exact = !r->level.sampled && !r->peak_sampled;
    if (exact ? bytes > r->peak_bytes : surely_higher(r, bytes))
        set_peak(r, bytes);
    ms_timeline_live(&r->timeline, bytes, &r->level);
}

/* ---- events ----------------------------------------------------------------------------- */

static void name_thread(ms_replay *r, const ms_event *event, uint32_t thread) {
    ms_thread_count *t = &r->threads[thread];
    size_t room = sizeof t->name - 1;
    size_t size = event->text.size < room ? event->text.size : room;
    memset(t->name, 0, sizeof t->name);
    if (size)
        memcpy(t->name, event->text.bytes, size);
    if (event->number && event->number <= UINT32_MAX)
        t->tid = (uint32_t)event->number;
}

static MS_SELDOM void take_moments(ms_replay *r) {
    ms_series_due(&r->series, r->now_us, &r->sites, r->level.sampled);
    ms_timeline_due(&r->timeline, r->now_us, &r->level);
}

static void note_time(ms_replay *r, const ms_event *event) {
    if (stamp_of(event) > r->now_us)
        r->now_us = stamp_of(event);
    if (r->now_us >= r->timeline.next_us)
        take_moments(r);
}

static void move_block(ms_replay *r, const ms_event *event, uint32_t thread, uint64_t until_us) {
    if (event->address == 0)
        return; /* no allocator hands that out */
    uint64_t before = ms_level_bytes(&r->level);
    begin_move(r, event, thread, until_us);
    if (event->kind == MS_EVENT_ALLOC && event->family != MS_FAMILY_RESIZED)
        alloc(r, event, thread);
    else if (event->kind == MS_EVENT_FREE)
        release(r, event, thread);
    else
        reallocate(r, event, thread);
    note_peak(r);
    if (r->thread_count > 1)
        ms_bounds_move(&r->bounds, thread, stamp_of(event),
                       (int64_t)(ms_level_bytes(&r->level) - before));
}

void ms_replay_event(ms_replay *r, const ms_event *event, uint64_t until_us) {
    r->events++;
    note_time(r, event);
    if (event->kind == MS_EVENT_TIME)
        return;
    uint32_t thread = thread_of(r, event);
    r->threads[thread].last_us = r->now_us;
    switch (event->kind) {
    case MS_EVENT_ALLOC:
    case MS_EVENT_FREE:
    case MS_EVENT_REALLOC: move_block(r, event, thread, until_us); break;
    case MS_EVENT_STACK: ms_nodes_define(&r->nodes, event); break;
    case MS_EVENT_MODULE: ms_nodes_add_module(&r->nodes, event); break;
    case MS_EVENT_THREAD: name_thread(r, event, thread); break;
    case MS_EVENT_MAP:
    case MS_EVENT_UNMAP:
    case MS_EVENT_REMAP:
        ms_mappings_event(&r->mappings, event);
        r->level.mapped_bytes = r->mappings.bytes;
        break;
    case MS_EVENT_LOSS:
        if (event->family < MS_LOSS_COUNT)
            r->lost[event->family] += event->number;
        break;
    case MS_EVENT_FREER:
    case MS_EVENT_FREER_STACK: /* a FREER has none */
        r->threads[thread].freer = ms_crossings_freer(&r->crossings, &r->nodes, event->pc);
        r->threads[thread].free_stack = event->stack;
        break;
    case MS_EVENT_RATE:
    case MS_EVENT_TASK:
    case MS_EVENT_THREAD_END:
    case MS_EVENT_COUNT:
    case MS_EVENT_GAP: ms_attribute_event(r, event, thread); break;
    case MS_EVENT_NOTE: ms_notes_event(r, event, thread); break;
    case MS_EVENT_SITE: ms_places_define(&r->notes.places, event); break;
    default: break;
    }
}

static uint32_t node_of(void *nodes, uint64_t stack) {
    return ms_nodes_resolve(nodes, stack);
}

/* Blocks from before a gap are not said to be live at the end. */
static void set_uncertain_apart(ms_replay *r) {
    r->last_level = r->level;
    if (r->history.gap_until_us == 0)
        return;
    for (size_t i = 0; i <= r->live.mask; i++) {
        const ms_block *block = &r->live.slots[i];
        if (block->address && is_from_before_gap(r, block))
            leave(r, block);
    }
}

/* What has grown and lives on. */
static void count_arrays(ms_replay *r) {
    for (size_t i = 0; i <= r->live.mask; i++) {
        const ms_block *block = &r->live.slots[i];
        if (!block->address || !ms_growths(block))
            continue;
        end_array(r, block);
        bool certain = !is_from_before_gap(r, block);
        ms_growth *growth = ms_growth_of(&r->sites.items[block->site]);
        growth->live_arrays += certain;
        growth->live_bytes += certain ? block->size : 0;
    }
}

static void add_capped(uint64_t *sum, uint64_t more) {
    *sum = more > UINT64_MAX - *sum ? UINT64_MAX : *sum + more;
}

/* What no event told of. */
static void add_counts(ms_replay *r, ms_thread_count *t) {
    add_capped(&t->allocations, t->counts[MS_COUNT_ALLOCATIONS]);
    add_capped(&t->reallocations, t->counts[MS_COUNT_REALLOCATIONS]);
    add_capped(&t->frees, t->counts[MS_COUNT_FREES]);
    add_capped(&t->bytes_allocated, t->counts[MS_COUNT_BYTES]);
    add_capped(&r->allocations, t->counts[MS_COUNT_ALLOCATIONS]);
    add_capped(&r->reallocations, t->counts[MS_COUNT_REALLOCATIONS]);
    add_capped(&r->frees, t->counts[MS_COUNT_FREES]);
    add_capped(&r->bytes_allocated, t->counts[MS_COUNT_BYTES]);
}

void ms_replay_finish(ms_replay *r) {
    settle(r, true);
    if (ms_level_bytes(&r->level) >
        r->peak_bytes) /* whose error is larger; yet no less can be live */
        set_peak(r, ms_level_bytes(&r->level));
    ms_notes_finish(r);
    count_arrays(r);
    if (r->rows)
        ms_list_live(r);
    ms_series_close(&r->series, &r->sites, r->level.sampled);
    set_uncertain_apart(r);
    ms_nodes_close(&r->nodes);
    ms_crossings_settle(&r->crossings, &r->sites, &r->nodes);
    ms_sites_resolve(&r->sites, r->peak, node_of, &r->nodes);
    for (size_t i = 0; i < r->thread_count; i++) {
        ms_share_settle(&r->threads[i].live, r->peak);
        ms_held_settle(&r->threads[i].held, r->peak);
        add_counts(r, &r->threads[i]);
    }
    r->order_uncertainty_bytes =
        r->thread_count > 1 ? ms_bounds_finish(&r->bounds, r->peak_bytes) : 0;
}
