#include "symbol/trail.h"

#include <stdlib.h>
#include <string.h>

#include "symbol/c_library.h"
#include "symbol/die.h"
#include "symbol/library.h"
#include "symbol/walk.h"

#define MARKS_MAX 64u

/* One walk through one function. */
typedef struct following {
    ms_passage *passage;
    ms_function *function;
    const ms_callees *callees;
    uint64_t birth;    /* address of the call that brought the block */
    size_t stretch;    /* for which, with the block in the places summed up in `places`, */
    uint64_t places;   /* variables were looked for last */
    bool *seen;        /* by variable: it has a mark */
    bool freed, ended; /* some way has come to that */
    ms_mark marks[MARKS_MAX];
    uint32_t inside[MARKS_MAX]; /* the term of what a mark's place is in */
} following;

/* ---- marks ------------------------------------------------------------------------------ */

static bool known(const following *f, const ms_phrase *phrase, bool interior) {
    for (uint32_t i = 0; i < f->passage->count; i++) {
        if (f->marks[i].interior == interior &&
            strcmp(f->marks[i].phrase.text, phrase->text) == 0) {
            return true;
        }
    }
    return false;
}

/* A local variable of a block or inlined call that the birth was not in got the block from another one. */
static bool is_alias(const following *f, const ms_phrase *phrase) {
    const ms_places *places = f->function->places;
    return phrase->scope < places->scope_count && phrase->keeping <= MS_KEPT_LOCAL_MEMBER &&
           !phrase->fresh && !ms_places_in_scope(places, phrase->scope, f->birth);
}

/* The object that a member function works on: of its own class, whatever class its maker's pointer is of. */
static bool is_this(const following *f, const ms_phrase *phrase) {
    return phrase->scope < f->function->places->scope_count && phrase->keeping == MS_KEPT_LOCAL &&
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
static ms_mark *add_mark(following *f, const ms_phrase *phrase, ms_naming_evidence evidence,
                         bool interior) {
    const ms_places *places = f->function->places;
    Dwarf_Die target;
    bool pointer, typed = ms_paths_target(&phrase->type, &target, &pointer);
    bool keeps = pointer || evidence == MS_NAMING_CONTAINED;
    if (!keeps || f->passage->count == MARKS_MAX || known(f, phrase, interior)) {
        return NULL;
    }
    ms_mark *mark = &f->marks[f->passage->count++];
    *mark = (ms_mark){.phrase = *phrase,
                      .evidence = evidence,
                      .group = f->passage->groups,
                      .root = MS_GIVEN_OTHER,
                      .alias = is_alias(f, phrase),
                      .interior = interior,
                      .is_this = is_this(f, phrase)};
    bool iterates = phrase->holder.addr && ms_library_iterator(&phrase->holder);
    if (phrase->holder.addr) {
        mark->held = !iterates;
        mark->phrase.type = phrase->holder;
    }
    mark->library = iterates;
    if (phrase->scope < places->scope_count) {
        mark->library |= ms_holder_is_library(f->function, phrase->scope);
        mark->inlined = places->scopes[phrase->scope].inlined;
        mark->nameless = phrase->keeping <= MS_KEPT_LOCAL && returns_memory(places, phrase->scope);
    }
    mark->has_target = typed && !interior;
    mark->target = target;
    return mark;
}

static bool is_kept_inside(const ms_machine *machine, uint32_t term) {
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
static void outdo(following *f, const ms_machine *machine, ms_value at) {
    uint32_t before = ms_values_load(&f->function->values, at).term;
    for (uint32_t i = 0; i < f->passage->count && is_kept_inside(machine, before); i++) {
        f->marks[i].outdone |= f->inside[i] == before;
    }
}

/* Of a place that holds another address in the block only what is lasting counts: it keeps the block, too. */
static void add_place(following *f, const ms_moment *moment, ms_value at, bool interior,
                      uint32_t hops) {
    ms_phrase phrases[MS_PATHS_MAX];
    size_t count = f->function->described ? ms_speak_place(moment, at, phrases) : 0;
    f->passage->groups++;
    for (size_t i = 0; i < count; i++) {
        phrases[i].arm = phrases[i].arm && count > 1;
        ms_keeping least = interior ? MS_KEPT_MEMBER : MS_KEPT_BY_CALLER + 1;
        ms_mark *mark = phrases[i].keeping >= least
                            ? add_mark(f, &phrases[i], MS_NAMING_STORED, interior)
                            : NULL;
        if (mark) {
            mark->root = ms_given_root(&f->function->values, at);
            mark->hops = (uint8_t)hops;
            f->inside[mark - f->marks] = at.term;
        }
    }
    if (count && !interior) {
        outdo(f, moment->machine, at);
    }
}

/* What is called for the object at `at` of the language's library. */
static void add_object(following *f, const ms_moment *moment, ms_value at) {
    ms_phrase phrases[MS_PATHS_MAX];
    size_t count = f->function->described ? ms_speak_object(moment, at, phrases) : 0;
    ms_mark *mark = count == 1 ? add_mark(f, &phrases[0], MS_NAMING_CONTAINED, false) : NULL;
    f->passage->groups++;
    if (mark) {
        mark->root = ms_given_root(&f->function->values, at);
        mark->has_target = false;
    }
}

/* ---- what the walk sees ----------------------------------------------------------------- */

static void see_step(void *context, const ms_machine *machine, const ms_instruction *i) {
    following *f = context;
    if (!f->function->described) {
        return;
    }
    const ms_places *places = f->function->places;
    size_t stretch = ms_places_stretch(places, i->address), count;
    uint64_t held = ms_machine_block_places(machine);
    if (stretch == f->stretch && held == f->places) {
        return;
    }
    f->stretch = stretch;
    f->places = held;
    const uint32_t *active = ms_places_active(places, stretch, &count);
    for (size_t n = 0; n < count; n++) {
        const ms_where *where = &places->items[active[n]];
        bool transient = where->kind == MS_IN_REGISTER || where->kind == MS_IS_SUM;
        if (!transient || f->seen[where->variable]) {
            continue;
        }
        ms_value value = ms_place_value(where, machine, &f->function->world);
        const ms_moment moment = {f->function, machine, i->address};
        ms_phrase phrase;
        if (value.term == MS_TERM_BLOCK && value.offset == f->passage->offset &&
            ms_speak_variable(&moment, where, &phrase)) {
            f->seen[where->variable] = where->whole;
            f->passage->groups++;
            add_mark(f, &phrase, MS_NAMING_HELD, false);
        }
    }
}

static void hand(following *f, ms_value at, ms_handed handed) {
    const ms_term term = *ms_values_at(&f->function->values, at.term);
    ms_handover *d = &f->passage->departure;
    if (term.kind != MS_TERM_ENTRY || d->handed_count == MS_HANDED_MAX) {
        return;
    }
    for (uint32_t i = 0; i < d->handed_count; i++) {
        if (d->handed[i].reg == term.a && d->handed[i].offset == at.offset) {
            return;
        }
    }
    handed.reg = term.a;
    handed.offset = at.offset;
    d->handed[d->handed_count++] = handed;
}

static bool has_lasting(const following *f) {
    for (uint32_t i = 0; i < f->passage->count; i++) {
        const ms_mark *mark = &f->marks[i];
        if (mark->phrase.keeping >= MS_KEPT_MEMBER && !mark->interior && !mark->outdone &&
            !mark->library) {
            return true;
        }
    }
    return false;
}

/* Whether a place lies in the block, or in what the block leads to: that cannot be what keeps it. */
static bool is_inside(const ms_values *values, const ms_machine *machine, ms_value at) {
    uint32_t term = at.term;
    while (term >= MS_TERM_FIXED) {
        const ms_term *t = ms_values_at(values, term);
        if (t->kind == MS_TERM_RESULT) {
            return is_kept_inside(machine, term);
        }
        if (t->kind != MS_TERM_LOAD && t->kind != MS_TERM_SUM) {
            return false;
        }
        term = t->a;
    }
    return term == MS_TERM_BLOCK;
}

static void see_stored(void *context, const ms_machine *machine, const ms_instruction *i,
                       const ms_slot *store) {
    following *f = context;
    const ms_moment moment = {f->function, machine, i->address};
    if (is_inside(&f->function->values, machine, store->at)) {
        return;
    }
    add_place(f, &moment, store->at, store->holds.offset != f->passage->offset, 0);
    if (!has_lasting(f)) {
        hand(f, store->at, (ms_handed){.block_offset = store->holds.offset});
    }
}

/* Of several addresses in the block that a function may return, the one that arrived says most. */
static void see_returned(void *context, int64_t offset) {
    following *f = context;
    ms_handover *d = &f->passage->departure;
    if (!d->returned || offset == f->passage->offset) {
        d->returned = true;
        d->offset = offset;
    }
}

/* Names that a function has for what it only got: they count when nobody else has one. */
static void borrow_marks(following *f, const ms_passage *callee, const ms_given *given) {
    f->passage->groups++;
    for (uint32_t i = 0; i < callee->count && f->passage->count < MARKS_MAX; i++) {
        ms_mark mark = callee->marks[i];
        bool lasting = mark.phrase.keeping >= MS_KEPT_MEMBER && !mark.phrase.arm &&
                       !mark.interior && !mark.outdone && !mark.library;
        mark.root = ms_given_for(given, callee->entry, mark.root);
        if ((lasting || mark.is_this) && mark.root != MS_GIVEN_NULL &&
            !known(f, &mark.phrase, false)) {
            mark.alias++;
            mark.group = f->passage->groups++;
            f->marks[f->passage->count++] = mark;
        }
    }
}

/* What the function that is called with the block does with it. */
static ms_value follow_into(following *f, const ms_machine *machine, const ms_instruction *i,
                            uint32_t reg, bool *gone) {
    const ms_callees *callees = f->callees;
    ms_value block = machine->registers[reg];
    const ms_passage *callee =
        i->target ? callees->enter(callees->context, f->function, i->target, reg) : NULL;
    if (!callee) {
        return ms_unknown();
    }
    *gone |= callee->frees;
    const ms_moment moment = {f->function, machine, i->address};
    const ms_handover *left = &callee->departure;
    for (uint32_t n = 0; n < left->handed_count && block.offset == f->passage->offset; n++) {
        const ms_handed *handed = &left->handed[n];
        if (handed->block_offset == 0 && !handed->held) {
            ms_value at = ms_value_plus(machine->registers[handed->reg], handed->offset);
            add_place(f, &moment, at, false, 0);
        }
    }
    if (block.offset == f->passage->offset) {
        const ms_given given = ms_given_read(&f->function->values, machine, i);
        borrow_marks(f, callee, &given);
    }
    return left->returned ? ms_value_plus(block, left->offset) : ms_unknown();
}

/* A smart pointer that gets the block keeps it. */
static void see_owner(following *f, const ms_machine *machine, const ms_instruction *i) {
    ms_value block = machine->registers[ms_argument(1)], at = machine->registers[ms_argument(0)];
    bool given = block.term == MS_TERM_BLOCK && block.offset == f->passage->offset;
    const char *symbol = given ? ms_function_callee(f->function, machine, i) : NULL;
    if (symbol && ms_library_owner(symbol)) {
        add_object(f, &(ms_moment){f->function, machine, i->address}, at);
        hand(f, at, (ms_handed){.block_offset = block.offset, .held = true});
    }
}

static ms_value see_called(void *context, const ms_machine *machine, const ms_instruction *i,
                           bool *gone) {
    following *f = context;
    see_owner(f, machine, i);
    ms_value first = machine->registers[MS_RDI], result = ms_unknown();
    const char *name =
        first.term == MS_TERM_BLOCK ? ms_function_callee(f->function, machine, i) : NULL;
    if (name && ms_c_returns_first(name)) {
        return first;
    }
    *gone = name && ms_c_frees_first(name);
    for (uint32_t n = 0; n < MS_ARGUMENTS; n++) {
        if (machine->registers[ms_argument(n)].term == MS_TERM_BLOCK) {
            ms_value value = follow_into(f, machine, i, ms_argument(n), gone);
            result = value.term == MS_TERM_BLOCK ? value : result;
        }
    }
    f->freed |= *gone;
    return result;
}

static void see_ended(void *context) {
    following *f = context;
    f->ended = true;
}

/* ---- one function ----------------------------------------------------------------------- */

static int64_t offset_of(const ms_handover *arrival) {
    return arrival->returned || !arrival->handed_count ? arrival->offset
                                                       : arrival->handed[0].block_offset;
}

/* posix_memalign() gives the block where its first argument points; all others return it. */
static ms_handover of_allocator(const ms_function *function, const ms_machine *machine,
                                const ms_instruction *call) {
    const char *name = ms_function_callee(function, machine, call);
    if (name && strncmp(name, "posix_memalign", 14) == 0) {
        return (ms_handover){.handed_count = 1, .handed = {{.reg = MS_RDI}}};
    }
    return (ms_handover){.returned = true};
}

static void arrive(following *f, ms_machine *machine, const ms_instruction *call,
                   const ms_handover *arrival, bool of_allocator) {
    const ms_world *world = &f->function->world;
    const ms_value block = {.term = MS_TERM_BLOCK};
    ms_machine before;
    ms_stores stores;
    ms_machine_copy(&before, machine);
    ms_machine_step(machine, world, call, &stores);
    if (arrival->returned) {
        machine->registers[MS_RAX] = ms_value_plus(block, arrival->offset);
    } else if (of_allocator) {
        machine->registers[MS_RAX] = ms_number(0); /* it has succeeded */
    }
    const ms_moment moment = {f->function, &before, call->address};
    for (uint32_t i = 0; i < arrival->handed_count; i++) {
        const ms_handed *handed = &arrival->handed[i];
        ms_value at = ms_value_plus(before.registers[handed->reg], handed->offset);
        if (handed->held) {
            add_object(f, &moment, at);
            hand(f, at, (ms_handed){.block_offset = handed->block_offset, .held = true});
            continue;
        }
        ms_value value = ms_value_plus(block, handed->block_offset);
        ms_machine_store(machine, world, at, value, 8);
        if (handed->block_offset == f->passage->offset) {
            add_place(f, &moment, at, false, handed->hops + 1);
        }
        hand(f, at, (ms_handed){.block_offset = handed->block_offset, .hops = handed->hops + 1});
    }
}

/* What the call is made for keeps the block, if nothing shows where. `machine` is as before it. */
static void contain(following *f, const ms_machine *machine, const ms_instruction *call,
                    ms_holder_role callee) {
    const ms_moment before = {f->function, machine, call->address};
    ms_value at;
    if (ms_holder_of_call(&before, callee, &at)) {
        add_object(f, &before, at);
        hand(f, at, (ms_handed){.block_offset = f->passage->offset, .held = true});
    }
}

static void walk(following *f, const ms_machine *machine, uint32_t index) {
    ms_walk(f->function->flow, machine, index,
            &(ms_walk_visitor){.step = see_step,
                               .stored = see_stored,
                               .returned = see_returned,
                               .called = see_called,
                               .ended = see_ended,
                               .context = f});
}

/* A function that ends in a call of the library's is not on the stack: then the arguments that the library got are not
 * those of the call at hand. */
static void forget_lost(const following *f, const ms_machine *machine, const ms_instruction *call,
                        ms_handover *arrival) {
    const char *name =
        arrival->role.library ? ms_function_callee(f->function, machine, call) : NULL;
    if (name && !ms_library_symbol(name, f->function->functions->names)) {
        arrival->handed_count = 0;
        arrival->role.object = false;
    }
}

static void walk_from_call(following *f, uint32_t index, const ms_handover *arrival) {
    const ms_flow *flow = f->function->flow;
    const ms_instruction *call = &flow->code->items[index - 1];
    ms_machine machine;
    ms_flow_before(flow, index - 1, &machine);
    const ms_handover first = of_allocator(f->function, &machine, call);
    ms_handover actual = arrival ? *arrival : first;
    forget_lost(f, &machine, call, &actual);
    f->passage->offset = offset_of(&actual);
    f->passage->given = ms_given_read(&f->function->values, &machine, call);
    f->birth = call->address;
    contain(f, &machine, call, actual.role);
    arrive(f, &machine, call, &actual, !arrival);
    walk(f, &machine, index);
}

static following *following_new(ms_function *function, const ms_callees *callees, ms_arena *arena) {
    following *f = calloc(1, sizeof *f);
    size_t variables = function->places ? function->places->variable_count : 0;
    bool *seen = calloc(variables + 1, sizeof *seen);
    if (!f || !seen) {
        free(f);
        free(seen);
        return NULL;
    }
    f->passage = ms_arena_alloc(arena, sizeof *f->passage);
    f->passage->entry = function->code->entry;
    f->function = function;
    f->callees = callees;
    f->stretch = SIZE_MAX;
    f->seen = seen;
    return f;
}

static ms_passage *following_finish(following *f, ms_arena *arena) {
    ms_passage *passage = f->passage;
    passage->frees = f->freed && !f->ended;
    passage->marks = ms_arena_alloc(arena, passage->count * sizeof *passage->marks);
    if (passage->count) {
        memcpy(passage->marks, f->marks, passage->count * sizeof *passage->marks);
    }
    free(f->seen);
    free(f);
    return passage;
}

ms_passage *ms_passage_read(ms_function *function, uint64_t address, const ms_handover *arrival,
                            const ms_callees *callees, ms_arena *arena) {
    const ms_code *code = function->code;
    uint32_t index = ms_code_find(code, address);
    following *f = following_new(function, callees, arena);
    if (!f) {
        return NULL;
    }
    f->passage->departure.role = ms_holder_role_of(function);
    if (index != MS_NO_INSTRUCTION && index > 0 && code->items[index - 1].op == MS_OP_CALL) {
        walk_from_call(f, index, arrival);
    }
    return following_finish(f, arena);
}

ms_passage *ms_passage_enter(ms_function *function, uint32_t reg, const ms_callees *callees,
                             ms_arena *arena) {
    uint32_t index = ms_code_find(function->code, function->code->entry);
    following *f = following_new(function, callees, arena);
    if (!f) {
        return NULL;
    }
    if (index != MS_NO_INSTRUCTION) {
        ms_machine machine;
        ms_machine_enter(&machine, &function->values);
        machine.registers[reg] = (ms_value){.term = MS_TERM_BLOCK};
        f->birth = function->code->entry;
        walk(f, &machine, index);
    }
    return following_finish(f, arena);
}

/* ---- a stack ---------------------------------------------------------------------------- */

/* What is in front of the address is no part of what its type describes. */
static ms_size_fit fit_of(const ms_trail *trail, const ms_mark *mark, int64_t offset) {
    uint64_t before = offset > 0 ? (uint64_t)offset : 0;
    if (before > trail->min_size) {
        return MS_FIT_NOT;
    }
    return ms_size_fit_of(mark->has_target ? &mark->target : NULL, trail->min_size - before,
                          trail->max_size - before);
}

void ms_trail_add(ms_trail *trail, const ms_passage *passage) {
    uint32_t frame = trail->depth++;
    trail->passages[frame] = passage;
    for (uint32_t i = 0; i < passage->count && trail->count < MS_PASSED_MAX; i++) {
        const ms_mark *mark = &passage->marks[i];
        trail->marks[trail->count++] = (ms_passed){.mark = mark,
                                                   .passage = passage,
                                                   .frame = frame,
                                                   .fit = fit_of(trail, mark, passage->offset)};
    }
}

static bool is_possible(const ms_trail *trail, const ms_passed *mark) {
    uint8_t root = mark->mark->root;
    for (uint32_t i = mark->frame; i + 1 < trail->depth && root < MS_REGISTERS; i++) {
        root = ms_given_for(&trail->passages[i + 1]->given, trail->passages[i]->entry, root);
    }
    return root != MS_GIVEN_NULL;
}

void ms_trail_prune(ms_trail *trail) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < trail->count; i++) {
        if (is_possible(trail, &trail->marks[i])) {
            trail->marks[kept++] = trail->marks[i];
        }
    }
    trail->count = kept;
}
