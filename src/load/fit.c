#include "load/fit.h"

#include "load/replay.h"

enum { INSIDE_MAX = 8 };

static uint32_t maker_of(const ms_replay *r, const ms_block *block) {
    return r->threads[ms_origins_at(&r->origins, block->origin).thread].serial;
}

/* Has nobody but the thread of the event spoken of what is there? */
static bool is_speaker(const ms_anchor *anchor, const ms_event *event) {
    return !anchor || anchor->speaker == event->thread;
}

static bool has_holders(const ms_replay *r, const ms_anchor *anchor) {
    const ms_reference_count *objects = r->notes.references.items;
    return anchor->reference && objects[anchor->reference - 1].known &&
           !objects[anchor->reference - 1].dead;
}

/* Is an object held that lies in the block of the anchor? Of many only the latest are looked at. */
static bool is_held(const ms_replay *r, const ms_anchor *anchor) {
    const ms_anchors *anchors = &r->notes.anchors;
    uint32_t number = anchor ? anchor->inside : 0;
    if (anchor && has_holders(r, anchor))
        return true;
    for (unsigned i = 0; number && i < INSIDE_MAX; i++) {
        const ms_inner *inner = &anchors->inners[number - 1];
        if (has_holders(r, ms_anchors_find(anchors, inner->address)))
            return true;
        number = inner->next;
    }
    return false;
}

static ms_fit fit_death(const ms_replay *r, const ms_event *event, uint64_t address,
                        uint32_t *maker) {
    const ms_block *block = ms_live_at(&r->live, address);
    const ms_anchor *anchor = ms_anchors_find(&r->notes.anchors, address);
    if (!block)
        return MS_FIT_IMPOSSIBLE;
    *maker = maker_of(r, block);
    if (*maker == event->thread && is_speaker(anchor, event))
        return MS_FIT_NOW;
    return is_held(r, anchor) ? MS_FIT_LATER : MS_FIT_FREE;
}

static ms_fit fit_birth(const ms_replay *r, const ms_event *event) {
    return ms_live_at(&r->live, event->address) ? MS_FIT_IMPOSSIBLE : MS_FIT_NOW;
}

static ms_fit fit_realloc(const ms_replay *r, const ms_event *event, uint32_t *maker) {
    ms_fit death = event->old ? fit_death(r, event, event->old, maker) : MS_FIT_NOW;
    ms_fit birth = event->address == event->old ? MS_FIT_NOW : fit_birth(r, event);
    return death > birth ? death : birth;
}

/* ---- words ------------------------------------------------------------------------------ */

static bool lies_in_block(const ms_replay *r, uint64_t address) {
    return ms_within_look(&r->notes.within, &r->live, address);
}

static bool has_variable(const ms_replay *r, uint64_t address, uint32_t place) {
    const ms_anchor *anchor = ms_anchors_find(&r->notes.anchors, address);
    return anchor && ms_variables_find(&r->notes.variables, anchor, &r->notes.places, place);
}

static bool has_variables(const ms_replay *r, uint64_t address) {
    const ms_anchor *anchor = ms_anchors_find(&r->notes.anchors, address);
    return anchor && anchor->variables;
}

static const ms_reference_count *reference_at(const ms_replay *r, uint64_t address) {
    const ms_anchor *anchor = ms_anchors_find(&r->notes.anchors, address);
    bool is = anchor && anchor->reference;
    return is ? &r->notes.references.items[anchor->reference - 1] : NULL;
}

static bool has_passport(const ms_replay *r, uint64_t address) {
    const ms_anchor *anchor = ms_anchors_find(&r->notes.anchors, address);
    return anchor && anchor->passport;
}

static bool has_container(const ms_replay *r, uint64_t address) {
    const ms_anchor *anchor = ms_anchors_find(&r->notes.anchors, address);
    return anchor && anchor->container;
}

/* Has what it speaks of been heard of? */
static bool is_known(const ms_replay *r, const ms_event *note) {
    const ms_reference_count *object;
    uint32_t place = ms_map_get(&r->notes.places.of, note->site);
    switch (note->family) {
    case MS_NOTE_TRACK:
        return !note->old || lies_in_block(r, note->address) || has_variables(r, note->address);
    case MS_NOTE_UNTRACK: return has_variable(r, note->address, place);
    case MS_NOTE_MOVE:
    case MS_NOTE_SHARE: return has_variables(r, note->old);
    case MS_NOTE_BORROW:
    case MS_NOTE_RETURN: return has_variables(r, note->address);
    case MS_NOTE_REF_NEW: object = reference_at(r, note->address); return !object || object->dead;
    case MS_NOTE_REF:
    case MS_NOTE_UNREF:
    case MS_NOTE_WEAK:
    case MS_NOTE_UNWEAK:
    case MS_NOTE_REF_CHANGED: return reference_at(r, note->address);
    case MS_NOTE_TAG:
    case MS_NOTE_HANDOVER: return lies_in_block(r, note->address);
    case MS_NOTE_RECLAIM:
    case MS_NOTE_FREED_ABROAD: return has_passport(r, note->address);
    case MS_NOTE_CONTAINER_GONE: return has_container(r, note->address);
    default: return true;
    }
}

ms_fit ms_fit_of(const ms_replay *r, const ms_event *event, uint32_t *maker) {
    switch (event->kind) {
    case MS_EVENT_ALLOC: return fit_birth(r, event);
    case MS_EVENT_FREE: return fit_death(r, event, event->address, maker);
    case MS_EVENT_REALLOC: return fit_realloc(r, event, maker);
    case MS_EVENT_NOTE: return is_known(r, event) ? MS_FIT_NOW : MS_FIT_UNKNOWN;
    default: return MS_FIT_NOW;
    }
}
