#include "load/references.h"

#include <stdlib.h>

#include "trace/format.h"
#include "util/memory.h"

/* Longer than a tick: what another thread says of a dead object so soon may have been said before. */
#define LATE_US 100000u

/* How many are looked at for a place to use again. */
#define LOOKS 64

void ms_references_deinit(ms_references *r) {
    free(r->items);
    r->items = NULL;
    ms_holders_deinit(&r->holders);
}

/* Of a GObject what is below 0 was only not seen. */
uint64_t ms_reference_wrong(const ms_reference_count *object) {
    bool below = object->known && object->count < 0 && object->kind != MS_COUNTER_GOBJECT;
    return below ? (uint64_t)-object->count : object->wrong;
}

/* ---- which object ----------------------------------------------------------------------- */

/* It is forgotten, and so is that it was at its address. */
static void forget(ms_references *r, ms_anchors *anchors, ms_reference_count *object) {
    ms_anchor *anchor = ms_anchors_find(anchors, object->address);
    if (anchor && anchor->reference == (uint32_t)(object - r->items) + 1) {
        anchor->reference = 0;
        ms_anchors_tidy(anchors, anchor);
    }
    ms_holders_drop(&r->holders, &object->holders);
    r->left_out++;
}

/* NULL: there is none near by. */
static ms_reference_count *dead_gobject(ms_references *r) {
    for (unsigned looks = 0; looks < LOOKS; looks++) {
        r->oldest = r->oldest + 1 < r->count ? r->oldest + 1 : 0;
        ms_reference_count *object = &r->items[r->oldest];
        if (object->dead && object->kind == MS_COUNTER_GOBJECT && !object->wrong)
            return object;
    }
    return NULL;
}

static ms_reference_count *place_for(ms_references *r, ms_anchors *anchors, const ms_said *said) {
    bool used_again = said->old == MS_COUNTER_GOBJECT && r->count >= MS_GOBJECTS_MAX;
    ms_reference_count *object = used_again ? dead_gobject(r) : NULL;
    if (object) {
        forget(r, anchors, object);
        return object;
    }
    if (r->count == MS_REFERENCES_MAX || said->address == 0) {
        r->left_out++;
        return NULL;
    }
    r->items = ms_memory_grow(r->items, r->count + 1, &r->capacity, sizeof *r->items);
    return &r->items[r->count++];
}

static ms_reference_count *begin(ms_references *r, ms_anchors *anchors, const ms_said *said) {
    ms_reference_count *object = place_for(r, anchors, said);
    if (!object)
        return NULL;
    *object = (ms_reference_count){.address = said->address,
                                   .size = said->size,
                                   .told = MS_COUNT_NOT_TOLD,
                                   .kind = said->old == MS_COUNTER_GOBJECT ? MS_COUNTER_GOBJECT : 0,
                                   .born_us = said->now_us,
                                   .thread = said->thread,
                                   .task = said->task,
                                   .scope = said->scope};
    ms_anchors_at(anchors, said->address, said->block)->reference =
        (uint32_t)(object - r->items) + 1;
    return object;
}

/* Its own count was read. */
static bool is_read(const ms_said *said) {
    return said->old == MS_COUNTER_GOBJECT && said->number != MS_COUNT_NOT_TOLD;
}

/* The note is about another object, where this one was. Of a GObject some references are taken while it is
 * made, and it may end where nobody sees it. */
static bool is_another(const ms_reference_count *object, uint8_t what, const ms_said *said) {
    if (!is_read(said))
        return what == MS_NOTE_REF_NEW;
    if (!object->dead)
        return what == MS_NOTE_REF_NEW && said->number == 1 && object->made;
    return what == MS_NOTE_REF_NEW || said->thread == object->ended_by ||
           said->now_us > object->died_us + LATE_US;
}

/* The object that the note is about, made if need be; NULL: there are too many, or it is over. */
static ms_reference_count *object_of(ms_references *r, ms_anchors *anchors, uint8_t what,
                                     const ms_said *said) {
    ms_anchor *anchor = ms_anchors_find(anchors, said->address);
    ms_reference_count *object =
        anchor && anchor->reference ? &r->items[anchor->reference - 1] : NULL;
    if (object && !is_another(object, what, said))
        return object;
    bool is_over = said->old == MS_COUNTER_GOBJECT && what == MS_NOTE_UNREF &&
                   (said->number == 0 || said->number == MS_COUNT_NOT_TOLD);
    if (!object && is_over)
        return NULL;
    if (object && is_read(said) && !object->dead) {
        object->dead = true;
        object->died_us = said->now_us;
    } else if (object) {
        object->freed |= !object->dead;
    }
    return begin(r, anchors, said);
}

/* ---- counts ----------------------------------------------------------------------------- */

static void set_count(ms_reference_count *object, int64_t count, const ms_said *said) {
    object->known = true;
    object->count = count;
    if (count > 0 && (uint64_t)count > object->max_count)
        object->max_count = (uint64_t)count;
    if (is_read(said) && object->dead)
        return; /* that was said before, and read late */
    object->dead = is_read(said) ? said->number == 0 : count <= 0;
    if (!object->dead)
        return;
    object->died_us = said->now_us;
    object->ended_by = said->thread;
}

/* What is told is believed once, and then reckoned with. */
static void take_told(ms_reference_count *object, const ms_said *said) {
    if (said->number < MS_COUNT_MAX && !(is_read(said) && object->known))
        set_count(object, (int64_t)said->number, said);
}

/* False: nobody may do that to an object that is dead. */
static bool take_strong(ms_reference_count *object, bool is_ref, const ms_said *said) {
    bool fine = !object->dead || object->several;
    object->refs += is_ref;
    object->unrefs += !is_ref;
    if (object->known)
        set_count(object, object->count + (is_ref ? 1 : -1), said);
    else
        take_told(object, said);
    return fine;
}

static void take_weak(ms_reference_count *object, bool is_taken, uint64_t count) {
    if (count != MS_COUNT_NOT_TOLD)
        object->weak = count;
    else if (is_taken || object->weak)
        object->weak += is_taken ? 1 : UINT64_MAX;
    if (object->weak > object->max_weak)
        object->max_weak = object->weak;
}

static void note_wrong(ms_reference_count *object, const ms_said *said) {
    if (!object->wrong)
        object->wrong_stack = said->stack;
    object->wrong += object->wrong < UINT32_MAX;
}

static uint64_t count_of(const ms_reference_count *object) {
    return object->known && object->count >= 0 ? (uint64_t)object->count : MS_COUNT_NOT_TOLD;
}

static bool is_weak(uint8_t what) {
    return what == MS_NOTE_WEAK || what == MS_NOTE_UNWEAK;
}

/* Of an object that nobody holds it does not matter who did. */
static void note_holder(ms_references *r, ms_reference_count *object, uint8_t what,
                        const ms_said *said) {
    if (what == MS_NOTE_REF_NEW) {
        object->made = true;
        object->made_stack = said->stack;
    }
    if (what == MS_NOTE_REF || what == MS_NOTE_UNREF)
        ms_holders_add(&r->holders, &object->holders, said->stack, what == MS_NOTE_REF);
    if (object->dead && !object->several)
        ms_holders_drop(&r->holders, &object->holders);
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
        object->size = said->size;
        take_told(object, said);
        break;
    case MS_NOTE_REF_CHANGED: take_told(object, said); break;
    case MS_NOTE_WEAK:
    case MS_NOTE_UNWEAK: take_weak(object, what == MS_NOTE_WEAK, said->number); break;
    default: fine = take_strong(object, what == MS_NOTE_REF, said); break;
    }
    if (!is_weak(what) && said->number != MS_COUNT_NOT_TOLD)
        object->told = said->number;
    if (!fine)
        note_wrong(object, said);
    note_holder(r, object, what, said);
    ms_acts_add(acts, &object->acts, what, is_weak(what) ? object->weak : count_of(object), said);
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
