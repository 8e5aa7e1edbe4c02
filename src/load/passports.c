#include "load/passports.h"

#include <stdlib.h>

#include "trace/format.h"
#include "util/memory.h"

void ms_passports_deinit(ms_passports *p) {
    free(p->items);
    p->items = NULL;
}

static ms_passport_count *issue(ms_passports *p, ms_anchors *anchors, const ms_said *said) {
    if (p->count == MS_PASSPORTS_MAX || said->address == 0) {
        p->left_out++;
        return NULL;
    }
    p->items = ms_memory_grow(p->items, p->count + 1, &p->capacity, sizeof *p->items);
    ms_passport_count *passport = &p->items[p->count++];
    *passport = (ms_passport_count){.address = said->address,
                                    .size = said->block ? said->block_size : UINT64_MAX,
                                    .stack = said->block_stack,
                                    .born_us = said->now_us,
                                    .thread = said->thread};
    ms_anchors_at(anchors, said->address, said->block)->passport = (uint32_t)p->count;
    return passport;
}

void ms_passports_note(ms_passports *p, ms_anchors *anchors, ms_acts *acts, uint8_t what,
                       const ms_said *said) {
    const ms_anchor *anchor = ms_anchors_find(anchors, said->address);
    ms_passport_count *passport =
        anchor && anchor->passport ? &p->items[anchor->passport - 1] : issue(p, anchors, said);
    if (!passport)
        return;
    if (said->place)
        passport->place = said->place;
    if (what == MS_NOTE_HANDOVER)
        passport->custody = MS_CUSTODY_FOREIGN;
    else if (what == MS_NOTE_RECLAIM)
        passport->custody = MS_CUSTODY_RECLAIMED;
    else
        passport->custody = MS_CUSTODY_FREED_BY_FOREIGN;
    passport->told = what == MS_NOTE_FREED_ABROAD;
    ms_acts_add(acts, &passport->acts, what, UINT64_MAX, said);
}

void ms_passports_end(ms_passports *p, ms_acts *acts, ms_anchor *anchor, bool is_free,
                      const ms_said *said) {
    if (!anchor->passport)
        return;
    ms_passport_count *passport = &p->items[anchor->passport - 1];
    anchor->passport = 0;
    passport->freer = is_free ? said->freer : 0;
    if (passport->told)
        return;
    if (!is_free)
        passport->custody = MS_CUSTODY_LOST;
    else if (passport->custody == MS_CUSTODY_RECLAIMED)
        passport->custody = MS_CUSTODY_FREED_BY_OWNER;
    else
        passport->custody = MS_CUSTODY_FREED_BY_FOREIGN;
    if (is_free)
        ms_acts_add(acts, &passport->acts, 0, UINT64_MAX, said);
}
