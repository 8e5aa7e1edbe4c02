#include "symbol/places.h"

#include <stdlib.h>
#include <string.h>

#include "symbol/die.h"
#include "symbol/grow.h"

#define DEPTH_MAX 200u
#define WHERE_MAX 200000u /* a function of a person has some thousands */
#define ACTIVE_MAX ((size_t)4 << 20)

/* ---- one location ----------------------------------------------------------------------- */

static bool general_register(uint64_t number) {
    return number < MS_REGISTERS;
}

/* DWARF counts vector registers from 17. */
static bool vector_register(uint64_t number) {
    return number >= 17 && number < 17 + MS_VECTORS;
}

static bool in_register(uint64_t number, ms_where *where) {
    where->kind = general_register(number) ? MS_IN_REGISTER : MS_IN_VECTOR;
    where->reg = (uint8_t)(general_register(number) ? number : number - 17);
    return general_register(number) || vector_register(number);
}

static bool at_register(uint64_t number, Dwarf_Word offset, bool is_value, ms_where *where) {
    where->kind = is_value ? MS_IS_SUM : MS_IN_MEMORY;
    where->reg = (uint8_t)number;
    where->offset = (int64_t)offset;
    return general_register(number);
}

static bool at_frame(Dwarf_Word offset, bool is_value, ms_where *where) {
    where->kind = is_value ? MS_IS_SUM : MS_IN_MEMORY;
    where->reg = MS_PLACE_FRAME;
    where->offset = (int64_t)offset;
    return true;
}

/* DW_OP_entry_value holds an expression of its own: the register whose value it is. */
static bool at_entry(Dwarf_Attribute *attribute, const Dwarf_Op *op, ms_where *where) {
    Dwarf_Attribute inner;
    Dwarf_Op *ops;
    size_t count;
    if (dwarf_getlocation_attr(attribute, op, &inner) != 0 ||
        dwarf_getlocation(&inner, &ops, &count) != 0 || count != 1) {
        return false;
    }
    uint64_t number =
        ops[0].atom == DW_OP_regx ? ops[0].number : (uint64_t)ops[0].atom - DW_OP_reg0;
    where->kind = MS_IS_ENTRY;
    where->reg = (uint8_t)number;
    return general_register(number);
}

/* Of a variable, or a part of one, that is not computed but is somewhere. */
static bool read_simple(Dwarf_Attribute *attribute, const Dwarf_Op *ops, size_t count,
                        ms_where *where) {
    bool is_value = count == 2 && ops[1].atom == DW_OP_stack_value;
    if (count == 2 && ops[1].atom == DW_OP_deref && read_simple(attribute, ops, 1, where) &&
        where->kind == MS_IN_MEMORY) {
        where->kind = MS_BEHIND_POINTER;
        return true;
    }
    if (count == 0 || (count > 1 && !is_value)) {
        return false;
    }
    uint8_t atom = ops[0].atom;
    if (atom >= DW_OP_reg0 && atom <= DW_OP_reg31) {
        return !is_value && in_register(atom - DW_OP_reg0, where);
    }
    if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31) {
        return at_register(atom - DW_OP_breg0, ops[0].number, is_value, where);
    }
    switch (atom) {
    case DW_OP_regx: return !is_value && in_register(ops[0].number, where);
    case DW_OP_bregx: return at_register(ops[0].number, ops[0].number2, is_value, where);
    case DW_OP_fbreg: return at_frame(ops[0].number, is_value, where);
    case DW_OP_addr:
        where->kind = MS_AT_ADDRESS;
        where->offset = (int64_t)ops[0].number;
        return !is_value;
    case DW_OP_entry_value:
    case DW_OP_GNU_entry_value: return is_value && at_entry(attribute, &ops[0], where);
    default: return false;
    }
}

/* ---- all of them ------------------------------------------------------------------------ */

typedef struct surveying {
    ms_places *places;
    uint8_t frame; /* the register that DW_OP_fbreg starts from */
    int64_t frame_offset;
} surveying;

static void add_where(surveying *r, ms_where where) {
    ms_places *p = r->places;
    ms_where *items = p->count < WHERE_MAX && where.low < where.high
                          ? ms_grow(p->items, p->count, &p->capacity, sizeof *items)
                          : NULL;
    if (!items) {
        return;
    }
    bool from_register =
        where.kind == MS_IN_MEMORY || where.kind == MS_IS_SUM || where.kind == MS_BEHIND_POINTER;
    if (where.reg == MS_PLACE_FRAME && from_register) {
        where.reg = r->frame;
        where.offset += r->frame_offset;
    }
    p->items = items;
    items[p->count++] = where;
}

/* A location may be made of pieces: an aggregate of which each member is somewhere else. */
static void add_pieces(surveying *r, Dwarf_Attribute *attribute, const Dwarf_Op *ops, size_t count,
                       ms_where where) {
    size_t from = 0;
    uint64_t part = 0;
    for (size_t i = 0; i < count; i++) {
        if (ops[i].atom != DW_OP_piece) {
            continue;
        }
        where.part = part;
        where.whole = false;
        if (read_simple(attribute, ops + from, i - from, &where)) {
            add_where(r, where);
        }
        part += ops[i].number;
        from = i + 1;
    }
    where.part = 0;
    where.whole = true;
    if (from == 0 && read_simple(attribute, ops, count, &where)) {
        add_where(r, where);
    }
}

/* One expression for all of the scope: in each of its stretches. */
static void add_everywhere(surveying *r, Dwarf_Attribute *attribute, uint32_t scope,
                           uint32_t variable) {
    Dwarf_Op *ops;
    size_t count;
    Dwarf_Addr base, low, high;
    ptrdiff_t offset = 0;
    if (dwarf_getlocation(attribute, &ops, &count) != 0) {
        return;
    }
    Dwarf_Die *die = &r->places->scopes[scope].die;
    while ((offset = dwarf_ranges(die, offset, &base, &low, &high)) > 0 &&
           r->places->count < WHERE_MAX) {
        add_pieces(r, attribute, ops, count,
                   (ms_where){.low = low, .high = high, .variable = variable});
    }
}

static void add_listed(surveying *r, Dwarf_Attribute *attribute, uint32_t variable) {
    Dwarf_Op *ops;
    size_t count;
    Dwarf_Addr base, low, high;
    ptrdiff_t offset = 0;
    while ((offset = dwarf_getlocations(attribute, offset, &base, &low, &high, &ops, &count)) > 0 &&
           r->places->count < WHERE_MAX) {
        add_pieces(r, attribute, ops, count,
                   (ms_where){.low = low, .high = high, .variable = variable});
    }
}

/* The nearest scope that has code: a block may have none of its own. */
static uint32_t with_code(const ms_places *p, uint32_t scope) {
    Dwarf_Addr base, low, high;
    while (scope && dwarf_ranges(&p->scopes[scope].die, 0, &base, &low, &high) <= 0) {
        scope = p->scopes[scope].outer;
    }
    return scope;
}

static void add_variable(surveying *r, Dwarf_Die *die, uint32_t scope) {
    ms_places *p = r->places;
    Dwarf_Attribute location;
    if (!dwarf_attr(die, DW_AT_location, &location)) {
        return;
    }
    ms_local_variable *variables =
        ms_grow(p->variables, p->variable_count, &p->variable_capacity, sizeof *variables);
    if (!variables) {
        return;
    }
    p->variables = variables;
    uint32_t index = (uint32_t)p->variable_count++;
    variables[index] = (ms_local_variable){.die = *die,
                                           .name = ms_die_text(die, DW_AT_name),
                                           .scope = scope,
                                           .parameter = dwarf_tag(die) == DW_TAG_formal_parameter};
    unsigned form = dwarf_whatform(&location);
    if (form == DW_FORM_exprloc || form == DW_FORM_block1 || form == DW_FORM_block2 ||
        form == DW_FORM_block4 || form == DW_FORM_block) {
        add_everywhere(r, &location, with_code(p, scope), index);
    } else {
        add_listed(r, &location, index);
    }
}

static void read_children(surveying *r, uint32_t scope);

static void add_scope(surveying *r, Dwarf_Die *die, uint32_t outer) {
    ms_places *p = r->places;
    ms_place_scope *scopes = ms_grow(p->scopes, p->scope_count, &p->scope_capacity, sizeof *scopes);
    if (!scopes || (p->scope_count && scopes[outer].depth >= DEPTH_MAX)) {
        p->scopes = scopes ? scopes : p->scopes;
        return;
    }
    p->scopes = scopes;
    uint32_t index = (uint32_t)p->scope_count++;
    bool inlined = dwarf_tag(die) == DW_TAG_inlined_subroutine;
    scopes[index] = (ms_place_scope){.die = *die,
                                     .outer = outer,
                                     .depth = index ? scopes[outer].depth + 1 : 0,
                                     .inlined = index ? scopes[outer].inlined + inlined : 0};
    read_children(r, index);
}

static void read_children(surveying *r, uint32_t scope) {
    Dwarf_Die child;
    if (dwarf_child(&r->places->scopes[scope].die, &child) != 0) {
        return;
    }
    do {
        switch (dwarf_tag(&child)) {
        case DW_TAG_variable:
        case DW_TAG_formal_parameter: add_variable(r, &child, scope); break;
        case DW_TAG_lexical_block:
        case DW_TAG_inlined_subroutine:
        case DW_TAG_try_block:
        case DW_TAG_catch_block: add_scope(r, &child, scope); break;
        default: break;
        }
    } while (dwarf_siblingof(&child, &child) == 0);
}

/* ---- by address ------------------------------------------------------------------------- */

static int compare_bounds(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void collect_bounds(ms_places *p, ms_arena *arena) {
    size_t count = 0;
    p->bounds = ms_arena_alloc(arena, (2 * p->count + 1) * sizeof *p->bounds);
    for (size_t i = 0; i < p->count; i++) {
        p->bounds[count++] = p->items[i].low;
        p->bounds[count++] = p->items[i].high;
    }
    qsort(p->bounds, count, sizeof *p->bounds, compare_bounds);
    for (size_t i = 0; i < count; i++) {
        if (p->bound_count == 0 || p->bounds[p->bound_count - 1] != p->bounds[i]) {
            p->bounds[p->bound_count++] = p->bounds[i];
        }
    }
}

size_t ms_places_stretch(const ms_places *p, uint64_t address) {
    size_t low = 0, high = p->bound_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->bounds[middle] <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low == 0 || low == p->bound_count ? SIZE_MAX : low - 1;
}

/* Counts what is active in each stretch, then fills the lists in: twice the same walk. */
static void index_stretches(ms_places *p, ms_arena *arena) {
    p->starts = ms_arena_alloc(arena, (p->bound_count + 1) * sizeof *p->starts);
    size_t all = 0;
    for (size_t i = 0; i < p->count && all < ACTIVE_MAX; i++) {
        for (size_t s = ms_places_stretch(p, p->items[i].low);
             s < p->bound_count && p->bounds[s] < p->items[i].high; s++, all++) {
            p->starts[s + 1]++;
        }
    }
    if (all >= ACTIVE_MAX) {
        p->bound_count = 0;
        return;
    }
    for (size_t s = 0; s < p->bound_count; s++) {
        p->starts[s + 1] += p->starts[s];
    }
    p->active = ms_arena_alloc(arena, all * sizeof *p->active);
    uint32_t *filled = calloc(p->bound_count + 1, sizeof *filled);
    for (size_t i = 0; filled && i < p->count; i++) {
        for (size_t s = ms_places_stretch(p, p->items[i].low);
             s < p->bound_count && p->bounds[s] < p->items[i].high; s++) {
            p->active[p->starts[s] + filled[s]++] = (uint32_t)i;
        }
    }
    free(filled);
}

const uint32_t *ms_places_active(const ms_places *p, size_t stretch, size_t *count) {
    if (stretch >= p->bound_count) {
        *count = 0;
        return NULL;
    }
    *count = p->starts[stretch + 1] - p->starts[stretch];
    return p->active + p->starts[stretch];
}

/* ---- the whole -------------------------------------------------------------------------- */

static void read_frame_base(surveying *r, Dwarf_Die *function) {
    Dwarf_Attribute storage, *attribute = dwarf_attr(function, DW_AT_frame_base, &storage);
    Dwarf_Op *ops;
    size_t count;
    r->frame = MS_PLACE_FRAME;
    if (!attribute || dwarf_getlocation(attribute, &ops, &count) != 0 || count != 1) {
        return;
    }
    ms_where where = {0};
    if (read_simple(attribute, ops, count, &where) && where.kind != MS_IN_VECTOR) {
        r->frame = where.reg;
        r->frame_offset = where.kind == MS_IN_REGISTER ? 0 : where.offset;
    }
}

static void *keep(ms_arena *arena, void *items, size_t size) {
    void *kept = ms_arena_alloc(arena, size);
    if (size) {
        memcpy(kept, items, size);
    }
    free(items);
    return kept;
}

ms_places *ms_places_read(Dwarf_Die *function, ms_arena *arena) {
    ms_places *p = ms_arena_alloc(arena, sizeof *p);
    surveying r = {.places = p};
    read_frame_base(&r, function);
    add_scope(&r, function, 0);
    p->scopes = keep(arena, p->scopes, p->scope_count * sizeof *p->scopes);
    p->variables = keep(arena, p->variables, p->variable_count * sizeof *p->variables);
    p->items = keep(arena, p->items, p->count * sizeof *p->items);
    collect_bounds(p, arena);
    index_stretches(p, arena);
    return p;
}

bool ms_place_address(const ms_where *where, const ms_machine *machine, const ms_world *world,
                      ms_value *at) {
    if (where->kind == MS_AT_ADDRESS) {
        *at = ms_number(where->offset);
        return true;
    }
    if (where->kind != MS_IN_MEMORY && where->kind != MS_BEHIND_POINTER) {
        return false;
    }
    ms_value base = {.term = MS_TERM_FRAME};
    if (where->reg != MS_PLACE_FRAME) {
        base = machine->registers[where->reg];
    }
    *at = ms_value_plus(base, where->offset);
    if (where->kind == MS_BEHIND_POINTER) {
        *at = ms_machine_load(machine, world, *at);
    }
    return at->term != MS_TERM_UNKNOWN;
}

ms_value ms_place_value(const ms_where *where, const ms_machine *machine, const ms_world *world) {
    ms_value at;
    if (ms_place_address(where, machine, world, &at)) {
        return ms_machine_load(machine, world, at);
    }
    switch (where->kind) {
    case MS_IN_REGISTER: return machine->registers[where->reg];
    case MS_IN_VECTOR: return machine->vectors[where->reg][0];
    case MS_IS_SUM:
        at = where->reg == MS_PLACE_FRAME ? (ms_value){.term = MS_TERM_FRAME}
                                          : machine->registers[where->reg];
        return ms_value_plus(at, where->offset);
    case MS_IS_ENTRY:
        return ms_values_make(world->values, (ms_term){.kind = MS_TERM_ENTRY, .a = where->reg});
    default: return ms_unknown();
    }
}

bool ms_places_in_scope(const ms_places *places, uint32_t scope, uint64_t address) {
    return dwarf_haspc(&places->scopes[scope].die, address) > 0;
}
