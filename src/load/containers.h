/* containers.h - containers of a program's own making: how they grew, and how much of their room they
 * use. One thread at a time. */
#ifndef MS_LOAD_CONTAINERS_H
#define MS_LOAD_CONTAINERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/anchors.h"
#include "load/places.h"
#include "load/said.h"

#define MS_CONTAINERS_MAX (1u << 20)

typedef struct ms_container_count {
    uint64_t address, elements;
    uint64_t capacity, used, max_capacity; /* bytes */
    uint64_t filled, slots;                /* elements, and places for them */
    uint64_t growths, moves, moved_bytes;
    uint64_t grown_from, grown_to; /* bytes before and behind each growth, summed up */
    uint64_t born_us, died_us;
    uint32_t place; /* the first that spoke of it, or the first with a name: index + 1 */
    uint32_t thread;
    bool dead;
} ms_container_count;

typedef struct ms_containers {
    ms_container_count *items; /* in the order of their first word */
    size_t count, capacity;
    uint64_t left_out;
} ms_containers;

void ms_containers_deinit(ms_containers *containers);

#define MS_NOT_TOLD UINT64_MAX /* any number of a container that nobody has said */

/* A CONTAINER note, a CONTAINER_FILLED and a CONTAINER_GONE. */
void ms_containers_note(ms_containers *containers, ms_anchors *anchors, const ms_places *places,
                        const ms_said *said);
void ms_containers_filled(ms_containers *containers, const ms_anchors *anchors,
                          const ms_said *said);
void ms_containers_gone(ms_containers *containers, ms_anchors *anchors, const ms_said *said);

/* A block has begun or ended where the container on an anchor is. */
void ms_containers_end(ms_containers *containers, ms_anchor *anchor, const ms_said *said);

#endif
