#include "symbol/symbol.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "symbol/declared.h"
#include "symbol/generic.h"
#include "symbol/grow.h"
#include "symbol/object.h"
#include "util/arena.h"

/* A module at its bias. One file loaded twice, as plugins are, is one object. */
typedef struct ms_loaded {
    ms_object *object;
    uint64_t bias;
} ms_loaded;

struct ms_symbols {
    ms_symbols_options options;
    ms_arena *arena; /* texts, objects */
    ms_names *names;
    void *objects; /* tree of ms_object by identity; tsearch(3) */
    ms_loaded *modules;
    size_t module_count;
    size_t module_capacity;
};

static const char *copy_text(ms_symbols *symbols, const char *text) {
    return text ? ms_arena_text(symbols->arena, text, strlen(text)) : NULL;
}

static void copy_options(ms_symbols *symbols, const ms_symbols_options *options) {
    size_t count = options->debug_dir_count;
    const char **dirs = ms_arena_alloc(symbols->arena, (count + 1) * sizeof *dirs);
    for (size_t i = 0; i < count; i++) {
        dirs[i] = copy_text(symbols, options->debug_dirs[i]);
    }
    symbols->options = *options;
    symbols->options.debug_dirs = dirs;
    symbols->options.sysroot = copy_text(symbols, options->sysroot);
}

ms_symbols *ms_symbols_new(const ms_symbols_options *options) {
    ms_symbols *symbols = calloc(1, sizeof *symbols);
    if (!symbols) {
        return NULL;
    }
    symbols->arena = ms_arena_new();
    symbols->names = ms_names_new();
    if (!symbols->arena || !symbols->names) {
        ms_symbols_free(symbols);
        return NULL;
    }
    copy_options(symbols, options ? options : &(ms_symbols_options){.inlines = true});
    return symbols;
}

static void deinit_object(void *object) {
    ms_object_deinit(object);
}

void ms_symbols_free(ms_symbols *symbols) {
    if (symbols) {
        tdestroy(symbols->objects, deinit_object);
        ms_names_free(symbols->names);
        ms_arena_free(symbols->arena);
        free(symbols->modules);
        free(symbols);
    }
}

static int compare_objects(const void *left, const void *right) {
    const ms_identity *a = &((const ms_object *)left)->identity;
    const ms_identity *b = &((const ms_object *)right)->identity;
    if (a->build_id.size != b->build_id.size) {
        return a->build_id.size < b->build_id.size ? -1 : 1;
    }
    int order =
        a->build_id.size ? memcmp(a->build_id.bytes, b->build_id.bytes, a->build_id.size) : 0;
    return order ? order : strcmp(a->path, b->path);
}

/* NULL without memory. */
static ms_object *find_object(ms_symbols *symbols, const ms_identity *identity) {
    ms_object wanted = {.identity = *identity};
    ms_object **found = tfind(&wanted, &symbols->objects, compare_objects);
    if (found) {
        return *found;
    }
    ms_object *object = ms_arena_alloc(symbols->arena, sizeof *object);
    object->identity.path = copy_text(symbols, identity->path);
    object->identity.build_id.size = identity->build_id.size;
    object->identity.build_id.bytes = (const uint8_t *)ms_arena_text(
        symbols->arena, (const char *)identity->build_id.bytes, identity->build_id.size);
    return tsearch(object, &symbols->objects, compare_objects) ? object : NULL;
}

size_t ms_symbols_add(ms_symbols *symbols, const char *path, const uint8_t *build_id,
                      size_t build_id_size, uint64_t bias) {
    ms_identity identity = {.path = path, .build_id = {.bytes = build_id, .size = build_id_size}};
    ms_object *object = find_object(symbols, &identity);
    ms_loaded *modules = object ? ms_grow(symbols->modules, symbols->module_count,
                                          &symbols->module_capacity, sizeof *modules)
                                : NULL;
    if (!modules) {
        return SIZE_MAX;
    }
    symbols->modules = modules;
    modules[symbols->module_count] = (ms_loaded){.object = object, .bias = bias};
    return symbols->module_count++;
}

size_t ms_symbols_at(ms_symbols *symbols, size_t module, uint64_t address, ms_location *out,
                     size_t max) {
    if (module >= symbols->module_count) {
        return 0;
    }
    const ms_loaded *loaded = &symbols->modules[module];
    ms_object_open(loaded->object, &symbols->options);
    return ms_object_at(loaded->object, address - loaded->bias, symbols->options.inlines,
                        symbols->names, out, max);
}

ms_symbols_source ms_symbols_source_of(ms_symbols *symbols, size_t module) {
    if (module >= symbols->module_count) {
        return MS_SYMBOLS_NOT_FOUND;
    }
    ms_object_open(symbols->modules[module].object, &symbols->options);
    return symbols->modules[module].object->source;
}

/* Of the module's file; NULL: it has no debug info. */
static ms_types *types_of(ms_symbols *symbols, size_t module) {
    if (module >= symbols->module_count) {
        return NULL;
    }
    ms_object *object = symbols->modules[module].object;
    ms_object_open(object, &symbols->options);
    return ms_object_types(object, symbols->arena, symbols->names);
}

ms_object *ms_symbols_object(ms_symbols *symbols, size_t module, uint64_t *bias) {
    if (module >= symbols->module_count) {
        return NULL;
    }
    ms_loaded *loaded = &symbols->modules[module];
    ms_object_open(loaded->object, &symbols->options);
    *bias = loaded->bias;
    return loaded->object;
}

ms_types *ms_symbols_types(ms_symbols *symbols, size_t module) {
    return types_of(symbols, module);
}

const char *ms_symbols_text(ms_symbols *symbols, const char *text) {
    return ms_names_join(symbols->names, text, "", "");
}

ms_names *ms_symbols_names(ms_symbols *symbols) {
    return symbols->names;
}

const ms_datatype *ms_symbols_declared(ms_symbols *symbols, size_t module,
                                       const ms_spoken *spoken) {
    ms_types *types = types_of(symbols, module);
    return types ? ms_declared(types, spoken) : NULL;
}

const ms_datatype *ms_symbols_type(ms_symbols *symbols, size_t module, const char *name,
                                   uint64_t size) {
    ms_types *types = types_of(symbols, module);
    return types ? ms_types_named(types, name, size) : NULL;
}

ms_generic ms_symbols_generic(ms_symbols *symbols, size_t module, uint64_t address,
                              const ms_datatype **type) {
    ms_types *types = types_of(symbols, module);
    if (module >= symbols->module_count) {
        return MS_GENERIC_NO;
    }
    const ms_loaded *loaded = &symbols->modules[module];
    return ms_object_generic(loaded->object, address - loaded->bias, types, symbols->names, type);
}

void ms_symbols_each_type(ms_symbols *symbols, size_t module,
                          bool (*visit)(void *context, const ms_datatype *type), void *context) {
    ms_types *types = types_of(symbols, module);
    if (types) {
        ms_types_each(types, visit, context);
    }
}

const char *ms_symbols_demangle(ms_symbols *symbols, const char *name) {
    return ms_names_demangle(symbols->names, name);
}
