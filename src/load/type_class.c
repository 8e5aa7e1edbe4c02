#include "load/type_class.h"

#include <string.h>

typedef struct family {
    const char *prefix;
    const char *class;
} family;

/* Types of libraries, their nodes included, by how their names begin: without keyword, "std::" and what that has
 * inside. A name ends where the prefix does, or goes on with arguments; "*" at the end: or with anything. */
static const family cpp[] = {
    {"basic_string", "text"},
    {"string", "text"},
    {"vector", "collection"},
    {"deque", "collection"},
    {"list", "collection"},
    {"forward_list", "collection"},
    {"map", "collection"},
    {"multimap", "collection"},
    {"set", "collection"},
    {"multiset", "collection"},
    {"unordered_*", "collection"},
    {"_Rb_tree_node*", "collection"},
    {"_List_node*", "collection"},
    {"_Fwd_list_node*", "collection"},
    {"_Hash_node*", "collection"},
    {"shared_ptr", "smart_pointer"},
    {"unique_ptr", "smart_pointer"},
    {"weak_ptr", "smart_pointer"},
    {"__shared_ptr", "smart_pointer"},
    {"__weak_ptr", "smart_pointer"},
    {"_Sp_counted_*", "smart_pointer"},
};

static const family rust[] = {
    {"alloc::string::String", "text"},       {"alloc::vec::Vec", "collection"},
    {"alloc::collections::*", "collection"}, {"std::collections::*", "collection"},
    {"hashbrown::*", "collection"},          {"alloc::boxed::Box", "smart_pointer"},
    {"alloc::rc::*", "smart_pointer"},       {"alloc::sync::*", "smart_pointer"},
};

static const family c[] = {
    {"_GString", "text"},         {"GString", "text"},         {"_GHashTable", "collection"},
    {"GHashTable", "collection"}, {"_GArray", "collection"},   {"GArray", "collection"},
    {"_GPtrArray", "collection"}, {"GPtrArray", "collection"}, {"_GByteArray", "collection"},
    {"GByteArray", "collection"}, {"_GList", "collection"},    {"GList", "collection"},
    {"_GSList", "collection"},    {"GSList", "collection"},    {"_GQueue", "collection"},
    {"GQueue", "collection"},     {"_GTree*", "collection"},   {"GTree*", "collection"},
};

static bool fits(const char *name, const char *prefix) {
    size_t length = strlen(prefix);
    if (prefix[length - 1] == '*')
        return strncmp(name, prefix, length - 1) == 0;
    return strncmp(name, prefix, length) == 0 && (name[length] == '\0' || name[length] == '<');
}

static const char *find(const family *families, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (fits(name, families[i].prefix))
            return families[i].class;
    return NULL;
}

static const char *skip(const char *name, const char *prefix) {
    size_t length = strlen(prefix);
    return strncmp(name, prefix, length) == 0 ? name + length : name;
}

static const char *of_library(const char *name) {
    name = skip(skip(skip(name, "struct "), "class "), "const ");
    const char *class = find(rust, sizeof rust / sizeof *rust, name);
    if (!class)
        class = find(c, sizeof c / sizeof *c, name);
    const char *inside = skip(name, "std::");
    if (class || inside == name)
        return class;
    inside = skip(skip(skip(inside, "__cxx11::"), "__detail::"), "__1::");
    return find(cpp, sizeof cpp / sizeof *cpp, inside);
}

/* Without debug info only what every compiler knows has a class. */
static const char *of_name(const char *name) {
    static const char *const numbers[] = {
        "int",        "unsigned int", "long",      "unsigned long",      "short", "unsigned short",
        "float",      "double",       "long long", "unsigned long long", "_Bool", "bool",
        "long double"};
    size_t length = strlen(name);
    if (strcmp(name, "char") == 0)
        return "text";
    if (strcmp(name, "unsigned char") == 0 || strcmp(name, "signed char") == 0)
        return "buffer";
    if (length && name[length - 1] == '*')
        return "pointers";
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(name, numbers[i]) == 0)
            return "primitive";
    return NULL;
}

/* An array is what its elements are. */
static const char *of_kind(const ms_datatype *type) {
    while (type->kind == MS_DATATYPE_ARRAY && type->inner)
        type = type->inner;
    switch (type->kind) {
    case MS_DATATYPE_NUMBER: return "primitive";
    case MS_DATATYPE_CHARACTER: return "text";
    case MS_DATATYPE_BYTE:
        return strcmp(type->name, "bool") == 0 || strcmp(type->name, "_Bool") == 0 ? "primitive"
                                                                                   : "buffer";
    case MS_DATATYPE_POINTER: return "pointers";
    case MS_DATATYPE_STRUCT: return "struct";
    case MS_DATATYPE_UNION: return "union";
    default: return NULL;
    }
}

const char *ms_type_class(const char *name, const ms_datatype *type) {
    const char *class = of_library(name);
    if (class)
        return class;
    return type ? of_kind(type) : of_name(name);
}
