#include "symbol/function.h"

#include <stdlib.h>

#include "symbol/die.h"
#include "symbol/grow.h"

#define EXTENTS_MAX 16u
#define SIZE_MAX_OF_FUNCTION ((uint64_t)2 << 20) /* bytes of code */

ms_functions *ms_functions_new(ms_object *object, ms_arena *arena, ms_names *names) {
    ms_decoder *decoder = object->own.elf ? ms_decoder_new(&object->own) : NULL;
    ms_functions *functions = decoder ? calloc(1, sizeof *functions) : NULL;
    if (!functions) {
        ms_decoder_free(decoder);
        return NULL;
    }
    *functions =
        (ms_functions){.object = object, .names = names, .arena = arena, .decoder = decoder};
    size_t file_size = 0;
    elf_rawfile(object->own.elf, &file_size);
    functions->budget = file_size;
    functions->links = ms_links_read(&object->own, &object->debug, arena);
    ms_map_init(&functions->by_entry, arena);
    ms_map_init(&functions->globals_of, arena);
    return functions;
}

void ms_functions_free(ms_functions *functions) {
    if (!functions) {
        return;
    }
    for (size_t i = 0; i < functions->count; i++) {
        ms_values_deinit(&functions->items[i]->values);
    }
    ms_decoder_free(functions->decoder);
    free(functions->items);
    free(functions->globals);
    free(functions);
}

/* ---- what the loader fills in ----------------------------------------------------------- */

/* The address of another file's variable or function is a term by itself: its place in the table of links. */
static bool linked(void *context, uint64_t address, ms_value *value) {
    ms_function *function = context;
    const ms_links *links = function->functions->links;
    const ms_link *link = ms_links_find(links, address);
    if (!link) {
        return false;
    }
    ms_term symbol = {.kind = MS_TERM_SYMBOL, .a = (uint32_t)(link - links->items)};
    *value =
        link->target ? ms_number((int64_t)link->target) : ms_values_make(&function->values, symbol);
    return true;
}

static const char *name_of_word(const ms_functions *functions, uint64_t address) {
    const ms_link *link = address ? ms_links_find(functions->links, address) : NULL;
    if (!link || link->name) {
        return link ? link->name : NULL;
    }
    return ms_table_find(&functions->object->table, link->target);
}

const char *ms_function_callee(const ms_function *function, const ms_machine *machine,
                               const ms_instruction *call) {
    const ms_functions *functions = function->functions;
    const ms_operand *through = &call->operands[0];
    if (call->target) {
        const char *name = ms_table_find(&functions->object->table, call->target);
        uint64_t word = name ? 0 : ms_code_stub(functions->decoder, call->target);
        return name ? name : name_of_word(functions, word);
    }
    if (through->kind == MS_OPERAND_MEMORY) {
        ms_value at = ms_machine_address(machine, &function->world, through);
        return at.term == MS_TERM_NUMBER ? name_of_word(functions, (uint64_t)at.offset) : NULL;
    }
    return NULL;
}

/* ---- reading ---------------------------------------------------------------------------- */

static ms_globals *globals_of(ms_functions *functions, ms_unit *unit) {
    bool fresh;
    uint32_t *slot = ms_map_at(&functions->globals_of, (uint64_t)(uintptr_t)unit, &fresh);
    if (!fresh) {
        return functions->globals[*slot - 1];
    }
    ms_globals **globals = ms_grow(functions->globals, functions->globals_count,
                                   &functions->globals_capacity, sizeof *globals);
    Dwarf_Die die = ms_die_unit(&unit->die);
    ms_globals *read = ms_globals_read(&die, functions->arena);
    if (globals) {
        functions->globals = globals;
        globals[functions->globals_count++] = read;
        *slot = (uint32_t)functions->globals_count;
    }
    return read;
}

static int compare_extents(const void *a, const void *b) {
    const ms_extent *x = a, *y = b;
    return (x->low > y->low) - (x->low < y->low);
}

static size_t extents_of(Dwarf_Die *die, ms_extent *extents, uint64_t *entry) {
    Dwarf_Addr base, low, high;
    ptrdiff_t offset = 0;
    size_t count = 0;
    uint64_t size = 0;
    while (count < EXTENTS_MAX && (offset = dwarf_ranges(die, offset, &base, &low, &high)) > 0) {
        if (low && low < high && (size += high - low) <= SIZE_MAX_OF_FUNCTION) {
            extents[count++] = (ms_extent){.low = low, .high = high};
        }
    }
    Dwarf_Addr start;
    *entry = dwarf_entrypc(die, &start) == 0 ? start : count ? extents[0].low : 0;
    qsort(extents, count, sizeof *extents, compare_extents);
    return count;
}

/* The function with code of its own that `address` is in, whatever was inlined there. */
static bool find_die(ms_functions *functions, uint64_t address, ms_unit **unit, Dwarf_Die *die) {
    *unit = ms_units_find(&functions->object->units, address);
    ms_scope *scope = *unit ? ms_scopes_find(&(*unit)->scopes, address) : NULL;
    while (scope && scope->inlined) {
        scope = scope->outer == MS_NO_SCOPE ? NULL : &(*unit)->scopes.items[scope->outer];
    }
    if (scope) {
        *die = scope->die;
    }
    return scope != NULL;
}

static ms_function *read_function(ms_functions *functions, const ms_extent *extents, size_t count,
                                  uint64_t entry) {
    ms_function *function = ms_arena_alloc(functions->arena, sizeof *function);
    function->functions = functions;
    ms_values_init(&function->values, functions->arena);
    function->world =
        (ms_world){.values = &function->values, .linked = linked, .context = function};
    function->code = ms_code_read(functions->decoder, extents, count, entry, functions->arena);
    function->flow = ms_flow_new(function->code, &function->world, functions->arena);
    return function;
}

/* Takes them from the budget; false when they are more than is left. */
static bool afford(ms_functions *functions, const ms_extent *extents, size_t count) {
    uint64_t size = 0;
    for (size_t i = 0; i < count; i++) {
        size += extents[i].high - extents[i].low;
    }
    bool enough = size <= functions->budget;
    functions->budget -= enough ? size : 0;
    return enough;
}

ms_function *ms_functions_at(ms_functions *functions, uint64_t address) {
    ms_extent extents[EXTENTS_MAX];
    ms_unit *unit;
    Dwarf_Die die;
    uint64_t entry = 0;
    size_t count = 0;
    bool fresh, described = find_die(functions, address, &unit, &die);
    if (described) {
        count = extents_of(&die, extents, &entry);
    } else if (ms_links_function(functions->links, address, &extents[0])) {
        entry = extents[0].low;
        count = 1;
    }
    uint32_t *slot = count ? ms_map_at(&functions->by_entry, entry, &fresh) : NULL;
    ms_function **items =
        count ? ms_grow(functions->items, functions->count, &functions->capacity, sizeof *items)
              : NULL;
    if (!items) {
        return NULL;
    }
    functions->items = items;
    if (!fresh) {
        return *slot ? items[*slot - 1] : NULL;
    }
    if (!afford(functions, extents, count)) {
        return NULL;
    }
    ms_function *function = read_function(functions, extents, count, entry);
    items[functions->count++] = function;
    *slot = (uint32_t)functions->count;
    if (described) {
        function->described = true;
        function->die = die;
        function->places = ms_places_read(&die, functions->arena);
        function->globals = globals_of(functions, unit);
    }
    return function;
}
