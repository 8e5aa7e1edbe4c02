#include "symbol/spelling.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "symbol/die.h"
#include "symbol/written.h"

#define DEPTH_MAX 16
#define PARAMETERS_MAX 16

/* The text grows at its end only: what stands before a declared name is written on the way in, what stands
 * behind it on the way out.
 *
 *     int (*)(void)     left of a pointer to a function: "int (*", right of it: ")(void)" */
typedef struct speller {
    const ms_spelling_source *source;
    char text[MS_SPELLING_MAX];
    size_t length;
} speller;

__attribute__((format(printf, 2, 3))) static void put(speller *s, const char *format, ...) {
    size_t room = sizeof s->text - s->length;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(s->text + s->length, room, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length < room) {
        s->length += length < 0 ? 0 : (size_t)length;
        return;
    }
    s->length = sizeof s->text - 1;
    memcpy(s->text + s->length - 3, "...", 3);
}

static char last(const speller *s) {
    return s->length ? s->text[s->length - 1] : ' ';
}

/* A space, but not behind a star or a parenthesis. */
static void put_space(speller *s) {
    if (!strchr(" *&([", last(s))) {
        put(s, " ");
    }
}

static const char *keyword(int tag) {
    switch (tag) {
    case DW_TAG_structure_type: return "struct";
    case DW_TAG_class_type: return "class";
    case DW_TAG_union_type: return "union";
    case DW_TAG_enumeration_type: return "enum";
    default: return NULL;
    }
}

static void put_named(speller *s, Dwarf_Die *type) {
    const char *name = ms_die_text(type, DW_AT_name), *word = keyword(dwarf_tag(type));
    const char *outer = name ? s->source->enclosing(s->source->context, type) : NULL;
    int language = s->source->language(s->source->context, type);
    bool tagged = word && ms_language_is_c(language);
    if (!name) {
        put(s, "%s {...}", word ? word : "type");
        return;
    }
    const char *whole = outer ? ms_names_join(s->source->names, outer, "::", name) : name;
    put(s, "%s%s%s", tagged ? word : "", tagged ? " " : "",
        ms_spell_name(whole, language, s->source->names));
}

/* `type` NULL: void. */
static void put_left(speller *s, Dwarf_Die *type, int depth);
static void put_right(speller *s, Dwarf_Die *type, int depth);

static bool binds_tighter(const Dwarf_Die *target) {
    int tag = target ? dwarf_tag((Dwarf_Die *)target) : DW_TAG_invalid;
    return tag == DW_TAG_array_type || tag == DW_TAG_subroutine_type;
}

/* Rust names its pointers and slices itself: "&str", "*mut u8". */
static bool is_named_pointer(Dwarf_Die *type) {
    return dwarf_tag(type) == DW_TAG_pointer_type && ms_die_text(type, DW_AT_name);
}

static void put_pointer(speller *s, Dwarf_Die *target, const char *mark, int depth) {
    put_left(s, target, depth);
    put_space(s);
    put(s, binds_tighter(target) ? "(%s" : "%s", mark);
}

/* Behind a pointer it qualifies the pointer, else it stands in front. */
static void put_qualified(speller *s, Dwarf_Die *target, const char *word, int depth) {
    if (target && dwarf_tag(target) == DW_TAG_pointer_type && !is_named_pointer(target)) {
        put_left(s, target, depth);
        put(s, "%s", word);
    } else {
        put(s, "%s ", word);
        put_left(s, target, depth);
    }
}

static void put_member_pointer(speller *s, Dwarf_Die *type, Dwarf_Die *target, int depth) {
    Dwarf_Attribute storage;
    Dwarf_Die class;
    put_left(s, target, depth);
    put_space(s);
    put(s, binds_tighter(target) ? "(" : "");
    if (dwarf_formref_die(dwarf_attr(type, DW_AT_containing_type, &storage), &class)) {
        put_named(s, &class);
    }
    put(s, "::*");
}

static void put_left(speller *s, Dwarf_Die *type, int depth) {
    Dwarf_Die storage, *target = type && ms_die_type(type, &storage) ? &storage : NULL;
    if (!type) {
        put(s, "void");
        return;
    }
    if (depth >= DEPTH_MAX) {
        put(s, "...");
        return;
    }
    switch (dwarf_tag(type)) {
    case DW_TAG_pointer_type:
        if (is_named_pointer(type)) {
            put_named(s, type);
        } else {
            put_pointer(s, target, "*", depth + 1);
        }
        break;
    case DW_TAG_reference_type: put_pointer(s, target, "&", depth + 1); break;
    case DW_TAG_rvalue_reference_type: put_pointer(s, target, "&&", depth + 1); break;
    case DW_TAG_ptr_to_member_type: put_member_pointer(s, type, target, depth + 1); break;
    case DW_TAG_const_type: put_qualified(s, target, "const", depth + 1); break;
    case DW_TAG_volatile_type: put_qualified(s, target, "volatile", depth + 1); break;
    case DW_TAG_restrict_type: put_qualified(s, target, "restrict", depth + 1); break;
    case DW_TAG_atomic_type: put_qualified(s, target, "_Atomic", depth + 1); break;
    case DW_TAG_array_type:
    case DW_TAG_subroutine_type: put_left(s, target, depth + 1); break;
    default: put_named(s, type); break;
    }
}

static void put_dimensions(speller *s, Dwarf_Die *array) {
    Dwarf_Die child;
    if (dwarf_child(array, &child) != 0) {
        return;
    }
    do {
        uint64_t count = dwarf_tag(&child) == DW_TAG_subrange_type ? ms_die_count(&child) : 0;
        if (dwarf_tag(&child) != DW_TAG_subrange_type) {
            continue;
        }
        if (count == MS_DIE_NO_SIZE) {
            put(s, "[]");
        } else {
            put(s, "[%llu]", (unsigned long long)count);
        }
    } while (dwarf_siblingof(&child, &child) == 0);
}

static void put_parameters(speller *s, Dwarf_Die *function, int depth) {
    Dwarf_Die child, type;
    int count = 0;
    if (last(s) != ')') {
        put_space(s);
    }
    put(s, "(");
    bool any = dwarf_child(function, &child) == 0;
    while (any && count < PARAMETERS_MAX) {
        int tag = dwarf_tag(&child);
        if (tag == DW_TAG_formal_parameter) {
            Dwarf_Die *parameter = ms_die_type(&child, &type) ? &type : NULL;
            put(s, count++ ? ", " : "");
            put_left(s, parameter, depth + 1);
            put_right(s, parameter, depth + 1);
        } else if (tag == DW_TAG_unspecified_parameters) {
            put(s, count++ ? ", ..." : "...");
        }
        any = dwarf_siblingof(&child, &child) == 0;
    }
    put(s, any ? ", ...)" : count ? ")" : "void)");
}

static void put_right(speller *s, Dwarf_Die *type, int depth) {
    Dwarf_Die storage, *target = type && ms_die_type(type, &storage) ? &storage : NULL;
    if (!type || depth >= DEPTH_MAX || is_named_pointer(type)) {
        return;
    }
    switch (dwarf_tag(type)) {
    case DW_TAG_pointer_type:
    case DW_TAG_reference_type:
    case DW_TAG_rvalue_reference_type:
    case DW_TAG_ptr_to_member_type:
        put(s, binds_tighter(target) ? ")" : "");
        put_right(s, target, depth + 1);
        break;
    case DW_TAG_array_type:
        if (last(s) != ')' && last(s) != ']') {
            put_space(s);
        }
        put_dimensions(s, type);
        put_right(s, target, depth + 1);
        break;
    case DW_TAG_subroutine_type:
        put_parameters(s, type, depth);
        put_right(s, target, depth + 1);
        break;
    case DW_TAG_const_type:
    case DW_TAG_volatile_type:
    case DW_TAG_restrict_type:
    case DW_TAG_atomic_type: put_right(s, target, depth + 1); break;
    default: break;
    }
}

const char *ms_spell_name(const char *name, int language, ms_names *names) {
    char text[MS_SPELLING_MAX];
    bool good = (language == DW_LANG_Rust && ms_written_rust(name, text, sizeof text)) ||
                (ms_language_is_cpp(language) && ms_written_cpp(name, text, sizeof text));
    return good && strcmp(text, name) != 0 ? ms_names_join(names, text, "", "") : name;
}

const char *ms_spell_type(Dwarf_Die *type, const ms_spelling_source *source) {
    speller s = {.source = source};
    put_left(&s, type, 0);
    put_right(&s, type, 0);
    return ms_names_join(source->names, s.text, "", "");
}
