#include "symbol/declared.h"

#include <string.h>

#include "symbol/die.h"
#include "symbol/lvalue.h"

#define DEPTH_MAX 64

/* The macros of memscope.h declare a variable of their own, in a scope within that of the use and on its line. So
 * what a name means there is found as a compiler does:
 *
 *     function parse       scope 0:  name      char *
 *       block              scope 1:  name      struct token *     <- the innermost one before the line
 *         block            scope 2:  memscope_here, line 7
 *
 * (Not their static variables: clang has those in the function, whatever block they are in.) Where optimisation
 * has dropped them, all variables of the name in the function have to agree. */
typedef struct lookup {
    ms_types *types;
    const ms_spoken *spoken;
    char name[256]; /* the variable itself, without members */
    Dwarf_Die unit;
    uint64_t first_line; /* of the function */
    Dwarf_Die scopes[DEPTH_MAX];
    int depth;
    size_t answers;
    bool differs;
    const ms_datatype *type; /* the last answer */
} lookup;

static bool is_variable(Dwarf_Die *die) {
    int tag = dwarf_tag(die);
    return tag == DW_TAG_variable || tag == DW_TAG_formal_parameter;
}

static bool is_called(Dwarf_Die *die, const char *wanted) {
    const char *name = ms_die_text(die, DW_AT_name);
    return name && strcmp(name, wanted) == 0;
}

/* 0: not said. */
static uint64_t line_of(Dwarf_Die *die) {
    Dwarf_Word line = 0;
    ms_die_inherited(die, DW_AT_decl_line, &line);
    return line;
}

static bool is_mark(Dwarf_Die *die) {
    const char *name = ms_die_text(die, DW_AT_name);
    if (dwarf_tag(die) != DW_TAG_variable || !name) {
        return false;
    }
    return strcmp(name, "memscope_here") == 0 ||
           (strncmp(name, "memscope_owned_", 15) == 0 && !strstr(name, "_place"));
}

/* The last declaration in the scope that stands before the line. */
static bool find_in_scope(const lookup *l, Dwarf_Die *scope, Dwarf_Die *variable) {
    Dwarf_Die child;
    uint64_t best = 0;
    bool found = false;
    if (dwarf_child(scope, &child) != 0) {
        return false;
    }
    do {
        uint64_t line = is_variable(&child) ? line_of(&child) : UINT64_MAX;
        if (line <= l->spoken->line && line >= best && is_called(&child, l->name)) {
            *variable = child;
            best = line;
            found = true;
        }
    } while (dwarf_siblingof(&child, &child) == 0);
    return found;
}

/* clang leaves the static variables of a function of which only inlined copies remain in one that has nothing
 * else, not even a name. */
static bool find_in_remains(lookup *l, Dwarf_Die *function, Dwarf_Die *variable) {
    return dwarf_tag(function) == DW_TAG_subprogram && !ms_die_text(function, DW_AT_name) &&
           find_in_scope(l, function, variable) && line_of(variable) >= l->first_line;
}

/* Lines of variables outside of the function may be lines of another file. */
static bool find_in_unit(lookup *l, Dwarf_Die *variable) {
    Dwarf_Die child;
    if (dwarf_child(&l->unit, &child) != 0) {
        return false;
    }
    do {
        if (find_in_remains(l, &child, variable)) {
            return true;
        }
        if (dwarf_tag(&child) == DW_TAG_variable && is_called(&child, l->name)) {
            *variable = child;
            return true;
        }
    } while (dwarf_siblingof(&child, &child) == 0);
    return false;
}

/* One more answer: all have to be the same. */
static void take(lookup *l, Dwarf_Die *variable) {
    Dwarf_Die type;
    bool known = ms_lvalue_type(l->types, l->spoken->name, variable, &type);
    const ms_datatype *said = known ? ms_types_describe(l->types, &type) : NULL, *before = l->type;
    l->answers++;
    l->type = said;
    l->differs |=
        !said || (before && (strcmp(before->name, said->name) != 0 || before->size != said->size));
}

static void look_outwards(lookup *l) {
    Dwarf_Die variable;
    for (int i = l->depth; i-- > 0;) {
        if (find_in_scope(l, &l->scopes[i], &variable)) {
            take(l, &variable);
            return;
        }
    }
    if (find_in_unit(l, &variable)) {
        take(l, &variable);
    }
}

/* Calls `here` for the variables of a scope and those within it, with the scopes around them in place. */
static void walk(lookup *l, Dwarf_Die *scope, void (*here)(lookup *l, Dwarf_Die *variable)) {
    Dwarf_Die child;
    if (l->depth == DEPTH_MAX || dwarf_child(scope, &child) != 0) {
        return;
    }
    l->scopes[l->depth++] = *scope;
    do {
        if (is_variable(&child)) {
            here(l, &child);
        } else if (dwarf_tag(&child) == DW_TAG_lexical_block) {
            walk(l, &child, here);
        }
    } while (dwarf_siblingof(&child, &child) == 0);
    l->depth--;
}

static void at_mark(lookup *l, Dwarf_Die *variable) {
    if (is_mark(variable) && line_of(variable) == l->spoken->line) {
        look_outwards(l);
    }
}

static void at_name(lookup *l, Dwarf_Die *variable) {
    if (line_of(variable) <= l->spoken->line && is_called(variable, l->name)) {
        take(l, variable);
    }
}

static bool is_of_file(Dwarf_Die *function, const char *file) {
    const char *path = ms_die_file(function, DW_AT_decl_file);
    const char *a = path ? strrchr(path, '/') : NULL, *b = strrchr(file, '/');
    return path && strcmp(a ? a + 1 : path, b ? b + 1 : file) == 0;
}

static bool in_function(void *context, Dwarf_Die *unit, Dwarf_Die *function) {
    lookup *l = context;
    Dwarf_Die variable;
    if (!is_of_file(function, l->spoken->file) || line_of(function) > l->spoken->line) {
        return true;
    }
    size_t before = l->answers;
    l->unit = *unit;
    l->first_line = line_of(function);
    walk(l, function, at_mark);
    if (l->answers == before) {
        walk(l, function, at_name);
    }
    if (l->answers == before && find_in_unit(l, &variable)) {
        take(l, &variable);
    }
    return !l->differs;
}

const ms_datatype *ms_declared(ms_types *types, const ms_spoken *spoken) {
    lookup l = {.types = types, .spoken = spoken};
    if (!spoken->name || !spoken->function || !spoken->file ||
        !ms_lvalue_variable(spoken->name, l.name, sizeof l.name)) {
        return NULL;
    }
    ms_types_functions(types, spoken->function, in_function, &l);
    return l.differs ? NULL : l.type;
}
