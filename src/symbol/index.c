#include "symbol/index.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "symbol/die.h"
#include "symbol/grow.h"
#include "symbol/spelling.h"

#define DEPTH_MAX 64

/* Of one name: beyond it is a function that is in the header of so many units. */
#define ALIKE_MAX 256

typedef struct walk {
    ms_index *index;
    ms_names *names;
    size_t *budget;
    Dwarf_Die unit;
    int language;
    bool of_c;
} walk;

void ms_index_deinit(ms_index *index) {
    free(index->items);
    index->items = NULL;
}

bool ms_entry_is_function(const ms_entry *entry) {
    return dwarf_tag((Dwarf_Die *)&entry->die) == DW_TAG_subprogram;
}

static uint64_t hash_of(const char *name) {
    return XXH64(name, strlen(name), 0);
}

static const ms_entry *from(const ms_index *index, uint32_t number, const char *name) {
    while (number && strcmp(index->items[number - 1].name, name) != 0) {
        number = index->items[number - 1].next;
    }
    return number ? &index->items[number - 1] : NULL;
}

const ms_entry *ms_index_find(const ms_index *index, const char *name) {
    return from(index, ms_map_get(&index->of, hash_of(name)), name);
}

const ms_entry *ms_index_next(const ms_index *index, const ms_entry *entry) {
    return from(index, entry->next, entry->name);
}

/* ---- reading ---------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Two files may each have a type of one name, and the size may be the same by chance; names of members are not. */
static bool same_members(const Dwarf_Die *a, const Dwarf_Die *b) {
    Dwarf_Die left, right;
    if (!ms_die_peel(a, &left) || !ms_die_peel(b, &right)) {
        return true; /* of void */
    }
    bool more = dwarf_child(&left, &left) == 0;
    if (more != (dwarf_child(&right, &right) == 0)) {
        return false;
    }
    while (more) {
        if (!same_text(ms_die_text(&left, DW_AT_name), ms_die_text(&right, DW_AT_name))) {
            return false;
        }
        more = dwarf_siblingof(&left, &left) == 0;
        if (more != (dwarf_siblingof(&right, &right) == 0)) {
            return false;
        }
    }
    return true;
}

/* The units that include a header all have its types. */
static bool is_known(const ms_index *index, uint32_t number, const ms_entry *wanted) {
    Dwarf_Die die = wanted->die;
    int tag = dwarf_tag(&die), alike = 0;
    for (; number; number = index->items[number - 1].next) {
        ms_entry *entry = &index->items[number - 1];
        bool same = dwarf_tag(&entry->die) == tag && entry->size == wanted->size &&
                    tag != DW_TAG_subprogram && strcmp(entry->name, wanted->name) == 0 &&
                    same_members(&entry->die, &die);
        if (same || ++alike == ALIKE_MAX) {
            return true;
        }
    }
    return false;
}

static void add(walk *w, Dwarf_Die *die, const char *name) {
    ms_index *index = w->index;
    ms_entry entry = {.die = *die, .unit = w->unit, .name = name, .size = MS_DIE_NO_SIZE};
    if (dwarf_tag(die) != DW_TAG_subprogram) {
        entry.size = ms_die_size(die);
    }
    uint32_t *first = ms_map_at(&index->of, hash_of(name), NULL);
    if (is_known(index, *first, &entry)) {
        return;
    }
    ms_entry *items = ms_grow(index->items, index->count, &index->capacity, sizeof *items);
    if (!items || index->count >= UINT32_MAX - 1) {
        return;
    }
    index->items = items;
    entry.next = *first;
    items[index->count++] = entry;
    *first = (uint32_t)index->count;
}

static void walk_children(walk *w, Dwarf_Die *parent, const char *outer, int depth);

/* As people write it: units of several compilers have one name for a type. */
static const char *qualified(walk *w, const char *outer, const char *name) {
    if (!name || w->of_c) {
        return name;
    }
    name = outer ? ms_names_join(w->names, outer, "::", name) : name;
    return ms_spell_name(name, w->language, w->names);
}

static void walk_type(walk *w, Dwarf_Die *die, const char *outer, int depth) {
    const char *name = qualified(w, outer, ms_die_text(die, DW_AT_name));
    if (name && !ms_die_flag(die, DW_AT_declaration)) {
        add(w, die, name);
    }
    if (!w->of_c && name) {
        walk_children(w, die, name, depth + 1);
    }
}

static void walk_namespace(walk *w, Dwarf_Die *die, const char *outer, int depth) {
    const char *name = ms_die_text(die, DW_AT_name);
    name = qualified(w, outer, name ? name : "(anonymous namespace)");
    walk_children(w, die, name, depth + 1);
}

/* A concrete copy of a function has its name in the abstract one, which is here, too. */
static void walk_function(walk *w, Dwarf_Die *die) {
    Dwarf_Attribute storage;
    const char *name = dwarf_formstring(dwarf_attr(die, DW_AT_name, &storage));
    if (w->of_c && name && !dwarf_hasattr(die, DW_AT_declaration)) {
        add(w, die, name);
    }
}

static void walk_die(walk *w, Dwarf_Die *die, const char *outer, int depth) {
    switch (dwarf_tag(die)) {
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type:
    case DW_TAG_enumeration_type: walk_type(w, die, outer, depth); break;
    case DW_TAG_namespace:
    case DW_TAG_module: walk_namespace(w, die, outer, depth); break;
    case DW_TAG_subprogram: walk_function(w, die); break;
    case DW_TAG_typedef:
    case DW_TAG_base_type: {
        const char *name = qualified(w, outer, ms_die_text(die, DW_AT_name));
        if (name) {
            add(w, die, name);
        }
        break;
    }
    default: break;
    }
}

static void walk_children(walk *w, Dwarf_Die *parent, const char *outer, int depth) {
    Dwarf_Die child;
    if (depth >= DEPTH_MAX || dwarf_child(parent, &child) != 0) {
        return;
    }
    do {
        if (!*w->budget) {
            return;
        }
        --*w->budget;
        walk_die(w, &child, outer, depth);
    } while (dwarf_siblingof(&child, &child) == 0);
}

static void walk_units(walk *w, Dwarf *dwarf, int language) {
    Dwarf_CU *unit = NULL;
    Dwarf_Die die;
    while (dwarf_get_units(dwarf, unit, &unit, NULL, NULL, &die, NULL) == 0) {
        if (!die.addr) { /* the unit's own entry cannot be read */
            continue;
        }
        w->unit = ms_die_unit(&die);
        w->language = ms_die_language(&w->unit);
        w->language = w->language ? w->language : language;
        w->of_c = ms_language_is_c(w->language);
        walk_children(w, &w->unit, NULL, 0);
    }
}

/* Units of one file may share their types in units that dwz has made; several files share them in one more file. */
void ms_index_read(ms_index *index, Dwarf *dwarf, ms_arena *arena, ms_names *names,
                   size_t *budget) {
    walk w = {.index = index, .names = names, .budget = budget};
    int language = ms_dwarf_language(dwarf);
    Dwarf *shared = dwarf_getalt(dwarf);
    ms_map_init(&index->of, arena);
    walk_units(&w, dwarf, language);
    if (shared) {
        walk_units(&w, shared, language);
    }
}
