#include "load/containers.h"

#include <stdlib.h>

#include "util/memory.h"

void ms_containers_deinit(ms_containers *c) {
    free(c->items);
    c->items = NULL;
}

static ms_container_count *begin(ms_containers *c, ms_anchors *anchors, const ms_said *said) {
    if (c->count == MS_CONTAINERS_MAX || said->address == 0) {
        c->left_out++;
        return NULL;
    }
    c->items = ms_memory_grow(c->items, c->count + 1, &c->capacity, sizeof *c->items);
    ms_container_count *container = &c->items[c->count++];
    *container = (ms_container_count){.address = said->address,
                                      .elements = said->old,
                                      .capacity = said->size,
                                      .filled = MS_NOT_TOLD,
                                      .slots = MS_NOT_TOLD,
                                      .born_us = said->now_us,
                                      .place = said->place,
                                      .thread = said->thread};
    ms_anchors_at(anchors, said->address, said->block)->container = (uint32_t)c->count;
    return container;
}

/* What is known of both is compared. */
static bool is_more(uint64_t now, uint64_t before) {
    return now != MS_NOT_TOLD && (before == MS_NOT_TOLD || now > before);
}

/* Bytes in use; all of them where it is not told how many are. */
static uint64_t bytes_to_copy(const ms_container_count *container) {
    if (container->used != MS_NOT_TOLD)
        return container->used;
    return container->capacity != MS_NOT_TOLD ? container->capacity : 0;
}

/* Elements that are elsewhere now were copied there: as many bytes as were in use. */
static void grow(ms_container_count *container, const ms_said *said) {
    uint64_t copied = bytes_to_copy(container);
    if (container->capacity != MS_NOT_TOLD && is_more(said->size, container->capacity)) {
        container->growths++;
        container->grown_from += container->capacity;
        container->grown_to += said->size;
    }
    if (said->old != container->elements && container->elements && copied) {
        container->moves++;
        container->moved_bytes += copied;
    }
    container->elements = said->old;
    container->capacity = said->size;
    container->used = said->number;
    if (is_more(said->size, container->max_capacity))
        container->max_capacity = said->size;
}

static bool has_name(const ms_places *places, uint32_t place) {
    return *ms_places_at(places, place)->name;
}

void ms_containers_note(ms_containers *c, ms_anchors *anchors, const ms_places *places,
                        const ms_said *said) {
    const ms_anchor *anchor = ms_anchors_find(anchors, said->address);
    ms_container_count *container =
        anchor && anchor->container ? &c->items[anchor->container - 1] : begin(c, anchors, said);
    if (!container)
        return;
    if (!has_name(places, container->place) && has_name(places, said->place))
        container->place = said->place;
    grow(container, said);
}

void ms_containers_filled(ms_containers *c, const ms_anchors *anchors, const ms_said *said) {
    const ms_anchor *anchor = ms_anchors_find(anchors, said->address);
    if (!anchor || !anchor->container)
        return;
    ms_container_count *container = &c->items[anchor->container - 1];
    container->filled = said->number;
    container->slots = said->size;
}

void ms_containers_end(ms_containers *c, ms_anchor *anchor, const ms_said *said) {
    if (!anchor->container)
        return;
    ms_container_count *container = &c->items[anchor->container - 1];
    anchor->container = 0;
    container->dead = true;
    container->died_us = said->now_us;
}

void ms_containers_gone(ms_containers *c, ms_anchors *anchors, const ms_said *said) {
    ms_anchor *anchor = ms_anchors_find(anchors, said->address);
    if (!anchor)
        return;
    ms_containers_end(c, anchor, said);
    ms_anchors_tidy(anchors, anchor);
}
