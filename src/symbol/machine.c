#include "symbol/machine.h"

#include <string.h>

#include "base/hash.h"

/* The registers a call may change. */
static const uint8_t scratch[] = {MS_RDX, MS_RCX, MS_RSI, MS_RDI, 8, 9, 10, 11};

void ms_machine_enter(ms_machine *machine, ms_values *values) {
    machine->slot_count = 0;
    machine->tested = ms_unknown();
    for (uint32_t r = 0; r < MS_REGISTERS; r++) {
        machine->registers[r] = ms_values_make(values, (ms_term){.kind = MS_TERM_ENTRY, .a = r});
        machine->vectors[r][0] = machine->vectors[r][1] = ms_unknown();
    }
    /* The return address lies between. */
    machine->registers[MS_RSP] = (ms_value){.term = MS_TERM_FRAME, .offset = -8};
}

void ms_machine_copy(ms_machine *to, const ms_machine *from) {
    memcpy(to, from, offsetof(ms_machine, slots) + from->slot_count * sizeof from->slots[0]);
}

/* ---- memory ----------------------------------------------------------------------------- */

static bool is_frame(const ms_values *values, ms_value at) {
    const ms_term *term = ms_values_at(values, at.term);
    return at.term == MS_TERM_FRAME ||
           (term->kind == MS_TERM_SUM && (term->a == MS_TERM_FRAME || term->b == MS_TERM_FRAME));
}

static ms_slot *find_slot(const ms_machine *machine, ms_value at) {
    for (uint32_t i = 0; i < machine->slot_count; i++) {
        if (ms_value_equal(machine->slots[i].at, at)) {
            return (ms_slot *)&machine->slots[i];
        }
    }
    return NULL;
}

static ms_value load(const ms_machine *machine, const ms_world *world, ms_value at, uint8_t size) {
    const ms_slot *slot = find_slot(machine, at);
    ms_value value;
    if (slot) {
        bool part = slot->size < size || (size < 8 && ms_value_leads(slot->holds));
        return part ? ms_unknown() : slot->holds;
    }
    if (at.term == MS_TERM_NUMBER && world->linked &&
        world->linked(world->context, (uint64_t)at.offset, &value)) {
        return value;
    }
    return ms_values_load(world->values, at);
}

const ms_slot *ms_machine_slot(const ms_machine *machine, ms_value at, uint32_t hint) {
    bool there = hint < machine->slot_count && ms_value_equal(machine->slots[hint].at, at);
    return there ? &machine->slots[hint] : find_slot(machine, at);
}

ms_value ms_machine_load(const ms_machine *machine, const ms_world *world, ms_value at) {
    const ms_slot *slot = find_slot(machine, at);
    return slot ? slot->holds : load(machine, world, at, 8);
}

/* Whether two stretches of memory have a byte in common; addresses wrap. */
static bool overlap(const ms_slot *slot, ms_value at, uint8_t size) {
    uint64_t behind = (uint64_t)at.offset - (uint64_t)slot->at.offset;
    return slot->at.term == at.term && (behind < slot->size || 0 - behind < size);
}

/* Forgets what a store covers in part. */
static void forget_overlaps(ms_machine *machine, ms_value at, uint8_t size) {
    for (uint32_t i = 0; i < machine->slot_count;) {
        if (overlap(&machine->slots[i], at, size)) {
            machine->slots[i] = machine->slots[--machine->slot_count];
        } else {
            i++;
        }
    }
}

/* Where the block is matters more than anything else; of that what was first known is kept. */
static bool make_room(ms_machine *machine, ms_value value) {
    for (uint32_t i = 0; ms_value_leads(value) && i < machine->slot_count; i++) {
        if (!ms_value_leads(machine->slots[i].holds)) {
            machine->slots[i] = machine->slots[--machine->slot_count];
            return true;
        }
    }
    return false;
}

/* Any store elsewhere than on the stack may be to the same place under another name, so little is remembered of
 * it: where the block went, what went into it, and where the program keeps what other calls gave it. */
void ms_machine_store(ms_machine *machine, const ms_world *world, ms_value at, ms_value value,
                      uint8_t size) {
    if (at.term == MS_TERM_UNKNOWN) {
        return;
    }
    forget_overlaps(machine, at, size);
    uint8_t kind = ms_values_at(world->values, value.term)->kind;
    bool pointer = kind == MS_TERM_RESULT || (kind == MS_TERM_LOAD && at.term == MS_TERM_BLOCK);
    if (!ms_value_leads(value) && !(pointer && size == 8) && !is_frame(world->values, at)) {
        return;
    }
    if (machine->slot_count < MS_SLOTS || make_room(machine, value)) {
        machine->slots[machine->slot_count++] = (ms_slot){.at = at, .holds = value, .size = size};
    }
}

/* ---- operands --------------------------------------------------------------------------- */

ms_value ms_machine_address(const ms_machine *machine, const ms_world *world,
                            const ms_operand *operand) {
    ms_value at = ms_number(operand->number);
    if (operand->thread_local) {
        at = ms_value_plus((ms_value){.term = MS_TERM_THREAD}, operand->number);
    }
    if (operand->reg != MS_NO_REGISTER) {
        at = ms_values_add(world->values, at, machine->registers[operand->reg]);
    }
    if (operand->index != MS_NO_REGISTER) {
        ms_value index = machine->registers[operand->index];
        at =
            ms_values_add(world->values, at, ms_values_scale(world->values, index, operand->scale));
    }
    return at;
}

static ms_value read(const ms_machine *machine, const ms_world *world, const ms_operand *operand) {
    switch (operand->kind) {
    case MS_OPERAND_REGISTER: {
        ms_value value = machine->registers[operand->reg];
        return operand->size >= 8 || !ms_value_leads(value) ? value : ms_unknown();
    }
    case MS_OPERAND_NUMBER: return ms_number(operand->number);
    case MS_OPERAND_MEMORY:
        return load(machine, world, ms_machine_address(machine, world, operand), operand->size);
    default: return ms_unknown();
    }
}

/* What an instruction leaves is unknown, but the same wherever it is copied to. */
static ms_value left(const ms_world *world, const ms_instruction *i, uint32_t place) {
    return ms_values_make(world->values,
                          (ms_term){.kind = MS_TERM_LEFT, .a = place, .k = (int64_t)i->address});
}

static void store(ms_machine *machine, const ms_world *world, ms_value at, ms_value value,
                  uint8_t size, ms_stores *stores) {
    ms_machine_store(machine, world, at, value, size);
    if (stores->count < 2) {
        stores->items[stores->count++] = (ms_slot){.at = at, .holds = value, .size = size};
    }
}

static void write(ms_machine *machine, const ms_world *world, const ms_instruction *i,
                  const ms_operand *operand, ms_value value, ms_stores *stores) {
    if (value.term == MS_TERM_UNKNOWN) {
        value = left(world, i, operand->reg);
    }
    if (operand->kind == MS_OPERAND_REGISTER) {
        bool narrow = operand->size < 4 || (operand->size < 8 && ms_value_leads(value));
        bool number = operand->size == 4 && value.term == MS_TERM_NUMBER;
        value = narrow ? left(world, i, operand->reg) : value;
        machine->registers[operand->reg] = number ? ms_number((uint32_t)value.offset) : value;
    } else if (operand->kind == MS_OPERAND_MEMORY) {
        store(machine, world, ms_machine_address(machine, world, operand), value, operand->size,
              stores);
    }
}

/* ---- vector registers ------------------------------------------------------------------- */

static ms_value *vector(ms_machine *machine, const ms_operand *operand) {
    return operand->kind == MS_OPERAND_VECTOR ? machine->vectors[operand->reg] : NULL;
}

static ms_value low_half(ms_machine *machine, const ms_world *world, const ms_operand *operand) {
    const ms_value *halves = vector(machine, operand);
    return halves ? halves[0] : operand->size >= 8 ? read(machine, world, operand) : ms_unknown();
}

static void move_half(ms_machine *machine, const ms_world *world, const ms_instruction *i,
                      ms_stores *stores) {
    const ms_operand *to = &i->operands[0], *from = &i->operands[1];
    ms_value *target = vector(machine, to), *source = vector(machine, from);
    unsigned half = i->op == MS_OP_HIGH;
    ms_value value = source ? source[half] : low_half(machine, world, from);
    if (!target) {
        write(machine, world, i, to, value, stores);
        return;
    }
    target[half] = value;
    if (!half) {
        target[1] = ms_number(0);
    }
}

static void move_whole(ms_machine *machine, const ms_world *world, const ms_instruction *i,
                       ms_stores *stores) {
    const ms_operand *to = &i->operands[0], *from = &i->operands[1];
    ms_value *target = vector(machine, to), *source = vector(machine, from);
    ms_value halves[2] = {ms_unknown(), ms_unknown()};
    if (source) {
        memcpy(halves, source, sizeof halves);
    } else if (from->kind == MS_OPERAND_MEMORY) {
        ms_value at = ms_machine_address(machine, world, from);
        halves[0] = load(machine, world, at, 8);
        halves[1] = load(machine, world, ms_value_plus(at, 8), 8);
    }
    if (target) {
        memcpy(target, halves, sizeof halves);
    } else if (to->kind == MS_OPERAND_MEMORY) {
        ms_value at = ms_machine_address(machine, world, to);
        store(machine, world, at, halves[0], 8, stores);
        store(machine, world, ms_value_plus(at, 8), halves[1], 8, stores);
    }
}

static void pair(ms_machine *machine, const ms_world *world, const ms_instruction *i) {
    ms_value *target = vector(machine, &i->operands[0]);
    if (target) {
        target[1] = low_half(machine, world, &i->operands[1]);
    }
}

/* ---- instructions ----------------------------------------------------------------------- */

/* A place whose address is handed on may be changed; one that holds the block stays interesting. */
static void lend(ms_machine *machine, const ms_world *world, const ms_instruction *i,
                 ms_value argument) {
    ms_slot *slot = argument.term == MS_TERM_FRAME ? find_slot(machine, argument) : NULL;
    if (slot && !ms_value_leads(slot->holds)) {
        slot->holds = left(world, i, (uint32_t)argument.offset);
    }
}

static void call(ms_machine *machine, const ms_world *world, const ms_instruction *i) {
    for (uint32_t n = 0; n < MS_ARGUMENTS; n++) {
        lend(machine, world, i, machine->registers[ms_argument(n)]);
    }
    for (unsigned n = 0; n < sizeof scratch; n++) {
        machine->registers[scratch[n]] = left(world, i, scratch[n]);
    }
    for (unsigned n = 0; n < MS_VECTORS; n++) {
        machine->vectors[n][0] = machine->vectors[n][1] = ms_unknown();
    }
    machine->registers[MS_RAX] =
        ms_values_make(world->values, (ms_term){.kind = MS_TERM_RESULT, .k = (int64_t)i->address});
    machine->tested = ms_unknown();
}

static void push(ms_machine *machine, const ms_world *world, const ms_instruction *i,
                 ms_stores *stores) {
    ms_value value = read(machine, world, &i->operands[0]);
    ms_value *top = &machine->registers[MS_RSP];
    *top = ms_value_plus(*top, -8);
    store(machine, world, *top, value.term == MS_TERM_UNKNOWN ? left(world, i, 0) : value, 8,
          stores);
}

static void pop(ms_machine *machine, const ms_world *world, const ms_instruction *i,
                const ms_operand *to, ms_stores *stores) {
    ms_value top = machine->registers[MS_RSP];
    ms_value value = load(machine, world, top, 8);
    machine->registers[MS_RSP] = ms_value_plus(top, 8);
    write(machine, world, i, to, value, stores);
}

static void leave(ms_machine *machine, const ms_world *world, const ms_instruction *i,
                  ms_stores *stores) {
    const ms_operand frame = {.kind = MS_OPERAND_REGISTER, .size = 8, .reg = MS_RBP};
    machine->registers[MS_RSP] = machine->registers[MS_RBP];
    pop(machine, world, i, &frame, stores);
}

/* cmov: of the block and something else it is the block that is followed. */
static void choose(ms_machine *machine, const ms_world *world, const ms_instruction *i,
                   ms_stores *stores) {
    ms_value kept = read(machine, world, &i->operands[0]);
    ms_value moved = read(machine, world, &i->operands[1]);
    bool taken, passed;
    ms_machine_branch(machine, i->condition, &taken, &passed);
    if (taken && passed) {
        passed = moved.term != MS_TERM_BLOCK && kept.term == MS_TERM_BLOCK;
        taken = moved.term == MS_TERM_BLOCK;
    }
    ms_value value = taken ? moved : passed ? kept : ms_unknown();
    write(machine, world, i, &i->operands[0], value, stores);
}

static void other(ms_machine *machine, const ms_world *world, const ms_instruction *i,
                  ms_stores *stores) {
    for (uint32_t r = 0; r < MS_REGISTERS; r++) {
        if (i->clobbers & 1u << r) {
            machine->registers[r] = left(world, i, r);
        }
        if (i->clobbers & 1u << (16 + r)) {
            machine->vectors[r][0] = machine->vectors[r][1] = ms_unknown();
        }
    }
    if (i->writes_memory) {
        ms_value at = ms_machine_address(machine, world, &i->operands[0]);
        store(machine, world, at, left(world, i, MS_NO_REGISTER), i->operands[0].size, stores);
    }
}

static void zero(ms_machine *machine, const ms_world *world, const ms_instruction *i,
                 ms_stores *stores) {
    ms_value *target = vector(machine, &i->operands[0]);
    if (target) {
        target[0] = target[1] = ms_number(0);
    } else {
        write(machine, world, i, &i->operands[0], ms_number(0), stores);
    }
}

static bool keeps_flags(uint8_t op) {
    switch (op) {
    case MS_OP_OTHER:
    case MS_OP_ADD:
    case MS_OP_SUBTRACT:
    case MS_OP_MULTIPLY:
    case MS_OP_ZERO:
    case MS_OP_CALL: return false;
    default: return true;
    }
}

void ms_machine_step(ms_machine *m, const ms_world *world, const ms_instruction *i,
                     ms_stores *stores) {
    const ms_operand *to = &i->operands[0], *from = &i->operands[1];
    stores->count = 0;
    if (!keeps_flags(i->op)) {
        m->tested = ms_unknown();
    }
    switch (i->op) {
    case MS_OP_OTHER: other(m, world, i, stores); break;
    case MS_OP_MOVE:
        if (to->kind != MS_OPERAND_NONE) {
            write(m, world, i, to, read(m, world, from), stores);
        }
        break;
    case MS_OP_ADDRESS: write(m, world, i, to, ms_machine_address(m, world, from), stores); break;
    case MS_OP_ADD:
        write(m, world, i, to,
              ms_values_add(world->values, read(m, world, to), read(m, world, from)), stores);
        break;
    case MS_OP_SUBTRACT:
        write(m, world, i, to,
              ms_values_subtract(world->values, read(m, world, to), read(m, world, from)), stores);
        break;
    case MS_OP_MULTIPLY:
        write(m, world, i, to, ms_values_scale(world->values, read(m, world, from), i->factor),
              stores);
        break;
    case MS_OP_ZERO: zero(m, world, i, stores); break;
    case MS_OP_EXCHANGE: {
        ms_value a = read(m, world, to), b = read(m, world, from);
        write(m, world, i, to, b, stores);
        write(m, world, i, from, a, stores);
        break;
    }
    case MS_OP_SELECT: choose(m, world, i, stores); break;
    case MS_OP_COMPARE: m->tested = read(m, world, to); break;
    case MS_OP_PUSH: push(m, world, i, stores); break;
    case MS_OP_POP: pop(m, world, i, to, stores); break;
    case MS_OP_LEAVE: leave(m, world, i, stores); break;
    case MS_OP_CALL: call(m, world, i); break;
    case MS_OP_LOW:
    case MS_OP_HIGH: move_half(m, world, i, stores); break;
    case MS_OP_PAIR: pair(m, world, i); break;
    case MS_OP_WHOLE: move_whole(m, world, i, stores); break;
    default: break;
    }
}

void ms_machine_branch(const ms_machine *machine, uint8_t condition, bool *taken, bool *passed) {
    *taken = *passed = true;
    bool zero = machine->tested.term == MS_TERM_NUMBER && machine->tested.offset == 0;
    bool other = machine->tested.term == MS_TERM_BLOCK ||
                 (machine->tested.term == MS_TERM_NUMBER && machine->tested.offset != 0);
    if (condition == MS_IF_OTHER || (!zero && !other)) {
        return;
    }
    *taken = (condition == MS_IF_ZERO) == zero;
    *passed = !*taken;
}

/* ---- where the block is ----------------------------------------------------------------- */

uint64_t ms_machine_block_places(const ms_machine *machine) {
    uint64_t sum = 0;
    for (uint32_t r = 0; r < MS_REGISTERS; r++) {
        ms_value value = machine->registers[r];
        sum += ms_value_leads(value)
                   ? ms_mum(r + 1, MS_HASH_K * value.term + (uint64_t)value.offset)
                   : 0;
        for (unsigned half = 0; half < 2; half++) {
            value = machine->vectors[r][half];
            sum += ms_value_leads(value) ? ms_hash_u64(100 + 2 * r + half) : 0;
        }
    }
    for (uint32_t i = 0; i < machine->slot_count; i++) {
        const ms_slot *slot = &machine->slots[i];
        if (ms_value_leads(slot->holds)) {
            sum += ms_mum(ms_hash_u64(slot->at.term) ^ (uint64_t)slot->at.offset,
                          MS_HASH_K * slot->holds.term + (uint64_t)slot->holds.offset);
        }
    }
    return sum;
}

bool ms_machine_has_block(const ms_machine *machine) {
    return ms_machine_block_places(machine) != 0;
}
