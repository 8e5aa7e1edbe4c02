#include "trace/standing.h"

#include <stdlib.h>

#include "base/hash.h"

void ms_standings_deinit(ms_standings *s) {
    free(s->slots);
    *s = (ms_standings){0};
}

/* There must be slots. */
static ms_standing *slot_of(const ms_standings *s, uint32_t thread) {
    size_t mask = s->slot_count - 1;
    size_t i = ms_hash_u64(thread) & mask;
    while (s->slots[i].thread && s->slots[i].thread != thread)
        i = (i + 1) & mask;
    return &s->slots[i];
}

static bool make_room(ms_standings *s) {
    if (2 * (s->count + 1) <= s->slot_count)
        return true;
    ms_standings grown = {.slot_count = s->slot_count ? 2 * s->slot_count : 64, .count = s->count};
    grown.slots = calloc(grown.slot_count, sizeof *grown.slots);
    if (!grown.slots)
        return false;
    for (size_t i = 0; i < s->slot_count; i++)
        if (s->slots[i].thread)
            *slot_of(&grown, s->slots[i].thread) = s->slots[i];
    free(s->slots);
    *s = grown;
    return true;
}

ms_standing ms_standings_of(const ms_standings *s, uint32_t thread) {
    return s->count ? *slot_of(s, thread) : (ms_standing){0};
}

static bool set(uint64_t *value, uint64_t said) {
    bool news = *value != said;
    *value = said;
    return news;
}

/* Of a FREER the stack is 0: it is not known. */
static bool set_freer(ms_standing *slot, const ms_event *event) {
    bool other = set(&slot->freer, event->pc);
    return set(&slot->free_stack, event->stack) || other;
}

/* True: it changes something. */
static bool take(ms_standing *slot, const ms_event *event) {
    switch (event->kind) {
    case MS_EVENT_RATE: return set(&slot->rate, event->number);
    case MS_EVENT_TASK: return set(&slot->task, event->number);
    default: return set_freer(slot, event);
    }
}

bool ms_standings_note(ms_standings *s, const ms_event *event, bool *news) {
    if (!make_room(s))
        return false;
    ms_standing *slot = slot_of(s, event->thread);
    s->count += slot->thread == 0;
    slot->thread = event->thread;
    *news = take(slot, event);
    return true;
}
