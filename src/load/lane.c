#include "load/lane.h"

#include <string.h>

bool ms_lane_read(ms_lane *l) {
    const ms_source *source = &l->parts->source;
    l->at = 0;
    l->count = source->read(source->self, l->events, l->when, MS_READ_AHEAD);
    return l->count > 0;
}

static bool may_read_on(const ms_lane *l) {
    bool keeps_texts = l->parts->source.keeps_texts;
    for (size_t i = l->at; i < l->count && !keeps_texts; i++)
        if (l->events[i].text.size)
            return false;
    return !l->dry;
}

size_t ms_lane_look_ahead(ms_lane *l) {
    size_t left = l->count - l->at;
    if (left >= MS_LOOK_AHEAD || !may_read_on(l))
        return l->count;
    memmove(l->events, l->events + l->at, left * sizeof *l->events);
    memmove(l->when, l->when + l->at, left * sizeof *l->when);
    const ms_source *source = &l->parts->source;
    size_t more = source->read(source->self, l->events + left, l->when + left,
                               MS_READ_AHEAD + MS_LOOK_AHEAD - left);
    l->at = 0;
    l->count = left + more;
    l->dry = more == 0;
    return left;
}

static bool is_seen(const ms_lane *l, size_t i, uint64_t until_us) {
    return i < l->count && i < l->at + MS_LOOK_AHEAD &&
           l->when[i].order >> MS_PACE_BITS <= until_us;
}

ms_doing ms_lane_does_next(const ms_lane *l, size_t from, uint64_t address, uint64_t until_us) {
    for (size_t i = from; is_seen(l, i, until_us); i++) {
        const ms_event *event = &l->events[i];
        if (ms_freed_by(event) == address)
            return MS_ENDS_IT;
        if (ms_moves_blocks(event) && event->address == address)
            return MS_BEGINS_IT;
    }
    return MS_DOES_NOTHING;
}

bool ms_lane_speaks_of(const ms_lane *l, uint64_t address, uint64_t until_us) {
    for (size_t i = l->at; is_seen(l, i, until_us); i++) {
        const ms_event *event = &l->events[i];
        if (event->kind == MS_EVENT_NOTE && (event->address == address || event->old == address))
            return true;
        if (ms_moves_blocks(event) && event->address == address)
            return false;
    }
    return false;
}
