#include "load/build_objects.h"

#include "load/build_crossings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "load/build_holders.h"
#include "load/build_notes.h"
#include "util/arena.h"

static const char *act_name(unsigned what) {
    static const char *const names[MS_NOTE_COUNT] = {
        [0] = "freed",
#define MS_NOTE(NAME, code, text, doc) [code] = text,
#include "trace/notes.def"
    };
    return what < MS_NOTE_COUNT ? names[what] : NULL;
}

/* The list, at `*items`, in the model's memory. */
static size_t acts(const ms_words *w, const ms_act_list *list, ms_act **items) {
    const ms_done *done = w->replay->notes.acts.items;
    size_t count = 0;
    *items = ms_arena_alloc(w->model->arena, list->listed * sizeof **items);
    for (uint32_t i = list->first; i; i = done[i - 1].next) {
        const ms_done *d = &done[i - 1];
        (*items)[count++] = (ms_act){.time_ns = ms_words_ns(d->time_us),
                                     .what = act_name(d->what),
                                     .count = d->number,
                                     .name = w->places[d->place].name,
                                     .thread_id = ms_words_thread_id(w, d->thread),
                                     .stack = ms_words_stack(w, d->stack, NULL)};
    }
    return count;
}

/* ---- references ------------------------------------------------------------------------- */

static const char *kind_name(unsigned kind) {
    static const char *const names[] = {NULL, "box", "rc", "arc", "foreign", "gobject"};
    return kind < sizeof names / sizeof *names ? names[kind] : NULL;
}

/* Two threads that each drop the last reference but one may both have read that one is left. */
static bool is_held(const ms_reference_count *r) {
    return r->known && !r->dead && !r->freed && (r->count > 0 || !r->several);
}

static uint64_t real_count(const ms_reference_count *r) {
    return r->several || r->told > INT64_MAX ? MS_UNKNOWN : r->told;
}

/* What the variable that a place speaks of points to. */
static const char *pointed_to(const ms_words *w, uint32_t place) {
    const char *type = w->places[place].type;
    const char *of_object = type ? ms_build_pointee(w->model, type) : NULL;
    return of_object && strcmp(of_object, "void") != 0 ? of_object : NULL;
}

static void name_object(const ms_words *w, const ms_reference_count *r, ms_smart_pointer *out) {
    const ms_variable_count *variable =
        r->variable ? &w->replay->notes.variables.items[r->variable - 1] : NULL;
    out->name = w->places[r->place].name;
    out->type = pointed_to(w, r->place);
    if (variable && !out->name)
        out->name = w->places[variable->place].name;
    if (variable && !out->type)
        out->type = pointed_to(w, variable->typed);
}

static ms_smart_pointer reference(const ms_words *w, const ms_reference_count *r) {
    ms_act *items;
    ms_smart_pointer out = {.kind = kind_name(r->kind),
                            .address = r->address,
                            .size = r->size ? r->size : MS_UNKNOWN,
                            .held = !r->known      ? MS_UNKNOWN
                                    : r->count > 0 ? (uint64_t)r->count
                                                   : 0,
                            .max_count = r->known ? r->max_count : MS_UNKNOWN,
                            .refs = r->refs,
                            .unrefs = r->unrefs,
                            .weak = r->weak,
                            .max_weak = r->max_weak,
                            .over_released = ms_reference_wrong(r),
                            .leaked = is_held(r),
                            .freed_early = r->known && !r->dead && r->freed,
                            .born_ns = ms_words_ns(r->born_us),
                            .died_ns = r->dead || r->freed ? ms_words_ns(r->died_us) : MS_UNKNOWN,
                            .thread_id = ms_words_thread_id(w, r->thread),
                            .acts = r->acts.all,
                            .count_offset = MS_UNKNOWN,
                            .real_count = real_count(r),
                            .untracked = real_count(r) == MS_UNKNOWN || !r->known
                                             ? 0
                                             : (int64_t)real_count(r) - r->count};
    name_object(w, r, &out);
    if (r->kind != MS_COUNTER_GOBJECT || out.leaked || out.over_released) {
        out.history.count = acts(w, &r->acts, &items);
        out.history.items = items;
    }
    ms_build_holders(w, r, &out);
    return out;
}

static void build_references(const ms_words *w) {
    ms_model *m = w->model;
    const ms_references *references = &w->replay->notes.references;
    m->smart_pointers.items =
        ms_arena_alloc(m->arena, references->count * sizeof *m->smart_pointers.items);
    m->smart_pointers.count = references->count;
    for (size_t i = 0; i < references->count; i++) {
        m->smart_pointers.items[i] = reference(w, &references->items[i]);
        m->smart_pointers.items[i].id = i + 1;
    }
}

/* ---- passports -------------------------------------------------------------------------- */

static const char *custody_name(unsigned custody) {
    static const char *const names[MS_CUSTODY_KINDS] = {
        [MS_CUSTODY_FOREIGN] = "in_foreign_custody",
        [MS_CUSTODY_RECLAIMED] = "reclaimed",
        [MS_CUSTODY_FREED_BY_OWNER] = "freed_by_owner",
        [MS_CUSTODY_FREED_BY_FOREIGN] = "freed_by_foreign",
        [MS_CUSTODY_LOST] = "lost",
        [MS_CUSTODY_LET_GO] = "freed_by_foreign"}; /* none is left when the trace is over */
    return names[custody];
}

static const char *module_name(ms_frames *frames, uint32_t module) {
    return module == MS_NO_MODULE ? NULL : ms_frames_module(frames, module)->module;
}

/* Who released a block while it was abroad is known when they say so, or when it was code of another
 * object than that which made it; both sides may lie in one. */
static bool is_derived(const ms_words *w, const ms_passport_count *p) {
    if (p->custody == MS_CUSTODY_LOST)
        return true;
    return p->custody == MS_CUSTODY_FREED_BY_FOREIGN && !p->told &&
           !ms_build_crosses(w->replay, p->stack, p->freer);
}

static ms_passport passport(const ms_words *w, const ms_passport_count *p) {
    ms_act *items;
    uint32_t module;
    uint32_t stack = ms_words_stack(w, p->stack, &module);
    ms_passport out = {.name = w->places[p->place].name,
                       .status = custody_name(p->custody),
                       .evidence = is_derived(w, p) ? "derived" : "recorded",
                       .address = p->address,
                       .size = p->size,
                       .stack = stack,
                       .owner = module_name(w->frames, module),
                       .freed_by = ms_build_freer(w->model, w->replay, p->freer),
                       .issued_ns = ms_words_ns(p->born_us),
                       .thread_id = ms_words_thread_id(w, p->thread),
                       .acts = p->acts.all};
    out.stamps.count = acts(w, &p->acts, &items);
    out.stamps.items = items;
    return out;
}

static void build_passports(const ms_words *w) {
    ms_model *m = w->model;
    const ms_passports *passports = &w->replay->notes.passports;
    m->passports.items = ms_arena_alloc(m->arena, passports->count * sizeof *m->passports.items);
    m->passports.count = passports->count;
    for (size_t i = 0; i < passports->count; i++) {
        m->passports.items[i] = passport(w, &passports->items[i]);
        m->passports.items[i].id = i + 1;
    }
}

/* ---- containers ------------------------------------------------------------------------- */

static double load_factor(const ms_container_count *c) {
    bool told = c->filled != MS_NOT_TOLD && c->slots != MS_NOT_TOLD && c->slots;
    return told ? (double)c->filled / (double)c->slots : NAN;
}

static uint64_t slack(const ms_container_count *c) {
    if (c->capacity == MS_NOT_TOLD || c->used == MS_NOT_TOLD)
        return MS_UNKNOWN;
    return c->used < c->capacity ? c->capacity - c->used : 0;
}

static ms_container container(const ms_words *w, const ms_container_count *c) {
    const ms_place *place = &w->places[c->place];
    bool addresses = w->model->capture.addresses;
    return (ms_container){.name = place->name,
                          .kind = "declared",
                          .type = place->type,
                          .evidence = "recorded",
                          .site = MS_UNKNOWN,
                          .containers = 1,
                          .file = place->file,
                          .line = ms_words_line(place),
                          .function = place->function,
                          .address = c->address,
                          .capacity = c->capacity,
                          .used = c->used,
                          .slack_bytes = slack(c),
                          .elements = c->filled,
                          .slots = c->slots,
                          .load_factor = load_factor(c),
                          .max_capacity = c->max_capacity,
                          .growths = c->growths,
                          .max_growths = c->growths,
                          .growth_factor =
                              c->grown_from ? (double)c->grown_to / (double)c->grown_from : NAN,
                          .copies = addresses ? c->moves : MS_UNKNOWN,
                          .copied_bytes = addresses ? c->moved_bytes : MS_UNKNOWN,
                          .live_containers = !c->dead,
                          .live_bytes = c->dead ? 0 : c->capacity,
                          .born_ns = ms_words_ns(c->born_us),
                          .died_ns = c->dead ? ms_words_ns(c->died_us) : MS_UNKNOWN,
                          .thread_id = ms_words_thread_id(w, c->thread)};
}

static void build_containers(const ms_words *w) {
    ms_model *m = w->model;
    const ms_containers *containers = &w->replay->notes.containers;
    m->containers.items = ms_arena_alloc(m->arena, containers->count * sizeof *m->containers.items);
    m->containers.count = containers->count;
    for (size_t i = 0; i < containers->count; i++) {
        m->containers.items[i] = container(w, &containers->items[i]);
        m->containers.items[i].id = i + 1;
    }
}

void ms_build_objects(const ms_words *words) {
    build_references(words);
    build_passports(words);
    build_containers(words);
}
