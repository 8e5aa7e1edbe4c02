#include "export/text_lives.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "export/text_steps.h"
#include "util/human.h"
#include "util/map.h"

/* Those tracked at one place: how many, and the one that is shown. */
typedef struct kin {
    const ms_variable *variable;
    uint64_t weight, count;
} kin;

static bool is(const char *text, const char *word) {
    return text && strcmp(text, word) == 0;
}

static const char *name_of(ms_page *page, uint64_t variable) {
    const ms_model *m = page->model;
    bool known = variable != MS_UNKNOWN && variable && variable <= m->variables.count;
    const char *name = known ? m->variables.items[variable - 1].name : NULL;
    return name ? ms_page_name(page, name, page->width / 4) : "another one";
}

/* "grown to 4.0 KiB", "given to list->head", "value 5". */
static const char *what(ms_page *page, const ms_variable *v, const ms_change *c) {
    const char *kind = c->kind ? c->kind : "";
    ms_arena *arena = page->arena;
    bool sized = c->size != MS_UNKNOWN;
    if (is(kind, "allocated") && sized)
        return ms_arena_printf(arena, "allocated, %s", ms_human_bytes(c->size).text);
    if ((is(kind, "resized") || is(kind, "moved")) && sized)
        return ms_arena_printf(arena, "%s, %s", kind, ms_human_bytes(c->size).text);
    if (is(kind, "value") || is(kind, "tracked"))
        return c->value ? ms_arena_printf(arena, "%s, %s", kind,
                                          ms_page_name(page, c->value, page->width / 4))
                        : kind;
    if (is(kind, "given"))
        return ms_arena_printf(arena, "given to %s", name_of(page, v->given_to));
    if (is(kind, "handed_over"))
        return "handed over";
    return is(kind, "borrowed_mut") ? "borrowed to change" : ms_page_name(page, kind, 0);
}

/* A word that made the variable is known by its place. */
static const char *where(ms_page *page, const ms_variable *v, const ms_change *c,
                         ms_untold *untold) {
    const char *text = ms_step_at_site(page, c->site);
    if (!text)
        text = ms_step_at_stack(page, c->stack);
    if (text || c->site != MS_UNKNOWN || is(c->kind, "replaced") || is(c->kind, "lost"))
        return text;
    const ms_frame word = {.function = v->function, .file = v->file, .line = v->line};
    if (is(c->kind, "tracked") && v->function)
        return ms_step_at(page, &word);
    bool is_free = is(c->kind, "freed");
    untold->frees |= is_free;
    untold->words |= !is_free;
    return NULL;
}

static const char *state(ms_page *page, const ms_variable *v) {
    if (v->end)
        return is(v->end, "given") ? "given away" : ms_page_name(page, v->end, 0);
    return "live at exit";
}

/* "char *, 64 B, live at exit; one of 5". */
static void head(ms_page *page, const kin *k) {
    const ms_variable *v = k->variable;
    const char *name = v->name ? ms_page_name(page, v->name, page->width / 3) : "(unnamed)";
    const char *type =
        v->type ? ms_arena_printf(page->arena, "%s, ", ms_page_name(page, v->type, page->width / 3))
                : "";
    const char *size = v->size == MS_UNKNOWN
                           ? ""
                           : ms_arena_printf(page->arena, "%s, ", ms_human_bytes(v->size).text);
    const char *others =
        k->count < 2 ? ""
                     : ms_arena_printf(page->arena, "; one of %s", ms_human_count(k->count).text);
    ms_sink_text(page->sink, "  ");
    ms_page_put(page, MS_BOLD, name);
    ms_sink_text(page->sink, "  ");
    ms_page_wrap(page, MS_PLAIN, 4 + ms_human_columns(name),
                 ms_arena_printf(page->arena, "%s%s%s%s", type, size, state(page, v), others));
}

static void life(ms_page *page, const kin *k, ms_untold *untold) {
    const ms_variable *v = k->variable;
    size_t count = v->history.count, own = 0;
    ms_step *steps = ms_arena_alloc(page->arena, (count + 1) * sizeof *steps);
    head(page, k);
    for (size_t i = 0; i < count; i++) {
        const ms_change *c = &v->history.items[i];
        own += is(c->kind, "allocated") || is(c->kind, "tracked") || (v->end && i + 1 == count);
        steps[i] = (ms_step){c->time_ns, c->thread_id, what(page, v, c), where(page, v, c, untold)};
    }
    ms_steps_put(page, steps, count, v->changes > count - own ? v->changes - (count - own) : 0,
                 v->end);
}

/* What is wrong first, then what stays, then by what happened to it. 0: nothing did. */
static uint64_t weigh(const ms_variable *v) {
    bool wrong = is(v->end, "lost"), abroad = false, passed = is(v->end, "given");
    for (size_t i = 0; i < v->history.count; i++) {
        const char *kind = v->history.items[i].kind;
        wrong |= is(kind, "conflict");
        abroad |= is(kind, "handed_over");
        passed |= is(kind, "shared");
    }
    if (v->history.count == 0 || (!v->attached && v->changes == 0))
        return 0;
    uint64_t changes = v->changes < UINT32_MAX ? v->changes : UINT32_MAX;
    return (uint64_t)wrong << 63 | (uint64_t)(!v->end && v->attached) << 62 |
           (uint64_t)abroad << 61 | (uint64_t)passed << 60 | changes << 8 | 1;
}

static uint64_t add_text(uint64_t hash, const char *text) {
    for (; text && *text; text++)
        hash = ms_mum(hash ^ (uint8_t)*text, MS_HASH_K);
    return ms_mum(hash, MS_HASH_K + 2);
}

static uint64_t key_of(const ms_variable *v) {
    return add_text(add_text(ms_hash_u64(v->line), v->file), v->name);
}

static int by_weight(const void *a, const void *b) {
    const kin *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight < y->weight ? 1 : -1;
    return (x->variable->id > y->variable->id) - (x->variable->id < y->variable->id);
}

/* Of each place that tracks variables the weightiest, in their order. */
static size_t choose(ms_page *page, kin *all) {
    const ms_model *m = page->model;
    size_t count = 0;
    ms_map known;
    ms_map_init(&known, page->arena);
    for (size_t i = 0; i < m->variables.count; i++) {
        const ms_variable *v = &m->variables.items[i];
        uint64_t weight = weigh(v);
        uint32_t *number = weight ? ms_map_at(&known, key_of(v), NULL) : NULL;
        if (!number)
            continue;
        if (!*number)
            *number = (uint32_t)++count;
        kin *k = &all[*number - 1];
        k->count++;
        if (weight > k->weight) {
            k->weight = weight;
            k->variable = v;
        }
    }
    if (count)
        qsort(all, count, sizeof *all, by_weight);
    return count;
}

void ms_text_lives(ms_page *page, size_t top) {
    ms_untold untold = {false, false};
    kin *all = ms_arena_alloc(page->arena, page->model->variables.count * sizeof *all);
    size_t count = choose(page, all), shown = top && top < count ? top : count;
    if (!count)
        return;
    ms_page_title(page, "Lifecycles",
                  "what became of variables, one of each place that tracks some");
    for (size_t i = 0; i < shown; i++)
        life(page, &all[i], &untold);
    ms_steps_end(page, count - shown, untold);
}
