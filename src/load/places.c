#include "load/places.h"

#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

void ms_places_init(ms_places *places, ms_arena *arena) {
    *places = (ms_places){.arena = arena};
    ms_map_init(&places->of, arena);
}

void ms_places_deinit(ms_places *places) {
    free(places->items);
    places->items = NULL;
}

uint32_t ms_places_of(ms_places *places, uint64_t id) {
    if (id == 0)
        return 0;
    if (places->count == MS_PLACES_MAX)
        return ms_map_get(&places->of, id);
    uint32_t *number = ms_map_at(&places->of, id, NULL);
    if (!*number) {
        places->items = ms_memory_grow(places->items, places->count + 1, &places->capacity,
                                       sizeof *places->items);
        places->items[places->count] = (ms_place){
            .id = id, .name = "", .type = "", .file = "", .function = "", .text = {NULL, 0}};
        *number = (uint32_t)++places->count;
    }
    return *number;
}

/* The next of the texts, which end at `end` at the latest. */
static const char *next_text(const char **at, const char *end) {
    const char *text = *at;
    *at += strlen(text);
    *at += *at < end;
    return text;
}

void ms_places_define(ms_places *places, const ms_event *event) {
    uint32_t number = ms_places_of(places, event->site);
    if (!number || places->items[number - 1].defined ||
        event->text.size > MS_PLACES_TEXT_MAX - places->text_bytes)
        return;
    ms_place *place = &places->items[number - 1];
    size_t size = event->text.size;
    const char *at = ms_arena_text(places->arena, (const char *)event->text.bytes, size);
    const char *end = at + size;
    places->text_bytes += size;
    place->defined = true;
    place->text = (ms_text){(const uint8_t *)at, (uint32_t)size};
    place->name = next_text(&at, end);
    place->type = next_text(&at, end);
    place->file = next_text(&at, end);
    place->function = next_text(&at, end);
    place->line = event->size;
    place->kind = event->number;
}

const ms_place *ms_places_at(const ms_places *places, uint32_t number) {
    static const ms_place none = {.name = "", .type = "", .file = "", .function = ""};
    return number ? &places->items[number - 1] : &none;
}

bool ms_places_same_name(const ms_places *places, uint32_t a, uint32_t b) {
    const ms_place *x = ms_places_at(places, a), *y = ms_places_at(places, b);
    return a == b || (x->defined && y->defined && strcmp(x->name, y->name) == 0);
}

bool ms_places_agree(const ms_places *places, uint32_t a, uint32_t b) {
    const ms_place *x = ms_places_at(places, a), *y = ms_places_at(places, b);
    return ms_places_same_name(places, a, b) && strcmp(x->type, y->type) == 0;
}
