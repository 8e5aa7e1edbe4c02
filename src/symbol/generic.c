#include "symbol/generic.h"

#include <string.h>

#include "symbol/die.h"
#include "symbol/library.h"

#define NAME_SIZE 512u /* longer arguments are not looked for by name */

/* A function's declaration stands where the source has it: in its class, in its namespace. */
typedef struct declared {
    Dwarf_Die die;
    Dwarf_Die class;   /* addr NULL: it is in a namespace, or in nothing */
    const char *outer; /* name of class or namespace; "": none */
    const char *name;
} declared;

typedef struct question {
    ms_types *types;
    ms_names *names;
    const ms_datatype *type;
} question;

static bool starts_with(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool starts_with_any(const char *text, const char *const *prefixes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (starts_with(text, prefixes[i])) {
            return true;
        }
    }
    return false;
}

/* ---- functions -------------------------------------------------------------------------- */

static bool is_class(int tag) {
    return tag == DW_TAG_class_type || tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
}

static declared declared_as(ms_types *types, const Dwarf_Die *function) {
    declared d = {.die = ms_library_declaration(function), .outer = ""};
    const ms_enclosure *outer = ms_types_enclosing(types, &d.die);
    const char *name = ms_die_text(&d.die, DW_AT_name);
    d.name = name ? name : "";
    if (outer) {
        d.outer = outer->name;
        Dwarf_Die die = outer->die;
        if (is_class(dwarf_tag(&die))) {
            d.class = die;
        }
    }
    return d;
}

/* The first type argument of a template; `name`: of that name; NULL: any. Those of a list (T...) are not asked
 * for. */
static bool type_argument(Dwarf_Die *of, const char *name, Dwarf_Die *type) {
    Dwarf_Die child;
    if (!of->addr || dwarf_child(of, &child) != 0) {
        return false;
    }
    do {
        const char *own = ms_die_text(&child, DW_AT_name);
        if (dwarf_tag(&child) == DW_TAG_template_type_parameter &&
            (!name || (own && strcmp(own, name) == 0))) {
            return ms_die_type(&child, type);
        }
    } while (dwarf_siblingof(&child, &child) == 0);
    return false;
}

/* ---- C++ -------------------------------------------------------------------------------- */

/* An allocator of anybody's: a template with a function `allocate` that returns a pointer to the first argument.
 * (That of std::allocator_traits does not: it only passes on.) */
static bool ask_allocator(const declared *d, Dwarf_Die *type) {
    Dwarf_Die class = d->class, function = d->die, result, argument;
    if (strcmp(d->name, "allocate") != 0 || !type_argument(&class, NULL, type) ||
        !ms_die_type(&function, &result) || !ms_die_peel(&result, &result) ||
        dwarf_tag(&result) != DW_TAG_pointer_type || !ms_die_type(&result, &result)) {
        return false;
    }
    return ms_die_peel(&result, &result) && ms_die_peel(type, &argument) &&
           result.addr == argument.addr;
}

/* Its characters are allocated by functions in the library, which rarely has debug info. */
static bool is_string(const char *class) {
    static const char *const strings[] = {"std::__cxx11::basic_string<", "std::basic_string<",
                                          "std::__1::basic_string<"};
    return starts_with_any(class, strings, sizeof strings / sizeof *strings);
}

static bool ask_cpp(const declared *d, Dwarf_Die *type) {
    Dwarf_Die class = d->class, function = d->die;
    if (ask_allocator(d, type)) {
        return true;
    }
    if (starts_with(d->name, "make_unique<") && starts_with(d->outer, "std")) {
        return type_argument(&function, NULL, type);
    }
    bool own = starts_with(d->outer, "std::_Function_base::_Base_manager<") || is_string(d->outer);
    return own && type_argument(&class, NULL, type);
}

/* ---- Rust ------------------------------------------------------------------------------- */

/* Functions of these allocate so many T; what rc and sync allocate is a T with counts in front of it. */
static bool ask_rust(const declared *d, Dwarf_Die *type) {
    static const char *const homes[] = {
        "alloc::raw_vec::", "alloc::boxed::", "alloc::vec::", "hashbrown::raw::"};
    Dwarf_Die function = d->die;
    return starts_with_any(d->outer, homes, sizeof homes / sizeof *homes) &&
           type_argument(&function, "T", type);
}

/* Rust's own library has no types in its debug info, but what its functions were made for is in their symbols:
 * "<alloc::raw_vec::RawVec<u8>>::reserve". Copies that argument; of several the first. */
static bool named_argument(const char *function, char *name, size_t size) {
    static const char *const homes[] = {"<alloc::raw_vec::RawVec<", "<alloc::boxed::Box<",
                                        "<hashbrown::raw::RawTable<"};
    for (size_t i = 0; i < sizeof homes / sizeof *homes; i++) {
        if (!starts_with(function, homes[i])) {
            continue;
        }
        const char *at = function + strlen(homes[i]);
        size_t length = 0;
        for (int depth = 0; at[length]; length++) {
            depth += strchr("<([", at[length]) != NULL;
            depth -= strchr(">)]", at[length]) != NULL;
            if (depth < 0 || (depth == 0 && at[length] == ',')) {
                break;
            }
        }
        if (length == 0 || length >= size || !at[length]) {
            return false;
        }
        memcpy(name, at, length);
        name[length] = '\0';
        return true;
    }
    return false;
}

/* ---- one address ------------------------------------------------------------------------ */

/* An array type stands for its elements: make_unique<int[]>. */
static const ms_datatype *block_type(ms_types *types, Dwarf_Die *type) {
    const ms_datatype *whole = ms_types_describe(types, type);
    return whole->kind == MS_DATATYPE_ARRAY && whole->inner ? whole->inner : whole;
}

static bool ask_rust_symbol(question *q, const Dwarf_Die *function) {
    Dwarf_Die die = *function;
    char name[NAME_SIZE];
    const char *symbol = ms_die_text(&die, DW_AT_linkage_name);
    if (!symbol || !named_argument(ms_names_demangle(q->names, symbol), name, sizeof name)) {
        return false;
    }
    q->type = ms_types_named(q->types, name, MS_NO_SIZE);
    if (!q->type) {
        q->type = ms_types_unseen(q->types, name, DW_LANG_Rust);
    }
    return true;
}

/* What the library keeps one of the program's objects in each, by the names of these classes. */
static bool is_node(const char *class) {
    static const char *const nodes[] = {"std::_Rb_tree_node<",
                                        "std::_List_node<",
                                        "std::_Fwd_list_node<",
                                        "std::__detail::_Hash_node<",
                                        "std::_Sp_counted_ptr_inplace<",
                                        "std::__list_node<",
                                        "std::__forward_list_node<",
                                        "std::__shared_ptr_emplace<",
                                        "alloc::rc::RcBox<",
                                        "alloc::rc::RcInner<",
                                        "alloc::sync::ArcInner<",
                                        "alloc::collections::linked_list::Node<"};
    return starts_with_any(class, nodes, sizeof nodes / sizeof *nodes);
}

/* The object in a node is what the program has asked for. */
static const ms_datatype *in_node(ms_types *types, Dwarf_Die *type, const ms_datatype *node) {
    Dwarf_Die class, element;
    if (!is_node(node->plain) || !ms_die_peel(type, &class) ||
        !type_argument(&class, NULL, &element)) {
        return node;
    }
    return ms_types_in_node(types, &element, node->size);
}

static ms_generic ask(question *q, const Dwarf_Die *function) {
    Dwarf_Die type;
    declared d = declared_as(q->types, function);
    bool rust = ms_types_language(q->types, &d.die) == DW_LANG_Rust;
    if (rust ? ask_rust(&d, &type) : ask_cpp(&d, &type)) {
        q->type = in_node(q->types, &type, block_type(q->types, &type));
        return MS_GENERIC_TYPE;
    }
    if (rust && ask_rust_symbol(q, function)) {
        return MS_GENERIC_TYPE;
    }
    const char *name = *d.outer ? d.outer : d.name;
    return ms_library_name(name, rust) ? MS_GENERIC_ON : MS_GENERIC_NO;
}

/* The characters of a string, and of a file's buffer, are allocated inside of the library. */
static ms_generic ask_symbol(const ms_object *object, uint64_t address, ms_names *names,
                             const ms_datatype **type) {
    static const ms_datatype character = {.name = "char", .size = 1, .kind = MS_DATATYPE_CHARACTER};
    static const char *const strings[] = {"_ZNSt7__cxx1112basic_stringIcS", "_ZNSs",
                                          "_ZNSt3__112basic_stringIcN", "_ZNSt13basic_filebufIc",
                                          "_ZNSt3__113basic_filebufIc"};
    const char *symbol = ms_table_find(&object->table, address);
    if (symbol && starts_with_any(symbol, strings, sizeof strings / sizeof *strings)) {
        *type = &character;
        return MS_GENERIC_TYPE;
    }
    return symbol && ms_library_symbol(symbol, names) ? MS_GENERIC_ON : MS_GENERIC_NO;
}

ms_generic ms_object_generic(ms_object *object, uint64_t address, ms_types *types, ms_names *names,
                             const ms_datatype **type) {
    ms_unit *unit = ms_units_find(&object->units, address);
    ms_scope *scope = unit ? ms_scopes_find(&unit->scopes, address) : NULL;
    if (!scope || !types) {
        return ask_symbol(object, address, names, type);
    }
    question q = {.types = types, .names = names};
    ms_generic answer = MS_GENERIC_ON;
    while (scope && answer == MS_GENERIC_ON) {
        answer = ask(&q, &scope->die);
        scope = scope->outer == MS_NO_SCOPE ? NULL : &unit->scopes.items[scope->outer];
    }
    *type = q.type;
    return answer;
}
