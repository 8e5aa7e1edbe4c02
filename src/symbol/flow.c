#include "symbol/flow.h"

#include <stdlib.h>
#include <string.h>

/* Loops in loops take a round each; a budget bounds what odd code can take. */
#define STEPS_PER_INSTRUCTION 16u
#define STEPS_MIN 4096u

/* About a tenth of a second. What is known of the largest functions then is what most ways agree on. */
#define STEPS_MAX 400000u
#define STEPS_PER_ARRIVAL 8u

/* Of an instruction that leads. */
typedef struct lead {
    uint32_t ways;  /* that lead there */
    uint32_t round; /* in which a way arrived last */
    uint32_t count; /* the term of how often the way led there before; 0: not made yet */
} lead;

typedef struct flowing {
    ms_flow *flow;
    ms_arena *arena;
    lead *leads;
    uint32_t
        *orphans; /* where nothing is seen to jump to: cases of switches, handlers of exceptions */
    size_t orphan_count;
    uint64_t steps;
    uint32_t round;
    bool changed;
} flowing;

/* ---- meeting ---------------------------------------------------------------------------- */

static ms_value merged(const flowing *f, uint32_t index, uint32_t term, int64_t place) {
    ms_term meeting = {.kind = MS_TERM_MERGED, .a = index, .b = term, .k = place};
    return ms_values_make(f->flow->world->values, meeting);
}

/* How often the way led there before. All places that grow with it are multiples of one term, so that an
 * index of a loop is known in the address that was computed from it. */
static uint32_t rounds(const flowing *f, uint32_t index) {
    lead *l = &f->leads[index];
    if (!l->count) {
        l->count = merged(f, index, MS_TERM_NUMBER, -1).term;
    }
    return l->count;
}

/* What grows by the same step each time is what it was at first, plus so many steps. */
static ms_value growing(const flowing *f, uint32_t index, ms_value first, int64_t step) {
    ms_values *values = f->flow->world->values;
    ms_value steps = ms_values_scale(values, (ms_value){.term = rounds(f, index)}, step);
    return ms_values_add(values, first, steps);
}

/* The step of a value that growing() made; 0: it did not. */
static int64_t step_of(const flowing *f, uint32_t index, ms_value value) {
    const ms_values *values = f->flow->world->values;
    uint32_t count = rounds(f, index);
    const ms_term *term = ms_values_at(values, value.term);
    if (term->kind == MS_TERM_SUM) {
        const ms_term *b = ms_values_at(values, term->b);
        bool scaled = b->kind == MS_TERM_SCALED && b->a == count;
        return scaled ? b->k : term->a == count || term->b == count;
    }
    return term->kind == MS_TERM_SCALED && term->a == count ? term->k : value.term == count;
}

/* Places on the stack are told by the term of their address, which is never that of a register:
 * MS_TERM_NUMBER. */
static void meet(const flowing *f, uint32_t index, ms_value *here, ms_value there, uint32_t term,
                 int64_t place) {
    if (ms_value_equal(*here, there)) {
        return;
    }
    int64_t apart = (int64_t)((uint64_t)there.offset - (uint64_t)here->offset);
    ms_value meeting = merged(f, index, term, place);
    if (here->term == there.term && here->term != MS_TERM_UNKNOWN && meeting.term != here->term) {
        int64_t step = step_of(f, index, *here);
        if (step && apart % step == 0) {
            return;
        }
        meeting = step ? meeting : growing(f, index, *here, apart);
    }
    *here = meeting;
}

static ms_value held(const flowing *f, const ms_machine *machine, ms_value at, uint32_t hint) {
    const ms_slot *slot = ms_machine_slot(machine, at, hint);
    return slot ? slot->holds : ms_machine_load(machine, f->flow->world, at);
}

/* What is remembered of memory elsewhere holds only if both ways agree; otherwise it is forgotten. */
static void forget_slots(ms_machine *here, const ms_machine *there) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < here->slot_count; i++) {
        const ms_slot *slot = &here->slots[i], *other = ms_machine_slot(there, slot->at, i);
        bool agreed = other && ms_value_equal(other->holds, slot->holds);
        if (slot->at.term == MS_TERM_FRAME || agreed) {
            here->slots[kept++] = *slot;
        }
    }
    here->slot_count = kept;
}

static void meet_slots(const flowing *f, uint32_t index, ms_machine *here,
                       const ms_machine *there) {
    forget_slots(here, there);
    for (uint32_t i = 0; i < here->slot_count; i++) {
        ms_slot *slot = &here->slots[i];
        if (slot->at.term == MS_TERM_FRAME) {
            meet(f, index, &slot->holds, held(f, there, slot->at, i), slot->at.term,
                 slot->at.offset);
        }
    }
    for (uint32_t i = 0; i < there->slot_count && here->slot_count < MS_SLOTS; i++) {
        ms_slot slot = there->slots[i];
        if (slot.at.term == MS_TERM_FRAME && !ms_machine_slot(here, slot.at, i)) {
            slot.holds = merged(f, index, slot.at.term, slot.at.offset);
            here->slots[here->slot_count++] = slot;
        }
    }
}

/* Whether the value is what lies at the place that `loaded` was loaded from, outside of the function's own stack. */
static bool lies_there(const flowing *f, const ms_machine *machine, ms_value value,
                       ms_value loaded) {
    const ms_term term = *ms_values_at(f->flow->world->values, loaded.term);
    ms_value at = {.term = term.a, .offset = term.k};
    return term.kind == MS_TERM_LOAD && !loaded.offset && at.term != MS_TERM_FRAME &&
           ms_value_equal(ms_machine_load(machine, f->flow->world, at), value);
}

/* What one way has loaded from a place and the other has stored there is on both what lies there, as
 *
 *     if (!list) list = new_list();
 *
 * leaves it. What was stored is forgotten, so that is what a load from there gives from now on. */
static bool meet_content(const flowing *f, ms_machine *here, const ms_machine *there, uint32_t r) {
    ms_value a = here->registers[r], b = there->registers[r];
    if (lies_there(f, here, a, a) && lies_there(f, there, b, a)) {
        return true;
    }
    if (lies_there(f, there, b, b) && lies_there(f, here, a, b)) {
        here->registers[r] = b;
        return true;
    }
    return false;
}

static void meet_machines(const flowing *f, uint32_t index, ms_machine *here,
                          const ms_machine *there) {
    for (uint32_t r = 0; r < MS_REGISTERS; r++) {
        if (!meet_content(f, here, there, r)) {
            meet(f, index, &here->registers[r], there->registers[r], MS_TERM_NUMBER, r);
        }
    }
    meet_slots(f, index, here, there);
}

/* ---- keeping ---------------------------------------------------------------------------- */

static ms_machine *keep(const flowing *f, const ms_machine *machine) {
    size_t size = offsetof(ms_machine, slots) + machine->slot_count * sizeof machine->slots[0];
    ms_machine *kept = ms_arena_alloc(f->arena, size);
    ms_machine_copy(kept, machine);
    return kept;
}

/* What ways once met to stays: only so does a loop come to an end. */
static bool met_here(const flowing *f, uint32_t index, ms_value value) {
    const ms_term *term = ms_values_at(f->flow->world->values, value.term);
    return (term->kind == MS_TERM_MERGED && term->a == index) || step_of(f, index, value);
}

/* The state replaces the one of the round before, which came the same way. */
static void renew(const flowing *f, uint32_t index, ms_machine *both, const ms_machine *before) {
    for (uint32_t r = 0; r < MS_REGISTERS; r++) {
        if (met_here(f, index, before->registers[r])) {
            both->registers[r] = before->registers[r];
        }
    }
    for (uint32_t i = 0; i < before->slot_count; i++) {
        const ms_slot *old = &before->slots[i];
        if (!met_here(f, index, old->holds)) {
            continue;
        }
        ms_slot *slot = (ms_slot *)ms_machine_slot(both, old->at, i);
        if (slot) {
            *slot = *old;
        } else if (both->slot_count < MS_SLOTS) {
            both->slots[both->slot_count++] = *old;
        }
    }
}

static bool same_machine(const ms_machine *a, const ms_machine *b) {
    for (uint32_t r = 0; r < MS_REGISTERS; r++) {
        if (!ms_value_equal(a->registers[r], b->registers[r])) {
            return false;
        }
    }
    for (uint32_t i = 0; i < a->slot_count; i++) {
        const ms_slot *slot = ms_machine_slot(b, a->slots[i].at, i);
        if (!slot || !ms_value_equal(slot->holds, a->slots[i].holds)) {
            return false;
        }
    }
    return a->slot_count == b->slot_count;
}

static void forget_vectors(ms_machine *machine) {
    for (uint32_t r = 0; r < MS_VECTORS; r++) {
        machine->vectors[r][0] = machine->vectors[r][1] = ms_unknown();
    }
    machine->tested = ms_unknown();
}

/* A way leads from one instruction to another with this state. Each round goes through all of the code in the
 * order of the file, so the first way to arrive from in front brings the news; those after it meet it. */
static void arrive(flowing *f, uint32_t from, uint32_t index, const ms_machine *machine) {
    ms_machine **before = &f->flow->before[index];
    lead *l = &f->leads[index];
    bool news = l->ways == 1 || (from < index && l->round != f->round);
    ms_machine both;
    if (!*before) {
        *before = keep(f, machine);
        forget_vectors(*before);
        l->round = f->round;
        f->changed = true;
        return;
    }
    if (news) {
        ms_machine_copy(&both, machine);
        forget_vectors(&both);
        renew(f, index, &both, *before);
    } else {
        ms_machine_copy(&both, *before);
        meet_machines(f, index, &both, machine);
    }
    l->round = f->round;
    if (same_machine(&both, *before)) {
        return;
    }
    f->changed = true;
    if (both.slot_count <= (*before)->slot_count) {
        ms_machine_copy(*before, &both);
    } else {
        *before = keep(f, &both);
    }
}

/* A jump through a table: each place that no other way leads to may be in it. Large interpreters have hundreds of such
 * jumps, and thousands of such places: each arrival is paid for. */
static void arrive_anywhere(flowing *f, uint32_t from, const ms_machine *machine) {
    for (size_t i = 0; i < f->orphan_count && f->steps; i++) {
        f->steps -= f->steps < STEPS_PER_ARRIVAL ? f->steps : STEPS_PER_ARRIVAL;
        arrive(f, from, f->orphans[i], machine);
    }
}

/* ---- going ------------------------------------------------------------------------------ */

static bool goes_on(uint8_t op) {
    return op != MS_OP_JUMP && op != MS_OP_RETURN && op != MS_OP_STOP;
}

/* From an instruction that leads to the next one. */
static void go(flowing *f, uint32_t index) {
    const ms_code *code = f->flow->code;
    ms_machine machine;
    ms_stores stores;
    ms_machine_copy(&machine, f->flow->before[index]);
    for (uint32_t n = index; n < code->count; n++) {
        const ms_instruction *i = &code->items[n];
        if (n != index && i->leads) {
            arrive(f, n - 1, n, &machine);
            return;
        }
        f->steps--;
        ms_machine_step(&machine, f->flow->world, i, &stores);
        if (i->to != MS_NO_INSTRUCTION) {
            arrive(f, n, i->to, &machine);
        } else if (i->op == MS_OP_JUMP && !i->target) {
            arrive_anywhere(f, n, &machine);
        }
        if (!goes_on(i->op) || !f->steps || !ms_code_follows(code, n)) {
            return;
        }
    }
}

static void count_ways(flowing *f) {
    const ms_code *code = f->flow->code;
    for (uint32_t n = 0; n < code->count; n++) {
        const ms_instruction *i = &code->items[n];
        if (i->to != MS_NO_INSTRUCTION) {
            f->leads[i->to].ways++;
        }
        if (goes_on(i->op) && ms_code_follows(code, n)) {
            f->leads[n + 1].ways++;
        }
    }
    for (uint32_t n = 1; n < code->count; n++) {
        if (code->items[n].leads && !f->leads[n].ways) {
            f->leads[n].ways += 2;
            f->orphans[f->orphan_count++] = n;
        }
    }
}

ms_flow *ms_flow_new(const ms_code *code, const ms_world *world, ms_arena *arena) {
    ms_flow *flow = ms_arena_alloc(arena, sizeof *flow);
    *flow = (ms_flow){.code = code, .world = world};
    flow->before = ms_arena_alloc(arena, code->count * sizeof(ms_machine *));
    flowing f = {.flow = flow, .arena = arena, .changed = true};
    f.leads = ms_arena_alloc(arena, code->count * sizeof *f.leads);
    f.orphans = ms_arena_alloc(arena, code->count * sizeof *f.orphans);
    f.steps = (uint64_t)code->count * STEPS_PER_INSTRUCTION + STEPS_MIN;
    f.steps = f.steps < STEPS_MAX ? f.steps : STEPS_MAX;
    uint32_t entry = ms_code_find(code, code->entry);
    if (entry == MS_NO_INSTRUCTION) {
        return flow;
    }
    ms_machine start;
    ms_machine_enter(&start, world->values);
    f.leads[entry].ways += 2; /* a loop back to the entry meets the caller */
    count_ways(&f);
    while (f.changed && f.steps) {
        f.changed = false;
        f.round++;
        arrive(&f, 0, entry, &start);
        for (uint32_t n = 0; n < code->count && f.steps; n++) {
            if (flow->before[n]) {
                go(&f, n);
            }
        }
    }
    return flow;
}

/* Of code that no way was found to: what lies before it in the file, of which only the frame is sure. */
static uint32_t guess(const ms_flow *flow, uint32_t index, ms_machine *machine) {
    uint32_t from = index;
    while (from > 0 && !flow->before[from]) {
        from--;
    }
    ms_machine_enter(machine, flow->world->values);
    for (uint32_t r = 0; r < MS_REGISTERS; r++) {
        ms_value known = flow->before[from] ? flow->before[from]->registers[r] : ms_unknown();
        bool sure = r == MS_RSP || r == MS_RBP;
        ms_term some = {.kind = MS_TERM_MERGED, .a = index, .k = r};
        machine->registers[r] =
            sure && known.term == MS_TERM_FRAME ? known : ms_values_make(flow->world->values, some);
    }
    return index;
}

void ms_flow_before(const ms_flow *flow, uint32_t index, ms_machine *machine) {
    const ms_code *code = flow->code;
    uint32_t from = index;
    while (from > 0 && !code->items[from].leads) {
        from--;
    }
    if (flow->before[from]) {
        ms_machine_copy(machine, flow->before[from]);
    } else {
        from = guess(flow, from, machine);
    }
    ms_stores stores;
    for (; from < index; from++) {
        ms_machine_step(machine, flow->world, &code->items[from], &stores);
    }
}
