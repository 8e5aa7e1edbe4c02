#include "trace/shorten.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define LIVE (UINT32_C(1) << 31) /* in a slot of by_address */

_Static_assert(MS_RECALL_BLOCKS_MAX < LIVE, "the number of a block and its bit fit a slot");

enum { ROOM_STEP = 256 }; /* events that room is made for at once */

void ms_shortener_clear(ms_shortener *s) {
    ms_recall_clear(&s->recall);
    s->addresses = s->room = 0;
    s->births = s->ahead = s->again = s->deaths = s->known = 0;
    s->blind = s->over = false;
    if (s->address_slots)
        memset(s->by_address, 0, s->address_slots * sizeof *s->by_address);
    if (s->pair_slots)
        memset(s->by_pair, 0, s->pair_slots * sizeof *s->by_pair);
}

void ms_shortener_deinit(ms_shortener *s) {
    ms_recall_deinit(&s->recall);
    free(s->by_address);
    free(s->by_pair);
    *s = (ms_shortener){0};
}

/* ---- tables ------------------------------------------------------------------------------ */

static uint32_t index_in(uint32_t slot) {
    return (slot & ~LIVE) - 1;
}

/* Neighbours in memory are neighbours in the table: programs allocate and free them together, and a
 * table hashed through and through would miss the cache each time. */
static uint32_t *address_slot(const ms_shortener *s, uint64_t address) {
    size_t mask = s->address_slots - 1;
    size_t i = ((ms_hash_u64(address >> 7) & ~UINT64_C(7)) | (address >> 4 & 7)) & mask;
    while (s->by_address[i] && s->recall.blocks[index_in(s->by_address[i])].address != address)
        i = (i + 1) & mask;
    return &s->by_address[i];
}

static uint64_t hash_pair(ms_recall_pair pair) {
    return ms_mum(pair.size ^ MS_HASH_K, pair.stack << 8 | pair.family);
}

static bool same_pair(ms_recall_pair a, ms_recall_pair b) {
    return a.size == b.size && a.stack == b.stack && a.family == b.family;
}

static uint32_t *pair_slot(const ms_shortener *s, ms_recall_pair pair) {
    size_t mask = s->pair_slots - 1;
    size_t i = hash_pair(pair) & mask;
    while (s->by_pair[i] && !same_pair(s->recall.pairs[s->by_pair[i] - 1], pair))
        i = (i + 1) & mask;
    return &s->by_pair[i];
}

static bool grow_addresses(ms_shortener *s) {
    uint32_t *old = s->by_address;
    size_t count = s->address_slots;
    size_t slots = count ? 2 * count : 4 * ROOM_STEP;
    uint32_t *fresh = calloc(slots, sizeof *fresh);
    if (!fresh)
        return false;
    s->by_address = fresh;
    s->address_slots = slots;
    for (size_t i = 0; i < count; i++)
        if (old[i])
            *address_slot(s, s->recall.blocks[index_in(old[i])].address) = old[i];
    free(old);
    return true;
}

static bool grow_pairs(ms_shortener *s) {
    size_t slots = s->pair_slots ? 2 * s->pair_slots : 4 * ROOM_STEP;
    uint32_t *fresh = calloc(slots, sizeof *fresh);
    if (!fresh)
        return false;
    free(s->by_pair);
    s->by_pair = fresh;
    s->pair_slots = slots;
    for (size_t i = 0; i < s->recall.pair_count; i++)
        *pair_slot(s, s->recall.pairs[i]) = (uint32_t)i + 1;
    return true;
}

/* Look-ups cost more than an address does. Where few of the blocks that die are known - they were born
 * long ago, or in other threads - and few births come where a block died, a stream goes on without, as
 * long as births are guessed at all; and where neither spares much, in full until the next chunk. */
static void judge(ms_shortener *s) {
    size_t events = s->births + s->deaths;
    if (events < 4096)
        return;
    s->over = 5 * (s->ahead + s->again + s->known) < 2 * events;
    if (s->deaths >= 1024 && 8 * s->known < s->deaths && 8 * s->again < s->births)
        s->blind = true;
}

/* For ROOM_STEP events more: the tables are then at most half full. */
static bool make_room(ms_shortener *s) {
    judge(s);
    if (s->over || s->recall.block_count + ROOM_STEP > MS_RECALL_BLOCKS_MAX ||
        !ms_recall_reserve(&s->recall, ROOM_STEP))
        return false;
    if (2 * (s->addresses + ROOM_STEP) > s->address_slots && !grow_addresses(s))
        return false;
    if (2 * (s->recall.pair_count + ROOM_STEP) > s->pair_slots && !grow_pairs(s))
        return false;
    s->room = ROOM_STEP;
    return true;
}

/* Before each event. */
static inline bool begin(ms_shortener *s) {
    if (s->room == 0)
        s->over = s->over || !make_room(s);
    if (s->over)
        return false;
    s->room--;
    return true;
}

/* ---- short forms -------------------------------------------------------------------------- */

/* The number of the combination, made if there is none. */
static inline void find_pair(ms_shortener *s, ms_recall_pair pair, ms_short *form) {
    uint32_t *slot = pair_slot(s, pair);
    form->new_pair = *slot == 0;
    if (form->new_pair) {
        ms_recall_add_pair(&s->recall, pair);
        *slot = (uint32_t)s->recall.pair_count;
    }
    form->pair = *slot - 1;
}

static inline void add_block(ms_shortener *s, ms_event_kind kind, uint32_t pair, uint64_t address) {
    uint32_t *slot = address_slot(s, address);
    s->addresses += *slot == 0;
    ms_recall_born(&s->recall, kind, pair, address);
    *slot = (uint32_t)s->recall.block_count | LIVE;
}

/* How to say where a newborn block is; BORN: by its address. */
static inline ms_event_kind guess(ms_recall *recall, uint64_t address, uint64_t size) {
    if (ms_recall_guess(recall, MS_EVENT_BORN_AGAIN, size) == address)
        return MS_EVENT_BORN_AGAIN;
    if (ms_recall_guess(recall, MS_EVENT_BORN_NEXT, size) == address)
        return MS_EVENT_BORN_NEXT;
    if (ms_recall_guess(recall, MS_EVENT_BORN_STEP, size) == address)
        return MS_EVENT_BORN_STEP;
    if (ms_recall_guess(recall, MS_EVENT_BORN_BEYOND, size) == address)
        return MS_EVENT_BORN_BEYOND;
    if (ms_recall_guess(recall, MS_EVENT_BORN_SECOND, size) == address)
        return MS_EVENT_BORN_SECOND;
    return MS_EVENT_BORN;
}

ms_short ms_shorten_birth(ms_shortener *s, uint64_t address, ms_recall_pair pair) {
    ms_short form = {.kind = MS_EVENT_ALLOC};
    if (!begin(s))
        return form;
    form.kind = guess(&s->recall, address, pair.size);
    bool again = form.kind == MS_EVENT_BORN_AGAIN || form.kind == MS_EVENT_BORN_SECOND;
    s->births++;
    s->again += again;
    s->ahead += !again && form.kind != MS_EVENT_BORN;
    find_pair(s, pair, &form);
    if (s->blind)
        ms_recall_born(&s->recall, form.kind, form.pair, address);
    else
        add_block(s, form.kind, form.pair, address);
    return form;
}

/* True: the block at `address` is live and known; it is no longer live. */
static inline bool find_dying(ms_shortener *s, uint64_t address, ms_short *form) {
    s->deaths++;
    if (s->blind)
        return false;
    uint32_t *slot = address_slot(s, address);
    if (!(*slot & LIVE))
        return false;
    *slot &= ~LIVE;
    s->known++;
    form->index = index_in(*slot);
    return true;
}

ms_short ms_shorten_death(ms_shortener *s, uint64_t address, uint8_t family) {
    ms_short form = {.kind = MS_EVENT_FREE};
    if (!begin(s) || !find_dying(s, address, &form))
        return form;
    const ms_recall *recall = &s->recall;
    if (family != ms_recall_release(recall->pairs[recall->blocks[form.index].pair].family))
        return form;
    form.kind = MS_EVENT_DIED;
    ms_recall_freed(&s->recall, form.index);
    return form;
}

ms_short ms_shorten_move(ms_shortener *s, uint64_t address, uint64_t old, ms_recall_pair pair) {
    ms_short form = {.kind = MS_EVENT_REALLOC};
    if (!begin(s) || !find_dying(s, old, &form))
        return form;
    form.kind = address == old ? MS_EVENT_GREW : MS_EVENT_MOVED;
    find_pair(s, pair, &form);
    if (form.kind == MS_EVENT_MOVED)
        ms_recall_freed(&s->recall, form.index);
    add_block(s, form.kind, form.pair, address);
    return form;
}
