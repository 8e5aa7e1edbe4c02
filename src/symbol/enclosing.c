#include "symbol/enclosing.h"

#include <stdlib.h>

#include "symbol/die.h"
#include "symbol/grow.h"

#define DEPTH_MAX 64

typedef struct walk {
    ms_enclosing *enclosing;
    ms_names *names;
    size_t *budget;
} walk;

void ms_enclosing_deinit(ms_enclosing *e) {
    ms_spans_deinit(&e->spans);
    free(e->items);
    *e = (ms_enclosing){0};
}

static bool encloses(int tag) {
    switch (tag) {
    case DW_TAG_namespace:
    case DW_TAG_module:
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
    case DW_TAG_enumeration_type: return true; /* Rust has types in what it calls one */
    default: return false;
    }
}

/* The entry's own name below that of what it is in; NULL when both have none. */
static const char *qualified(walk *w, Dwarf_Die *die, const char *outer) {
    const char *name = ms_die_text(die, DW_AT_name);
    if (!name) {
        name = dwarf_tag(die) == DW_TAG_namespace ? "(anonymous namespace)" : NULL;
    }
    if (!name || !outer) {
        return name ? name : outer;
    }
    return ms_names_join(w->names, outer, "::", name);
}

static bool add(walk *w, Dwarf_Die *die, Dwarf_Off end, const char *name) {
    ms_enclosing *e = w->enclosing;
    ms_enclosure *items = *w->budget && e->count < UINT32_MAX
                              ? ms_grow(e->items, e->count, &e->capacity, sizeof *items)
                              : NULL;
    if (!items) {
        return false;
    }
    --*w->budget;
    e->items = items;
    items[e->count] = (ms_enclosure){.name = name, .die = *die};
    return ms_spans_add(&e->spans, dwarf_dieoffset(die) + 1, end, (uint32_t)e->count++);
}

/* Of what lies between `parent` and `end`. An entry's own offset belongs to what it is in. */
static void walk_children(walk *w, Dwarf_Die *parent, Dwarf_Off end, const char *outer, int depth) {
    Dwarf_Die child, next;
    if (depth >= DEPTH_MAX || dwarf_child(parent, &child) != 0) {
        return;
    }
    for (bool more = true; more; child = next) {
        more = dwarf_siblingof(&child, &next) == 0;
        if (!encloses(dwarf_tag(&child)) || !dwarf_haschildren(&child)) {
            continue;
        }
        const char *name = qualified(w, &child, outer);
        Dwarf_Off past = more ? dwarf_dieoffset(&next) : end;
        if (name && !add(w, &child, past, name)) {
            return;
        }
        walk_children(w, &child, past, name, depth + 1);
    }
}

void ms_enclosing_read(ms_enclosing *e, Dwarf_Die *unit, ms_names *names, size_t *budget) {
    walk w = {.enclosing = e, .names = names, .budget = budget};
    walk_children(&w, unit, UINT64_MAX, NULL, 0);
    ms_spans_flatten(&e->spans);
}

const ms_enclosure *ms_enclosing_at(const ms_enclosing *e, Dwarf_Off offset) {
    uint32_t index;
    return ms_spans_find(&e->spans, offset, &index) ? &e->items[index] : NULL;
}
