#include "load/listing.h"

#include <stdlib.h>

#include "util/memory.h"

static ms_row row_of(const ms_replay *r, const ms_block *block, uint64_t number) {
    ms_origin origin = ms_origins_at(&r->origins, block->origin);
    return (ms_row){.address = block->address,
                    .size = block->size,
                    .born_us = ms_born_us(block),
                    .died_us = UINT64_MAX,
                    .born = number,
                    .died = UINT64_MAX,
                    .weight = 1 + ms_weight(block->size, origin.rate).excess,
                    .site = block->site,
                    .thread = origin.thread,
                    .freed_by = UINT32_MAX,
                    .task = origin.task,
                    .scope = origin.scope};
}

void ms_list_dead(ms_replay *r, const ms_block *block, uint64_t number, ms_row_end end,
                  uint32_t thread) {
    ms_row row = row_of(r, block, number);
    row.died_us = r->now_us;
    row.died = r->live.number;
    row.end = (unsigned)end & 0xf;
    row.freed_by = thread;
    ms_rows_add(r->rows, &row);
}

/* A live block and the number under which it was born. */
typedef struct numbered {
    ms_block block;
    uint64_t number;
} numbered;

static int by_birth(const void *a, const void *b) {
    const numbered *x = a, *y = b;
    if (ms_born_us(&x->block) != ms_born_us(&y->block))
        return ms_born_us(&x->block) < ms_born_us(&y->block) ? -1 : 1;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return (x->block.address > y->block.address) - (x->block.address < y->block.address);
}

/* In an order that does not depend on where they lie in the table, so that each report of a trace has
 * the same rows. */
void ms_list_live(ms_replay *r) {
    numbered *blocks = ms_memory_zeroed(r->live.count + 1, sizeof *blocks);
    size_t count = 0;
    for (size_t i = 0; i <= r->live.mask; i++)
        if (r->live.slots[i].address)
            blocks[count++] =
                (numbered){r->live.slots[i], ms_live_number(&r->live, &r->live.slots[i])};
    qsort(blocks, count, sizeof *blocks, by_birth);
    for (size_t i = 0; i < count; i++) {
        ms_row row = row_of(r, &blocks[i].block, blocks[i].number);
        bool uncertain = ms_born_us(&blocks[i].block) < r->history.gap_until_us;
        row.end = uncertain ? MS_ROW_UNCERTAIN : MS_ROW_LIVE;
        ms_rows_add(r->rows, &row);
    }
    free(blocks);
}

void ms_list_finish(const ms_replay *r, const ms_site_count *const *order) {
    const ms_sites *sites = &r->sites;
    uint32_t *place = ms_memory_zeroed(sites->count + 1, sizeof *place);
    uint32_t *site_of = ms_memory_zeroed(sites->moved_count + 1, sizeof *site_of);
    for (size_t i = 0; i < sites->count; i++)
        place[order[i] - sites->items] = (uint32_t)i;
    for (size_t i = 0; i < sites->moved_count; i++)
        site_of[i] = place[sites->moved[i]];
    ms_rows_finish(r->rows, site_of, sites->moved_count);
    free(place);
    free(site_of);
}
