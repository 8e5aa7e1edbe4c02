/* places.h - the places in a program that spoke to us: SITE events. A place may be named by one thread
 * before the stream of another brings its definition, so names are looked up at the end. One thread at
 * a time. */
#ifndef MS_LOAD_PLACES_H
#define MS_LOAD_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/event.h"
#include "util/map.h"

/* A program has thousands; a broken trace names more without end. */
#define MS_PLACES_MAX (1u << 18)
#define MS_PLACES_TEXT_MAX (64u << 20) /* bytes of their texts together */

/* Texts are empty where not known. */
typedef struct ms_place {
    uint64_t id; /* the trace's */
    const char *name, *type, *file, *function;
    ms_text text; /* all four, as they were read */
    uint64_t line, kind;
    bool defined;
} ms_place;

typedef struct ms_places {
    ms_arena *arena; /* borrowed */
    ms_place *items; /* in the order in which they were named first */
    size_t count, capacity;
    size_t text_bytes;
    ms_map of; /* id -> index + 1 */
} ms_places;

void ms_places_init(ms_places *places, ms_arena *arena);
void ms_places_deinit(ms_places *places);

/* The index + 1 of place `id`, made if need be; 0 for 0, and for a new one when there are
 * MS_PLACES_MAX. */
uint32_t ms_places_of(ms_places *places, uint64_t id);

/* Takes a SITE event. A second definition of an id is ignored, what is cut is empty. */
void ms_places_define(ms_places *places, const ms_event *event);

/* A place by index + 1; for 0 one of which nothing is known. */
const ms_place *ms_places_at(const ms_places *places, uint32_t number);

/* Do both, index + 1, speak of the same thing, as far as is known: are they one place, or have they the
 * same name; and type? */
bool ms_places_same_name(const ms_places *places, uint32_t a, uint32_t b);
bool ms_places_agree(const ms_places *places, uint32_t a, uint32_t b);

#endif
