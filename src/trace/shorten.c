#include "trace/shorten.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

void ms_shortener_clear(ms_shortener *s) {
    ms_recall_clear(&s->recall);
    s->addresses = s->tried = s->spared = 0;
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

/* Neighbours in memory are neighbours in the table: programs allocate and free them together, and a
 * table hashed through and through would miss the cache each time. */
static ms_address_slot *address_slot(const ms_shortener *s, uint64_t address) {
    size_t mask = s->address_slots - 1;
    size_t i = ((ms_hash_u64(address >> 10) & ~UINT64_C(63)) | (address >> 4 & 63)) & mask;
    while (s->by_address[i].block && s->by_address[i].address != address)
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
    ms_address_slot *old = s->by_address;
    size_t count = s->address_slots;
    size_t slots = count ? 2 * count : 1024;
    ms_address_slot *fresh = calloc(slots, sizeof *fresh);
    if (!fresh)
        return false;
    s->by_address = fresh;
    s->address_slots = slots;
    for (size_t i = 0; i < count; i++)
        if (old[i].block)
            *address_slot(s, old[i].address) = old[i];
    free(old);
    return true;
}

static bool grow_pairs(ms_shortener *s) {
    size_t slots = s->pair_slots ? 2 * s->pair_slots : 1024;
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

/* Both tables at most half full with one more entry. */
static bool make_room(ms_shortener *s) {
    return (2 * (s->addresses + 1) <= s->address_slots || grow_addresses(s)) &&
           (2 * (s->recall.pair_count + 1) <= s->pair_slots || grow_pairs(s));
}

/* ---- short forms -------------------------------------------------------------------------- */

/* The number of the combination, made if there is none. */
static bool find_pair(ms_shortener *s, const ms_event *event, uint32_t *number, bool *is_new) {
    ms_recall_pair pair = {event->size, event->stack, event->family};
    uint32_t *slot = pair_slot(s, pair);
    *is_new = *slot == 0;
    if (*is_new) {
        if (s->recall.pair_count >= MS_RECALL_BLOCKS_MAX || !ms_recall_add_pair(&s->recall, pair))
            return false;
        *slot = (uint32_t)s->recall.pair_count;
    }
    *number = *slot - 1;
    return true;
}

static void add_block(ms_shortener *s, uint32_t pair, uint64_t address) {
    uint32_t block = (uint32_t)s->recall.block_count + 1;
    if (!ms_recall_born(&s->recall, pair, address))
        return;
    ms_address_slot *slot = address_slot(s, address);
    s->addresses += slot->block == 0;
    *slot = (ms_address_slot){.address = address, .block = block, .live = 1};
}

static bool shorten_alloc(ms_shortener *s, const ms_event *event, ms_event *out, bool *new_pair) {
    uint32_t pair;
    if (!find_pair(s, event, &pair, new_pair))
        return false;
    out->kind = MS_EVENT_BORN;
    if (ms_recall_again(&s->recall, event->size) == event->address)
        out->kind = MS_EVENT_BORN_AGAIN;
    else if (s->recall.next == event->address)
        out->kind = MS_EVENT_BORN_NEXT;
    out->pair = pair;
    add_block(s, pair, event->address);
    return true;
}

/* The live block at `address`; NULL: not one of this stream and chunk. */
static ms_address_slot *find_live(const ms_shortener *s, uint64_t address) {
    ms_address_slot *slot = address_slot(s, address);
    return slot->block && slot->live ? slot : NULL;
}

static bool shorten_realloc(ms_shortener *s, const ms_event *event, ms_event *out, bool *new_pair) {
    uint32_t pair;
    ms_address_slot *old = find_live(s, event->old);
    if (!old || !find_pair(s, event, &pair, new_pair))
        return false;
    uint32_t index = old->block - 1;
    old->live = 0;
    out->kind = event->address == event->old ? MS_EVENT_GREW : MS_EVENT_MOVED;
    out->index = index;
    out->pair = pair;
    if (out->kind == MS_EVENT_MOVED)
        ms_recall_freed(&s->recall, index);
    add_block(s, pair, event->address);
    return true;
}

static bool shorten_free(ms_shortener *s, const ms_event *event, ms_event *out) {
    const ms_recall *recall = &s->recall;
    ms_address_slot *slot = find_live(s, event->address);
    if (!slot)
        return false;
    uint32_t index = slot->block - 1;
    slot->live = 0;
    if (event->family != ms_recall_release(recall->pairs[recall->blocks[index].pair].family))
        return false;
    out->kind = MS_EVENT_DIED;
    out->index = index;
    ms_recall_freed(&s->recall, index);
    return true;
}

/* Look-ups cost more than an address does. A stream of which few can be spared - blocks that live long,
 * or die in other threads - goes on in full after a while, until the next chunk. */
static bool pays(const ms_shortener *s) {
    return s->tried < 4096 || 5 * s->spared >= 3 * s->tried;
}

bool ms_shorten(ms_shortener *s, const ms_event *event, ms_event *out, bool *new_pair) {
    *new_pair = false;
    if (event->kind != MS_EVENT_ALLOC && event->kind != MS_EVENT_FREE &&
        event->kind != MS_EVENT_REALLOC)
        return false;
    if (!pays(s) || s->recall.block_count >= MS_RECALL_BLOCKS_MAX || !make_room(s))
        return false;
    *out = *event;
    s->tried++;
    bool done = event->kind == MS_EVENT_FREE    ? shorten_free(s, event, out)
                : event->kind == MS_EVENT_ALLOC ? shorten_alloc(s, event, out, new_pair)
                                                : shorten_realloc(s, event, out, new_pair);
    s->spared += done && out->kind != MS_EVENT_BORN && out->kind != MS_EVENT_MOVED;
    return done;
}
