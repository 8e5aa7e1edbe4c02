#include "export/text_passports.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "export/text_steps.h"
#include "util/human.h"
#include "util/map.h"

/* The states, what is open first. */
static const char *const states[] = {"lost", "in_foreign_custody", "freed_by_foreign", "reclaimed",
                                     "freed_by_owner"};

enum { STATES = sizeof states / sizeof *states };

/* Passports of one side and state. */
typedef struct convoy {
    const ms_passport *passport;
    uint64_t bytes, count;
    unsigned state;
} convoy;

static bool is(const char *text, const char *word) {
    return text && strcmp(text, word) == 0;
}

static unsigned state_of(const ms_passport *p) {
    unsigned state = 0;
    while (state < STATES && !is(p->status, states[state]))
        state++;
    return state;
}

/* "in foreign custody". */
static const char *spoken(ms_page *page, const char *word) {
    char *text = ms_arena_printf(page->arena, "%s", word);
    for (char *at = text; *at; at++)
        if (*at == '_')
            *at = ' ';
    return text;
}

static int by_state(const void *a, const void *b) {
    const convoy *x = a, *y = b;
    if (x->state != y->state)
        return x->state > y->state ? 1 : -1;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return (x->passport->id > y->passport->id) - (x->passport->id < y->passport->id);
}

static uint64_t key_of(unsigned state, const char *name) {
    uint64_t hash = state + UINT64_C(1);
    for (; name && *name; name++)
        hash = ms_mum(hash ^ (uint8_t)*name, MS_HASH_K);
    return hash;
}

static size_t gather(ms_page *page, convoy *all, uint64_t counts[STATES + 1]) {
    const ms_model *m = page->model;
    size_t count = 0;
    ms_map known;
    ms_map_init(&known, page->arena);
    for (size_t i = 0; i < m->passports.count; i++) {
        const ms_passport *p = &m->passports.items[i];
        unsigned state = state_of(p);
        uint32_t *number = ms_map_at(&known, key_of(state, p->name), NULL);
        counts[state]++;
        if (!*number) {
            *number = (uint32_t)++count;
            all[count - 1] = (convoy){.passport = p, .state = state};
        }
        all[*number - 1].count++;
        all[*number - 1].bytes += p->size == MS_UNKNOWN ? 0 : p->size;
    }
    if (count)
        qsort(all, count, sizeof *all, by_state);
    return count;
}

/* "3 blocks: 2 freed by foreign, 1 lost". */
static const char *sum(ms_page *page, const uint64_t counts[STATES + 1]) {
    const char *text = "";
    for (unsigned i = 0; i < STATES; i++)
        if (counts[i])
            text = ms_arena_printf(page->arena, "%s%s %s %s", text, *text ? "," : ":",
                                   ms_human_count(counts[i]).text, spoken(page, states[i]));
    return ms_arena_printf(page->arena, "%s handed over a boundary%s",
                           ms_page_plural(page, page->model->passports.count, "block"), text);
}

/* "  rust  in foreign custody, 256 B, allocated in make, a.c:5; one of 12". */
static void passport_head(ms_page *page, const convoy *c) {
    const ms_passport *p = c->passport;
    const char *name = p->name ? ms_page_name(page, p->name, page->width / 3) : "(unnamed)";
    const char *made = ms_step_at_stack(page, p->stack);
    const char *state = c->state < STATES ? spoken(page, states[c->state]) : "";
    const char *size = p->size == MS_UNKNOWN
                           ? ""
                           : ms_arena_printf(page->arena, ", %s", ms_human_bytes(p->size).text);
    const char *others =
        c->count < 2 ? ""
                     : ms_arena_printf(page->arena, "; one of %s", ms_human_count(c->count).text);
    ms_sink_text(page->sink, "  ");
    ms_page_put(page, MS_BOLD, name);
    ms_sink_text(page->sink, "  ");
    ms_page_wrap(page, MS_PLAIN, 4 + ms_human_columns(name),
                 ms_arena_printf(page->arena, "%s%s%s%s%s", state, size,
                                 made ? ", allocated in " : "", made ? made : "", others));
}

static const char *stamp(ms_page *page, const ms_passport *p, const ms_act *a) {
    if (is(a->what, "handover"))
        return !a->name || is(p->name, a->name)
                   ? "handed over"
                   : ms_arena_printf(page->arena, "handed to %s",
                                     ms_page_name(page, a->name, page->width / 4));
    if (is(a->what, "reclaim"))
        return "reclaimed";
    if (is(a->what, "freed_abroad"))
        return "said to be freed";
    if (is(a->what, "freed") && p->freed_by)
        return ms_arena_printf(page->arena, "freed by %s",
                               ms_page_name(page, p->freed_by, page->width / 4));
    return a->what ? ms_page_name(page, a->what, 0) : "";
}

static void journey(ms_page *page, const convoy *c, ms_untold *untold) {
    const ms_passport *p = c->passport;
    ms_step *steps = ms_arena_alloc(page->arena, (p->stamps.count + 1) * sizeof *steps);
    passport_head(page, c);
    for (size_t i = 0; i < p->stamps.count; i++) {
        const ms_act *a = &p->stamps.items[i];
        steps[i] = (ms_step){a->time_ns, a->thread_id, stamp(page, p, a),
                             ms_step_at_stack(page, a->stack)};
        untold->frees |= is(a->what, "freed") && !steps[i].where;
    }
    ms_steps_put(page, steps, p->stamps.count,
                 p->acts > p->stamps.count ? p->acts - p->stamps.count : 0, false);
}

void ms_text_passports(ms_page *page, size_t top) {
    ms_untold untold = {false, false};
    uint64_t counts[STATES + 1] = {0};
    convoy *all = ms_arena_alloc(page->arena, page->model->passports.count * sizeof *all);
    size_t count = gather(page, all, counts), shown = top && top < count ? top : count;
    if (!count)
        return;
    ms_page_title(page, "Passports", sum(page, counts));
    for (size_t i = 0; i < shown; i++)
        journey(page, &all[i], &untold);
    ms_steps_end(page, count - shown, untold);
}
