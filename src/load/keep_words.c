/* What the program says, as far as it is not about single things: the places that speak. */
#include "load/keep.h"

void ms_save_places(ms_saving *s, ms_checkpoint *c) {
    const ms_places *places = &c->replay->notes.places;
    for (size_t i = 0; i < places->count; i++) {
        const ms_place *p = &places->items[i];
        MS_SAVE(s, ms_kept_place, p->id, p->line, p->kind, p->defined, p->text);
    }
}

bool ms_take_places(ms_checkpoint *c, const ms_kept_place *rows, size_t count) {
    ms_places *places = &c->replay->notes.places;
    for (size_t i = 0; i < count; i++) {
        size_t had = places->count;
        ms_event event = {.kind = MS_EVENT_SITE,
                          .size = rows[i].line,
                          .number = rows[i].kind,
                          .text = rows[i].text,
                          .site = rows[i].id};
        if (ms_places_of(places, rows[i].id) != had + 1)
            return false; /* none, twice, or too many */
        if (rows[i].defined)
            ms_places_define(places, &event);
    }
    return true;
}
