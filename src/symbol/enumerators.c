#include "symbol/enumerators.h"

#include <stdlib.h>
#include <string.h>

#include "symbol/die.h"

#define TEXT_MAX 1024u
#define REPLACED_MAX 8

/* NULL: the enumeration has none of that value. */
static const char *enumerator_of(const ms_entry *enumeration, long long value) {
    Dwarf_Die child, die = enumeration->die;
    if (dwarf_child(&die, &child) != 0) {
        return NULL;
    }
    do {
        Dwarf_Attribute storage;
        Dwarf_Sword number;
        if (dwarf_tag(&child) == DW_TAG_enumerator &&
            dwarf_formsdata(dwarf_attr(&child, DW_AT_const_value, &storage), &number) == 0 &&
            number == value) {
            return ms_die_text(&child, DW_AT_name);
        }
    } while (dwarf_siblingof(&child, &child) == 0);
    return NULL;
}

/* Enumerators stand in their enumeration only if that is a class of its own, else beside it. */
static size_t scope_length(const ms_entry *enumeration) {
    Dwarf_Die die = enumeration->die;
    const char *own = ms_die_text(&die, DW_AT_name);
    size_t whole = strlen(enumeration->name), name = own ? strlen(own) : 0;
    return ms_die_flag(&die, DW_AT_enum_class) ? whole : whole > name + 2 ? whole - name - 2 : 0;
}

/* "(ns::Kind)1": a closing parenthesis right before a number. NULL: there is none. */
static const char *next_number(const char *at) {
    for (at = strchr(at, ')'); at; at = strchr(at + 1, ')')) {
        const char *digit = at + 1 + (at[1] == '-');
        if (*digit >= '0' && *digit <= '9') {
            return at;
        }
    }
    return NULL;
}

static const ms_entry *enumeration_named(const ms_index *index, const char *name, ms_names *names,
                                         size_t length) {
    const ms_entry *e = ms_index_find(index, ms_names_part(names, name, length));
    while (e && dwarf_tag((Dwarf_Die *)&e->die) != DW_TAG_enumeration_type) {
        e = ms_index_next(index, e);
    }
    return e;
}

/* The name with what stands between `open` and the end of the number replaced; NULL: nothing is known of it. */
static const char *replace(const ms_index *index, const char *name, const char *open,
                           const char *close, ms_names *names) {
    char *end;
    long long value = strtoll(close + 1, &end, 10);
    const ms_entry *e = enumeration_named(index, open + 1, names, (size_t)(close - open - 1));
    const char *own = e ? enumerator_of(e, value) : NULL;
    if (!own) {
        return NULL;
    }
    size_t scope = scope_length(e);
    const char *before = ms_names_part(names, name, (size_t)(open - name));
    const char *outer = ms_names_part(names, e->name, scope);
    before = ms_names_join(names, before, outer, scope ? "::" : "");
    return ms_names_join(names, before, own, end);
}

const char *ms_enumerators_named(const ms_index *index, const char *name, ms_names *names) {
    size_t from = 0;
    for (int i = 0; i < REPLACED_MAX && strlen(name) < TEXT_MAX; i++) {
        const char *close = next_number(name + from), *open = close;
        while (open && open > name && *open != '(') {
            open--;
        }
        if (!close) {
            break;
        }
        const char *better = *open == '(' ? replace(index, name, open, close, names) : NULL;
        from = better ? (size_t)(open - name) : (size_t)(close + 1 - name);
        name = better ? better : name;
    }
    return name;
}
