/* Counted objects, blocks over a boundary, containers. */
#include "load/keep.h"

#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

_Static_assert(sizeof(ms_reference_count) == 176 && sizeof(ms_holder_count) == 24 &&
                   sizeof(ms_passport_count) == 64 && sizeof(ms_done) == 40 &&
                   sizeof(ms_container_count) == 128 && sizeof(ms_references) == 72 &&
                   sizeof(ms_passports) == 64 && sizeof(ms_containers) == 32,
               "objects have changed: does checkpoint_words.def have all of them?");

/* ---- references ------------------------------------------------------------------------- */

void ms_save_references(ms_saving *s, ms_checkpoint *c) {
    const ms_references *r = &c->replay->notes.references;
    ms_save_rows(s, r->items, r->count);
}

/* Who adds to the count may do so for a while. */
static bool is_count(int64_t count) {
    return count > -2 * MS_COUNT_MAX && count < 2 * MS_COUNT_MAX;
}

bool ms_take_references(ms_checkpoint *c, const ms_reference_count *rows, size_t count) {
    ms_references *r = &c->replay->notes.references;
    if (count > MS_REFERENCES_MAX - r->count)
        return false;
    r->items = ms_memory_grow(r->items, r->count + count, &r->capacity, sizeof *r->items);
    for (size_t i = 0; i < count; i++) {
        if (!is_count(rows[i].count) || rows[i].variable > c->replay->notes.variables.count)
            return false;
        r->items[r->count++] = rows[i];
    }
    return true;
}

static void save_holders(ms_saving *s, const ms_references *r, uint32_t reference) {
    uint32_t list[MS_HOLDERS_EACH];
    size_t count = 0;
    for (uint32_t i = r->items[reference].holders.first; i; i = r->holders.items[i - 1].next)
        list[count++] = i;
    while (count) /* the latest comes first */
        MS_SAVE(s, ms_kept_holder, reference, r->holders.items[list[--count] - 1]);
}

void ms_save_holders(ms_saving *s, ms_checkpoint *c) {
    const ms_references *r = &c->replay->notes.references;
    for (size_t i = 0; i < r->count; i++)
        save_holders(s, r, (uint32_t)i);
}

bool ms_take_holders(ms_checkpoint *c, const ms_kept_holder *rows, size_t count) {
    ms_references *r = &c->replay->notes.references;
    for (size_t i = 0; i < count; i++)
        if (rows[i].reference >= r->count ||
            !ms_holders_restore(&r->holders, &r->items[rows[i].reference].holders, rows[i].holder))
            return false;
    return true;
}

/* ---- passports -------------------------------------------------------------------------- */

void ms_save_passports(ms_saving *s, ms_checkpoint *c) {
    const ms_passports *p = &c->replay->notes.passports;
    ms_save_rows(s, p->items, p->count);
}

bool ms_take_passports(ms_checkpoint *c, const ms_passport_count *rows, size_t count) {
    ms_passports *p = &c->replay->notes.passports;
    if (count > MS_PASSPORTS_MAX - p->count)
        return false;
    p->items = ms_memory_grow(p->items, p->count + count, &p->capacity, sizeof *p->items);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].custody >= MS_CUSTODY_KINDS || rows[i].freer > c->replay->crossings.freer_count)
            return false;
        p->items[p->count++] = rows[i];
    }
    return true;
}

static int by_address(const void *a, const void *b) {
    const ms_kept_over *x = a, *y = b;
    return (x->address > y->address) - (x->address < y->address);
}

void ms_save_over(ms_saving *s, ms_checkpoint *c) {
    const ms_map *over = &c->replay->notes.passports.over;
    size_t count = 0, at = 0;
    if (c->replay->notes.passports.left_out)
        return; /* numbers may have changed */
    ms_kept_over *rows = ms_memory_zeroed(over->count + 1, sizeof *rows);
    while (ms_map_next(over, &at, &rows[count].address, &rows[count].passport))
        rows[count++].passport--;
    if (count)
        qsort(rows, count, sizeof *rows, by_address);
    ms_save_rows(s, rows, count);
    free(rows);
}

bool ms_take_over(ms_checkpoint *c, const ms_kept_over *rows, size_t count) {
    ms_passports *p = &c->replay->notes.passports;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].passport >= p->count)
            return false;
        ms_passports_close(p, rows[i].address, rows[i].passport);
    }
    return true;
}

/* ---- acts ------------------------------------------------------------------------------- */

static void save_acts(ms_saving *s, const ms_acts *acts, uint32_t owner, bool is_passport,
                      const ms_act_list *list) {
    for (uint32_t i = list->first; i; i = acts->items[i - 1].next)
        MS_SAVE(s, ms_kept_act, owner, is_passport, acts->items[i - 1]);
}

void ms_save_acts(ms_saving *s, ms_checkpoint *c) {
    const ms_notes *n = &c->replay->notes;
    for (size_t i = 0; i < n->references.count; i++)
        save_acts(s, &n->acts, (uint32_t)i, false, &n->references.items[i].acts);
    for (size_t i = 0; i < n->passports.count; i++)
        save_acts(s, &n->acts, (uint32_t)i, true, &n->passports.items[i].acts);
}

/* NULL: there is no such owner. */
static ms_act_list *acts_of(ms_notes *n, const ms_kept_act *row) {
    if (row->passport)
        return row->owner < n->passports.count ? &n->passports.items[row->owner].acts : NULL;
    return row->owner < n->references.count ? &n->references.items[row->owner].acts : NULL;
}

bool ms_take_acts(ms_checkpoint *c, const ms_kept_act *rows, size_t count) {
    ms_notes *n = &c->replay->notes;
    for (size_t i = 0; i < count; i++) {
        ms_act_list *list = acts_of(n, &rows[i]);
        if (!list || !ms_acts_restore(&n->acts, list, rows[i].act))
            return false;
    }
    return true;
}

/* ---- containers ------------------------------------------------------------------------- */

void ms_save_containers(ms_saving *s, ms_checkpoint *c) {
    const ms_containers *containers = &c->replay->notes.containers;
    ms_save_rows(s, containers->items, containers->count);
}

bool ms_take_containers(ms_checkpoint *c, const ms_container_count *rows, size_t count) {
    ms_containers *to = &c->replay->notes.containers;
    if (count > MS_CONTAINERS_MAX - to->count)
        return false;
    to->items = ms_memory_grow(to->items, to->count + count, &to->capacity, sizeof *to->items);
    memcpy(to->items + to->count, rows, count * sizeof *rows);
    to->count += count;
    return true;
}
