#include "symbol/speak.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "symbol/die.h"
#include "symbol/library.h"

#define DEPTH_MAX 6 /* a->b->c->d->e->f->g is enough of a name */

/* An address as base plus running index: `base.term` is a pointer's value, the frame, or a number. */
typedef struct split {
    ms_value base;
    int64_t stride; /* 0: no index */
    uint32_t index; /* its term */
    bool whole;     /* what is looked for: see ms_running */
} split;

static size_t place_within(const ms_moment *m, ms_value at, bool whole, ms_phrase *phrases,
                           int depth);

static ms_types *types_of(const ms_moment *m) {
    return m->function->functions->object->types;
}

/* ---- variables -------------------------------------------------------------------------- */

static const uint32_t *active(const ms_moment *m, size_t *count) {
    const ms_places *places = m->function->places;
    *count = 0;
    return places ? ms_places_active(places, ms_places_stretch(places, m->address), count) : NULL;
}

static const ms_local_variable *variable_of(const ms_moment *m, const ms_where *where) {
    return &m->function->places->variables[where->variable];
}

static bool type_of(const ms_local_variable *variable, Dwarf_Die *type) {
    Dwarf_Die die = variable->die;
    return variable->name && ms_die_type(&die, type);
}

static uint32_t depth_of(const ms_moment *m, const ms_local_variable *variable) {
    return m->function->places->scopes[variable->scope].depth;
}

/* A parameter that is in its register only where the function begins may be spoken of later, too. */
static bool parameter_in(const ms_moment *m, uint32_t reg, ms_phrase *phrase) {
    const ms_places *places = m->function->places;
    size_t count = 0;
    const uint32_t *list =
        places
            ? ms_places_active(places, ms_places_stretch(places, m->function->code->entry), &count)
            : NULL;
    for (size_t i = 0; i < count; i++) {
        const ms_where *where = &places->items[list[i]];
        const ms_local_variable *variable = &places->variables[where->variable];
        if (where->kind == MS_IN_REGISTER && where->reg == reg && where->whole &&
            variable->parameter && variable->scope == 0 && type_of(variable, &phrase->type)) {
            snprintf(phrase->text, sizeof phrase->text, "%s", variable->name);
            phrase->scope = 0;
            return true;
        }
    }
    return false;
}

/* The variable that holds the term, plus at most `value.offset` bytes: the nearest one below, of equals the
 * innermost. `*delta` is what is left. */
static bool variable_holding(const ms_moment *m, ms_value value, bool pointer, ms_phrase *phrase,
                             int64_t *delta) {
    size_t count;
    const uint32_t *list = active(m, &count);
    const ms_local_variable *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const ms_where *where = &m->function->places->items[list[i]];
        const ms_local_variable *variable = variable_of(m, where);
        Dwarf_Die type, target;
        bool points;
        ms_value held = ms_place_value(where, m->machine, &m->function->world);
        if (held.term != value.term || held.offset > value.offset || !where->whole ||
            !type_of(variable, &type)) {
            continue;
        }
        int64_t rest = value.offset - held.offset;
        bool closer =
            !best || rest < *delta || (rest == *delta && depth_of(m, variable) > depth_of(m, best));
        bool has_target = ms_paths_target(&type, &target, &points);
        if (closer && (pointer ? has_target : rest == 0 && !points)) {
            best = variable;
            *delta = rest;
            phrase->type = type;
            phrase->scope = variable->scope;
        }
    }
    if (best) {
        snprintf(phrase->text, sizeof phrase->text, "%s", best->name);
    }
    return best != NULL;
}

/* ---- values ----------------------------------------------------------------------------- */

/* What a call gave is called what the function keeps it in. */
static bool kept_result(const ms_moment *m, ms_value value, ms_phrase *phrase, int64_t *delta,
                        int depth) {
    for (uint32_t i = 0; i < m->machine->slot_count; i++) {
        const ms_slot *slot = &m->machine->slots[i];
        ms_phrase phrases[MS_PATHS_MAX];
        if (slot->holds.term == value.term && slot->at.term != MS_TERM_FRAME &&
            place_within(m, slot->at, false, phrases, depth + 1) == 1) {
            *phrase = phrases[0];
            *delta = value.offset - slot->holds.offset;
            return true;
        }
    }
    return false;
}

/* Of the pointers in a union the one that leads to an object of the library, if that is what is looked for. */
static bool choose(const ms_moment *m, const ms_phrase *phrases, size_t count, bool whole,
                   ms_phrase *phrase) {
    size_t good = 0;
    for (size_t i = 0; i < count; i++) {
        Dwarf_Die target;
        bool points;
        bool leads = whole && ms_paths_target(&phrases[i].type, &target, &points) &&
                     ms_die_peel(&target, &target) && ms_library_class(types_of(m), &target);
        if (count == 1 || leads) {
            *phrase = phrases[i];
            good++;
        }
    }
    return good == 1;
}

/* The pointer that has this value, plus `*delta` bytes; `whole`: of an object that is looked for. */
static bool speak_pointer(const ms_moment *m, ms_value value, bool whole, ms_phrase *phrase,
                          int64_t *delta, int depth) {
    const ms_term term = *ms_values_at(&m->function->values, value.term);
    phrase->holder.addr = NULL;
    phrase->arm = phrase->fresh = false;
    phrase->keeping = MS_KEPT_LOCAL;
    if (variable_holding(m, value, true, phrase, delta)) {
        return true;
    }
    *delta = value.offset;
    if (term.kind == MS_TERM_ENTRY) {
        return parameter_in(m, term.a, phrase);
    }
    if (depth >= DEPTH_MAX) {
        return false;
    }
    if (term.kind == MS_TERM_RESULT) {
        return kept_result(m, value, phrase, delta, depth);
    }
    if (term.kind != MS_TERM_LOAD) {
        return false;
    }
    ms_phrase phrases[MS_PATHS_MAX];
    ms_value at = {.term = term.a, .offset = term.k};
    size_t count = place_within(m, at, false, phrases, depth + 1);
    return choose(m, phrases, count, whole, phrase);
}

static const char *speak_index(const ms_moment *m, uint32_t term, ms_phrase *storage) {
    int64_t delta = 0;
    ms_value index = {.term = term};
    return variable_holding(m, index, false, storage, &delta) ? storage->text : "";
}

/* ---- places ----------------------------------------------------------------------------- */

/* A name that is too long loses its end. */
__attribute__((format(printf, 2, 3))) static void write_text(char *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, MS_PATH_SIZE, format, arguments);
    va_end(arguments);
}

/* What is at `delta` in the bytes of a variable. */
static size_t in_variable(const ms_moment *m, const char *name, const Dwarf_Die *type,
                          uint64_t delta, ms_running running, ms_phrase *phrases) {
    ms_path paths[MS_PATHS_MAX];
    size_t count = ms_paths_find(types_of(m), type, delta, running, paths), kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (running.stride && !paths[i].indexed) {
            continue;
        }
        ms_phrase *out = &phrases[kept++];
        write_text(out->text, "%s%s", name, paths[i].text);
        out->type = paths[i].type;
        out->holder = paths[i].holder;
        out->arm = paths[i].arm;
    }
    return kept;
}

/* Those of Rust are pointers with a name: "&mut Node". */
static bool is_reference(const Dwarf_Die *type) {
    Dwarf_Die peeled;
    int tag = ms_die_peel(type, &peeled) ? dwarf_tag(&peeled) : DW_TAG_invalid;
    const char *name = tag == DW_TAG_pointer_type ? ms_die_text(&peeled, DW_AT_name) : NULL;
    return tag == DW_TAG_reference_type || tag == DW_TAG_rvalue_reference_type ||
           (name && *name == '&');
}

/* How lasting an object of the library is: as the pointer that leads to it. */
static ms_keeping held_by(const ms_phrase *pointer) {
    return pointer->keeping > MS_KEPT_LOCAL ? pointer->keeping : MS_KEPT_LOCAL;
}

/* What is at `delta` behind a pointer: v->m, v[i].m, v[3].m, *v, (*v)->m, or v->a[i]; behind a reference v.m, or v.
 * The element at hand is chosen by a running index if that steps over whole elements. */
static size_t behind_pointer(const ms_moment *m, const ms_phrase *pointer, int64_t delta,
                             ms_running running, ms_phrase *phrases) {
    Dwarf_Die target;
    bool points;
    ms_path paths[MS_PATHS_MAX];
    if (!ms_paths_target(&pointer->type, &target, &points) || delta < 0) {
        return 0;
    }
    uint64_t size = ms_die_size(&target), rest = (uint64_t)delta;
    if (size == MS_DIE_NO_SIZE || size == 0) {
        return 0;
    }
    char middle[MS_PATH_SIZE] = "";
    bool element = running.stride && (uint64_t)running.stride % size == 0;
    uint64_t number = rest / size;
    if (number && !(running.stride && !element)) {
        rest %= size;
    }
    bool picked = !element && number && !running.stride;
    if (element) {
        write_text(middle, "[%s]", running.index);
        running.stride = 0;
    } else if (picked) {
        write_text(middle, "[%llu]", (unsigned long long)number);
    }
    bool reference = is_reference(&pointer->type);
    size_t count = ms_paths_find(types_of(m), &target, rest, running, paths), kept = 0;
    for (size_t i = 0; i < count; i++) {
        const char *tail = paths[i].text;
        if (running.stride && !paths[i].indexed) {
            continue;
        }
        bool arrow = !*middle && *tail == '.' && !reference;
        bool bare = !*middle && *tail == '\0', star = bare && !reference;
        ms_phrase *out = &phrases[kept++];
        out->scope = pointer->scope;
        out->fresh = false;
        out->type = paths[i].type;
        out->holder = paths[i].holder;
        out->arm = paths[i].arm;
        bool wrap = *pointer->text == '*' && !bare;
        write_text(out->text, "%s%s%s%s%s",
                   star   ? "*"
                   : wrap ? "("
                          : "",
                   pointer->text, wrap ? ")" : "", arrow ? "->" : middle, arrow ? tail + 1 : tail);
        bool held = bare && out->holder.addr;
        out->keeping = held     ? held_by(pointer)
                       : bare   ? MS_KEPT_BY_CALLER
                       : picked ? MS_KEPT_ELEMENT
                                : MS_KEPT_MEMBER;
    }
    return kept;
}

/* What the place is in a variable of this function. */
static size_t in_local(const ms_moment *m, const ms_where *where, ms_value at, ms_running running,
                       ms_phrase *phrases) {
    const ms_local_variable *variable = variable_of(m, where);
    Dwarf_Die type;
    ms_value start;
    if (!ms_place_address(where, m->machine, &m->function->world, &start) ||
        start.term != at.term || at.offset < start.offset || !type_of(variable, &type)) {
        return 0;
    }
    /* Of a stream that only the library makes there may be no more than its name. */
    uint64_t size = ms_die_size(&type), delta = (uint64_t)(at.offset - start.offset);
    if (size == MS_DIE_NO_SIZE ? delta || !running.whole : delta >= size) {
        return 0;
    }
    size_t count = in_variable(m, variable->name, &type, delta + where->part, running, phrases);
    for (size_t n = 0; n < count; n++) {
        bool plain = strcmp(phrases[n].text, variable->name) == 0;
        bool lasting = where->kind == MS_AT_ADDRESS;
        phrases[n].scope = variable->scope;
        phrases[n].fresh = where->low > m->address;
        phrases[n].keeping = lasting ? MS_KEPT_GLOBAL
                             : plain ? MS_KEPT_LOCAL
                                     : MS_KEPT_LOCAL_MEMBER;
    }
    return count;
}

/* In Rust a variable begins behind the call that makes what is in it: `let x = f();`. */
static size_t in_next_local(const ms_moment *m, ms_value at, ms_running running,
                            ms_phrase *phrases) {
    const ms_places *places = m->function->places;
    const ms_where *next = NULL;
    for (size_t i = 0; places && i < places->count; i++) {
        const ms_where *where = &places->items[i];
        uint32_t scope = places->variables[where->variable].scope;
        bool sooner = where->kind == MS_IN_MEMORY && where->low > m->address &&
                      (!next || where->low < next->low);
        if (sooner && in_local(m, where, at, running, phrases) &&
            ms_places_in_scope(places, places->scopes[scope].outer, m->address)) {
            next = where;
        }
    }
    return next ? in_local(m, next, at, running, phrases) : 0;
}

/* Variables of this function that are in memory. Stretches of code share stack slots: only those that are in
 * use here are asked. */
static size_t in_locals(const ms_moment *m, ms_value at, ms_running running, ms_phrase *phrases) {
    size_t list_count, count = 0;
    const uint32_t *list = active(m, &list_count);
    for (size_t i = 0; i < list_count && !count; i++) {
        count = in_local(m, &m->function->places->items[list[i]], at, running, phrases);
    }
    Dwarf_Die function = m->function->die;
    bool rust = !count && at.term == MS_TERM_FRAME && ms_die_language(&function) == DW_LANG_Rust;
    return rust ? in_next_local(m, at, running, phrases) : count;
}

static size_t in_global(const ms_moment *m, const ms_global *global, uint64_t delta,
                        ms_running running, ms_phrase *phrases) {
    Dwarf_Die type, die = global->die;
    size_t count =
        ms_die_type(&die, &type) ? in_variable(m, global->name, &type, delta, running, phrases) : 0;
    for (size_t n = 0; n < count; n++) {
        phrases[n].scope = UINT32_MAX;
        phrases[n].fresh = false;
        phrases[n].keeping = MS_KEPT_GLOBAL;
    }
    return count;
}

static size_t in_globals(const ms_moment *m, ms_value at, ms_running running, ms_phrase *phrases) {
    const ms_globals *globals = m->function->globals;
    const ms_links *links = m->function->functions->links;
    const ms_term term = *ms_values_at(&m->function->values, at.term);
    const ms_global *global;
    if (!globals) {
        return 0;
    }
    if (term.kind == MS_TERM_SYMBOL) {
        global = ms_globals_find(globals, 0, false, links->items[term.a].name);
        return global && at.offset >= 0
                   ? in_global(m, global, (uint64_t)at.offset, running, phrases)
                   : 0;
    }
    bool thread = at.term == MS_TERM_THREAD;
    uint64_t address = (uint64_t)at.offset + (thread ? links->thread_size : 0);
    const ms_datum *datum = thread ? NULL : ms_links_datum(links, address);
    global = ms_globals_find(globals, address, thread, datum ? datum->name : NULL);
    if (!global) {
        return 0;
    }
    uint64_t start = global->address || !datum ? global->address : datum->address;
    return address >= start ? in_global(m, global, address - start, running, phrases) : 0;
}

static size_t at_split(const ms_moment *m, split s, ms_phrase *phrases, int depth) {
    ms_phrase index, pointer;
    ms_running running = {.stride = s.stride, .whole = s.whole};
    running.index = s.stride ? speak_index(m, s.index, &index) : "";
    size_t count = in_locals(m, s.base, running, phrases);
    const ms_term term = *ms_values_at(&m->function->values, s.base.term);
    if (count || s.base.term == MS_TERM_FRAME) {
        return count;
    }
    if (s.base.term == MS_TERM_NUMBER || s.base.term == MS_TERM_THREAD ||
        term.kind == MS_TERM_SYMBOL) {
        return in_globals(m, s.base, running, phrases);
    }
    int64_t delta = 0;
    return speak_pointer(m, s.base, s.whole, &pointer, &delta, depth)
               ? behind_pointer(m, &pointer, delta, running, phrases)
               : 0;
}

static size_t place_within(const ms_moment *m, ms_value at, bool whole, ms_phrase *phrases,
                           int depth) {
    const ms_values *values = &m->function->values;
    /* Copied: new terms move the table. */
    const ms_term term = *ms_values_at(values, at.term);
    if (at.term == MS_TERM_UNKNOWN || at.term == MS_TERM_BLOCK) {
        return 0;
    }
    size_t count = at_split(m, (split){.base = at, .whole = whole}, phrases, depth);
    if (count) {
        return count;
    }
    if (term.kind == MS_TERM_SCALED) {
        return at_split(m, (split){ms_number(at.offset), term.k, term.a, whole}, phrases, depth);
    }
    for (int turn = 0; term.kind == MS_TERM_SUM && turn < 2 && !count; turn++) {
        uint32_t base = turn ? term.b : term.a, other = turn ? term.a : term.b;
        const ms_term index = *ms_values_at(values, other);
        bool scaled = index.kind == MS_TERM_SCALED;
        split s = {{.term = base, .offset = at.offset},
                   scaled ? index.k : 1,
                   scaled ? index.a : other,
                   whole};
        count = at_split(m, s, phrases, depth);
    }
    return count;
}

size_t ms_speak_place(const ms_moment *moment, ms_value at, ms_phrase *phrases) {
    return place_within(moment, at, false, phrases, 0);
}

size_t ms_speak_object(const ms_moment *moment, ms_value at, ms_phrase *phrases) {
    return place_within(moment, at, true, phrases, 0);
}

bool ms_speak_variable(const ms_moment *moment, const ms_where *where, ms_phrase *phrase) {
    const ms_local_variable *variable = variable_of(moment, where);
    Dwarf_Die type;
    if (!type_of(variable, &type)) {
        return false;
    }
    ms_phrase parts[MS_PATHS_MAX];
    phrase->scope = variable->scope;
    phrase->keeping = MS_KEPT_LOCAL;
    phrase->holder.addr = NULL;
    phrase->arm = phrase->fresh = false;
    if (where->whole) {
        phrase->type = type;
        snprintf(phrase->text, sizeof phrase->text, "%s", variable->name);
        return true;
    }
    size_t count = in_variable(moment, variable->name, &type, where->part, (ms_running){0}, parts);
    if (count != 1) {
        return false;
    }
    parts[0].scope = variable->scope;
    parts[0].fresh = false;
    parts[0].keeping = MS_KEPT_LOCAL_MEMBER;
    *phrase = parts[0];
    return true;
}
