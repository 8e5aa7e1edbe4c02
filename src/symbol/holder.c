#include "symbol/holder.h"

#include <string.h>

#include "symbol/die.h"

static ms_types *types_of(const ms_function *function) {
    return function->functions->object->types;
}

ms_holder_role ms_holder_role_of(const ms_function *function) {
    ms_types *types = types_of(function);
    if (function->described && types) {
        uint64_t size;
        ms_holder_role role = {.library = ms_library_function(types, &function->die)};
        if (role.library) {
            role.keeper = (uint8_t)ms_library_keeper_of(types, &function->die, &size);
            role.size = size < UINT32_MAX ? (uint32_t)size : 0;
        }
        return role;
    }
    const char *symbol = ms_table_find(&function->functions->object->table, function->code->entry);
    bool library = symbol && ms_library_symbol(symbol, function->functions->names);
    bool member = library && strncmp(symbol, "_ZSt", 4) != 0;
    return (ms_holder_role){library, member ? MS_LIBRARY_FIRST : MS_LIBRARY_NONE, 0};
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

/* In a function of the library nothing is spoken of. */
static bool is_spoken_of(const ms_function *function) {
    return function->described && types_of(function) && !ms_holder_is_library(function, 0);
}

bool ms_holder_of_call(const ms_moment *before, ms_holder_role callee, ms_value *at,
                       uint32_t *size) {
    *size = 0;
    if (!is_spoken_of(before->function)) {
        return false;
    }
    if (inlined_object(before, at)) {
        return true;
    }
    bool second = callee.keeper == MS_LIBRARY_SECOND;
    *at = before->machine->registers[ms_argument(second)];
    *size = callee.size;
    return (second || callee.keeper == MS_LIBRARY_FIRST) && at->term != MS_TERM_UNKNOWN;
}

bool ms_holder_is_returned(const ms_moment *before, ms_holder_role callee) {
    ms_value at;
    return callee.keeper == MS_LIBRARY_RESULT && is_spoken_of(before->function) &&
           !inlined_object(before, &at);
}
