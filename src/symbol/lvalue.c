#include "symbol/lvalue.h"

#include <ctype.h>
#include <string.h>

#include "symbol/die.h"

/*     lvalue:  '*' lvalue  |  postfix
 *     postfix: ( name | '(' lvalue ')' ) { '.' name | '->' name | '[' anything ']' }
 *
 * Casts and calls are none of these; of an index only the brackets matter. */
typedef struct parser {
    const char *at;
    int depth;
    const char *root; /* the name of the variable, once met */
    size_t root_length;
    ms_types *types;     /* NULL: only the root is asked for */
    Dwarf_Die *variable; /* its entry */
} parser;

#define DEPTH_MAX 32
#define NAME_MAX_LENGTH 256

static void skip_space(parser *p) {
    while (isspace((unsigned char)*p->at)) {
        p->at++;
    }
}

static bool accept(parser *p, const char *token) {
    size_t length = strlen(token);
    skip_space(p);
    if (strncmp(p->at, token, length) != 0) {
        return false;
    }
    p->at += length;
    return true;
}

static size_t take_name(parser *p, const char **name) {
    skip_space(p);
    *name = p->at;
    if (!isalpha((unsigned char)*p->at) && *p->at != '_') {
        return 0;
    }
    while (isalnum((unsigned char)*p->at) || *p->at == '_') {
        p->at++;
    }
    return (size_t)(p->at - *name);
}

/* Up to the bracket that closes the one just taken. */
static bool skip_index(parser *p) {
    for (int open = 1; *p->at; p->at++) {
        open += (*p->at == '[') - (*p->at == ']');
        if (open == 0) {
            p->at++;
            return true;
        }
    }
    return false;
}

/* ---- types ------------------------------------------------------------------------------ */

/* What a pointer points to, or an array is of. */
static bool follow(Dwarf_Die *type) {
    if (!ms_die_peel(type, type)) {
        return false;
    }
    int tag = dwarf_tag(type);
    bool leads = tag == DW_TAG_pointer_type || tag == DW_TAG_array_type;
    return leads && ms_die_type(type, type);
}

static bool find_member(ms_types *types, Dwarf_Die *type, const char *name, int depth);

/* `type` becomes the member's; members without a name lend theirs. */
static bool try_member(ms_types *types, Dwarf_Die *child, Dwarf_Die *type, const char *name,
                       int depth) {
    const char *own = ms_die_text(child, DW_AT_name);
    if (dwarf_tag(child) != DW_TAG_member) {
        return false;
    }
    if (own) {
        return strcmp(own, name) == 0 && ms_die_type(child, type);
    }
    Dwarf_Die inside;
    if (!ms_die_type(child, &inside) || !find_member(types, &inside, name, depth + 1)) {
        return false;
    }
    *type = inside;
    return true;
}

static bool find_member(ms_types *types, Dwarf_Die *type, const char *name, int depth) {
    Dwarf_Die child;
    if (depth >= DEPTH_MAX || !ms_die_peel(type, type)) {
        return false;
    }
    *type = ms_types_complete(types, type);
    if (dwarf_child(type, &child) != 0) {
        return false;
    }
    do {
        if (try_member(types, &child, type, name, depth)) {
            return true;
        }
    } while (dwarf_siblingof(&child, &child) == 0);
    return false;
}

static bool select_member(parser *p, Dwarf_Die *type, bool through_pointer) {
    char name[NAME_MAX_LENGTH];
    const char *at;
    size_t length = take_name(p, &at);
    if (length == 0 || length >= sizeof name) {
        return false;
    }
    if (!p->types) {
        return true;
    }
    memcpy(name, at, length);
    name[length] = '\0';
    return (!through_pointer || follow(type)) && find_member(p->types, type, name, 0);
}

/* ---- the grammar ------------------------------------------------------------------------ */

static bool parse_lvalue(parser *p, Dwarf_Die *type);

static bool parse_primary(parser *p, Dwarf_Die *type) {
    if (accept(p, "(")) {
        return parse_lvalue(p, type) && accept(p, ")");
    }
    p->root_length = take_name(p, &p->root);
    return p->root_length && (!p->types || ms_die_type(p->variable, type));
}

static bool parse_postfix(parser *p, Dwarf_Die *type) {
    bool good = parse_primary(p, type);
    while (good) {
        if (accept(p, "->")) {
            good = select_member(p, type, true);
        } else if (accept(p, ".")) {
            good = select_member(p, type, false);
        } else if (accept(p, "[")) {
            good = skip_index(p) && (!p->types || follow(type));
        } else {
            break;
        }
    }
    return good;
}

static bool parse_lvalue(parser *p, Dwarf_Die *type) {
    if (++p->depth >= DEPTH_MAX) {
        return false;
    }
    if (accept(p, "*")) {
        return parse_lvalue(p, type) && (!p->types || follow(type));
    }
    return parse_postfix(p, type);
}

static bool parse(parser *p, Dwarf_Die *type) {
    bool good = parse_lvalue(p, type);
    skip_space(p);
    return good && !*p->at;
}

bool ms_lvalue_variable(const char *expression, char *name, size_t size) {
    parser p = {.at = expression};
    Dwarf_Die unused;
    if (!parse(&p, &unused) || p.root_length >= size) {
        return false;
    }
    memcpy(name, p.root, p.root_length);
    name[p.root_length] = '\0';
    return true;
}

bool ms_lvalue_type(ms_types *types, const char *expression, Dwarf_Die *variable, Dwarf_Die *type) {
    parser p = {.at = expression, .types = types, .variable = variable};
    return parse(&p, type);
}
