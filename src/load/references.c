#include "load/references.h"

#include <stdlib.h>

#include "trace/format.h"
#include "util/memory.h"

void ms_references_deinit(ms_references *r) {
    free(r->items);
    r->items = NULL;
}

static ms_reference_count *begin(ms_references *r, ms_anchors *anchors, const ms_said *said) {
    if (r->count == MS_REFERENCES_MAX || said->address == 0) {
        r->left_out++;
        return NULL;
    }
    r->items = ms_memory_grow(r->items, r->count + 1, &r->capacity, sizeof *r->items);
    ms_reference_count *object = &r->items[r->count++];
    *object = (ms_reference_count){.address = said->address,
                                   .size = said->size,
                                   .born_us = said->now_us,
                                   .thread = said->thread,
                                   .task = said->task,
                                   .scope = said->scope};
    ms_anchors_at(anchors, said->address, said->block)->reference = (uint32_t)r->count;
    return object;
}

/* The object that the note is about, made if need be; NULL when there are too many. */
static ms_reference_count *object_of(ms_references *r, ms_anchors *anchors, uint8_t what,
                                     const ms_said *said) {
    ms_anchor *anchor = ms_anchors_find(anchors, said->address);
    bool known = anchor && anchor->reference;
    if (known && what == MS_NOTE_REF_NEW) /* another one, where it was */
        r->items[anchor->reference - 1].freed |= !r->items[anchor->reference - 1].dead;
    if (known && what != MS_NOTE_REF_NEW)
        return &r->items[anchor->reference - 1];
    return begin(r, anchors, said);
}

static void set_count(ms_reference_count *object, int64_t count, uint64_t now_us) {
    object->known = true;
    object->count = count;
    if (count > 0 && (uint64_t)count > object->max_count)
        object->max_count = (uint64_t)count;
    object->dead = count <= 0;
    if (object->dead)
        object->died_us = now_us;
}

/* What is told is believed once, and then reckoned with. */
static void take_told(ms_reference_count *object, const ms_said *said) {
    if (said->number <= INT64_MAX)
        set_count(object, (int64_t)said->number, said->now_us);
}

/* False: nobody may do that to an object that is dead. */
static bool take_strong(ms_reference_count *object, bool is_ref, const ms_said *said) {
    bool fine = !object->dead || object->several;
    object->refs += is_ref;
    object->unrefs += !is_ref;
    if (object->known)
        set_count(object, object->count + (is_ref ? 1 : -1), said->now_us);
    else
        take_told(object, said);
    return fine;
}

static void take_weak(ms_reference_count *object, uint64_t count) {
    object->weak = count;
    if (count > object->max_weak)
        object->max_weak = count;
}

static uint64_t count_of(const ms_reference_count *object) {
    return object->known && object->count >= 0 ? (uint64_t)object->count : MS_COUNT_NOT_TOLD;
}

bool ms_references_note(ms_references *r, ms_anchors *anchors, ms_acts *acts, uint8_t what,
                        const ms_said *said) {
    ms_reference_count *object = object_of(r, anchors, what, said);
    bool fine = true;
    if (!object)
        return true;
    if (!object->place)
        object->place = said->place;
    object->several |= said->thread != object->thread;
    switch (what) {
    case MS_NOTE_REF_NEW:
        object->kind = said->old < UINT8_MAX ? (uint8_t)said->old : 0;
        take_told(object, said);
        break;
    case MS_NOTE_REF_CHANGED: take_told(object, said); break;
    case MS_NOTE_WEAK:
    case MS_NOTE_UNWEAK: take_weak(object, said->number); break;
    default: fine = take_strong(object, what == MS_NOTE_REF, said); break;
    }
    object->wrong += !fine && object->wrong < UINT32_MAX;
    bool weak = what == MS_NOTE_WEAK || what == MS_NOTE_UNWEAK;
    ms_acts_add(acts, &object->acts, what, weak ? said->number : count_of(object), said);
    return fine;
}

void ms_references_end(ms_references *r, ms_acts *acts, ms_anchor *anchor, const ms_said *said) {
    if (!anchor->reference)
        return;
    ms_reference_count *object = &r->items[anchor->reference - 1];
    anchor->reference = 0;
    ms_acts_add(acts, &object->acts, 0, count_of(object), said);
    if (object->dead)
        return;
    object->freed = true;
    object->died_us = said->now_us;
}
