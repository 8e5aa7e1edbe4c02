#include "symbol/object.h"

#include <string.h>

#include <elfutils/libdwelf.h>

/* libdw finds the shared half by itself in the usual place only. */
static void attach_shared(ms_object *object, const ms_symbols_options *places) {
    const char *name = NULL;
    const void *bytes = NULL;
    ssize_t size = dwelf_dwarf_gnu_debugaltlink(object->dwarf, &name, &bytes);
    ms_build_id build_id = {.bytes = bytes, .size = (size_t)size};
    if (size <= 0 || !ms_locate_shared(places, name, build_id, &object->shared)) {
        return;
    }
    object->shared_dwarf = dwarf_begin_elf(object->shared.elf, DWARF_C_READ, NULL);
    if (object->shared_dwarf) {
        dwarf_setalt(object->dwarf, object->shared_dwarf);
    }
}

static void read_dwarf(ms_object *object, const ms_symbols_options *places) {
    bool separate = object->debug.elf && ms_image_richness(&object->debug) == MS_SYMBOLS_DWARF;
    ms_image *image = separate ? &object->debug : &object->own;
    size_t file_size = 0;
    if (!image->elf || !elf_rawfile(image->elf, &file_size)) {
        return;
    }
    object->dwarf = dwarf_begin_elf(image->elf, DWARF_C_READ, NULL);
    if (object->dwarf) {
        attach_shared(object, places);
        object->dwarf_size = file_size;
        ms_units_read(&object->units, object->dwarf, file_size);
    }
}

static ms_symbols_source read_table(ms_object *object, const ms_image *image) {
    return image->elf ? ms_table_read(&object->table, image) : MS_SYMBOLS_NOT_FOUND;
}

void ms_object_open(ms_object *object, const ms_symbols_options *places) {
    if (object->opened) {
        return;
    }
    object->opened = true;
    bool own = ms_locate_module(places, &object->identity, &object->own);
    bool debug = ms_locate_debug(places, &object->identity, &object->own, &object->debug);
    if (!own && !debug) {
        return;
    }
    read_dwarf(object, places);
    ms_symbols_source from_debug = read_table(object, &object->debug);
    ms_symbols_source from_own = read_table(object, &object->own);
    ms_table_finish(&object->table);
    object->source = from_debug > from_own ? from_debug : from_own;
    if (object->units.spans.count) {
        object->source = MS_SYMBOLS_DWARF;
    }
    ms_image_detach(&object->own);
    ms_image_detach(&object->debug);
    ms_image_detach(&object->shared);
}

void ms_object_deinit(ms_object *object) {
    ms_types_free(object->types);
    ms_units_deinit(&object->units);
    ms_table_deinit(&object->table);
    if (object->dwarf) {
        dwarf_end(object->dwarf);
    }
    if (object->shared_dwarf) {
        dwarf_end(object->shared_dwarf);
    }
    ms_image_close(&object->shared);
    ms_image_close(&object->debug);
    ms_image_close(&object->own);
}

/* The function that `scope`, which is not inlined or NULL, stands for. gcc's DWARF gives lambdas
 * only the name operator(); their symbol says where they belong. */
static const char *function_name(const ms_object *object, const ms_scope *scope, uint64_t address,
                                 ms_names *names) {
    const char *name = scope ? scope->name : NULL;
    if (name && scope->linkage) {
        return name;
    }
    const char *symbol = ms_table_find(&object->table, address);
    const char *readable = symbol ? ms_names_demangle(names, symbol) : NULL;
    bool demangled = readable && strncmp(symbol, "_", 1) == 0 && strcmp(readable, symbol) != 0;
    return demangled || !name ? readable : name;
}

/* An inlined call's own place comes from the line table, its caller's from the call site:
 *
 *     line table   -> place of the innermost call     function: innermost inlined scope
 *     call site    -> place in what it is inlined in  function: next scope
 *     ...
 *     call site    -> place in the real function      function: real function
 */
size_t ms_object_at(ms_object *object, uint64_t address, bool inlines, ms_names *names,
                    ms_location *out, size_t max) {
    ms_unit *unit = ms_units_find(&object->units, address);
    ms_scope *scope = unit ? ms_scopes_find(&unit->scopes, address) : NULL;
    ms_location place = {0};
    size_t count = 0;
    if (unit) {
        place.file = ms_unit_line(unit, address, names, &place.line);
    }
    while (scope) {
        ms_scopes_describe(&unit->scopes, scope, unit->directory, names);
        if (!scope->inlined) {
            break;
        }
        if (inlines && count < max) {
            place.function = scope->name;
            place.inlined = true;
            out[count++] = place;
        }
        place = (ms_location){.file = scope->call_file, .line = scope->call_line};
        scope = scope->outer == MS_NO_SCOPE ? NULL : &unit->scopes.items[scope->outer];
    }
    place.function = function_name(object, scope, address, names);
    if (count < max && (count || place.function || place.file)) {
        out[count++] = place;
    }
    return count;
}

ms_types *ms_object_types(ms_object *object, ms_arena *arena, ms_names *names) {
    if (object->dwarf && !object->types) {
        object->types = ms_types_new(object->dwarf, object->dwarf_size, arena, names);
    }
    return object->types;
}
