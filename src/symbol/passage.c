#include "symbol/passage.h"

#include <stdlib.h>
#include <string.h>

#include "symbol/c_library.h"
#include "symbol/die.h"
#include "symbol/library.h"
#include "symbol/marking.h"
#include "symbol/walk.h"

/* Bytes of an object that are followed where it goes. */
#define KEEPER_MAX 128u

/* One walk through one function. */
typedef struct following {
    ms_marking marking;
    ms_passage *passage;
    ms_function *function;
    const ms_callees *callees;
    size_t stretch;       /* for which, with the block in the places summed up in `places`, */
    uint64_t places;      /* variables were looked for last */
    bool *seen;           /* by variable: it has a mark */
    bool freed, ended;    /* some way has come to that */
    bool returns_either;  /* see library.h */
    bool moves;           /* objects are moved as bytes: it is of Rust */
    uint32_t keeper_size; /* bytes of the object that MS_TERM_KEEPER is */
} following;

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
        if (value.term == MS_TERM_BLOCK && value.offset == f->passage->offset &&
            ms_marking_variable(&f->marking, &moment, where)) {
            f->seen[where->variable] = where->whole;
        }
    }
}

static void hand(following *f, ms_value at, ms_handed handed) {
    const ms_term term = *ms_values_at(&f->function->values, at.term);
    ms_handover *d = &f->passage->departure;
    bool either = f->returns_either && term.a == ms_argument(0);
    if (term.kind != MS_TERM_ENTRY || d->handed_count == MS_HANDED_MAX || either) {
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

/* Whether a place lies in the block, or in what the block leads to: that cannot be what keeps it. */
static bool is_inside(const ms_values *values, const ms_machine *machine, ms_value at) {
    uint32_t term = at.term;
    while (term >= MS_TERM_FIXED) {
        const ms_term *t = ms_values_at(values, term);
        if (t->kind == MS_TERM_RESULT) {
            return ms_marking_is_inside(machine, term);
        }
        if (t->kind != MS_TERM_LOAD && t->kind != MS_TERM_SUM) {
            return false;
        }
        term = t->a;
    }
    return term == MS_TERM_BLOCK;
}

/* Moving an object moves all of it; its words that go elsewhere alone are no more than its words. */
static bool has_moved(const following *f, const ms_machine *machine, ms_value at) {
    for (uint32_t word = 0; word < f->keeper_size && word <= 8; word += 8) {
        const ms_slot *slot = ms_machine_slot(machine, ms_value_plus(at, word), 0);
        const ms_value wanted = {.term = MS_TERM_KEEPER, .offset = word};
        if (!slot || !ms_value_equal(slot->holds, wanted)) {
            return false;
        }
    }
    return true;
}

/* The object that keeps the block is at `at` from now on. */
static void see_moved(following *f, const ms_moment *moment, ms_value at) {
    if (has_moved(f, moment->machine, at)) {
        ms_marking_object(&f->marking, moment, at);
        if (!ms_marking_has_first(&f->marking)) {
            hand(f, at,
                 (ms_handed){
                     .block_offset = f->passage->offset, .held = true, .size = f->keeper_size});
        }
    }
}

static void see_kept(following *f, const ms_moment *moment, const ms_slot *store) {
    ms_marking_place(&f->marking, moment, store->at, store->holds.offset != f->passage->offset, 0);
    bool known =
        f->marking.moved ? ms_marking_has_first(&f->marking) : ms_marking_has_lasting(&f->marking);
    if (!known) {
        hand(f, store->at, (ms_handed){.block_offset = store->holds.offset});
    }
}

static void see_stored(void *context, const ms_machine *machine, const ms_instruction *i,
                       const ms_slot *store) {
    following *f = context;
    const ms_moment moment = {f->function, machine, i->address};
    bool object = store->holds.term == MS_TERM_KEEPER;
    if (is_inside(&f->function->values, machine, store->at)) {
        return;
    }
    f->marking.moved = object || i->op == MS_OP_CALL; /* which is of memcpy */
    if (object) {
        see_moved(f, &moment, ms_value_plus(store->at, -store->holds.offset));
    } else {
        see_kept(f, &moment, store);
    }
    f->marking.moved = false;
}

/* Of several addresses in the block that a function may return, the one that arrived says most. */
static void see_returned(void *context, ms_value value) {
    following *f = context;
    ms_handover *d = &f->passage->departure;
    if (value.term == MS_TERM_KEEPER) {
        d->returned_size = value.offset == 0 && f->keeper_size <= 16 ? f->keeper_size : 0;
    } else if (!d->returned || value.offset == f->passage->offset) {
        d->returned = true;
        d->offset = value.offset;
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
            ms_marking_place(&f->marking, &moment, at, false, 0);
        }
    }
    if (block.offset == f->passage->offset) {
        const ms_given given = ms_given_read(&f->function->values, machine, i);
        for (uint32_t n = 0; n < callee->count; n++) {
            const ms_mark *mark = &callee->marks[n];
            ms_marking_borrow(&f->marking, mark, ms_given_for(&given, callee->entry, mark->root));
        }
    }
    return left->returned ? ms_value_plus(block, left->offset) : ms_unknown();
}

/* A smart pointer that gets the block keeps it. */
static void see_owner(following *f, const ms_machine *machine, const ms_instruction *i) {
    ms_value block = machine->registers[ms_argument(1)], at = machine->registers[ms_argument(0)];
    bool given = block.term == MS_TERM_BLOCK && block.offset == f->passage->offset;
    const char *symbol = given ? ms_function_callee(f->function, machine, i) : NULL;
    if (symbol && ms_library_owner(symbol)) {
        ms_marking_object(&f->marking, &(ms_moment){f->function, machine, i->address}, at);
        hand(f, at, (ms_handed){.block_offset = block.offset, .held = true});
    }
}

/* How many bytes, a known number, the call copies; 0: it copies none. */
static uint64_t copied_size(const following *f, const ms_machine *machine,
                            const ms_instruction *i) {
    ms_value size = machine->registers[ms_argument(2)];
    bool likely = f->moves && size.term == MS_TERM_NUMBER && size.offset >= 8;
    const char *name = likely ? ms_function_callee(f->function, machine, i) : NULL;
    return name && ms_c_copies(name) ? (uint64_t)size.offset : 0;
}

static ms_value see_called(void *context, const ms_machine *machine, const ms_instruction *i,
                           ms_walk_effect *effect) {
    following *f = context;
    see_owner(f, machine, i);
    effect->size = copied_size(f, machine, i);
    effect->to = machine->registers[ms_argument(0)];
    effect->from = machine->registers[ms_argument(1)];
    ms_value first = machine->registers[MS_RDI], result = ms_unknown();
    const char *name =
        first.term == MS_TERM_BLOCK ? ms_function_callee(f->function, machine, i) : NULL;
    if (name && ms_c_returns_first(name)) {
        return first;
    }
    effect->gone = name && ms_c_frees_first(name);
    for (uint32_t n = 0; n < MS_ARGUMENTS; n++) {
        if (machine->registers[ms_argument(n)].term == MS_TERM_BLOCK) {
            ms_value value = follow_into(f, machine, i, ms_argument(n), &effect->gone);
            result = value.term == MS_TERM_BLOCK ? value : result;
        }
    }
    f->freed |= effect->gone;
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

/* The object at `at` keeps the block, but nobody knows in which of its words. */
static void settle(following *f, ms_machine *machine, ms_value at, uint32_t size) {
    size = f->moves ? size : 0;
    for (uint32_t word = 0; word < size && word < KEEPER_MAX; word += 8) {
        const ms_slot *slot = ms_machine_slot(machine, ms_value_plus(at, word), 0);
        if (at.term != MS_TERM_FRAME || (slot && slot->holds.term == MS_TERM_BLOCK)) {
            return;
        }
    }
    for (uint32_t word = 0; word < size && word < KEEPER_MAX; word += 8) {
        const ms_value value = {.term = MS_TERM_KEEPER, .offset = word};
        ms_machine_store(machine, &f->function->world, ms_value_plus(at, word), value, 8);
    }
    f->keeper_size = size ? size : f->keeper_size;
}

static void settle_in_registers(following *f, ms_machine *machine, uint32_t size) {
    if (!f->moves) {
        return;
    }
    machine->registers[MS_RAX] = (ms_value){.term = MS_TERM_KEEPER};
    if (size > 8) {
        machine->registers[MS_RDX] = (ms_value){.term = MS_TERM_KEEPER, .offset = 8};
    }
    f->keeper_size = size;
}

static void arrive(following *f, const ms_moment *before, ms_machine *machine,
                   const ms_instruction *call, const ms_handover *arrival, bool of_allocator) {
    const ms_world *world = &f->function->world;
    const ms_value block = {.term = MS_TERM_BLOCK};
    ms_stores stores;
    ms_machine_step(machine, world, call, &stores);
    if (arrival->returned) {
        machine->registers[MS_RAX] = ms_value_plus(block, arrival->offset);
    } else if (of_allocator) {
        machine->registers[MS_RAX] = ms_number(0); /* it has succeeded */
    } else if (arrival->returned_size) {
        settle_in_registers(f, machine, arrival->returned_size);
    }
    for (uint32_t i = 0; i < arrival->handed_count; i++) {
        const ms_handed *handed = &arrival->handed[i];
        ms_value at = ms_value_plus(before->machine->registers[handed->reg], handed->offset);
        if (handed->held) {
            ms_marking_object(&f->marking, before, at);
            hand(f, at,
                 (ms_handed){
                     .block_offset = handed->block_offset, .held = true, .size = handed->size});
            settle(f, machine, at, handed->size);
            continue;
        }
        ms_value value = ms_value_plus(block, handed->block_offset);
        ms_machine_store(machine, world, at, value, 8);
        if (handed->block_offset == f->passage->offset) {
            ms_marking_place(&f->marking, before, at, false, handed->hops + 1);
        }
        hand(f, at, (ms_handed){.block_offset = handed->block_offset, .hops = handed->hops + 1});
    }
}

/* What the call is made for keeps the block, if nothing shows where. */
static void contain(following *f, const ms_moment *before, const ms_handover *arrival, ms_value *at,
                    uint32_t *size) {
    if (ms_holder_of_call(before, arrival->role, at, size)) {
        ms_marking_object(&f->marking, before, *at);
        hand(f, *at, (ms_handed){.block_offset = f->passage->offset, .held = true, .size = *size});
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
        arrival->role.keeper = MS_LIBRARY_NONE;
    }
}

static void walk_from_call(following *f, uint32_t index, const ms_handover *arrival) {
    const ms_flow *flow = f->function->flow;
    const ms_instruction *call = &flow->code->items[index - 1];
    ms_machine before, machine;
    ms_value at = ms_unknown();
    uint32_t size = 0;
    ms_flow_before(flow, index - 1, &before);
    ms_machine_copy(&machine, &before);
    const ms_moment moment = {f->function, &before, call->address};
    const ms_handover first = of_allocator(f->function, &before, call);
    ms_handover actual = arrival ? *arrival : first;
    forget_lost(f, &before, call, &actual);
    f->passage->offset = offset_of(&actual);
    f->passage->given = ms_given_read(&f->function->values, &before, call);
    f->marking.birth = call->address;
    contain(f, &moment, &actual, &at, &size);
    arrive(f, &moment, &machine, call, &actual, !arrival);
    settle(f, &machine, at, size);
    if (!actual.returned && ms_holder_is_returned(&moment, actual.role)) {
        settle_in_registers(f, &machine, actual.role.size);
    }
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
    f->function = f->marking.function = function;
    f->returns_either = function->described && ms_library_returns_either(&function->die);
    f->moves = function->described && ms_die_language(&function->die) == DW_LANG_Rust;
    f->callees = callees;
    f->stretch = SIZE_MAX;
    f->seen = seen;
    return f;
}

static ms_passage *following_finish(following *f, ms_arena *arena) {
    ms_passage *passage = f->passage;
    passage->frees = f->freed && !f->ended;
    passage->count = f->marking.count;
    passage->groups = f->marking.groups;
    passage->marks = ms_arena_alloc(arena, passage->count * sizeof *passage->marks);
    if (passage->count) {
        memcpy(passage->marks, f->marking.marks, passage->count * sizeof *passage->marks);
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
        f->marking.birth = function->code->entry;
        walk(f, &machine, index);
    }
    return following_finish(f, arena);
}
