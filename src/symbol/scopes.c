#include "symbol/scopes.h"

#include <stdlib.h>
#include <string.h>

#include <dwarf.h>

#include "symbol/die.h"
#include "symbol/grow.h"

/* With templates and inlining scopes nest to some tens; deeper is damage or malice, and the walk
 * recurses. */
#define MS_DEPTH_MAX 256

/* What the walk over a unit's DIEs carries. */
typedef struct ms_walk {
    ms_scopes *scopes;
    size_t *budget;
    bool rust;
    Dwarf_Die function; /* the one it is in; addr NULL: none */
    Dwarf_Die type;     /* the class in that function it is in; addr NULL: none */
} ms_walk;

void ms_scopes_deinit(ms_scopes *scopes) {
    ms_spans_deinit(&scopes->spans);
    free(scopes->items);
    free(scopes->locals);
    *scopes = (ms_scopes){0};
}

static bool add_ranges(ms_walk *walk, Dwarf_Die *die, uint32_t scope) {
    Dwarf_Addr base, low, high;
    ptrdiff_t offset = 0;
    bool any = false;
    while (*walk->budget && (offset = dwarf_ranges(die, offset, &base, &low, &high)) > 0) {
        --*walk->budget;
        /* Functions the linker dropped stay described, at address 0. */
        if (low && low < high && ms_spans_add(&walk->scopes->spans, low, high, scope)) {
            any = true;
        }
    }
    return any;
}

/* The scope's index, or MS_NO_SCOPE. A function without code is abstract or dropped, but an inlined
 * call whose own instructions are all gone still stands between what it called and its caller. */
static uint32_t add_scope(ms_walk *walk, Dwarf_Die *die, uint32_t outer, bool inlined) {
    ms_scopes *scopes = walk->scopes;
    ms_scope *items = *walk->budget && scopes->count < MS_NO_SCOPE
                          ? ms_grow(scopes->items, scopes->count, &scopes->capacity, sizeof *items)
                          : NULL;
    if (!items) {
        return MS_NO_SCOPE;
    }
    --*walk->budget;
    scopes->items = items;
    uint32_t index = (uint32_t)scopes->count;
    if (!add_ranges(walk, die, index) && !inlined) {
        return MS_NO_SCOPE;
    }
    items[scopes->count++] = (ms_scope){.die = *die, .outer = outer, .inlined = inlined};
    return index;
}

/* The walk goes forward through the file, so offsets ascend. */
static void add_local(ms_walk *walk, Dwarf_Die *die) {
    ms_scopes *scopes = walk->scopes;
    if (!walk->type.addr || !*walk->budget || dwarf_hasattr_integrate(die, DW_AT_linkage_name)) {
        return;
    }
    ms_local *locals =
        ms_grow(scopes->locals, scopes->local_count, &scopes->local_capacity, sizeof *locals);
    if (locals) {
        --*walk->budget;
        scopes->locals = locals;
        locals[scopes->local_count++] = (ms_local){
            .offset = dwarf_dieoffset(die), .type = walk->type, .function = walk->function};
    }
}

static void walk_children(ms_walk *walk, Dwarf_Die *parent, uint32_t scope, int depth);

/* A function defined inside another, as lambdas are, is no part of it: its code stands alone. */
static void walk_function(ms_walk *walk, Dwarf_Die *die, int depth) {
    ms_walk inside = *walk;
    add_local(walk, die);
    inside.function = *die;
    inside.type.addr = NULL;
    walk_children(&inside, die, add_scope(walk, die, MS_NO_SCOPE, false), depth + 1);
}

static void walk_type(ms_walk *walk, Dwarf_Die *die, int depth) {
    ms_walk inside = *walk;
    inside.type = *die;
    walk_children(&inside, die, MS_NO_SCOPE, depth + 1);
}

/* Most DIEs of a C++ unit are in types. Those outside functions only declare their functions, so
 * they are passed over; gcc puts the code of lambdas and other local classes inside the class. Older rustc
 * puts that of all methods there. */
static void walk_die(ms_walk *walk, Dwarf_Die *die, uint32_t scope, int depth) {
    if (depth >= MS_DEPTH_MAX) {
        return;
    }
    switch (dwarf_tag(die)) {
    case DW_TAG_subprogram: walk_function(walk, die, depth); break;
    case DW_TAG_inlined_subroutine:
        walk_children(walk, die, add_scope(walk, die, scope, true), depth + 1);
        break;
    case DW_TAG_namespace:
    case DW_TAG_module:
    case DW_TAG_lexical_block:
    case DW_TAG_try_block:
    case DW_TAG_catch_block: walk_children(walk, die, scope, depth + 1); break;
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
    case DW_TAG_enumeration_type:
        if (walk->function.addr) {
            walk_type(walk, die, depth);
        } else if (walk->rust) {
            walk_children(walk, die, MS_NO_SCOPE, depth + 1);
        }
        break;
    default: break;
    }
}

static void walk_children(ms_walk *walk, Dwarf_Die *parent, uint32_t scope, int depth) {
    Dwarf_Die child;
    if (dwarf_child(parent, &child) != 0) {
        return;
    }
    do {
        walk_die(walk, &child, scope, depth);
    } while (dwarf_siblingof(&child, &child) == 0);
}

void ms_scopes_read(ms_scopes *scopes, Dwarf_Die *unit, size_t *budget) {
    ms_walk walk = {
        .scopes = scopes, .budget = budget, .rust = dwarf_srclang(unit) == DW_LANG_Rust};
    walk_children(&walk, unit, MS_NO_SCOPE, 0);
    ms_spans_flatten(&scopes->spans); /* outer scopes come first in `items`: inner ones win */
}

ms_scope *ms_scopes_find(const ms_scopes *scopes, uint64_t address) {
    uint32_t index;
    return ms_spans_find(&scopes->spans, address, &index) ? &scopes->items[index] : NULL;
}

static const char *linkage_name_of(Dwarf_Die *die, ms_names *names) {
    const char *mangled = ms_die_text(die, DW_AT_linkage_name);
    if (!mangled) {
        mangled = ms_die_text(die, DW_AT_MIPS_linkage_name);
    }
    return mangled ? ms_names_demangle(names, mangled) : NULL;
}

static int compare_offset(const void *key, const void *item) {
    Dwarf_Off offset = *(const Dwarf_Off *)key;
    const ms_local *local = item;
    return (offset > local->offset) - (offset < local->offset);
}

/* The member of a local class that `die` is an inlined call of; NULL: of something else. */
static ms_local *find_local(const ms_scopes *scopes, Dwarf_Die *die) {
    Dwarf_Attribute storage;
    Dwarf_Die origin;
    if (!scopes->local_count ||
        !dwarf_formref_die(dwarf_attr(die, DW_AT_abstract_origin, &storage), &origin)) {
        return NULL;
    }
    Dwarf_Off offset = dwarf_dieoffset(&origin);
    return bsearch(&offset, scopes->locals, scopes->local_count, sizeof(ms_local), compare_offset);
}

/* outer()::<lambda>::operator(), which is what a symbol of its own would say. */
static const char *local_name(ms_local *local, const char *name, ms_names *names) {
    const char *function = linkage_name_of(&local->function, names);
    const char *type = ms_die_text(&local->type, DW_AT_name);
    if (!function) {
        function = ms_die_text(&local->function, DW_AT_name);
    }
    if (!type) {
        type = strncmp(name, "operator()", 10) == 0 ? "<lambda>" : "<unnamed>";
    }
    const char *class = function ? ms_names_join(names, function, "::", type) : type;
    return ms_names_join(names, class, "::", name);
}

static void describe_name(const ms_scopes *scopes, ms_scope *scope, ms_names *names) {
    scope->name = linkage_name_of(&scope->die, names);
    scope->linkage = scope->name != NULL;
    if (!scope->linkage) {
        scope->name = ms_die_text(&scope->die, DW_AT_name);
        ms_local *local = scope->name ? find_local(scopes, &scope->die) : NULL;
        scope->name = local ? local_name(local, scope->name, names) : scope->name;
    }
}

void ms_scopes_describe(const ms_scopes *scopes, ms_scope *scope, const char *directory,
                        ms_names *names) {
    if (scope->described) {
        return;
    }
    scope->described = true;
    describe_name(scopes, scope, names);
    if (scope->inlined) {
        Dwarf_Word line;
        bool known = ms_die_number(&scope->die, DW_AT_call_line, &line) && line <= UINT32_MAX;
        scope->call_line = known ? (uint32_t)line : 0;
        scope->call_file =
            ms_names_path(names, directory, ms_die_file(&scope->die, DW_AT_call_file));
    }
}
