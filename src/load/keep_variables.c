/* What the program tracks. */
#include "load/keep.h"

#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

_Static_assert(sizeof(ms_variable_count) == 144 && sizeof(ms_change_count) == 56 &&
                   sizeof(ms_heir) == 12 && sizeof(ms_variables_here) == 64 &&
                   sizeof(ms_variables) == 136,
               "variables have changed: does checkpoint_words.def have all of them?");

/* ---- by place --------------------------------------------------------------------------- */

void ms_save_tracked(ms_saving *s, ms_checkpoint *c) {
    ms_variables *v = &c->replay->notes.variables;
    for (size_t i = 0; i < v->here_count; i++) {
        ms_share_settle(&v->here[i].live, c->replay->peak);
        if (v->here[i].variables)
            MS_SAVE(s, ms_kept_tracked, (uint32_t)i, v->here[i]);
    }
}

bool ms_take_tracked(ms_checkpoint *c, const ms_kept_tracked *rows, size_t count) {
    ms_variables *v = &c->replay->notes.variables;
    for (size_t i = 0; i < count; i++) {
        ms_variables_here *here = ms_variables_here_of(v, rows[i].place);
        if (here->variables || !rows[i].here.variables)
            return false; /* twice, or nothing */
        *here = rows[i].here;
        here->live.peak = c->replay->peak;
    }
    return true;
}

/* ---- variables -------------------------------------------------------------------------- */

void ms_save_variables(ms_saving *s, ms_checkpoint *c) {
    const ms_variables *v = &c->replay->notes.variables;
    ms_save_rows(s, v->items, v->count);
}

static bool is_end(unsigned kind) {
    return kind >= MS_CHANGE_ENDS && kind < MS_CHANGE_KINDS;
}

/* One that lives is dead until `alive` says so. */
bool ms_take_variables(ms_checkpoint *c, const ms_variable_count *rows, size_t count) {
    ms_variables *v = &c->replay->notes.variables;
    if (count > MS_VARIABLES_MAX - v->count)
        return false;
    v->items = ms_memory_grow(v->items, v->count + count, &v->capacity, sizeof *v->items);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].end && !is_end(rows[i].end))
            return false;
        ms_variable_count *variable = &v->items[v->count++];
        *variable = rows[i];
        variable->dead = true;
        if (!variable->end)
            variable->end = MS_CHANGE_LOST;
    }
    return true;
}

static void save_changes(ms_saving *s, const ms_variables *v, uint32_t variable) {
    for (uint32_t i = v->items[variable].first; i; i = v->changes[i - 1].next)
        MS_SAVE(s, ms_kept_change, variable, v->changes[i - 1]);
}

void ms_save_changes(ms_saving *s, ms_checkpoint *c) {
    const ms_variables *v = &c->replay->notes.variables;
    for (size_t i = 0; i < v->count; i++)
        save_changes(s, v, (uint32_t)i);
}

bool ms_take_changes(ms_checkpoint *c, const ms_kept_change *rows, size_t count) {
    ms_variables *v = &c->replay->notes.variables;
    for (size_t i = 0; i < count; i++)
        if (rows[i].change.kind >= MS_CHANGE_ENDS || rows[i].variable >= v->count ||
            !ms_variables_restore_change(v, rows[i].variable + 1, rows[i].change))
            return false;
    return true;
}

void ms_save_heirs(ms_saving *s, ms_checkpoint *c) {
    const ms_variables *v = &c->replay->notes.variables;
    ms_save_rows(s, v->heirs, v->heir_count);
}

bool ms_take_heirs(ms_checkpoint *c, const ms_heir *rows, size_t count) {
    ms_variables *v = &c->replay->notes.variables;
    if (v->heir_count + count > 2 * v->count)
        return false;
    v->heirs = ms_memory_grow(v->heirs, v->heir_count + count, &v->heir_capacity, sizeof *rows);
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].owner || rows[i].owner > v->count || !rows[i].heir || rows[i].heir > v->count)
            return false;
        v->heirs[v->heir_count++] = rows[i];
    }
    return true;
}

/* The latest of an address comes first. */
static void save_excused(ms_saving *s, const ms_variables *v, ms_kept_ended first) {
    uint32_t chain[MS_VARIABLES_HERE];
    size_t count = 0;
    for (uint32_t i = first.variable; i && v->items[i - 1].dead && count < MS_VARIABLES_HERE;
         i = v->items[i - 1].next)
        chain[count++] = i;
    while (count)
        MS_SAVE(s, ms_kept_ended, first.address, chain[--count]);
}

static int by_address(const void *a, const void *b) {
    const ms_kept_ended *x = a, *y = b;
    return (x->address > y->address) - (x->address < y->address);
}

void ms_save_ended(ms_saving *s, ms_checkpoint *c) {
    const ms_variables *v = &c->replay->notes.variables;
    size_t count = 0, at = 0;
    if (v->left_out)
        return; /* of nothing that is untracked can be said that it was not tracked */
    ms_kept_ended *firsts = ms_memory_zeroed(v->ended.count + 1, sizeof *firsts);
    while (ms_map_next(&v->ended, &at, &firsts[count].address, &firsts[count].variable))
        count++;
    if (count)
        qsort(firsts, count, sizeof *firsts, by_address);
    for (size_t i = 0; i < count; i++)
        save_excused(s, v, firsts[i]);
    free(firsts);
}

bool ms_take_ended(ms_checkpoint *c, const ms_kept_ended *rows, size_t count) {
    ms_variables *v = &c->replay->notes.variables;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].variable > v->count)
            return false;
        if (rows[i].variable)
            ms_variables_excuse(v, rows[i].address, rows[i].variable);
    }
    return true;
}

/* ---- the living ------------------------------------------------------------------------- */

/* Of the variables at an address the latest comes first. */
static void save_chain(ms_saving *s, const ms_variables *v, uint32_t variable, uint32_t **chain,
                       size_t *capacity) {
    size_t count = 0;
    for (; variable; variable = v->items[variable - 1].next) {
        *chain = ms_memory_grow(*chain, count + 1, capacity, sizeof **chain);
        (*chain)[count++] = variable;
    }
    while (count)
        MS_SAVE(s, ms_kept_row, (*chain)[--count] - 1);
}

void ms_save_alive(ms_saving *s, ms_checkpoint *c) {
    const ms_notes *n = &c->replay->notes;
    uint64_t *addresses = ms_memory_zeroed(n->anchors.count, sizeof *addresses);
    uint32_t *chain = NULL;
    size_t capacity = 0;
    ms_anchors_list(&n->anchors, addresses);
    for (size_t i = 0; i < n->anchors.count; i++)
        save_chain(s, &n->variables, ms_anchors_find(&n->anchors, addresses[i])->variables, &chain,
                   &capacity);
    free(chain);
    free(addresses);
}

bool ms_take_alive(ms_checkpoint *c, const ms_kept_row *rows, size_t count) {
    ms_notes *n = &c->replay->notes;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].row >= n->variables.count)
            return false;
        ms_anchor *anchor = ms_anchors_find(&n->anchors, n->variables.items[rows[i].row].address);
        if (!anchor ||
            !ms_variables_restore_life(&n->variables, rows[i].row + 1, anchor, c->replay->peak))
            return false;
    }
    return true;
}
