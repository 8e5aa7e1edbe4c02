#include "symbol/walk.h"

#include <stdlib.h>

#include "base/hash.h"

#define STEPS_MAX 20000u
#define WAYS_MAX 400u

/* How often one instruction is come to with the block in other places: each turn of a loop that stores it somewhere
 * else is such a time, and tells nothing that the first ones did not. */
#define VISITS_MAX 16u

#define COPIED_MAX 64u

/* A way still to go. */
typedef struct way {
    struct way *next;
    uint32_t index;
    ms_machine machine; /* last: only what is in use is allocated */
} way;

typedef struct walking {
    const ms_flow *flow;
    const ms_walk_visitor *visitor;
    uint32_t birth; /* index of the call */
    ms_arena *arena;
    ms_map seen;     /* instructions that lead, with the places that held the block */
    uint8_t *visits; /* by instruction */
    way *first, **last;
    uint32_t ways, steps;
} walking;

static void set_out(walking *w, uint32_t index, const ms_machine *machine) {
    bool fresh;
    uint64_t places = ms_machine_block_places(machine);
    if (!places || index >= w->flow->code->count || w->ways >= WAYS_MAX ||
        w->visits[index] == VISITS_MAX) {
        w->visitor->ended(w->visitor->context);
        return;
    }
    ms_map_at(&w->seen, ms_mum(places, MS_HASH_K + index), &fresh);
    size_t size = offsetof(way, machine) + offsetof(ms_machine, slots) +
                  machine->slot_count * sizeof machine->slots[0];
    way *item = fresh ? malloc(size) : NULL;
    if (!item) {
        return;
    }
    w->visits[index]++;
    item->next = NULL;
    item->index = index;
    ms_machine_copy(&item->machine, machine);
    *w->last = item;
    w->last = &item->next;
    w->ways++;
}

static void leave(const walking *w, const ms_machine *machine) {
    ms_value result = machine->registers[MS_RAX];
    if (ms_value_leads(result)) {
        w->visitor->returned(w->visitor->context, result);
    }
    w->visitor->ended(w->visitor->context);
}

/* A call at the end of a function, which returns what it gives. */
static void leave_through(const walking *w, const ms_machine *machine, const ms_instruction *i) {
    ms_walk_effect effect = {0};
    ms_value result = w->visitor->called(w->visitor->context, machine, i, &effect);
    if (result.term == MS_TERM_BLOCK) {
        w->visitor->returned(w->visitor->context, result);
    }
    if (!effect.gone) {
        w->visitor->ended(w->visitor->context);
    }
}

/* False: the way ends here. */
static bool jump(walking *w, const ms_machine *machine, const ms_instruction *i) {
    bool taken = true, passed = i->op == MS_OP_BRANCH;
    if (i->op == MS_OP_BRANCH) {
        ms_machine_branch(machine, i->condition, &taken, &passed);
    }
    if (passed) {
        set_out(w, (uint32_t)(i - w->flow->code->items) + 1, machine);
    }
    if (taken && i->to != MS_NO_INSTRUCTION) {
        set_out(w, i->to, machine);
    } else if (taken && i->target) {
        leave_through(w, machine, i);
    }
    return false;
}

/* Only what is looked for is copied. */
static void copy(walking *w, ms_machine *machine, const ms_instruction *i,
                 const ms_walk_effect *effect) {
    ms_slot copied[COPIED_MAX];
    uint32_t count = 0;
    for (uint32_t n = 0; n < machine->slot_count && count < COPIED_MAX; n++) {
        ms_slot slot = machine->slots[n];
        uint64_t behind = (uint64_t)slot.at.offset - (uint64_t)effect->from.offset;
        if (slot.at.term == effect->from.term && behind < effect->size &&
            slot.size <= effect->size - behind && ms_value_leads(slot.holds)) {
            slot.at = ms_value_plus(effect->to, (int64_t)behind);
            copied[count++] = slot;
        }
    }
    for (uint32_t n = 0; n < count; n++) {
        ms_machine_store(machine, w->flow->world, copied[n].at, copied[n].holds, copied[n].size);
    }
    for (uint32_t n = 0; n < count; n++) {
        w->visitor->stored(w->visitor->context, machine, i, &copied[n]);
    }
}

static bool call(walking *w, ms_machine *machine, const ms_instruction *i) {
    ms_walk_effect effect = {0};
    ms_stores stores;
    ms_value result = w->visitor->called(w->visitor->context, machine, i, &effect);
    ms_machine_step(machine, w->flow->world, i, &stores);
    if (effect.size && effect.to.term != MS_TERM_UNKNOWN) {
        copy(w, machine, i, &effect);
    }
    if (result.term == MS_TERM_BLOCK) {
        machine->registers[MS_RAX] = result;
    }
    return !effect.gone;
}

static bool step(walking *w, ms_machine *machine, const ms_instruction *i) {
    const ms_walk_visitor *v = w->visitor;
    ms_stores stores;
    v->step(v->context, machine, i);
    switch (i->op) {
    case MS_OP_JUMP:
    case MS_OP_BRANCH: return jump(w, machine, i);
    case MS_OP_RETURN: leave(w, machine); return false;
    case MS_OP_STOP: return false;
    case MS_OP_CALL: return call(w, machine, i);
    default: break;
    }
    ms_machine_step(machine, w->flow->world, i, &stores);
    for (unsigned n = 0; n < stores.count; n++) {
        if (ms_value_leads(stores.items[n].holds)) {
            v->stored(v->context, machine, i, &stores.items[n]);
        }
    }
    return true;
}

static void go(walking *w, way *item) {
    const ms_code *code = w->flow->code;
    ms_machine machine;
    ms_machine_copy(&machine, &item->machine);
    for (uint32_t n = item->index; n < code->count && w->steps < STEPS_MAX; n++, w->steps++) {
        const ms_instruction *i = &code->items[n];
        if (n != item->index && i->leads) {
            set_out(w, n, &machine);
            return;
        }
        if (n == w->birth) {
            break;
        }
        if (!step(w, &machine, i)) {
            return;
        }
        if (!ms_code_follows(code, n)) {
            break;
        }
    }
    w->visitor->ended(w->visitor->context);
}

void ms_walk(const ms_flow *flow, const ms_machine *start, uint32_t index,
             const ms_walk_visitor *visitor) {
    walking w = {.flow = flow,
                 .visitor = visitor,
                 .birth = index ? index - 1 : MS_NO_INSTRUCTION,
                 .arena = ms_arena_new()};
    if (!w.arena) {
        return;
    }
    w.last = &w.first;
    w.visits = ms_arena_alloc(w.arena, flow->code->count);
    ms_map_init(&w.seen, w.arena);
    set_out(&w, index, start);
    while (w.first) {
        way *item = w.first;
        w.first = item->next;
        if (!w.first) {
            w.last = &w.first;
        }
        w.ways--;
        go(&w, item);
        free(item);
    }
    ms_arena_free(w.arena);
}
