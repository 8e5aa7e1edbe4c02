#include "symbol/holder.h"

#include <string.h>

#include "symbol/die.h"
#include "symbol/library.h"

static ms_types *types_of(const ms_function *function) {
    return function->functions->object->types;
}

ms_holder_role ms_holder_role_of(const ms_function *function) {
    ms_types *types = types_of(function);
    if (function->described && types) {
        bool library = ms_library_function(types, &function->die);
        return (ms_holder_role){library, library && ms_library_has_object(&function->die)};
    }
    const char *symbol = ms_table_find(&function->functions->object->table, function->code->entry);
    bool library = symbol && ms_library_symbol(symbol, function->functions->names);
    return (ms_holder_role){library, library && strncmp(symbol, "_ZSt", 4) != 0};
}

/* The function, inlined or not, that a scope is in. */
static uint32_t function_of(const ms_places *places, uint32_t scope) {
    while (scope && dwarf_tag(&places->scopes[scope].die) != DW_TAG_inlined_subroutine) {
        scope = places->scopes[scope].outer;
    }
    return scope;
}

bool ms_holder_is_library(const ms_function *function, uint32_t scope) {
    const ms_places *places = function->places;
    ms_types *types = types_of(function);
    return types && scope < places->scope_count &&
           ms_library_function(types, &places->scopes[function_of(places, scope)].die);
}

/* The program itself calls the function that was inlined as this scope, which is the library's. */
static bool is_called_by_program(const ms_function *function, uint32_t scope) {
    const ms_places *places = function->places;
    return scope && function_of(places, scope) == scope && ms_holder_is_library(function, scope) &&
           !ms_holder_is_library(function, places->scopes[scope].outer);
}

static bool is_object(const ms_local_variable *variable) {
    return variable->parameter && variable->name &&
           (strcmp(variable->name, "this") == 0 || strcmp(variable->name, "self") == 0);
}

/* The object that an inlined call works on. */
static bool inlined_object(const ms_moment *m, ms_value *at) {
    const ms_places *places = m->function->places;
    size_t count;
    const uint32_t *active =
        ms_places_active(places, ms_places_stretch(places, m->address), &count);
    for (size_t i = 0; i < count; i++) {
        const ms_where *where = &places->items[active[i]];
        const ms_local_variable *variable = &places->variables[where->variable];
        if (is_object(variable) && where->whole &&
            ms_places_in_scope(places, variable->scope, m->address) &&
            is_called_by_program(m->function, variable->scope)) {
            *at = ms_place_value(where, m->machine, &m->function->world);
            return at->term != MS_TERM_UNKNOWN;
        }
    }
    return false;
}

bool ms_holder_of_call(const ms_moment *before, ms_holder_role callee, ms_value *at) {
    const ms_function *function = before->function;
    if (!function->described || !types_of(function) || ms_holder_is_library(function, 0)) {
        return false;
    }
    if (inlined_object(before, at)) {
        return true;
    }
    *at = before->machine->registers[MS_RDI];
    return callee.object && at->term != MS_TERM_UNKNOWN;
}
