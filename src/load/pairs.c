#include "load/pairs.h"

#include <stdlib.h>

#include "util/memory.h"

#define HEADS 65536u
#define DIED_WAYS MS_PAIRS_DIED_WAYS
#define DIED_LINES (MS_PAIRS_DIED / DIED_WAYS)

void ms_pairs_init(ms_pairs *pairs) {
    *pairs = (ms_pairs){.died = ms_memory_zeroed(MS_PAIRS_DIED, sizeof *pairs->died),
                        .items = ms_memory_zeroed(MS_PAIRS_MAX + 1, sizeof *pairs->items),
                        .heads = ms_memory_zeroed(HEADS, sizeof *pairs->heads)};
}

void ms_pairs_deinit(ms_pairs *pairs) {
    free(pairs->died);
    free(pairs->items);
    free(pairs->heads);
}

static uint32_t *head_of(const ms_pairs *pairs, uint64_t address) {
    return &pairs->heads[ms_hash_u64(address) % HEADS];
}

/* Notes it behind those of its hash and of its age, so that the oldest is found first. */
static void add(ms_pairs *pairs, ms_pair pair) {
    uint32_t number = pairs->spare;
    if (number)
        pairs->spare = pairs->items[number].next;
    else
        number = ++pairs->made;
    pairs->count++;
    pair.older = pairs->newest;
    pairs->items[number] = pair;
    if (pairs->newest)
        pairs->items[pairs->newest].newer = number;
    else
        pairs->oldest = number;
    pairs->newest = number;
    uint32_t *link = head_of(pairs, pair.moved.address);
    while (*link)
        link = &pairs->items[*link].next;
    *link = number;
}

static ms_pair take(ms_pairs *pairs, uint32_t number) {
    ms_pair *pair = &pairs->items[number], taken = *pair;
    uint32_t *link = head_of(pairs, pair->moved.address);
    while (*link != number)
        link = &pairs->items[*link].next;
    *link = pair->next;
    if (pair->older)
        pairs->items[pair->older].newer = pair->newer;
    else
        pairs->oldest = pair->newer;
    if (pair->newer)
        pairs->items[pair->newer].older = pair->older;
    else
        pairs->newest = pair->older;
    pair->next = pairs->spare;
    pairs->spare = number;
    pairs->count--;
    return taken;
}

/* ---- what died of late ------------------------------------------------------------------ */

static ms_died *line_of(const ms_pairs *pairs, uint64_t address) {
    return &pairs->died[ms_hash_u64(address) % DIED_LINES * DIED_WAYS];
}

static uint32_t milliseconds(const ms_moved *event) {
    return (uint32_t)(event->stamp_us / 1000);
}

/* The place of the address in its line; the last one when it is not there, or too old. */
static unsigned way_of(const ms_died *line, const ms_moved *event, bool *found) {
    unsigned way = 0;
    while (way < DIED_WAYS - 1 && line[way].address != event->address)
        way++;
    *found = line[way].address == event->address &&
             milliseconds(event) < line[way].time_ms + MS_PAIRS_SETTLE_US / 1000;
    return way;
}

void ms_pairs_died(ms_pairs *pairs, const ms_moved *death, bool surely) {
    ms_died *line = line_of(pairs, death->address);
    bool found;
    unsigned way = way_of(line, death, &found);
    bool several = !surely || (found && line[way].thread != death->thread);
    for (; way > 0; way--)
        line[way] = line[way - 1];
    line[0] = (ms_died){death->address, milliseconds(death), several ? MS_SEVERAL : death->thread};
}

void ms_pairs_early(ms_pairs *pairs, const ms_moved *death) {
    const ms_died *line = line_of(pairs, death->address);
    bool found;
    unsigned way = way_of(line, death, &found);
    bool twice = found && line[way].thread != death->thread;
    add(pairs, (ms_pair){.kind = MS_PAIR_EARLY, .twice = twice, .moved = *death});
}

/* ---- answers ---------------------------------------------------------------------------- */

void ms_pairs_over(ms_pairs *pairs, const ms_moved *birth, const ms_block *block, uint64_t number) {
    add(pairs, (ms_pair){.kind = MS_PAIR_OVER, .moved = *birth, .block = *block, .number = number});
}

static bool may_be_before(const ms_moved *a, const ms_moved *b) {
    return a->thread != b->thread && a->stamp_us <= b->until_us;
}

/* The number of the oldest of `kind` that the event may have happened before, or `must` have; 0: there
 * is none. */
static uint32_t find(const ms_pairs *pairs, ms_pair_kind kind, const ms_moved *by, bool must) {
    if (pairs->count == 0)
        return 0;
    uint32_t number = *head_of(pairs, by->address);
    for (; number; number = pairs->items[number].next) {
        const ms_pair *pair = &pairs->items[number];
        if (pair->kind == kind && pair->moved.address == by->address &&
            (must || pair->twice || may_be_before(by, &pair->moved)))
            break;
    }
    return number;
}

bool ms_pairs_answer_early(ms_pairs *pairs, const ms_moved *birth, bool must, ms_moved *death) {
    uint32_t number = find(pairs, MS_PAIR_EARLY, birth, must);
    if (number)
        *death = take(pairs, number).moved;
    return number != 0;
}

bool ms_pairs_answer_over(ms_pairs *pairs, const ms_moved *death, bool must, ms_block *block,
                          uint64_t *number) {
    uint32_t found = find(pairs, MS_PAIR_OVER, death, must);
    if (!found)
        return false;
    ms_pair pair = take(pairs, found);
    *block = pair.block;
    *number = pair.number;
    return true;
}

bool ms_pairs_restore(ms_pairs *pairs, const ms_pair *pair) {
    if (pairs->count + 2 > MS_PAIRS_MAX)
        return false;
    add(pairs,
        (ms_pair){
            .kind = pair->kind, .twice = pair->twice, .moved = pair->moved, .block = pair->block});
    return true;
}

void ms_pairs_restore_died(ms_pairs *pairs, unsigned way, ms_died died) {
    line_of(pairs, died.address)[way] = died;
}

bool ms_pairs_settle(ms_pairs *pairs, uint64_t now_us, bool all, ms_pair *pair) {
    if (pairs->count == 0)
        return false;
    if (!all && pairs->count + 2 <= MS_PAIRS_MAX &&
        now_us <= pairs->items[pairs->oldest].moved.stamp_us + MS_PAIRS_SETTLE_US)
        return false;
    *pair = take(pairs, pairs->oldest);
    return true;
}
