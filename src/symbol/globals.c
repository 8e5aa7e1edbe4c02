#include "symbol/globals.h"

#include <stdlib.h>
#include <string.h>

#include "symbol/die.h"
#include "symbol/grow.h"

#define GLOBALS_MAX 500000u
#define DEPTH_MAX 32

static void read_size(Dwarf_Die *die, ms_global *global) {
    Dwarf_Die type;
    uint64_t size = ms_die_type(die, &type) ? ms_die_size(&type) : MS_DIE_NO_SIZE;
    global->size = size == MS_DIE_NO_SIZE ? 0 : size;
}

static void read_address(Dwarf_Die *die, ms_global *global) {
    Dwarf_Attribute storage;
    Dwarf_Op *ops;
    size_t count;
    Dwarf_Attribute *location = dwarf_attr(die, DW_AT_location, &storage);
    if (!location || dwarf_getlocation(location, &ops, &count) != 0 || count == 0) {
        return;
    }
    bool thread = count == 2 && (ops[1].atom == DW_OP_GNU_push_tls_address ||
                                 ops[1].atom == DW_OP_form_tls_address);
    if (count == 1 && ops[0].atom == DW_OP_addr) {
        global->address = ops[0].number;
    } else if (thread) {
        global->address = ops[0].number;
        global->thread = true;
    }
}

static void add(ms_globals *globals, Dwarf_Die *die) {
    const char *name = ms_die_text(die, DW_AT_name);
    ms_global *items =
        name && globals->count < GLOBALS_MAX
            ? ms_grow(globals->items, globals->count, &globals->capacity, sizeof *items)
            : NULL;
    if (!items) {
        return;
    }
    globals->items = items;
    items[globals->count] = (ms_global){.name = name, .die = *die};
    read_address(die, &items[globals->count]);
    read_size(die, &items[globals->count++]);
}

static void read_children(ms_globals *globals, Dwarf_Die *parent, int depth) {
    Dwarf_Die child;
    if (depth >= DEPTH_MAX || dwarf_child(parent, &child) != 0) {
        return;
    }
    do {
        switch (dwarf_tag(&child)) {
        case DW_TAG_variable: add(globals, &child); break;
        case DW_TAG_namespace: read_children(globals, &child, depth + 1); break;
        default: break;
        }
    } while (dwarf_siblingof(&child, &child) == 0);
}

ms_globals *ms_globals_read(Dwarf_Die *unit, ms_arena *arena) {
    ms_globals *globals = ms_arena_alloc(arena, sizeof *globals);
    read_children(globals, unit, 0);
    ms_global *kept = ms_arena_alloc(arena, globals->count * sizeof *kept);
    if (globals->count) {
        memcpy(kept, globals->items, globals->count * sizeof *kept);
    }
    free(globals->items);
    globals->items = kept;
    return globals;
}

static bool covers(const ms_global *global, uint64_t address, bool thread) {
    bool placed = thread ? global->thread : global->address && !global->thread;
    return placed && address >= global->address && address - global->address < global->size;
}

const ms_global *ms_globals_find(const ms_globals *globals, uint64_t address, bool thread,
                                 const char *name) {
    const ms_global *named = NULL;
    for (size_t i = 0; i < globals->count; i++) {
        const ms_global *global = &globals->items[i];
        if (covers(global, address, thread)) {
            return global;
        }
        if (name && !thread && strcmp(global->name, name) == 0) {
            named = global;
        }
    }
    return named;
}
