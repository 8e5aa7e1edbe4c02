/* Live blocks, and births and deaths whose order is not known yet. */
#include "load/keep.h"

#include <stdlib.h>

#include "util/memory.h"

/* ---- live blocks ------------------------------------------------------------------------ */

static int by_address(const void *a, const void *b) {
    const ms_block *x = a, *y = b;
    return (x->address > y->address) - (x->address < y->address);
}

void ms_save_blocks(ms_saving *s, ms_checkpoint *c) {
    const ms_live *live = &c->replay->live;
    ms_block *rows = ms_memory_zeroed(live->count, sizeof *rows);
    size_t count = 0;
    for (size_t i = 0; i <= live->mask; i++)
        if (live->slots[i].address)
            rows[count++] = live->slots[i];
    if (count)
        qsort(rows, count, sizeof *rows, by_address);
    ms_save_rows(s, rows, count);
    free(rows);
}

static bool is_origin(const ms_replay *r, uint32_t number) {
    return ms_origin_is_plain(number) ? number < r->thread_count
                                      : ms_origin_row(number) < r->origins.count;
}

static bool is_block(const ms_replay *r, const ms_block *block) {
    return block->site < r->sites.count && is_origin(r, block->origin);
}

static void count_in_tally(ms_tally *tally, const ms_block *block) {
    tally->live_bytes += block->size;
    tally->live_blocks++;
    tally->held.sampled++;
}

/* What it stands for beyond itself was read, so that it is the same to the last bit. */
static void count_sampled(ms_replay *r, const ms_block *block, ms_origin origin) {
    const ms_scope_tree *scopes = &r->notes.scopes;
    if (origin.task)
        count_in_tally(&r->tasks.items[origin.task - 1].tally, block);
    for (uint32_t i = origin.scope; i; i = scopes->items[i - 1].parent)
        count_in_tally(&scopes->items[i - 1].tally, block);
    if (!origin.rate)
        return;
    r->level.held.sampled++;
    r->threads[origin.thread].held.now.sampled++;
    ms_site_excess_of(&r->sites.items[block->site])->live.now.sampled++;
}

/* As it did when it was born. */
static void count_live(ms_replay *r, const ms_block *block) {
    ms_origin origin = ms_origins_at(&r->origins, block->origin);
    ms_share_add(&r->sites.items[block->site].live, r->peak, block->size);
    ms_share_add(&r->threads[origin.thread].live, r->peak, block->size);
    r->level.live_bytes += block->size;
    r->level.live_blocks++;
    count_sampled(r, block, origin);
}

bool ms_take_blocks(ms_checkpoint *c, const ms_block *rows, size_t count) {
    ms_replay *r = c->replay;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].address == 0 || !is_block(r, &rows[i]) || ms_live_at(&r->live, rows[i].address))
            return false;
        ms_live_add(&r->live, rows[i]);
        ms_within_born(&r->notes.within, &r->live, rows[i].address, rows[i].size);
        count_live(r, &rows[i]);
    }
    return true;
}

/* ---- disorder --------------------------------------------------------------------------- */

void ms_save_pairs(ms_saving *s, ms_checkpoint *c) {
    const ms_pairs *pairs = &c->replay->pairs;
    for (uint32_t i = pairs->oldest; i; i = pairs->items[i].newer)
        *(ms_pair *)ms_save_row(s) = pairs->items[i];
}

bool ms_take_pairs(ms_checkpoint *c, const ms_pair *rows, size_t count) {
    ms_replay *r = c->replay;
    for (size_t i = 0; i < count; i++) {
        bool over = rows[i].kind == MS_PAIR_OVER;
        if ((over && !is_block(r, &rows[i].block)) || (!over && rows[i].kind != MS_PAIR_EARLY) ||
            rows[i].moved.thread >= r->thread_count || !is_origin(r, rows[i].moved.origin) ||
            rows[i].moved.freer > r->crossings.freer_count || !ms_is_time(rows[i].moved.stamp_us) ||
            !ms_pairs_restore(&r->pairs, &rows[i]))
            return false;
        if (over)
            count_live(r, &rows[i].block);
    }
    return true;
}

static int by_died_address(const void *a, const void *b) {
    const ms_kept_died *x = a, *y = b;
    return (x->address > y->address) - (x->address < y->address);
}

/* What died longer ago than any answer may take is not looked at again; nor anything, at the end. */
void ms_save_died(ms_saving *s, ms_checkpoint *c) {
    const ms_replay *r = c->replay;
    const ms_died *died = r->pairs.died;
    uint32_t now_ms = (uint32_t)(r->now_us / 1000), kept_ms = 2 * MS_PAIRS_SETTLE_US / 1000;
    if (c->last || !r->several)
        return;
    ms_kept_died *rows = ms_memory_zeroed(MS_PAIRS_DIED, sizeof *rows);
    size_t count = 0;
    for (uint32_t i = 0; i < MS_PAIRS_DIED; i++)
        if (died[i].address && now_ms < died[i].time_ms + kept_ms)
            rows[count++] = (ms_kept_died){died[i].address, died[i].time_ms, died[i].thread + 1,
                                           i % MS_PAIRS_DIED_WAYS};
    if (count)
        qsort(rows, count, sizeof *rows, by_died_address);
    ms_save_rows(s, rows, count);
    free(rows);
}

bool ms_take_died(ms_checkpoint *c, const ms_kept_died *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (rows[i].way >= MS_PAIRS_DIED_WAYS)
            return false;
        ms_pairs_restore_died(&c->replay->pairs, rows[i].way,
                              (ms_died){rows[i].address, rows[i].time_ms, rows[i].thread - 1});
    }
    return true;
}
