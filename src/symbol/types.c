#include "symbol/types.h"

#include <stdlib.h>
#include <string.h>

#include "symbol/die.h"
#include "symbol/enclosing.h"
#include "symbol/enumerators.h"
#include "symbol/grow.h"
#include "symbol/index.h"
#include "symbol/layout.h"
#include "symbol/spelling.h"
#include "util/map.h"

/* Structures inside of structures, pointers to pointers: deeper is not described. */
#define DEPTH_MAX 32

/* More entries than any program of today has names of types; some hundred MB. */
#define ENTRIES_MAX ((size_t)1 << 23)

struct ms_types {
    Dwarf *dwarf;
    ms_arena *arena;
    ms_names *names;
    size_t budget;
    int language; /* of the file */
    bool asked;   /* for that */
    ms_index index;
    bool indexed;
    ms_map unit_of; /* address of a unit's entry -> index + 1 */
    ms_enclosing *units;
    size_t unit_count, unit_capacity;
    ms_map described_of; /* address of an entry -> index + 1 */
    ms_datatype **described;
    size_t described_count, described_capacity;
    int depth;
};

ms_types *ms_types_new(Dwarf *dwarf, size_t file_size, ms_arena *arena, ms_names *names) {
    ms_types *types = calloc(1, sizeof *types);
    if (types) {
        types->dwarf = dwarf;
        types->arena = arena;
        types->names = names;
        types->budget = file_size < ENTRIES_MAX ? file_size : ENTRIES_MAX;
        ms_map_init(&types->unit_of, arena);
        ms_map_init(&types->described_of, arena);
    }
    return types;
}

ms_names *ms_types_names(ms_types *types) {
    return types->names;
}

void ms_types_free(ms_types *types) {
    if (!types) {
        return;
    }
    for (size_t i = 0; i < types->unit_count; i++) {
        ms_enclosing_deinit(&types->units[i]);
    }
    ms_index_deinit(&types->index);
    free(types->units);
    free(types->described);
    free(types);
}

int ms_types_language(ms_types *types, Dwarf_Die *die) {
    int language = ms_die_language(die);
    if (!language && !types->asked) {
        types->asked = true;
        types->language = ms_dwarf_language(types->dwarf);
    }
    return language ? language : types->language;
}

/* ---- spelling --------------------------------------------------------------------------- */

/* Of a unit of C nothing is read: there nothing encloses anything. NULL without memory. */
static ms_enclosing *unit_of(ms_types *types, Dwarf_Die *die) {
    Dwarf_Die entry;
    if (!dwarf_diecu(die, &entry, NULL, NULL)) {
        return NULL;
    }
    uint32_t *number = ms_map_at(&types->unit_of, (uint64_t)(uintptr_t)entry.addr, NULL);
    if (*number) {
        return &types->units[*number - 1];
    }
    ms_enclosing *units =
        ms_grow(types->units, types->unit_count, &types->unit_capacity, sizeof *units);
    if (!units) {
        return NULL;
    }
    types->units = units;
    ms_enclosing *fresh = &units[types->unit_count++];
    *number = (uint32_t)types->unit_count;
    *fresh = (ms_enclosing){0};
    if (!ms_language_is_c(ms_types_language(types, &entry))) {
        ms_enclosing_read(fresh, &entry, types->names, &types->budget);
    }
    return fresh;
}

const ms_enclosure *ms_types_enclosing(ms_types *types, Dwarf_Die *die) {
    const ms_enclosing *unit = unit_of(types, die);
    return unit ? ms_enclosing_at(unit, dwarf_dieoffset(die)) : NULL;
}

static const char *enclosing(void *context, Dwarf_Die *die) {
    const ms_enclosure *outer = ms_types_enclosing(context, die);
    return outer ? outer->name : NULL;
}

static int language(void *context, Dwarf_Die *die) {
    return ms_types_language(context, die);
}

const char *ms_types_spell(ms_types *types, Dwarf_Die *die) {
    const ms_spelling_source source = {types->names, enclosing, language, types};
    return ms_spell_type(die, &source);
}

/* ---- what is only declared -------------------------------------------------------------- */

static const ms_index *index_of(ms_types *types) {
    if (!types->indexed) {
        types->indexed = true;
        ms_index_read(&types->index, types->dwarf, types->arena, types->names, &types->budget);
    }
    return &types->index;
}

static bool is_aggregate(int tag) {
    return tag == DW_TAG_structure_type || tag == DW_TAG_class_type || tag == DW_TAG_union_type;
}

/* Several definitions of one name: nobody knows which is meant. */
static const ms_entry *definition(ms_types *types, const char *name) {
    const ms_entry *found = NULL;
    const ms_index *index = index_of(types);
    for (const ms_entry *e = ms_index_find(index, name); e; e = ms_index_next(index, e)) {
        if (!is_aggregate(dwarf_tag((Dwarf_Die *)&e->die))) {
            continue;
        }
        if (found) {
            return NULL;
        }
        found = e;
    }
    return found;
}

Dwarf_Die ms_types_complete(ms_types *types, const Dwarf_Die *die) {
    Dwarf_Die declared = *die;
    const char *name = ms_die_text(&declared, DW_AT_name);
    if (!is_aggregate(dwarf_tag(&declared)) || !name ||
        !dwarf_hasattr(&declared, DW_AT_declaration)) {
        return declared;
    }
    const char *outer = enclosing(types, &declared);
    const char *whole = outer ? ms_names_join(types->names, outer, "::", name) : name;
    const ms_entry *found =
        definition(types, ms_spell_name(whole, ms_types_language(types, &declared), types->names));
    return found ? found->die : declared;
}

/* ---- descriptions ----------------------------------------------------------------------- */

static ms_datatype_kind kind_of_number(Dwarf_Die *type) {
    static const char *const characters[] = {"char", "wchar_t", "char8_t", "char16_t", "char32_t"};
    const char *name = ms_die_text(type, DW_AT_name);
    for (size_t i = 0; name && i < sizeof characters / sizeof *characters; i++) {
        if (strcmp(name, characters[i]) == 0) {
            return MS_DATATYPE_CHARACTER;
        }
    }
    return ms_die_size(type) == 1 ? MS_DATATYPE_BYTE : MS_DATATYPE_NUMBER;
}

static ms_datatype_kind kind_of(Dwarf_Die *type) {
    switch (dwarf_tag(type)) {
    case DW_TAG_base_type: return kind_of_number(type);
    case DW_TAG_enumeration_type:
    case DW_TAG_subrange_type: return MS_DATATYPE_NUMBER;
    case DW_TAG_pointer_type:
    case DW_TAG_reference_type:
    case DW_TAG_rvalue_reference_type:
    case DW_TAG_ptr_to_member_type: return MS_DATATYPE_POINTER;
    case DW_TAG_array_type: return MS_DATATYPE_ARRAY;
    case DW_TAG_structure_type:
    case DW_TAG_class_type: return MS_DATATYPE_STRUCT;
    case DW_TAG_union_type: return MS_DATATYPE_UNION;
    default: return MS_DATATYPE_VOID;
    }
}

static const char *spell(void *context, Dwarf_Die *type) {
    return ms_types_spell(context, type);
}

static const ms_layout *nested(void *context, Dwarf_Die *type) {
    bool known = is_aggregate(dwarf_tag(type));
    return known ? ms_types_describe(context, type)->layout : NULL;
}

/* A block is not constant because a pointer to it is one to something constant. */
static bool unqualified(Dwarf_Die *type) {
    for (int i = 0; i < MS_DIE_CHAIN_MAX; i++) {
        switch (dwarf_tag(type)) {
        case DW_TAG_const_type:
        case DW_TAG_volatile_type:
        case DW_TAG_restrict_type: break;
        default: return true;
        }
        if (!ms_die_type(type, type)) {
            return false;
        }
    }
    return false;
}

static void describe(ms_types *types, ms_datatype *out, Dwarf_Die *die) {
    Dwarf_Die type, inner;
    ms_layout_source source = {spell, nested, types, types->arena};
    if (!die || !ms_die_peel(die, &type)) {
        return;
    }
    out->kind = kind_of(&type);
    if (out->kind == MS_DATATYPE_STRUCT || out->kind == MS_DATATYPE_UNION) {
        type = ms_types_complete(types, &type);
        out->layout = ms_layout_read(&type, &source);
        if (ms_die_text(&type, DW_AT_name)) {
            out->plain = ms_types_spell(types, &type);
        }
    }
    out->size = ms_die_size(&type);
    bool has_inner = out->kind == MS_DATATYPE_POINTER || out->kind == MS_DATATYPE_ARRAY;
    if (has_inner && ms_die_type(&type, &inner) && unqualified(&inner)) {
        out->inner = ms_types_describe(types, &inner);
    }
}

static const ms_datatype nothing = {.name = "void", .plain = "void", .size = MS_NO_SIZE};

/* NULL without memory. */
static ms_datatype *add(ms_types *types, uint64_t key) {
    ms_datatype **items = ms_grow(types->described, types->described_count,
                                  &types->described_capacity, sizeof(ms_datatype *));
    if (!items || types->described_count >= UINT32_MAX) {
        return NULL;
    }
    types->described = items;
    ms_datatype *fresh = ms_arena_alloc(types->arena, sizeof *fresh);
    items[types->described_count++] = fresh;
    *ms_map_at(&types->described_of, key, NULL) = (uint32_t)types->described_count;
    return fresh;
}

/* A type that contains itself is met again while it is described: then its members are not known yet, and
 * in an honest file nobody asks for them. */
const ms_datatype *ms_types_describe(ms_types *types, Dwarf_Die *die) {
    uint64_t key = die ? (uint64_t)(uintptr_t)die->addr : 0;
    uint32_t known = ms_map_get(&types->described_of, key);
    if (known) {
        return types->described[known - 1];
    }
    ms_datatype *fresh = types->depth < DEPTH_MAX ? add(types, key) : NULL;
    if (!fresh) {
        return &nothing;
    }
    types->depth++;
    fresh->name = fresh->plain = ms_types_spell(types, die);
    fresh->size = MS_NO_SIZE;
    describe(types, fresh, die);
    types->depth--;
    return fresh;
}

const ms_datatype *ms_types_in_node(ms_types *types, Dwarf_Die *die, uint64_t node_size) {
    ms_datatype *type = ms_arena_alloc(types->arena, sizeof *type);
    *type = *ms_types_describe(types, die);
    type->node_size = node_size;
    return type;
}

/* ---- names ------------------------------------------------------------------------------ */

static const char *without_keyword(const char *name) {
    static const char *const words[] = {"const ", "volatile ", "struct ",
                                        "class ", "union ",    "enum "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        if (strncmp(name, words[i], length) == 0) {
            name += length;
        }
    }
    return name;
}

/* "struct a" is not the typedef `a`. */
static bool answers(const ms_entry *entry, const char *wanted, uint64_t size) {
    Dwarf_Die die = entry->die;
    int tag = dwarf_tag(&die);
    bool tagged = strncmp(wanted, "struct ", 7) == 0 || strncmp(wanted, "union ", 6) == 0 ||
                  strncmp(wanted, "class ", 6) == 0;
    return tag != DW_TAG_subprogram && (!tagged || is_aggregate(tag)) &&
           (size == MS_NO_SIZE || entry->size == size);
}

/* In C one name may be a structure's and a typedef's, mostly of that structure. */
static bool differ(const ms_entry *a, const ms_entry *b) {
    Dwarf_Die left = a->die, right = b->die;
    bool one_typedef =
        (dwarf_tag(&left) == DW_TAG_typedef) != (dwarf_tag(&right) == DW_TAG_typedef);
    return a->size != b->size || !one_typedef;
}

/* `*several`: there are some that differ. */
static const ms_entry *lookup(ms_types *types, const char *name, uint64_t size, bool *several) {
    const ms_index *index = index_of(types);
    const ms_entry *found = NULL;
    const ms_entry *e = ms_index_find(index, without_keyword(name));
    for (; e && !*several; e = ms_index_next(index, e)) {
        if (answers(e, name, size)) {
            *several = found && differ(found, e);
            found = e;
        }
    }
    return *several ? NULL : found;
}

/* Linkers do not spell names as compilers do, and each of these has its own way. */
const ms_datatype *ms_types_named(ms_types *types, const char *name, uint64_t size) {
    bool several = false;
    const char *cpp = ms_spell_name(name, DW_LANG_C_plus_plus, types->names);
    const char *const spellings[] = {name, cpp,
                                     ms_enumerators_named(index_of(types), cpp, types->names),
                                     ms_spell_name(name, DW_LANG_Rust, types->names)};
    const ms_entry *found = NULL;
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings && !found && !several; i++) {
        bool again = i && strcmp(spellings[i], spellings[i - 1]) == 0;
        found = again ? NULL : lookup(types, spellings[i], size, &several);
    }
    Dwarf_Die die = found ? found->die : (Dwarf_Die){0};
    return found ? ms_types_describe(types, &die) : NULL;
}

const ms_datatype *ms_types_unseen(ms_types *types, const char *name, int language) {
    ms_datatype *type = ms_arena_alloc(types->arena, sizeof *type);
    name = ms_names_join(types->names, name, "", "");
    type->name = type->plain = ms_spell_name(name, language, types->names);
    type->size = MS_NO_SIZE;
    return type;
}

/* A structure, or a typedef of one that has no name of its own. */
static bool is_definition(Dwarf_Die *die) {
    Dwarf_Die type;
    if (dwarf_tag(die) == DW_TAG_typedef) {
        return ms_die_type(die, &type) && is_aggregate(dwarf_tag(&type)) &&
               !ms_die_text(&type, DW_AT_name);
    }
    return is_aggregate(dwarf_tag(die));
}

void ms_types_each(ms_types *types, bool (*visit)(void *context, const ms_datatype *type),
                   void *context) {
    const ms_index *index = index_of(types);
    bool more = true;
    for (size_t i = 0; more && i < index->count; i++) {
        Dwarf_Die die = index->items[i].die;
        more = !is_definition(&die) || visit(context, ms_types_describe(types, &die));
    }
}

void ms_types_functions(ms_types *types, const char *name,
                        bool (*visit)(void *context, Dwarf_Die *unit, Dwarf_Die *function),
                        void *context) {
    const ms_index *index = index_of(types);
    const ms_entry *e = ms_index_find(index, name);
    for (bool more = true; more && e; e = ms_index_next(index, e)) {
        Dwarf_Die home = e->unit, die = e->die;
        more = !ms_entry_is_function(e) || visit(context, &home, &die);
    }
}
