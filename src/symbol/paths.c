#include "symbol/paths.h"

#include <stdio.h>
#include <string.h>

#include "symbol/die.h"
#include "symbol/library.h"

#define STEPS_MAX 4000u /* members looked at: unions in unions in unions */
#define DEPTH_MAX 24

typedef struct finding {
    ms_types *types;
    ms_path *paths;
    size_t count;
    ms_running running;
    uint32_t steps;
    ms_path line; /* so far */
} finding;

static void find_in(finding *f, const Dwarf_Die *type, uint64_t offset, int depth);

static bool is_qualifier(int tag) {
    switch (tag) {
    case DW_TAG_const_type:
    case DW_TAG_volatile_type:
    case DW_TAG_restrict_type:
    case DW_TAG_atomic_type: return true;
    default: return false;
    }
}

bool ms_paths_target(const Dwarf_Die *type, Dwarf_Die *target, bool *pointer) {
    Dwarf_Die peeled;
    *pointer = false;
    if (!ms_die_peel(type, &peeled)) {
        return false;
    }
    switch (dwarf_tag(&peeled)) {
    case DW_TAG_pointer_type:
    case DW_TAG_reference_type:
    case DW_TAG_rvalue_reference_type: *pointer = true; break;
    default: return false;
    }
    Dwarf_Die bare;
    bool any = ms_die_type(&peeled, target);
    for (int i = 0; any && i < MS_DIE_CHAIN_MAX && is_qualifier(dwarf_tag(target)); i++) {
        any = ms_die_type(target, target);
    }
    return any && ms_die_peel(target, &bare);
}

/* Appends to the line, goes on, and takes it back. */
static void go_on(finding *f, const char *before, const char *name, const char *after,
                  const Dwarf_Die *type, uint64_t offset, int depth) {
    size_t length = strlen(f->line.text), room = sizeof f->line.text - length;
    bool silent = f->line.holder.addr != NULL;
    int added = silent ? 0 : snprintf(f->line.text + length, room, "%s%s%s", before, name, after);
    if (added >= 0 && (size_t)added < room) {
        find_in(f, type, offset, depth + 1);
    }
    f->line.text[length] = '\0';
}

/* Rust calls the members of a tuple 0, 1 ..., and its compiler __0, __1 ... */
static const char *said_name(Dwarf_Die *member) {
    const char *name = ms_die_text(member, DW_AT_name);
    bool numbered = name && strncmp(name, "__", 2) == 0 && name[2] >= '0' && name[2] <= '9';
    return numbered && ms_die_language(member) == DW_LANG_Rust ? name + 2 : name;
}

static void find_in_member(finding *f, Dwarf_Die *member, uint64_t offset, bool arm, int depth) {
    Dwarf_Die type;
    Dwarf_Word start = 0, bits;
    if (ms_die_number(member, DW_AT_bit_size, &bits) || !ms_die_type(member, &type)) {
        return;
    }
    ms_die_number(member, DW_AT_data_member_location, &start);
    uint64_t size = ms_die_size(&type);
    bool inside = offset >= start && (size == MS_DIE_NO_SIZE || offset - start < size);
    if (!inside) {
        return;
    }
    const char *name = said_name(member);
    bool plain = dwarf_tag(member) == DW_TAG_inheritance || !name;
    bool before = f->line.arm;
    f->line.arm |= arm;
    go_on(f, plain ? "" : ".", plain ? "" : name, "", &type, offset - start, depth);
    f->line.arm = before;
}

static void find_in_members(finding *f, Dwarf_Die *type, uint64_t offset, int depth) {
    Dwarf_Die child;
    bool arm = dwarf_tag(type) == DW_TAG_union_type;
    if (dwarf_child(type, &child) != 0) {
        return;
    }
    do {
        int tag = dwarf_tag(&child);
        if ((tag == DW_TAG_member || tag == DW_TAG_inheritance) &&
            !ms_die_flag(&child, DW_AT_external)) {
            find_in_member(f, &child, offset, arm, depth);
        }
    } while (++f->steps < STEPS_MAX && dwarf_siblingof(&child, &child) == 0);
}

/* T a[m][n] is walked through one dimension at a time, as one of m * n elements. */
static void find_in_array(finding *f, Dwarf_Die *type, uint64_t offset, int depth) {
    Dwarf_Die element;
    uint64_t size;
    char number[24];
    if (!ms_die_type(type, &element) || (size = ms_die_size(&element)) == MS_DIE_NO_SIZE ||
        size == 0) {
        return;
    }
    bool runs = !f->line.indexed && f->running.stride && (uint64_t)f->running.stride % size == 0;
    snprintf(number, sizeof number, "%llu", (unsigned long long)(offset / size));
    bool before = f->line.indexed;
    f->line.indexed |= runs;
    go_on(f, "[", runs ? f->running.index : number, "]", &element, offset % size, depth);
    f->line.indexed = before;
}

static bool is_pointer(const Dwarf_Die *type) {
    Dwarf_Die target;
    bool pointer;
    ms_paths_target(type, &target, &pointer);
    return pointer;
}

/* A pointer drives out what is none. */
static void take(finding *f, const Dwarf_Die *type) {
    bool pointer = is_pointer(type);
    if (f->running.whole || (f->count && !pointer)) {
        return;
    }
    if (f->count && !is_pointer(&f->paths[0].type)) {
        f->count = 0;
    }
    if (f->count < MS_PATHS_MAX) {
        f->line.type = *type;
        f->paths[f->count++] = f->line;
    }
}

static void find_in_object(finding *f, const Dwarf_Die *type, Dwarf_Die *peeled, uint64_t offset,
                           int depth) {
    bool begins = !f->line.holder.addr && ms_library_class(f->types, peeled);
    if (begins) {
        f->line.holder = *type;
    }
    if (begins && f->running.whole && f->count < MS_PATHS_MAX) {
        f->line.type = *type;
        f->paths[f->count++] = f->line;
    } else {
        find_in_members(f, peeled, offset, depth);
    }
    if (begins) {
        f->line.holder.addr = NULL;
    }
}

static void find_in(finding *f, const Dwarf_Die *type, uint64_t offset, int depth) {
    Dwarf_Die peeled;
    if (depth >= DEPTH_MAX || ++f->steps >= STEPS_MAX || !ms_die_peel(type, &peeled)) {
        return;
    }
    switch (dwarf_tag(&peeled)) {
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type: find_in_object(f, type, &peeled, offset, depth); break;
    case DW_TAG_array_type: find_in_array(f, &peeled, offset, depth); break;
    default:
        if (offset == 0 && ms_die_size(&peeled) == 8) {
            take(f, type);
        }
        break;
    }
}

size_t ms_paths_find(ms_types *types, const Dwarf_Die *type, uint64_t offset, ms_running running,
                     ms_path *paths) {
    finding f = {.types = types, .paths = paths, .running = running};
    find_in(&f, type, offset, 0);
    return f.count;
}
