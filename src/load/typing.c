#include "load/typing.h"

#include <stdlib.h>

#include "trace/format.h"
#include "util/memory.h"

static bool has_variable(const ms_place *place) {
    return place->defined && place->kind != MS_PLACE_OTHER && *place->name && *place->function;
}

typedef const ms_datatype *ask(ms_symbols *symbols, size_t module, const void *what);

static const ms_datatype *ask_module(ms_typing *t, uint32_t module, ask *question,
                                     const void *what) {
    ms_symbols *symbols;
    size_t handle = ms_frames_symbols(t->frames, module, &symbols);
    const ms_datatype *type = handle == SIZE_MAX ? NULL : question(symbols, handle, what);
    if (type)
        t->likely = module;
    return type;
}

/* Most of what a program speaks of is in one of its modules. */
static const ms_datatype *ask_all(ms_typing *t, ask *question, const void *what) {
    uint32_t count = t->frames ? ms_frames_modules(t->frames) : 0;
    const ms_datatype *type = t->likely < count ? ask_module(t, t->likely, question, what) : NULL;
    for (uint32_t i = 0; !type && i < count; i++)
        if (i != t->likely)
            type = ask_module(t, i, question, what);
    return type;
}

static const ms_datatype *ask_declared(ms_symbols *symbols, size_t module, const void *what) {
    return ms_symbols_declared(symbols, module, what);
}

static const ms_datatype *ask_named(ms_symbols *symbols, size_t module, const void *what) {
    return ms_symbols_type(symbols, module, what, MS_NO_SIZE);
}

const ms_datatype *ms_typing_named(ms_typing *t, const char *name) {
    return ask_all(t, ask_named, name);
}

void ms_typing_init(ms_typing *t, ms_frames *frames, const ms_places *places, size_t sites) {
    *t = (ms_typing){.frames = frames};
    t->places = ms_memory_zeroed(places->count + 1, sizeof *t->places);
    t->sites = ms_memory_zeroed(sites, sizeof *t->sites);
    for (size_t i = 0; i < places->count; i++) {
        const ms_place *p = &places->items[i];
        if (has_variable(p) && !*p->type)
            t->places[i + 1] =
                ask_all(t, ask_declared, &(ms_spoken){p->name, p->function, p->file, p->line});
    }
}

void ms_typing_deinit(ms_typing *t) {
    free(t->places);
    free(t->sites);
}
