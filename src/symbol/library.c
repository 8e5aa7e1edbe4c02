#include "symbol/library.h"

#include <string.h>

#include "symbol/die.h"

static bool starts_with_any(const char *text, const char *const *prefixes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strncmp(text, prefixes[i], strlen(prefixes[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- names ------------------------------------------------------------------------------ */

bool ms_library_name(const char *name, bool of_rust) {
    static const char *const cpp[] = {"std::", "__gnu_cxx::", "operator new"};
    static const char *const rust[] = {"alloc::", "core::",  "hashbrown::", "std::", "<alloc::",
                                       "<core::", "__rust_", "__rdl_",      "__rg_", "<std::"};
    return of_rust ? starts_with_any(name, rust, sizeof rust / sizeof *rust)
                   : starts_with_any(name, cpp, sizeof cpp / sizeof *cpp) ||
                         strcmp(name, "std") == 0 || strcmp(name, "__gnu_cxx") == 0;
}

/* Both of its manglings: the older one ends in "17h" and a hash. */
static bool is_of_rust(const char *symbol) {
    size_t length = strlen(symbol);
    return strncmp(symbol, "_R", 2) == 0 || strncmp(symbol, "__r", 3) == 0 ||
           (length > 23 && strncmp(symbol, "_ZN", 3) == 0 &&
            strncmp(symbol + length - 20, "17h", 3) == 0);
}

bool ms_library_symbol(const char *symbol, ms_names *names) {
    static const char *const prefixes[] = {"_ZSt",   "_ZNSt",         "_ZNKSt", "_ZNSs",
                                           "_ZNKSs", "_ZN9__gnu_cxx", "_Znw",   "_Zna"};
    return starts_with_any(symbol, prefixes, sizeof prefixes / sizeof *prefixes) ||
           (is_of_rust(symbol) && ms_library_name(ms_names_demangle(names, symbol), true));
}

bool ms_library_owner(const char *symbol) {
    static const char *const prefixes[] = {"_ZNSt10unique_ptr",     "_ZNSt10shared_ptr",
                                           "_ZNSt12__shared_ptr",   "_ZNSt8auto_ptr",
                                           "_ZNSt3__110unique_ptr", "_ZNSt3__110shared_ptr"};
    return starts_with_any(symbol, prefixes, sizeof prefixes / sizeof *prefixes);
}

/* ---- entries ---------------------------------------------------------------------------- */

static bool leads_to(Dwarf_Die *die, unsigned attribute, Dwarf_Die *next) {
    Dwarf_Attribute storage;
    return dwarf_formref_die(dwarf_attr(die, attribute, &storage), next) != NULL;
}

Dwarf_Die ms_library_declaration(const Dwarf_Die *function) {
    Dwarf_Die die = *function, next;
    for (int i = 0; i < MS_DIE_CHAIN_MAX && (leads_to(&die, DW_AT_abstract_origin, &next) ||
                                             leads_to(&die, DW_AT_specification, &next));
         i++) {
        die = next;
    }
    return die;
}

bool ms_library_function(ms_types *types, const Dwarf_Die *function) {
    Dwarf_Die die = ms_library_declaration(function);
    const ms_enclosure *outer = ms_types_enclosing(types, &die);
    const char *name = outer ? outer->name : ms_die_text(&die, DW_AT_name);
    return name && ms_library_name(name, ms_types_language(types, &die) == DW_LANG_Rust);
}

bool ms_library_class(ms_types *types, const Dwarf_Die *type) {
    Dwarf_Die die = *type;
    const ms_enclosure *outer = ms_types_enclosing(types, &die);
    const char *name = ms_die_text(&die, DW_AT_name); /* of a Box<dyn ...> with all that it is in */
    return name && strncmp(name, "pair<", 5) != 0 &&
           ms_library_name(outer ? outer->name : name,
                           ms_types_language(types, &die) == DW_LANG_Rust);
}

bool ms_library_iterator(const Dwarf_Die *type) {
    Dwarf_Die peeled;
    const char *name = ms_die_peel(type, &peeled) ? ms_die_text(&peeled, DW_AT_name) : NULL;
    const char *arguments = name ? strchr(name, '<') : NULL,
               *found = name ? strstr(name, "iterator") : NULL;
    return found && (!arguments || found < arguments);
}

/* Whether it is returned to where the caller says: it is too large for registers, or has a copy constructor. */
static bool returned_in_memory(Dwarf_Die *type) {
    Dwarf_Die peeled;
    Dwarf_Word convention = 0;
    int tag = ms_die_peel(type, &peeled) ? dwarf_tag(&peeled) : DW_TAG_invalid;
    if (tag != DW_TAG_structure_type && tag != DW_TAG_class_type) {
        return false;
    }
    ms_die_number(&peeled, DW_AT_calling_convention, &convention);
    uint64_t size = ms_die_size(&peeled);
    return convention == DW_CC_pass_by_reference || (size > 16 && size != MS_DIE_NO_SIZE);
}

/* The first entry of a kind in another one. */
static bool child_of(Dwarf_Die *die, int tag, Dwarf_Die *child) {
    bool more = dwarf_child(die, child) == 0;
    while (more && dwarf_tag(child) != tag) {
        more = dwarf_siblingof(child, child) == 0;
    }
    return more;
}

/* The type of the object that the function is a member of; false: of none. */
static bool object_of(Dwarf_Die *function, Dwarf_Die *type) {
    Dwarf_Die child;
    const char *name = child_of(function, DW_TAG_formal_parameter, &child)
                           ? ms_die_text(&child, DW_AT_name)
                           : NULL;
    return name && (strcmp(name, "this") == 0 || strcmp(name, "self") == 0) &&
           ms_die_type(&child, type);
}

/* Whether a function may change the object that it is a member of. */
static bool changes(const Dwarf_Die *type, Dwarf_Die *target) {
    Dwarf_Die pointer;
    if (!ms_die_peel(type, &pointer) || dwarf_tag(&pointer) != DW_TAG_pointer_type ||
        !ms_die_type(&pointer, target)) {
        return false;
    }
    const char *name = ms_die_text(&pointer, DW_AT_name); /* Rust has one: "&mut T" */
    return name ? strncmp(name, "&mut ", 5) == 0 : dwarf_tag(target) != DW_TAG_const_type;
}

/* Nothing in Rust's core can allocate: what its iterators give their callers is not theirs. */
static bool only_lends(ms_types *types, const Dwarf_Die *type) {
    Dwarf_Die die = *type;
    const ms_enclosure *outer = ms_types_enclosing(types, &die);
    return outer && strncmp(outer->name, "core::", 6) == 0;
}

/* Whether a case of an enumeration of Rust has anything in it. */
static bool has_content(Dwarf_Die *variant) {
    Dwarf_Die member, type, child;
    return child_of(variant, DW_TAG_member, &member) && ms_die_type(&member, &type) &&
           child_of(&type, DW_TAG_member, &child);
}

static bool is_either(const Dwarf_Die *type) {
    Dwarf_Die peeled, part, variant;
    unsigned full = 0;
    bool more = ms_die_peel(type, &peeled) && child_of(&peeled, DW_TAG_variant_part, &part) &&
                dwarf_child(&part, &variant) == 0;
    for (; more; more = dwarf_siblingof(&variant, &variant) == 0) {
        full += dwarf_tag(&variant) == DW_TAG_variant && has_content(&variant);
    }
    return full > 1;
}

bool ms_library_returns_either(const Dwarf_Die *function) {
    Dwarf_Die declaration = ms_library_declaration(function), type;
    return ms_die_type(&declaration, &type) && is_either(&type);
}

static uint64_t known_size(const Dwarf_Die *type) {
    uint64_t size = ms_die_size(type);
    return size == MS_DIE_NO_SIZE ? 0 : size;
}

/* Rust returns what fits into two registers there. Of that only its owning pointers keep anything: a handle, such as that of
 * the standard output, does not. */
static bool returned_in_registers(ms_types *types, const Dwarf_Die *type, uint64_t size) {
    Dwarf_Die peeled;
    if (!ms_die_peel(type, &peeled)) {
        return false;
    }
    const ms_enclosure *outer = ms_types_enclosing(types, &peeled);
    const char *name = outer ? outer->name : ms_die_text(&peeled, DW_AT_name);
    return name && strncmp(name, "alloc::", 7) == 0 && (size == 8 || size == 16);
}

/* C++ and Rust pass the object first; but where to return what is too large for registers comes before it. */
ms_library_keeper ms_library_keeper_of(ms_types *types, const Dwarf_Die *function, uint64_t *size) {
    Dwarf_Die die = *function, declaration = ms_library_declaration(function), object, type, target;
    bool member = object_of(&die, &object), returns = ms_die_type(&declaration, &type);
    bool in_memory = returns && returned_in_memory(&type);
    *size = 0;
    if (member && changes(&object, &target) && !only_lends(types, &target)) {
        *size = known_size(&target);
        return in_memory ? MS_LIBRARY_SECOND : MS_LIBRARY_FIRST;
    }
    *size = returns && !is_either(&type) ? known_size(&type) : 0;
    if (in_memory) {
        return MS_LIBRARY_FIRST;
    }
    if (returns && ms_die_language(&die) == DW_LANG_Rust &&
        returned_in_registers(types, &type, *size)) {
        return MS_LIBRARY_RESULT;
    }
    *size = 0;
    return member ? MS_LIBRARY_FIRST : MS_LIBRARY_NONE;
}
