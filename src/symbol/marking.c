#include "symbol/marking.h"

#include <string.h>

#include "symbol/die.h"
#include "symbol/given.h"
#include "symbol/holder.h"
#include "symbol/library.h"

static bool known(const ms_marking *m, const ms_phrase *phrase, bool interior) {
    for (uint32_t i = 0; i < m->count; i++) {
        if (m->marks[i].interior == interior &&
            strcmp(m->marks[i].phrase.text, phrase->text) == 0) {
            return true;
        }
    }
    return false;
}

/* A local variable of a block or inlined call that the birth was not in got the block from another one. */
static bool is_alias(const ms_marking *m, const ms_phrase *phrase) {
    const ms_places *places = m->function->places;
    return phrase->scope < places->scope_count && phrase->keeping <= MS_KEPT_LOCAL_MEMBER &&
           !phrase->fresh && !ms_places_in_scope(places, phrase->scope, m->birth);
}

/* The object that a member function works on: of its own class, whatever class its maker's pointer is of. */
static bool is_this(const ms_marking *m, const ms_phrase *phrase) {
    return phrase->scope < m->function->places->scope_count && phrase->keeping == MS_KEPT_LOCAL &&
           strcmp(phrase->text, "this") == 0;
}

/* Whether the function that the scope belongs to, itself or inlined, returns a `void *`. */
static bool returns_memory(const ms_places *places, uint32_t scope) {
    Dwarf_Die type, target;
    bool pointer;
    while (scope && dwarf_tag(&places->scopes[scope].die) != DW_TAG_inlined_subroutine) {
        scope = places->scopes[scope].outer;
    }
    return ms_die_type(&places->scopes[scope].die, &type) &&
           !ms_paths_target(&type, &target, &pointer) && pointer;
}

/* NULL: there is one already, or no place for another, or nothing that can keep an address. */
static ms_mark *add_mark(ms_marking *m, const ms_phrase *phrase, ms_naming_evidence evidence,
                         bool interior) {
    const ms_places *places = m->function->places;
    Dwarf_Die target;
    bool pointer, typed = ms_paths_target(&phrase->type, &target, &pointer);
    bool keeps = pointer || evidence == MS_NAMING_CONTAINED;
    if (!keeps || m->count == MS_MARKS_MAX || known(m, phrase, interior)) {
        return NULL;
    }
    ms_mark *mark = &m->marks[m->count++];
    *mark = (ms_mark){.phrase = *phrase,
                      .evidence = evidence,
                      .group = m->groups,
                      .root = MS_GIVEN_OTHER,
                      .alias = is_alias(m, phrase),
                      .interior = interior,
                      .moved = m->moved,
                      .is_this = is_this(m, phrase)};
    bool iterates = phrase->holder.addr && ms_library_iterator(&phrase->holder);
    if (phrase->holder.addr) {
        mark->held = !iterates;
        mark->phrase.type = phrase->holder;
    }
    mark->library = iterates;
    if (phrase->scope < places->scope_count) {
        mark->library |= ms_holder_is_library(m->function, phrase->scope);
        mark->inlined = places->scopes[phrase->scope].inlined;
        mark->nameless = phrase->keeping <= MS_KEPT_LOCAL && returns_memory(places, phrase->scope);
    }
    mark->has_target = typed && !interior;
    mark->target = target;
    return mark;
}

bool ms_marking_is_inside(const ms_machine *machine, uint32_t term) {
    for (uint32_t i = 0; i < machine->slot_count; i++) {
        const ms_slot *slot = &machine->slots[i];
        if (slot->holds.term == term && slot->at.term == MS_TERM_BLOCK) {
            return true;
        }
    }
    return false;
}

/* The block is stored where something else was that it leads to now, as a new head of a list is: what is kept in that is
 * only the way back to the block. */
static void outdo(ms_marking *m, const ms_machine *machine, ms_value at) {
    uint32_t before = ms_values_load(&m->function->values, at).term;
    for (uint32_t i = 0; i < m->count && ms_marking_is_inside(machine, before); i++) {
        m->marks[i].outdone |= m->inside[i] == before;
    }
}

/* How lasting a name must be to count. Of a place that holds another address in the block it is what is lasting: that keeps
 * the block, too. `*pointer` is for the caller to name if that gave the pointer. */
static ms_keeping least_keeping(const ms_marking *m, ms_value at, bool interior) {
    bool given = ms_values_at(&m->function->values, at.term)->kind == MS_TERM_ENTRY;
    return interior ? MS_KEPT_MEMBER : given ? MS_KEPT_BY_CALLER + 1 : MS_KEPT_BY_CALLER;
}

void ms_marking_place(ms_marking *m, const ms_moment *moment, ms_value at, bool interior,
                      uint32_t hops) {
    ms_phrase phrases[MS_PATHS_MAX];
    size_t count = m->function->described ? ms_speak_place(moment, at, phrases) : 0;
    ms_keeping least = least_keeping(m, at, interior);
    m->groups++;
    for (size_t i = 0; i < count; i++) {
        phrases[i].arm = phrases[i].arm && count > 1;
        ms_mark *mark = phrases[i].keeping >= least
                            ? add_mark(m, &phrases[i], MS_NAMING_STORED, interior)
                            : NULL;
        if (mark) {
            mark->root = ms_given_root(&m->function->values, at);
            mark->hops = (uint8_t)hops;
            m->inside[mark - m->marks] = at.term;
        }
    }
    if (count && !interior) {
        outdo(m, moment->machine, at);
    }
}

void ms_marking_object(ms_marking *m, const ms_moment *moment, ms_value at) {
    ms_phrase phrases[MS_PATHS_MAX];
    size_t count = m->function->described ? ms_speak_object(moment, at, phrases) : 0;
    ms_mark *mark = count == 1 ? add_mark(m, &phrases[0], MS_NAMING_CONTAINED, false) : NULL;
    m->groups++;
    if (mark) {
        mark->root = ms_given_root(&m->function->values, at);
        mark->has_target = false;
    }
}

bool ms_marking_variable(ms_marking *m, const ms_moment *moment, const ms_where *where) {
    ms_phrase phrase;
    if (!ms_speak_variable(moment, where, &phrase)) {
        return false;
    }
    m->groups++;
    add_mark(m, &phrase, MS_NAMING_HELD, false);
    return true;
}

static bool lasts(const ms_mark *mark) {
    return mark->phrase.keeping >= MS_KEPT_MEMBER && !mark->interior && !mark->outdone &&
           !mark->library;
}

void ms_marking_borrow(ms_marking *m, const ms_mark *mark, uint8_t root) {
    bool lasting = lasts(mark) && !mark->phrase.arm;
    if ((!lasting && !mark->is_this) || root == MS_GIVEN_NULL || m->count == MS_MARKS_MAX ||
        known(m, &mark->phrase, false)) {
        return;
    }
    ms_mark *own = &m->marks[m->count++];
    *own = *mark;
    own->root = root;
    own->alias++;
    own->group = m->groups++;
}

bool ms_marking_has_lasting(const ms_marking *m) {
    for (uint32_t i = 0; i < m->count; i++) {
        if (lasts(&m->marks[i])) {
            return true;
        }
    }
    return false;
}

bool ms_marking_has_first(const ms_marking *m) {
    for (uint32_t i = 0; i < m->count; i++) {
        const ms_mark *mark = &m->marks[i];
        bool speaks = !mark->library && !mark->is_this && mark->phrase.keeping >= MS_KEPT_LOCAL;
        if (speaks && !mark->moved && !mark->alias) {
            return true;
        }
    }
    return false;
}
