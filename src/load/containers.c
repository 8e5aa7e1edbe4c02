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
                                      .born_us = said->now_us,
                                      .place = said->place,
                                      .thread = said->thread};
    ms_anchors_at(anchors, said->address)->container = (uint32_t)c->count;
    return container;
}

/* Elements that are elsewhere now were copied there: as many bytes as were in use. */
static void grow(ms_container_count *container, const ms_said *said) {
    container->growths += said->size > container->capacity;
    if (said->old != container->elements && container->elements && container->used) {
        container->moves++;
        container->moved_bytes += container->used;
    }
    container->elements = said->old;
    container->capacity = said->size;
    container->used = said->number;
    if (said->size > container->max_capacity)
        container->max_capacity = said->size;
}

void ms_containers_note(ms_containers *c, ms_anchors *anchors, const ms_said *said) {
    const ms_anchor *anchor = ms_anchors_find(anchors, said->address);
    ms_container_count *container =
        anchor && anchor->container ? &c->items[anchor->container - 1] : begin(c, anchors, said);
    if (container)
        grow(container, said);
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
