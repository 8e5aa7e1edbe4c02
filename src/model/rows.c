#include "model/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "util/memory.h"

#define DEFAULT_BUDGET ((size_t)1 << 20)
#define LARGEST 1024u /* always kept, of live and of dead ones */
#define DRAW_BITS 28u

/* What became of the blocks of a site. */
typedef struct stratum {
    uint64_t seen; /* without those that are among the largest */
    uint64_t kept;
    unsigned level; /* draws below 2^(DRAW_BITS - level) are kept */
} stratum;

/* Live blocks, or dead ones. */
typedef struct pool {
    ms_row *items;
    size_t count, capacity, budget;
    ms_row largest[LARGEST]; /* a heap, the smallest on top */
    size_t largest_count;
    stratum *strata; /* by site */
    size_t stratum_count, stratum_capacity;
    uint64_t seen;
} pool;

struct ms_rows {
    pool live, dead;
    ms_row *items; /* when finished: all rows */
    size_t count;
};

ms_rows *ms_rows_new(size_t budget) {
    ms_rows *rows = ms_memory_zeroed(1, sizeof *rows);
    rows->live.budget = rows->dead.budget = budget ? budget : DEFAULT_BUDGET;
    return rows;
}

static void deinit(pool *p) {
    free(p->items);
    free(p->strata);
    p->items = NULL;
    p->strata = NULL;
}

void ms_rows_free(ms_rows *rows) {
    if (!rows)
        return;
    deinit(&rows->live);
    deinit(&rows->dead);
    free(rows->items);
    free(rows);
}

/* ---- the sample ------------------------------------------------------------------------- */

static stratum *stratum_of(pool *p, uint32_t site) {
    if (site >= p->stratum_count) {
        p->strata =
            ms_memory_grow(p->strata, (size_t)site + 1, &p->stratum_capacity, sizeof *p->strata);
        memset(p->strata + p->stratum_count, 0, (site + 1 - p->stratum_count) * sizeof *p->strata);
        p->stratum_count = (size_t)site + 1;
    }
    return &p->strata[site];
}

static bool is_kept(const stratum *s, const ms_row *row) {
    return s->level < DRAW_BITS && row->draw >> (DRAW_BITS - s->level) == 0;
}

/* How many rows stay when no site keeps more than `most`. */
static uint64_t kept_at_most(const pool *p, uint64_t most) {
    uint64_t sum = 0;
    for (size_t i = 0; i < p->stratum_count; i++)
        sum += p->strata[i].kept < most ? p->strata[i].kept : most;
    return sum;
}

/* The largest number of rows each site may keep so that three quarters of the budget are left. */
static uint64_t fair_share(const pool *p) {
    uint64_t low = 1, high = p->budget;
    while (low < high) {
        uint64_t middle = low + (high - low + 1) / 2;
        if (kept_at_most(p, middle) <= p->budget / 4 * 3)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static void thin(pool *p) {
    uint64_t share = fair_share(p);
    for (size_t i = 0; i < p->stratum_count; i++) {
        stratum *s = &p->strata[i];
        for (uint64_t expected = s->kept; expected > share; expected /= 2)
            s->level++;
        s->kept = 0;
    }
    size_t kept = 0;
    for (size_t i = 0; i < p->count; i++) {
        stratum *s = &p->strata[p->items[i].site];
        if (!is_kept(s, &p->items[i]))
            continue;
        s->kept++;
        p->items[kept++] = p->items[i];
    }
    p->count = kept;
    if (kept > p->budget / 8 * 7) /* more sites than rows: each keeps one */
        p->budget *= 2;
}

static void sample(pool *p, ms_row row) {
    stratum *s = stratum_of(p, row.site);
    row.draw =
        (uint32_t)(ms_hash_u64(s->seen++ ^ ((uint64_t)row.site + 1) << 40) >> (64 - DRAW_BITS)) &
        ((1u << DRAW_BITS) - 1);
    if (!is_kept(s, &row))
        return;
    if (p->count >= p->budget) {
        thin(p);
        s = stratum_of(p, row.site);
        if (!is_kept(s, &row))
            return;
    }
    p->items = ms_memory_grow(p->items, p->count + 1, &p->capacity, sizeof *p->items);
    p->items[p->count++] = row;
    s->kept++;
}

/* ---- the largest ------------------------------------------------------------------------ */

static void sift_down(pool *p, size_t i) {
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= p->largest_count)
            return;
        if (child + 1 < p->largest_count && p->largest[child + 1].size < p->largest[child].size)
            child++;
        if (p->largest[i].size <= p->largest[child].size)
            return;
        ms_row row = p->largest[i];
        p->largest[i] = p->largest[child];
        p->largest[child] = row;
        i = child;
    }
}

static void sift_up(pool *p, size_t i) {
    while (i && p->largest[i].size < p->largest[(i - 1) / 2].size) {
        ms_row row = p->largest[i];
        p->largest[i] = p->largest[(i - 1) / 2];
        p->largest[(i - 1) / 2] = row;
        i = (i - 1) / 2;
    }
}

void ms_rows_add(ms_rows *rows, const ms_row *row) {
    bool lives = row->end == MS_ROW_LIVE || row->end == MS_ROW_UNCERTAIN;
    pool *p = lives ? &rows->live : &rows->dead;
    p->seen++;
    if (p->largest_count < LARGEST) {
        p->largest[p->largest_count] = *row;
        sift_up(p, p->largest_count++);
    } else if (row->size > p->largest[0].size) {
        sample(p, p->largest[0]);
        p->largest[0] = *row;
        sift_down(p, 0);
    } else {
        sample(p, *row);
    }
}

/* ---- the end ---------------------------------------------------------------------------- */

/* What a row stands for takes the place of the sampling weight it came with, times that. */
static void take(ms_rows *rows, pool *p, const uint32_t *site_of, size_t sites) {
    for (size_t i = 0; i < p->count + p->largest_count; i++) {
        bool large = i >= p->count;
        ms_row row = large ? p->largest[i - p->count] : p->items[i];
        if (row.site >= sites)
            continue;
        if (!large)
            row.weight *= (double)p->strata[row.site].seen / (double)p->strata[row.site].kept;
        row.site = site_of[row.site];
        rows->items[rows->count++] = row;
    }
    deinit(p);
}

static int by_birth(const void *a, const void *b) {
    const ms_row *x = a, *y = b;
    if (x->born_us != y->born_us)
        return x->born_us < y->born_us ? -1 : 1;
    if (x->born != y->born)
        return x->born < y->born ? -1 : 1;
    if (x->address != y->address)
        return x->address < y->address ? -1 : 1;
    return (x->died_us > y->died_us) - (x->died_us < y->died_us);
}

void ms_rows_finish(ms_rows *rows, const uint32_t *site_of, size_t count) {
    size_t all =
        rows->live.count + rows->live.largest_count + rows->dead.count + rows->dead.largest_count;
    rows->items = ms_memory_zeroed(all + 1, sizeof *rows->items);
    take(rows, &rows->live, site_of, count);
    take(rows, &rows->dead, site_of, count);
    qsort(rows->items, rows->count, sizeof *rows->items, by_birth);
}

size_t ms_rows_count(const ms_rows *rows) {
    return rows->count;
}

uint64_t ms_rows_seen(const ms_rows *rows) {
    return rows->live.seen + rows->dead.seen;
}

const char *ms_row_end_name(ms_row_end end) {
    static const char *const names[MS_ROW_ENDS] = {
        [MS_ROW_LIVE] = "live",       [MS_ROW_UNCERTAIN] = "uncertain",
        [MS_ROW_FREED] = "freed",     [MS_ROW_REALLOCATED] = "reallocated",
        [MS_ROW_IMPLIED] = "implied",
    };
    return names[end];
}

/* How many rows were born before an event, or, `by_time`, before a moment. */
static size_t born_before(const ms_rows *rows, uint64_t limit, bool by_time) {
    size_t low = 0, high = rows->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const ms_row *row = &rows->items[middle];
        if ((by_time ? row->born_us : row->born) < limit)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t births_at_death(const ms_rows *rows, const ms_row *row) {
    if (row->died == UINT64_MAX)
        return MS_UNKNOWN;
    size_t before = born_before(rows, row->died, false);
    size_t earlier = born_before(rows, row->died_us, true);
    return before > earlier ? before - earlier : 0;
}

static uint64_t thread_id(const ms_model *model, uint32_t index) {
    return index < model->threads.count ? model->threads.items[index].id : MS_UNKNOWN;
}

void ms_rows_at(const ms_model *model, size_t index, ms_allocation *record) {
    const ms_row *row = &model->rows->items[index];
    bool task = row->task && row->task <= model->task_id_count;
    bool scope = row->scope && row->scope <= model->scopes.count;
    *record = (ms_allocation){
        .site = model->sites.items[row->site].id,
        .address = model->capture.addresses ? row->address : MS_UNKNOWN,
        .size = row->size,
        .born_ns = row->born_us * 1000,
        .died_ns = row->died_us == UINT64_MAX ? MS_UNKNOWN : row->died_us * 1000,
        .end = ms_row_end_name(row->end),
        .thread_id = thread_id(model, row->thread),
        .freed_by = thread_id(model, row->freed_by),
        .task_id = task ? model->task_ids[row->task - 1] : MS_UNKNOWN,
        .scope_id = scope ? model->scopes.items[row->scope - 1].id : MS_UNKNOWN,
        .stands_for = row->weight,
        .births_at_death = births_at_death(model->rows, row),
    };
}
