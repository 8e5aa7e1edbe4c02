#include "load/variables.h"

#include <stdlib.h>
#include <string.h>

#include "load/live.h"
#include "util/memory.h"

_Static_assert(sizeof(ms_variable_count) <= 144, "there may be a million of them");

void ms_variables_init(ms_variables *v, ms_arena *arena) {
    *v = (ms_variables){0};
    ms_map_init(&v->ended, arena);
}

void ms_variables_deinit(ms_variables *v) {
    free(v->items);
    free(v->changes);
    free(v->heirs);
    free(v->here);
    v->items = NULL;
    v->changes = NULL;
    v->heirs = NULL;
    v->here = NULL;
}

static ms_variable_count *at(const ms_variables *v, uint32_t variable) {
    return &v->items[variable - 1];
}

/* ---- of a place ------------------------------------------------------------------------- */

ms_variables_here *ms_variables_here_of(ms_variables *v, uint32_t place) {
    if (place >= v->here_count) {
        v->here = ms_memory_grow(v->here, (size_t)place + 1, &v->here_capacity, sizeof *v->here);
        memset(v->here + v->here_count, 0, (place + 1 - v->here_count) * sizeof *v->here);
        v->here_count = (size_t)place + 1;
    }
    return &v->here[place];
}

static void count_alive(ms_variables *v, const ms_variable_count *variable, uint64_t peak) {
    ms_share_add(&ms_variables_here_of(v, variable->place)->live, peak, variable->size);
}

static void count_gone(ms_variables *v, const ms_variable_count *variable, uint64_t peak) {
    ms_share_remove(&ms_variables_here_of(v, variable->place)->live, peak, variable->size);
}

/* ---- changes ---------------------------------------------------------------------------- */

static void append(ms_variables *v, ms_variable_count *variable, ms_change_count change) {
    v->changes =
        ms_memory_grow(v->changes, v->change_count + 1, &v->change_capacity, sizeof *v->changes);
    v->changes[v->change_count] = change;
    uint32_t number = (uint32_t)++v->change_count;
    if (variable->last)
        v->changes[variable->last - 1].next = number;
    else
        variable->first = number;
    variable->last = number;
    variable->listed++;
}

static bool has_room(const ms_variables *v, const ms_variable_count *variable) {
    return variable->listed < MS_CHANGES_EACH && v->change_count < MS_CHANGES_MAX;
}

static void shorten(ms_variables *v, ms_variable_count *variable, uint32_t steps) {
    if (variable->listed <= steps)
        return;
    variable->listed = 0;
    variable->last = 0;
    for (uint32_t i = variable->first; variable->listed < steps; i = v->changes[i - 1].next) {
        variable->last = i;
        variable->listed++;
    }
    if (variable->last)
        v->changes[variable->last - 1].next = 0;
    else
        variable->first = 0;
}

uint32_t ms_variables_shorten(ms_variables *v, uint32_t steps) {
    uint32_t longest = 0;
    for (size_t i = 0; i < v->count; i++) {
        shorten(v, &v->items[i], steps);
        longest = v->items[i].listed > longest ? v->items[i].listed : longest;
    }
    return longest;
}

/* Does the block begin anew, at a site of its own? */
static bool is_birth(ms_change_kind kind) {
    return kind == MS_CHANGE_RESIZED || kind == MS_CHANGE_MOVED;
}

static void note(ms_variables *v, ms_variable_count *variable, ms_change_kind kind,
                 const ms_said *said) {
    bool is_next = variable->changes == variable->listed; /* none was left out before */
    variable->changes += variable->changes < UINT32_MAX;
    if (!is_next || !has_room(v, variable))
        return;
    append(v, variable,
           (ms_change_count){.time_us = said->now_us,
                             .address = variable->address,
                             .size = variable->size,
                             .value = said->number,
                             .thread = said->thread,
                             .site = is_birth(kind) ? said->block_site : MS_NO_SITE,
                             .stack = ms_said_stack(said),
                             .kind = (uint8_t)kind});
}

void ms_variables_note(ms_variables *v, const ms_anchor *anchor, ms_change_kind kind,
                       const ms_said *said) {
    for (uint32_t i = anchor->variables; i; i = at(v, i)->next)
        note(v, at(v, i), kind, said);
}

/* ---- begin ------------------------------------------------------------------------------ */

/* Of the variables at the address the one of that name, index + 1; 0: none. `*alive`: all there. */
static uint32_t find(const ms_variables *v, const ms_anchor *anchor, const ms_places *places,
                     uint32_t place, uint32_t *alive) {
    *alive = 0;
    for (uint32_t i = anchor ? anchor->variables : 0; i; i = at(v, i)->next) {
        ++*alive;
        if (ms_places_same_name(places, at(v, i)->place, place))
            return i;
    }
    return 0;
}

uint32_t ms_variables_find(const ms_variables *v, const ms_anchor *anchor, const ms_places *places,
                           uint32_t place) {
    uint32_t alive;
    return find(v, anchor, places, place, &alive);
}

static void set_type(ms_variables *v, uint32_t variable, uint32_t place) {
    at(v, variable)->typed = place;
    ms_variables_here_of(v, at(v, variable)->place)->typed = place;
}

static void begin(ms_variables *v, ms_anchor *anchor, const ms_said *said) {
    v->items = ms_memory_grow(v->items, v->count + 1, &v->capacity, sizeof *v->items);
    ms_variable_count *variable = &v->items[v->count++];
    *variable = (ms_variable_count){.address = said->address,
                                    .block = said->block,
                                    .size = ms_said_size(said),
                                    .value = said->number,
                                    .born_address = said->address,
                                    .born_us = said->now_us,
                                    .block_us = said->block_us,
                                    .block_maker = said->block_maker,
                                    .block_site = said->block_site,
                                    .place = said->place,
                                    .typed = said->place,
                                    .scope = said->scope,
                                    .task = said->task,
                                    .thread = said->thread,
                                    .next = anchor->variables,
                                    .ended_by = MS_NOBODY,
                                    .tracked_at = ms_said_stack(said),
                                    .pointer = said->old != 0,
                                    .on_block = said->block != 0};
    variable->born_size = variable->size;
    anchor->variables = (uint32_t)v->count;
    ms_variables_here *here = ms_variables_here_of(v, said->place);
    here->variables++;
    here->bytes += variable->size;
    here->typed = said->place;
    count_alive(v, variable, said->peak);
}

/* It is tracked again: it has another value, or stands on another block by now. */
static void begin_again(ms_variables *v, ms_variable_count *variable, const ms_said *said) {
    count_gone(v, variable, said->peak);
    variable->size = ms_said_size(said);
    variable->block = said->block;
    count_alive(v, variable, said->peak);
    note(v, variable, MS_CHANGE_VALUE, said);
}

void ms_variables_track(ms_variables *v, ms_anchors *anchors, const ms_places *places,
                        const ms_said *said) {
    uint32_t alive;
    ms_anchor *anchor = ms_anchors_find(anchors, said->address);
    uint32_t known = find(v, anchor, places, said->place, &alive);
    if (known)
        begin_again(v, at(v, known), said);
    else if (v->count == MS_VARIABLES_MAX || alive == MS_VARIABLES_HERE || said->address == 0)
        v->left_out++;
    else
        begin(v, ms_anchors_at(anchors, said->address, said->block), said);
}

/* ---- end -------------------------------------------------------------------------------- */

static void end(ms_variables *v, ms_variable_count *variable, ms_change_kind kind,
                const ms_said *said) {
    count_gone(v, variable, said->peak);
    variable->dead = true;
    variable->died_us = said->now_us;
    variable->end = (uint8_t)kind;
    variable->ended_by = said->thread;
    variable->ended_at = ms_said_stack(said);
    variable->next = 0;
}

/* Takes a variable off its chain. */
static void unhook(ms_variables *v, ms_anchor *anchor, uint32_t variable) {
    uint32_t *link = &anchor->variables;
    while (*link != variable)
        link = &at(v, *link)->next;
    *link = at(v, variable)->next;
}

/* ---- who is untracked afterwards -------------------------------------------------------- */

void ms_variables_excuse(ms_variables *v, uint64_t address, uint32_t variable) {
    uint32_t *first = ms_map_at(&v->ended, address, NULL);
    at(v, variable)->next = *first;
    *first = variable;
}

/* Of blocks that were there before nobody speaks any more; but the latest variable may have been given
 * this one. */
static void forget_excused(ms_variables *v, uint64_t address, uint64_t born_us) {
    uint32_t *first = ms_map_at(&v->ended, address, NULL);
    bool given = *first && at(v, *first)->end == MS_CHANGE_GIVEN;
    if (!given || at(v, *first)->died_us < born_us)
        *first = 0;
}

/* Of those that have ended at the address the one of that name, or, when `any` will do, the first; it is
 * excused no longer. */
static bool take_excuse(ms_variables *v, const ms_places *places, const ms_said *said, bool any) {
    uint32_t i = ms_map_get(&v->ended, said->address);
    for (unsigned n = 0; n < MS_VARIABLES_HERE && i && at(v, i)->dead; n++) {
        ms_variable_count *variable = at(v, i);
        bool meant = any || ms_places_same_name(places, variable->place, said->place);
        if (meant && !variable->excused) {
            variable->excused = true;
            return true;
        }
        i = variable->next;
    }
    return false;
}

bool ms_variables_freed(const ms_variables *v, uint64_t address) {
    uint32_t latest = ms_map_get(&v->ended, address);
    const ms_variable_count *variable = latest ? at(v, latest) : NULL;
    return variable && variable->dead && variable->end == MS_CHANGE_FREED && variable->on_block &&
           variable->size < MS_MAPPED_MIN;
}

/* What several threads say of an address may be read in another order than it was said in. */
static bool is_uncertain(const ms_variables *v, const ms_said *said) {
    uint32_t latest = ms_map_get(&v->ended, said->address);
    return latest &&
           (at(v, latest)->thread != said->thread || at(v, latest)->ended_by != said->thread);
}

/* What begins and ends variables by one word, as MEMSCOPE_OWNED does, has begun this one. */
static bool has_tracked(ms_variables *v, uint32_t place) {
    return place && ms_variables_here_of(v, place)->variables;
}

bool ms_variables_untrack(ms_variables *v, ms_anchors *anchors, const ms_places *places,
                          const ms_said *said) {
    uint32_t alive;
    ms_anchor *anchor = ms_anchors_find(anchors, said->address);
    uint32_t variable = find(v, anchor, places, said->place, &alive);
    if (!variable && (take_excuse(v, places, said, false) || has_tracked(v, said->place)))
        return true;
    if (!variable && anchor) /* by another name */
        variable = anchor->variables;
    if (!variable)
        return v->left_out || is_uncertain(v, said) ||
               (!said->block && take_excuse(v, places, said, true));
    unhook(v, anchor, variable);
    end(v, at(v, variable), MS_CHANGE_UNTRACKED, said);
    ms_anchors_tidy(anchors, anchor);
    return true;
}

uint32_t ms_variables_leave(ms_variables *v, ms_anchors *anchors, const ms_said *said) {
    ms_anchor *anchor = ms_anchors_find(anchors, said->address);
    uint32_t variable = anchor && !said->block ? anchor->variables : 0;
    while (variable && at(v, variable)->thread != said->thread)
        variable = at(v, variable)->next;
    if (!variable)
        return 0;
    unhook(v, anchor, variable);
    end(v, at(v, variable), MS_CHANGE_OUT_OF_SCOPE, said);
    ms_anchors_tidy(anchors, anchor);
    return at(v, variable)->place;
}

void ms_variables_end(ms_variables *v, ms_anchor *anchor, ms_change_kind kind,
                      const ms_said *said) {
    if (anchor->variables)
        forget_excused(v, said->address, at(v, anchor->variables)->born_us);
    for (uint32_t i = anchor->variables, next; i; i = next) {
        next = at(v, i)->next;
        end(v, at(v, i), kind, said);
        ms_variables_excuse(v, said->address, i);
    }
    anchor->variables = 0;
}

/* ---- owners ----------------------------------------------------------------------------- */

/* A fresh heir has one first owner, an owner gives once: the list is bounded by the variables. */
static void add_heir(ms_variables *v, ms_heir heir) {
    if (!heir.owner || !heir.heir || !(heir.fresh || heir.given))
        return;
    v->heirs = ms_memory_grow(v->heirs, v->heir_count + 1, &v->heir_capacity, sizeof *v->heirs);
    v->heirs[v->heir_count++] = heir;
}

/* The variable of `said` is of the type of `owner`, for its place names that one instead. */
static void track_heir(ms_variables *v, ms_anchors *anchors, const ms_places *places,
                       const ms_said *said, uint32_t owner, bool given) {
    size_t count = v->count;
    uint32_t type = owner ? at(v, owner)->typed : 0;
    ms_variables_track(v, anchors, places, said);
    const ms_anchor *anchor = ms_anchors_find(anchors, said->address);
    uint32_t heir = ms_variables_find(v, anchor, places, said->place);
    bool fresh = v->count > count;
    if (fresh)
        set_type(v, heir, type);
    add_heir(v, (ms_heir){.owner = owner, .heir = heir, .given = given, .fresh = fresh});
}

/* Of those at the address the latest that has another name, index + 1; 0: none. */
static uint32_t other_than(const ms_variables *v, const ms_anchor *anchor, const ms_places *places,
                           uint32_t place) {
    uint32_t i = anchor ? anchor->variables : 0;
    while (i && ms_places_same_name(places, at(v, i)->place, place))
        i = at(v, i)->next;
    return i;
}

void ms_variables_give(ms_variables *v, ms_anchors *anchors, const ms_places *places,
                       const ms_said *said) {
    ms_anchor *from = ms_anchors_find(anchors, said->old);
    uint32_t owner = other_than(v, from, places, said->place);
    if (owner) {
        unhook(v, from, owner);
        end(v, at(v, owner), MS_CHANGE_GIVEN, said);
        ms_variables_excuse(v, said->old, owner);
        ms_anchors_tidy(anchors, from);
    }
    track_heir(v, anchors, places, said, owner, true);
}

void ms_variables_share(ms_variables *v, ms_anchors *anchors, const ms_places *places,
                        const ms_said *said) {
    const ms_anchor *from = ms_anchors_find(anchors, said->old);
    uint32_t owner = other_than(v, from, places, said->place);
    if (owner)
        note(v, at(v, owner), MS_CHANGE_SHARED, said);
    track_heir(v, anchors, places, said, owner, false);
}

/* As many may read as like, or one may change. */
bool ms_variables_borrow(ms_variables *v, const ms_anchor *anchor, const ms_said *said) {
    bool conflict = false, change = said->number != 0;
    for (uint32_t i = anchor->variables; i; i = at(v, i)->next) {
        ms_variable_count *variable = at(v, i);
        if (variable->lent || (change && variable->readers)) {
            conflict = true;
            note(v, variable, MS_CHANGE_CONFLICT, said);
        }
        variable->lent |= change;
        variable->readers =
            (uint16_t)(variable->readers + (!change && variable->readers < UINT16_MAX));
        note(v, variable, change ? MS_CHANGE_BORROWED_MUT : MS_CHANGE_BORROWED, said);
    }
    return !conflict;
}

void ms_variables_return(ms_variables *v, const ms_anchor *anchor, const ms_said *said) {
    for (uint32_t i = anchor->variables; i; i = at(v, i)->next) {
        ms_variable_count *variable = at(v, i);
        if (said->number)
            variable->lent = false;
        else
            variable->readers = (uint16_t)(variable->readers - (variable->readers > 0));
        note(v, variable, MS_CHANGE_RETURNED, said);
    }
}

/* ---- blocks that move ------------------------------------------------------------------- */

static void move(ms_variables *v, ms_variable_count *variable, const ms_said *said) {
    count_gone(v, variable, said->peak);
    variable->address = said->address;
    variable->block = said->block;
    if (said->block && (variable->pointer || ms_said_is_block(said)))
        variable->size = said->block_size;
    count_alive(v, variable, said->peak);
    note(v, variable, said->old == said->address ? MS_CHANGE_RESIZED : MS_CHANGE_MOVED, said);
}

void ms_variables_move(ms_variables *v, uint32_t chain, ms_anchor *to, const ms_said *said) {
    while (chain) {
        uint32_t next = at(v, chain)->next;
        move(v, at(v, chain), said);
        at(v, chain)->next = to->variables;
        to->variables = chain;
        chain = next;
    }
}

/* ---- out of a checkpoint ---------------------------------------------------------------- */

bool ms_variables_restore_change(ms_variables *v, uint32_t variable, ms_change_count change) {
    if (variable == 0 || variable > v->count || !has_room(v, at(v, variable)))
        return false;
    append(v, at(v, variable), change);
    return true;
}

bool ms_variables_restore_life(ms_variables *v, uint32_t variable, ms_anchor *anchor,
                               uint64_t peak) {
    ms_variable_count *alive = at(v, variable);
    if (!alive->dead)
        return false; /* twice */
    alive->dead = false;
    alive->end = 0;
    alive->next = anchor->variables;
    anchor->variables = variable;
    count_alive(v, alive, peak);
    return true;
}

void ms_variables_finish(ms_variables *v, uint64_t peak) {
    for (size_t i = 0; i < v->here_count; i++)
        ms_share_settle(&v->here[i].live, peak);
}
