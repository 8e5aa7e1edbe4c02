#include "symbol/trail.h"

#include <string.h>

#include "symbol/die.h"

#define NONE UINT32_MAX

/* The entry of the type behind typedefs: the same type in another unit has another entry, but the same name
 * and size. */
static bool same_type(const ms_passed *a, const ms_passed *b) {
    Dwarf_Die x, y, x_named = a->mark->target, y_named = b->mark->target;
    if (!a->mark->has_target || !b->mark->has_target || !ms_die_peel(&a->mark->target, &x) ||
        !ms_die_peel(&b->mark->target, &y)) {
        return false;
    }
    if (x.addr == y.addr) {
        return true;
    }
    const char *left = ms_die_text(&x, DW_AT_name), *right = ms_die_text(&y, DW_AT_name);
    if (!left || !right) { /* a structure that only its typedef names */
        left = ms_die_text(&x_named, DW_AT_name);
        right = ms_die_text(&y_named, DW_AT_name);
    }
    bool pointers = dwarf_tag(&x) == DW_TAG_pointer_type && dwarf_tag(&y) == DW_TAG_pointer_type &&
                    !left && !right;
    return dwarf_tag(&x) == dwarf_tag(&y) && ms_die_size(&x) == ms_die_size(&y) &&
           (pointers || (left && right && strcmp(left, right) == 0));
}

/* An arm of a union says which type the block is only if no other arm fits as well, and none is for anything. An object with
 * something behind it fits nearly every size, so there it says less than characters do. */
static int fit_of_arm(const ms_passed *mark) {
    return mark->fit == MS_FIT_HEADER ? MS_FIT_NONE : (int)mark->fit;
}

static bool are_arms(const ms_passed *a, const ms_passed *b) {
    return a != b && a->passage == b->passage && a->mark->group == b->mark->group &&
           a->mark->phrase.arm && b->mark->phrase.arm;
}

/* A `void *`. */
static bool is_for_anything(const ms_passed *arm) {
    return arm->mark->phrase.arm && !arm->mark->has_target && !arm->mark->interior;
}

/* Whether the block is known to be something that only this arm for anything can be meant for. */
static bool is_for_the_rest(const ms_trail *trail, const ms_passed *arm) {
    bool known = false;
    for (uint32_t i = 0; i < trail->count; i++) {
        const ms_passed *told = &trail->marks[i];
        if (are_arms(arm, told) && is_for_anything(told)) {
            return false;
        }
        bool tells = !told->mark->phrase.arm && told->fit > MS_FIT_BYTES;
        for (uint32_t n = 0; tells && n < trail->count; n++) {
            if (are_arms(arm, &trail->marks[n]) && same_type(&trail->marks[n], told)) {
                return false;
            }
        }
        known |= tells;
    }
    return known;
}

static bool is_best_arm(const ms_trail *trail, const ms_passed *mark) {
    if (is_for_anything(mark)) {
        return is_for_the_rest(trail, mark);
    }
    for (uint32_t i = 0; i < trail->count; i++) {
        const ms_passed *other = &trail->marks[i];
        bool as_good = fit_of_arm(other) >= fit_of_arm(mark) && !same_type(mark, other);
        if (are_arms(mark, other) && (as_good || is_for_anything(other))) {
            return false;
        }
    }
    return mark->fit != MS_FIT_NOT;
}

/* Another name of the same block, of the same type, that is no arm. */
static bool is_confirmed(const ms_trail *trail, const ms_passed *mark) {
    for (uint32_t i = 0; i < trail->count; i++) {
        const ms_passed *other = &trail->marks[i];
        if (!other->mark->phrase.arm && same_type(mark, other)) {
            return true;
        }
    }
    return false;
}

/* What an allocator takes a block for is not what its callers do. */
static bool is_wrappers(const ms_passed *mark) {
    bool handed_on = mark->passage->departure.returned || mark->mark->inlined;
    return handed_on && mark->mark->nameless;
}

/* Or not if it is that to the byte: a pool takes what it gives out piece by piece from larger blocks. */
static bool is_blind(const ms_passed *mark) {
    return is_wrappers(mark) && mark->fit != MS_FIT_EXACT;
}

/* Some bytes, says a function of the language's library that serves all types. */
static bool is_librarys(const ms_passed *mark) {
    return mark->mark->library && mark->fit == MS_FIT_BYTES;
}

static bool counts(const ms_trail *trail, const ms_passed *mark) {
    if (is_librarys(mark)) {
        return false;
    }
    return !mark->mark->phrase.arm || is_best_arm(trail, mark) || is_confirmed(trail, mark);
}

static uint64_t size_of(const ms_passed *mark) {
    uint64_t size = mark->mark->has_target ? ms_die_size(&mark->mark->target) : 0;
    return size == MS_DIE_NO_SIZE ? 0 : size;
}

/* Whether `a` tells the type better than `b`. That of an arm of a union, which may not be the one that is meant, may fit
 * by chance. */
static bool types_better(const ms_passed *a, const ms_passed *b) {
    bool a_heard = a->mark->alias && !a->mark->is_this,
         b_heard = b->mark->alias && !b->mark->is_this;
    if (a_heard != b_heard) {
        return b_heard;
    }
    if (a->fit != b->fit) {
        return a->fit > b->fit;
    }
    if (is_wrappers(a) != is_wrappers(b)) {
        return is_wrappers(b);
    }
    if (a->fit == MS_FIT_HEADER && size_of(a) != size_of(b)) {
        return size_of(a) > size_of(b);
    }
    if (a->mark->phrase.arm != b->mark->phrase.arm) {
        return b->mark->phrase.arm;
    }
    return a->mark->phrase.keeping > b->mark->phrase.keeping;
}

static bool is_weak(const ms_passed *mark) {
    return mark->mark->interior || mark->mark->outdone;
}

/* The frame that did. Where a caller had said, that has the name. */
static uint32_t stored_at(const ms_passed *mark) {
    return mark->frame - mark->mark->hops;
}

/* Whether `a` names the block better than `b`: the more lasting place; of those the first, but of local
 * variables the outermost: it has the block longest. */
static bool names_better(const ms_passed *a, const ms_passed *b) {
    if (a->mark->alias != b->mark->alias) {
        return a->mark->alias < b->mark->alias;
    }
    if (is_weak(a) != is_weak(b)) {
        return is_weak(b);
    }
    if (a->mark->moved != b->mark->moved) {
        return b->mark->moved; /* the machine may reuse the place it was moved from */
    }
    if (a->mark->phrase.keeping != b->mark->phrase.keeping) {
        bool both_last =
            a->mark->phrase.keeping >= MS_KEPT_MEMBER && b->mark->phrase.keeping >= MS_KEPT_MEMBER;
        return both_last ? stored_at(a) < stored_at(b)
                         : a->mark->phrase.keeping > b->mark->phrase.keeping;
    }
    if (a->mark->phrase.keeping > MS_KEPT_LOCAL) {
        return a->mark->phrase.keeping >= MS_KEPT_MEMBER && stored_at(a) < stored_at(b);
    }
    return a->frame != b->frame ? a->frame > b->frame : a->mark->inlined < b->mark->inlined;
}

/* A variable of a function that only hands on what it allocated does not keep it, and of an inlined one nobody
 * knows. One whose type says what the block is will do when nothing else is known. What only got the block later
 * keeps it no longer than it works on it, as a loop that runs through all of them does. */
static bool keeps(const ms_passed *mark) {
    bool handed_on = mark->passage->departure.returned || mark->mark->inlined;
    if (mark->mark->is_this || mark->mark->library ||
        (mark->mark->alias && mark->mark->phrase.keeping <= MS_KEPT_LOCAL_MEMBER)) {
        return false;
    }
    return !handed_on || mark->mark->held || mark->mark->phrase.keeping > MS_KEPT_LOCAL ||
           mark->fit > MS_FIT_BYTES;
}

/* Whether it may be the name of a block of the type that `type` tells: it says so, or it does not say, or it is
 * further out and knows only the first member. What an object of the library has for it inside says little. */
static bool agrees(const ms_passed *mark, const ms_passed *type) {
    if (mark->fit == MS_FIT_NONE || mark->fit == MS_FIT_BYTES || mark->mark->held ||
        same_type(mark, type)) {
        return true;
    }
    if (is_wrappers(type)) { /* what others take out of the block is a part of it */
        return mark->frame == type->frame;
    }
    return mark->fit == MS_FIT_HEADER && (mark->frame > type->frame || type->mark->is_this);
}

void ms_trail_judge(const ms_trail *trail, uint32_t *name, uint32_t *type) {
    *name = *type = NONE;
    for (uint32_t i = 0; i < trail->count; i++) {
        const ms_passed *mark = &trail->marks[i];
        if (mark->mark->has_target && mark->fit > MS_FIT_NONE && !is_blind(mark) &&
            counts(trail, mark) && (*type == NONE || types_better(mark, &trail->marks[*type]))) {
            *type = i;
        }
    }
    for (uint32_t i = 0; i < trail->count; i++) {
        const ms_passed *mark = &trail->marks[i];
        bool agreed = *type == NONE || agrees(mark, &trail->marks[*type]);
        if (agreed && keeps(mark) && !is_wrappers(mark) && counts(trail, mark) &&
            (*name == NONE || names_better(mark, &trail->marks[*name]))) {
            *name = i;
        }
    }
    if (*type == NONE && *name != NONE && trail->marks[*name].mark->has_target &&
        trail->marks[*name].fit == MS_FIT_NONE) {
        *type = *name; /* a type that is only declared: its name is all there is */
    }
}
