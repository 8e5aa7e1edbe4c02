#include "trace/shorten.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define LIVE (UINT32_C(1) << 31) /* in a slot of by_address */

_Static_assert(MS_RECALL_BLOCKS_MAX < LIVE, "the number of a block and its bit fit a slot");

enum { ROOM_STEP = 256 }; /* events that room is made for at once */

void ms_shortener_clear(ms_shortener *s) {
    ms_recall_clear(&s->recall);
    s->addresses = s->room = s->tried = s->spared = 0;
    s->over = false;
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
    size_t i = ((ms_hash_u64(address >> 10) & ~UINT64_C(63)) | (address >> 4 & 63)) & mask;
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

/* Look-ups cost more than an address does. A stream of which few can be spared - blocks that live long,
 * or die in other threads - goes on in full after a while, until the next chunk. */
static bool pays(const ms_shortener *s) {
    return s->tried < 4096 || 5 * s->spared >= 3 * s->tried;
}

/* For ROOM_STEP events more: the tables are then at most half full. */
static bool make_room(ms_shortener *s) {
    if (!pays(s) || s->recall.block_count + ROOM_STEP > MS_RECALL_BLOCKS_MAX ||
        !ms_recall_reserve(&s->recall, ROOM_STEP))
        return false;
    if (2 * (s->addresses + ROOM_STEP) > s->address_slots && !grow_addresses(s))
        return false;
    if (2 * (s->recall.pair_count + ROOM_STEP) > s->pair_slots && !grow_pairs(s))
        return false;
    s->room = ROOM_STEP;
    s->tried += ROOM_STEP;
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

static inline void add_block(ms_shortener *s, uint32_t pair, uint64_t address) {
    uint32_t *slot = address_slot(s, address);
    s->addresses += *slot == 0;
    ms_recall_born(&s->recall, pair, address);
    *slot = (uint32_t)s->recall.block_count | LIVE;
}

ms_short ms_shorten_birth(ms_shortener *s, uint64_t address, ms_recall_pair pair) {
    ms_short form = {.kind = MS_EVENT_ALLOC};
    if (!begin(s))
        return form;
    form.kind = MS_EVENT_BORN;
    if (ms_recall_again(&s->recall, pair.size) == address)
        form.kind = MS_EVENT_BORN_AGAIN;
    else if (s->recall.next == address)
        form.kind = MS_EVENT_BORN_NEXT;
    s->spared += form.kind != MS_EVENT_BORN;
    find_pair(s, pair, &form);
    add_block(s, form.pair, address);
    return form;
}

/* True: the block at `address` is live and known; it is no longer live. */
static inline bool find_dying(ms_shortener *s, uint64_t address, ms_short *form) {
    uint32_t *slot = address_slot(s, address);
    if (!(*slot & LIVE))
        return false;
    *slot &= ~LIVE;
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
    s->spared++;
    ms_recall_freed(&s->recall, form.index);
    return form;
}

ms_short ms_shorten_move(ms_shortener *s, uint64_t address, uint64_t old, ms_recall_pair pair) {
    ms_short form = {.kind = MS_EVENT_REALLOC};
    if (!begin(s) || !find_dying(s, old, &form))
        return form;
    form.kind = address == old ? MS_EVENT_GREW : MS_EVENT_MOVED;
    s->spared += form.kind == MS_EVENT_GREW;
    find_pair(s, pair, &form);
    if (form.kind == MS_EVENT_MOVED)
        ms_recall_freed(&s->recall, form.index);
    add_block(s, form.pair, address);
    return form;
}
