/* What the program says, as far as it is not about a thing at some address. */
#include "load/keep.h"

#include <string.h>

#include "util/memory.h"

_Static_assert(sizeof(ms_declared_count) == 32 && sizeof(ms_declared_member) == 24 &&
                   sizeof(ms_declared) == 120 && sizeof(ms_misuse_count) == 32 &&
                   sizeof(ms_snapshot_count) == 48,
               "words have changed: does checkpoint_words.def have all of them?");

/* ---- places ----------------------------------------------------------------------------- */

void ms_save_places(ms_saving *s, ms_checkpoint *c) {
    const ms_places *places = &c->replay->notes.places;
    for (size_t i = 0; i < places->count; i++) {
        const ms_place *p = &places->items[i];
        MS_SAVE(s, ms_kept_place, p->id, p->line, p->kind, p->defined, p->text);
    }
}

bool ms_take_places(ms_checkpoint *c, const ms_kept_place *rows, size_t count) {
    ms_places *places = &c->replay->notes.places;
    for (size_t i = 0; i < count; i++) {
        size_t had = places->count;
        ms_event event = {.kind = MS_EVENT_SITE,
                          .size = rows[i].line,
                          .number = rows[i].kind,
                          .text = rows[i].text,
                          .site = rows[i].id};
        if (ms_places_of(places, rows[i].id) != had + 1)
            return false; /* none, twice, or too many */
        if (rows[i].defined)
            ms_places_define(places, &event);
    }
    return true;
}

/* ---- types ------------------------------------------------------------------------------ */

void ms_save_declared(ms_saving *s, ms_checkpoint *c) {
    const ms_declared *d = &c->replay->notes.declared;
    ms_save_rows(s, d->items, d->count);
}

bool ms_take_declared(ms_checkpoint *c, const ms_declared_count *rows, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!ms_declared_restore(&c->replay->notes.declared, rows[i]))
            return false;
    return true;
}

void ms_save_fields(ms_saving *s, ms_checkpoint *c) {
    const ms_declared *d = &c->replay->notes.declared;
    for (size_t i = 0; i < d->count; i++)
        for (uint32_t f = d->items[i].first; f; f = d->members[f - 1].next)
            MS_SAVE(s, ms_kept_field, (uint32_t)i, d->members[f - 1]);
}

bool ms_take_fields(ms_checkpoint *c, const ms_kept_field *rows, size_t count) {
    ms_declared *d = &c->replay->notes.declared;
    for (size_t i = 0; i < count; i++)
        if (!ms_declared_restore_field(d, rows[i].type, rows[i].field))
            return false;
    return true;
}

void ms_save_describing(ms_saving *s, ms_checkpoint *c) {
    const ms_replay *r = c->replay;
    for (uint32_t thread = 0; thread < r->thread_count; thread++) {
        uint32_t type = ms_declared_by(&r->notes.declared, thread);
        if (type)
            MS_SAVE(s, ms_kept_describing, thread, type);
    }
}

bool ms_take_describing(ms_checkpoint *c, const ms_kept_describing *rows, size_t count) {
    ms_declared *d = &c->replay->notes.declared;
    for (size_t i = 0; i < count; i++)
        if (!ms_declared_restore_thread(d, rows[i].thread, rows[i].type))
            return false;
    return true;
}

/* ---- the rest --------------------------------------------------------------------------- */

void ms_save_misuses(ms_saving *s, ms_checkpoint *c) {
    const ms_misuses *m = &c->replay->notes.misuses;
    ms_save_rows(s, m->items, m->count);
}

bool ms_take_misuses(ms_checkpoint *c, const ms_misuse_count *rows, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!ms_misuses_restore(&c->replay->notes.misuses, rows[i]))
            return false;
    return true;
}

void ms_save_snapshots(ms_saving *s, ms_checkpoint *c) {
    ms_save_rows(s, c->replay->notes.snapshots, c->replay->notes.snapshot_count);
}

bool ms_take_snapshots(ms_checkpoint *c, const ms_snapshot_count *rows, size_t count) {
    ms_notes *n = &c->replay->notes;
    if (count > MS_SNAPSHOTS_MAX - n->snapshot_count)
        return false;
    n->snapshots = ms_memory_grow(n->snapshots, n->snapshot_count + count, &n->snapshot_capacity,
                                  sizeof *n->snapshots);
    memcpy(n->snapshots + n->snapshot_count, rows, count * sizeof *rows);
    n->snapshot_count += count;
    return true;
}
