#include "load/build_notes.h"

#include "load/build_objects.h"
#include "load/build_tags.h"
#include "load/build_words.h"

#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/memory.h"

/* The texts of a replay die with it. */
static const char *kept(const ms_words *b, const char *text) {
    return *text ? ms_arena_text(b->model->arena, text, strlen(text)) : NULL;
}

/* What the place says, or the debug info of the program does. */
static const char *type_at(const ms_words *b, const ms_typing *typing, size_t place) {
    const ms_datatype *type = typing->places[place];
    const char *said = kept(b, b->replay->notes.places.items[place - 1].type);
    return said || !type ? said : kept(b, type->name);
}

static void keep_places(ms_words *b, const ms_typing *typing) {
    const ms_places *places = &b->replay->notes.places;
    b->places = ms_memory_zeroed(places->count + 1, sizeof *b->places);
    for (size_t i = 0; i < places->count; i++) {
        const ms_place *from = &places->items[i];
        b->places[i + 1] = *from;
        b->places[i + 1].name = kept(b, from->name);
        b->places[i + 1].type = type_at(b, typing, i + 1);
        b->places[i + 1].file = kept(b, from->file);
        b->places[i + 1].function = kept(b, from->function);
    }
}

static const char *scope_name(const ms_words *b, uint32_t scope) {
    return scope ? b->places[b->replay->notes.scopes.items[scope - 1].place].name : NULL;
}

static const ms_task_count *task_of(const ms_words *b, uint32_t task) {
    return task ? &b->replay->tasks.items[task - 1] : NULL;
}

/* ---- variables -------------------------------------------------------------------------- */

static const char *change_name(unsigned kind) {
    static const char *const names[MS_CHANGE_KINDS] = {
#define MS_CHANGE(NAME, code, text, doc) [code] = text,
#include "load/changes.def"
    };
    return names[kind];
}

/* A variable without a block whose size nobody said has none that is known. */
static uint64_t size_of(uint64_t size, uint64_t block) {
    return size || block ? size : MS_UNKNOWN;
}

/* As text, for only its place knows what it is. */
static const char *value_of(const ms_words *b, const ms_variable_count *v, uint64_t bits) {
    double real;
    switch (b->places[v->place].kind) {
    case MS_PLACE_SIGNED: return ms_arena_printf(b->model->arena, "%lld", (long long)bits);
    case MS_PLACE_UNSIGNED:
        return ms_arena_printf(b->model->arena, "%llu", (unsigned long long)bits);
    case MS_PLACE_FLOATING:
        memcpy(&real, &bits, sizeof real);
        return ms_arena_printf(b->model->arena, "%.17g", real);
    default: return NULL;
    }
}

static ms_change change(const ms_words *b, const ms_variable_count *v, const ms_change_count *c) {
    return (ms_change){.time_ns = ms_words_ns(c->time_us),
                       .address = c->address,
                       .size = size_of(c->size, v->block),
                       .kind = change_name(c->kind),
                       .value = c->kind == MS_CHANGE_VALUE ? value_of(b, v, c->value) : NULL,
                       .thread_id = ms_words_thread_id(b, c->thread),
                       .site = ms_words_site_id(b, c->site),
                       .stack = ms_words_stack(b, c->stack, NULL)};
}

/* What was there before the program told of it. */
static ms_change allocation(const ms_words *b, const ms_variable_count *v) {
    return (ms_change){.time_ns = ms_words_ns(v->block_us),
                       .address = v->born_address,
                       .size = v->born_size,
                       .kind = "allocated",
                       .thread_id = ms_words_thread_id(b, v->block_maker),
                       .site = ms_words_site_id(b, v->block_site),
                       .stack = MS_NO_STACK};
}

static void build_history(const ms_words *b, ms_variable *out, const ms_variable_count *v) {
    size_t count = 0;
    const ms_change_count *changes = b->replay->notes.variables.changes;
    ms_change *items = ms_arena_alloc(b->model->arena, (2u + v->listed + v->dead) * sizeof *items);
    if (v->on_block)
        items[count++] = allocation(b, v);
    items[count++] = (ms_change){.time_ns = ms_words_ns(v->born_us),
                                 .address = v->born_address,
                                 .size = size_of(v->born_size, v->block),
                                 .kind = "tracked",
                                 .value = value_of(b, v, v->value),
                                 .thread_id = ms_words_thread_id(b, v->thread),
                                 .site = MS_UNKNOWN,
                                 .stack = ms_words_stack(b, v->tracked_at, NULL)};
    for (uint32_t i = v->first; i; i = changes[i - 1].next)
        items[count++] = change(b, v, &changes[i - 1]);
    if (v->dead)
        items[count++] = (ms_change){.time_ns = ms_words_ns(v->died_us),
                                     .address = v->address,
                                     .size = size_of(v->size, v->block),
                                     .kind = change_name(v->end),
                                     .thread_id = ms_words_thread_id(b, v->ended_by),
                                     .site = MS_UNKNOWN,
                                     .stack = ms_words_stack(b, v->ended_at, NULL)};
    out->history.items = items;
    out->history.count = count;
}

static ms_variable variable(const ms_words *b, const ms_variable_count *v) {
    const ms_place *place = &b->places[v->place];
    const ms_task_count *task = task_of(b, v->task);
    ms_variable out = {.name = place->name,
                       .type = b->places[v->typed].type,
                       .file = place->file,
                       .line = ms_words_line(place),
                       .function = place->function,
                       .scope = scope_name(b, v->scope),
                       .scope_id = ms_words_id(v->scope),
                       .task = v->task ? b->model->tasks.items[v->task - 1].task : NULL,
                       .task_id = task ? task->id : MS_UNKNOWN,
                       .thread = ms_words_thread(b, v->thread),
                       .thread_id = ms_words_thread_id(b, v->thread),
                       .address = v->address,
                       .size = size_of(v->size, v->block),
                       .born_ns = ms_words_ns(v->born_us),
                       .died_ns = v->dead && v->end != MS_CHANGE_LOST ? ms_words_ns(v->died_us)
                                                                      : MS_UNKNOWN,
                       .changes = v->changes,
                       .end = v->dead ? change_name(v->end) : NULL,
                       .attached = v->block != 0,
                       .offset = v->block ? v->address - v->block : MS_UNKNOWN,
                       .came_from = MS_UNKNOWN,
                       .given_to = MS_UNKNOWN};
    build_history(b, &out, v);
    return out;
}

/* Who has what from whom. */
static void link_heirs(ms_variable *items, const ms_variables *v) {
    for (size_t i = 0; i < v->heir_count; i++) {
        const ms_heir *h = &v->heirs[i];
        if (h->fresh) {
            items[h->heir - 1].came_from = h->owner;
            items[h->heir - 1].came_by = h->given ? "given" : "shared";
        }
        if (h->given)
            items[h->owner - 1].given_to = h->heir;
    }
}

static void build_variables(const ms_words *b) {
    ms_model *m = b->model;
    const ms_variables *v = &b->replay->notes.variables;
    m->variables.items = ms_arena_alloc(m->arena, v->count * sizeof *m->variables.items);
    m->variables.count = v->count;
    for (size_t i = 0; i < v->count; i++) {
        m->variables.items[i] = variable(b, &v->items[i]);
        m->variables.items[i].id = i + 1;
    }
    link_heirs(m->variables.items, v);
}

/* Most live bytes first, then most at the peak, then in the order of the program's words. */
static int by_live(const void *a, const void *b) {
    const ms_variable_group *x = a, *y = b;
    if (x->live_bytes != y->live_bytes)
        return x->live_bytes < y->live_bytes ? 1 : -1;
    if (x->peak_bytes != y->peak_bytes)
        return x->peak_bytes < y->peak_bytes ? 1 : -1;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    int order = strcmp(x->file ? x->file : "", y->file ? y->file : "");
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static void build_groups(const ms_words *b) {
    ms_model *m = b->model;
    const ms_variables *v = &b->replay->notes.variables;
    ms_variable_group *items = ms_arena_alloc(m->arena, v->here_count * sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < v->here_count; i++) {
        const ms_variables_here *here = &v->here[i];
        const ms_place *place = &b->places[i];
        if (here->variables)
            items[count++] = (ms_variable_group){.name = place->name,
                                                 .type = b->places[here->typed].type,
                                                 .file = place->file,
                                                 .line = ms_words_line(place),
                                                 .function = place->function,
                                                 .variables = here->variables,
                                                 .bytes = here->bytes,
                                                 .peak_variables = here->live.peak_blocks,
                                                 .peak_bytes = here->live.peak_bytes,
                                                 .live_variables = here->live.blocks,
                                                 .live_bytes = here->live.bytes};
    }
    if (count)
        qsort(items, count, sizeof *items, by_live);
    m->variable_groups.items = items;
    m->variable_groups.count = count;
}

/* ---- scopes and tasks ------------------------------------------------------------------- */

static uint64_t error(bool estimated, double variance) {
    return estimated ? ms_standard_error(variance) : MS_UNKNOWN;
}

static ms_scope scope(const ms_words *b, const ms_scope_count *s) {
    const ms_place *place = &b->places[s->place];
    const ms_tally *t = &s->tally;
    bool sampled = b->replay->level.sampled;
    return (ms_scope){
        .scope = place->name,
        .parent = ms_words_id(s->parent),
        .file = place->file,
        .line = ms_words_line(place),
        .function = place->function,
        .entered = s->entered,
        .open = s->open,
        .first_ns = ms_words_ns(s->first_us),
        .total_ns = ms_words_ns(s->total_us),
        .allocations = ms_estimated(t->allocations, t->allocations_excess.excess),
        .reallocations = ms_estimated(t->reallocations, t->reallocations_excess.excess),
        .bytes_allocated = ms_estimated(t->bytes_allocated, t->bytes_excess.excess),
        .peak_bytes = t->peak_bytes,
        .live_bytes = ms_estimated(t->live_bytes, t->held.bytes.excess),
        .live_blocks = ms_estimated(t->live_blocks, t->held.blocks.excess),
        .allocations_error = error(sampled, t->allocations_excess.variance),
        .reallocations_error = error(sampled, t->reallocations_excess.variance),
        .bytes_allocated_error = error(sampled, t->bytes_excess.variance),
        .peak_bytes_error = error(sampled, t->peak_variance),
        .live_bytes_error = error(sampled, t->held.bytes.variance),
        .live_blocks_error = error(sampled, t->held.blocks.variance),
    };
}

static void build_scopes(const ms_words *b) {
    ms_model *m = b->model;
    const ms_scope_tree *scopes = &b->replay->notes.scopes;
    m->scopes.items = ms_arena_alloc(m->arena, scopes->count * sizeof *m->scopes.items);
    m->scopes.count = scopes->count;
    for (size_t i = 0; i < scopes->count; i++) {
        m->scopes.items[i] = scope(b, &scopes->items[i]);
        m->scopes.items[i].id = i + 1;
    }
}

/* Of a task that an adapter found: its kind is said, the rest follows from code. */
static void name_found(const ms_words *b, const ms_task_count *count, ms_task *task) {
    const ms_frame *origin = NULL;
    ms_frames *frames = b->frames;
    if (frames && count->stack >= MS_ROOT_COUNT) {
        uint32_t node = ms_nodes_resolve(&b->replay->nodes, count->stack);
        origin = node == MS_NODE_UNKNOWN ? NULL : ms_frames_innermost(frames, node);
    }
    if (origin) {
        task->file = origin->file;
        task->line = origin->line;
        task->function = origin->function;
    }
    if (frames)
        task->callback = ms_frames_function(frames, count->callback,
                                            count->stack ? (uint32_t)count->stack : UINT32_MAX);
    if (task->task && task->callback)
        task->task = ms_arena_printf(b->model->arena, "%s %s", task->task, task->callback);
}

/* The words of tasks that are in the model already, in their order. */
static void name_tasks(const ms_words *b) {
    for (size_t i = 0; i < b->model->tasks.count; i++) {
        const ms_task_count *count = &b->replay->tasks.items[i];
        const ms_place *place = &b->places[count->begun ? count->place : 0];
        ms_task *task = &b->model->tasks.items[i];
        task->task = place->name;
        task->file = place->file;
        task->line = ms_words_line(place);
        task->function = place->function;
        if (count->callback)
            name_found(b, count, task);
    }
}

/* ---- the rest --------------------------------------------------------------------------- */

static void build_snapshots(const ms_words *b) {
    ms_model *m = b->model;
    const ms_notes *n = &b->replay->notes;
    bool sampled = b->replay->level.sampled;
    m->snapshots.items = ms_arena_alloc(m->arena, n->snapshot_count * sizeof *m->snapshots.items);
    m->snapshots.count = n->snapshot_count;
    for (size_t i = 0; i < n->snapshot_count; i++) {
        const ms_snapshot_count *s = &n->snapshots[i];
        m->snapshots.items[i] =
            (ms_snapshot){.time_ns = ms_words_ns(s->time_us),
                          .label = b->places[s->place].name,
                          .live_bytes = s->live_bytes,
                          .live_blocks = s->live_blocks,
                          .live_bytes_error = error(sampled, s->bytes_variance),
                          .live_blocks_error = error(sampled, s->blocks_variance),
                          .thread_id = ms_words_thread_id(b, s->thread)};
    }
}

static const char *misuse_text(unsigned kind) {
    static const char *const texts[MS_MISUSE_COUNT] = {
#define MS_MISUSE(NAME, code, text, doc) [code] = text,
#include "trace/misuses.def"
    };
    return texts[kind];
}

static void build_misuses(const ms_words *b) {
    ms_model *m = b->model;
    const ms_misuses *misuses = &b->replay->notes.misuses;
    m->misuses.items = ms_arena_alloc(m->arena, misuses->count * sizeof *m->misuses.items);
    m->misuses.count = misuses->count;
    for (size_t i = 0; i < misuses->count; i++) {
        const ms_misuse_count *count = &misuses->items[i];
        const ms_place *place = &b->places[count->place];
        m->misuses.items[i] = (ms_misuse){.kind = misuse_text(count->kind),
                                          .count = count->count,
                                          .name = place->name,
                                          .file = place->file,
                                          .line = ms_words_line(place),
                                          .function = place->function,
                                          .first_ns = ms_words_ns(count->first_us),
                                          .thread_id = ms_words_thread_id(b, count->thread)};
    }
}

/* ---- sites ------------------------------------------------------------------------------ */

const char *ms_build_pointee(ms_model *model, const char *type) {
    size_t size = strlen(type);
    if (size && type[size - 1] == '*')
        for (size--; size && type[size - 1] == ' '; size--) {
        }
    if (strncmp(type, "const ", 6) == 0 && !memchr(type, '*', size)) {
        type += 6;
        size -= 6;
    }
    return size ? ms_arena_text(model->arena, type, size) : NULL;
}

/* Of a variable that has blocks: those it points to. */
static const ms_datatype *type_of_blocks(ms_typing *typing, uint32_t place, const char *name) {
    const ms_datatype *type = typing->places[place];
    if (!type)
        return name ? ms_typing_named(typing, name) : NULL;
    return type->kind == MS_DATATYPE_POINTER ? type->inner : NULL;
}

static void name_tag(ms_model *model, const ms_replay *replay, const ms_site_count *count,
                     ms_site *site) {
    if (count->tagged == 0 || count->tagged == MS_NAMED_VARIOUSLY)
        return;
    const char *tag = ms_places_at(&replay->notes.places, count->tagged)->name;
    if (*tag)
        site->tag = ms_arena_text(model->arena, tag, strlen(tag));
}

const ms_datatype *ms_build_site_name(ms_model *model, const ms_replay *replay, ms_typing *typing,
                                      const ms_site_count *count, ms_site *site) {
    name_tag(model, replay, count, site);
    if (count->named == 0 || count->named == MS_NAMED_VARIOUSLY)
        return NULL;
    const ms_place *place = ms_places_at(&replay->notes.places, count->named);
    if (*place->name)
        site->variable = ms_arena_text(model->arena, place->name, strlen(place->name));
    site->type = ms_build_pointee(model, place->type);
    const ms_datatype *type = type_of_blocks(typing, count->named, site->type);
    if (!site->type && type && type->kind != MS_DATATYPE_VOID)
        site->type = ms_arena_text(model->arena, type->name, strlen(type->name));
    if (site->variable || site->type)
        site->variable_evidence = "recorded";
    return type;
}

static uint64_t steps_left_out(const ms_notes *n) {
    uint64_t steps = 0;
    for (size_t i = 0; i < n->variables.count; i++)
        steps += n->variables.items[i].changes - n->variables.items[i].listed;
    for (size_t i = 0; i < n->references.count; i++)
        steps += n->references.items[i].acts.all - n->references.items[i].acts.listed;
    for (size_t i = 0; i < n->passports.count; i++)
        steps += n->passports.items[i].acts.all - n->passports.items[i].acts.listed;
    return steps;
}

void ms_build_notes(ms_model *model, ms_replay *replay, ms_typing *typing,
                    const uint64_t *site_ids) {
    ms_words b = {.model = model, .replay = replay, .frames = typing->frames, .site_ids = site_ids};
    keep_places(&b, typing);
    name_tasks(&b);
    build_variables(&b);
    build_groups(&b);
    build_scopes(&b);
    build_snapshots(&b);
    build_misuses(&b);
    ms_build_tags(&b);
    ms_build_declared(&b);
    ms_build_objects(&b);
    model->capture.notes = replay->notes.count;
    model->capture.history_steps_kept =
        replay->notes.step_limit ? replay->notes.step_limit - 1 : MS_UNKNOWN;
    model->capture.history_steps_left_out = steps_left_out(&replay->notes);
    model->capture.snapshots_left_out = replay->notes.snapshots_left_out;
    model->capture.variables_left_out = replay->notes.variables.left_out;
    model->capture.scopes_left_out = replay->notes.scopes.left_out;
    model->capture.references_left_out = replay->notes.references.left_out;
    model->capture.passports_left_out = replay->notes.passports.left_out;
    model->capture.containers_left_out = replay->notes.containers.left_out;
    free(b.places);
}
