#include "load/passports.h"

#include <stdlib.h>

#include "trace/format.h"
#include "util/memory.h"

void ms_passports_init(ms_passports *p, ms_arena *arena) {
    *p = (ms_passports){0};
    ms_map_init(&p->over, arena);
}

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

void ms_passports_close(ms_passports *p, uint64_t address, uint32_t index) {
    *ms_map_at(&p->over, address, NULL) = index + 1;
}

/* The passport at that address that is over, when the word must be of it; NULL: it is not. */
static ms_passport_count *spoken_of(const ms_passports *p, uint8_t what, const ms_said *said) {
    uint32_t number = what == MS_NOTE_HANDOVER ? 0 : ms_map_get(&p->over, said->address);
    ms_passport_count *passport = number ? &p->items[number - 1] : NULL;
    bool waits = passport && what == MS_NOTE_FREED_ABROAD && !passport->told;
    return waits || (passport && !said->block) ? passport : NULL;
}

/* Who says that it freed what was freed while it was abroad, did so. */
static void stamp(ms_passport_count *passport, ms_acts *acts, uint8_t what, const ms_said *said) {
    passport->told |= what == MS_NOTE_FREED_ABROAD;
    ms_acts_add(acts, &passport->acts, what, UINT64_MAX, said);
}

static ms_custody custody_after(uint8_t what) {
    switch (what) {
    case MS_NOTE_HANDOVER: return MS_CUSTODY_FOREIGN;
    case MS_NOTE_RECLAIM: return MS_CUSTODY_RECLAIMED;
    default: return MS_CUSTODY_LET_GO;
    }
}

bool ms_passports_note(ms_passports *p, ms_anchors *anchors, ms_acts *acts, uint8_t what,
                       const ms_said *said) {
    const ms_anchor *anchor = ms_anchors_find(anchors, said->address);
    bool has = anchor && anchor->passport;
    ms_passport_count *over = has ? NULL : spoken_of(p, what, said);
    if (over) {
        stamp(over, acts, what, said);
        return what != MS_NOTE_RECLAIM;
    }
    ms_passport_count *passport = has ? &p->items[anchor->passport - 1] : issue(p, anchors, said);
    if (!passport)
        return true;
    if (said->place)
        passport->place = said->place;
    passport->custody = (uint8_t)custody_after(what);
    passport->told = false;
    stamp(passport, acts, what, said);
    return true;
}

static ms_custody custody_at_end(ms_custody custody, ms_passing passing) {
    if (passing == MS_PASSING_UNSEEN)
        return MS_CUSTODY_LOST;
    if (custody == MS_CUSTODY_LET_GO)
        return MS_CUSTODY_FREED_BY_FOREIGN;
    if (passing == MS_PASSING_REPLACED)
        return MS_CUSTODY_LOST;
    return custody == MS_CUSTODY_RECLAIMED ? MS_CUSTODY_FREED_BY_OWNER
                                           : MS_CUSTODY_FREED_BY_FOREIGN;
}

void ms_passports_end(ms_passports *p, ms_acts *acts, ms_anchor *anchor, ms_passing passing,
                      const ms_said *said) {
    if (!anchor->passport)
        return;
    ms_passport_count *passport = &p->items[anchor->passport - 1];
    bool is_free = passing == MS_PASSING_FREED;
    ms_passports_close(p, anchor->address, anchor->passport - 1);
    anchor->passport = 0;
    passport->custody = (uint8_t)custody_at_end(passport->custody, passing);
    passport->freer = is_free ? said->freer : 0;
    if (is_free)
        ms_acts_add(acts, &passport->acts, 0, UINT64_MAX, said);
}

void ms_passports_settle(ms_passport_count *passport, bool is_live) {
    if (passport->custody == MS_CUSTODY_LET_GO)
        passport->custody = is_live ? MS_CUSTODY_LOST : MS_CUSTODY_FREED_BY_FOREIGN;
}
