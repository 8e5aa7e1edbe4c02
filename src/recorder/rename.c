#include "recorder/rename.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "trace/format.h"
#include "trace/recall.h"
#include "trace/ring.h"

/* What is open at an address. */
typedef struct account {
    uint64_t address; /* 0: a free slot */
    uint64_t name;
    uint64_t time_us; /* of its latest event */
    uint32_t thread;  /* that alone has been there at that time; 0: several must have */
    int32_t balance;  /* births less deaths */
} account;

struct ms_renamer {
    account *slots; /* open addressing, at most half full, no tombstones */
    size_t slot_count, count;
    uint64_t
        *settling; /* addresses where no more blocks were born than died, in the order of time */
    size_t settling_first, settling_count, settling_capacity;
    uint64_t born, unborn; /* the next names of births, and of deaths without one */
    bool alone;
};

enum {
    FIRST_SLOTS = 1024,
    LOOK_AHEAD = 24, /* words */
};

ms_renamer *ms_renamer_new(void) {
    ms_renamer *r = calloc(1, sizeof *r);
    account *slots = calloc(FIRST_SLOTS, sizeof *slots);
    if (!r || !slots) {
        free(r);
        free(slots);
        return NULL;
    }
    *r = (ms_renamer){.slots = slots,
                      .slot_count = FIRST_SLOTS,
                      .born = MS_NAMES_FROM,
                      .unborn = UINT64_C(1) << MS_WORD_VALUE_BITS};
    return r;
}

void ms_renamer_free(ms_renamer *r) {
    if (!r)
        return;
    free(r->slots);
    free(r->settling);
    free(r);
}

/* ---- accounts ---------------------------------------------------------------------------------- */

/* Neighbours in memory are neighbours in the table, as in shorten.c. */
static size_t home_of(const ms_renamer *r, uint64_t address) {
    return ((ms_hash_u64(address >> 7) & ~UINT64_C(7)) | (address >> 4 & 7)) & (r->slot_count - 1);
}

/* The account of the address, or the free slot where it would be. */
static account *account_at(const ms_renamer *r, uint64_t address) {
    size_t i = home_of(r, address);
    while (r->slots[i].address && r->slots[i].address != address)
        i = (i + 1) & (r->slot_count - 1);
    return &r->slots[i];
}

static void put_account(ms_renamer *r, account a) {
    *account_at(r, a.address) = a;
    r->count++;
}

/* Each account behind the gap that may move into it does, and leaves the next gap. */
static void close_account(ms_renamer *r, account *closed) {
    size_t mask = r->slot_count - 1, gap = (size_t)(closed - r->slots), i = gap;
    for (;;) {
        i = (i + 1) & mask;
        if (r->slots[i].address == 0)
            break;
        if (((i - home_of(r, r->slots[i].address)) & mask) >= ((i - gap) & mask)) {
            r->slots[gap] = r->slots[i];
            gap = i;
        }
    }
    r->slots[gap].address = 0;
    r->count--;
}

static bool grow(ms_renamer *r) {
    account *old = r->slots;
    size_t count = r->slot_count;
    account *slots = calloc(2 * count, sizeof *slots);
    if (!slots)
        return false;
    r->slots = slots;
    r->slot_count = 2 * count;
    r->count = 0;
    for (size_t i = 0; i < count; i++)
        if (old[i].address)
            put_account(r, old[i]);
    free(old);
    return true;
}

/* For one event: it opens two accounts at most, and leaves two to settle. */
static bool make_room(ms_renamer *r) {
    if (2 * (r->count + 2) > r->slot_count && !grow(r))
        return false;
    if (r->settling_count + 2 <= r->settling_capacity)
        return true;
    size_t capacity = 2 * r->settling_capacity + 64;
    uint64_t *grown = realloc(r->settling, capacity * sizeof *grown);
    if (!grown)
        return false;
    r->settling = grown;
    r->settling_capacity = capacity;
    return true;
}

void ms_renamer_alone(ms_renamer *r, bool alone) {
    r->alone = alone;
}

/* ---- events ------------------------------------------------------------------------------------ */

/* When and by whom. */
typedef struct moment {
    uint64_t time_us;
    uint32_t thread;
} moment;

/* Is what the account says settled before an event of that moment? */
static bool is_settled(const account *a, moment at) {
    return a->balance <= 0 && (a->time_us < at.time_us || a->thread == at.thread);
}

static account *open_account(ms_renamer *r, uint64_t address, uint64_t name, moment at) {
    put_account(r, (account){address, name, at.time_us, at.thread, 0});
    return account_at(r, address);
}

/* Counts a birth or death, and returns its name. */
static uint64_t book(ms_renamer *r, account *a, int32_t by, moment at) {
    uint64_t name = a->name;
    a->balance += by;
    if (a->balance < 0 || (a->time_us == at.time_us && a->thread != at.thread))
        a->thread = 0; /* a death without a birth: another thread's is still to come */
    else
        a->thread = at.thread;
    a->time_us = at.time_us;
    if (a->balance <= 0 && r->alone)
        close_account(r, a);
    else if (a->balance <= 0)
        r->settling[r->settling_count++] = a->address;
    return name;
}

static uint64_t name_birth(ms_renamer *r, uint64_t address, moment at) {
    account *a = account_at(r, address);
    if (a->address && is_settled(a, at)) {
        close_account(r, a);
        a = account_at(r, address);
    }
    if (!a->address) {
        a = open_account(r, address, r->born, at);
        r->born += MS_NAME_STEP;
    }
    return book(r, a, 1, at);
}

static uint64_t name_death(ms_renamer *r, uint64_t address, moment at) {
    account *a = account_at(r, address);
    if (a->address && is_settled(a, at)) {
        close_account(r, a);
        a = account_at(r, address);
    }
    if (!a->address) {
        r->unborn -= MS_NAME_STEP;
        a = open_account(r, address, r->unborn, at);
    }
    return book(r, a, -1, at);
}

/* May the block at the account move on under its name? Nothing else must be open there. */
static bool is_plain(const account *a, moment at) {
    return a->address && a->balance == 1 && (a->time_us < at.time_us || a->thread == at.thread);
}

/* A block that moves to where nothing is open keeps its name. */
static void name_move(ms_renamer *r, uint64_t *address, uint64_t *old, moment at) {
    account *from = account_at(r, *old), *to = account_at(r, *address);
    bool free_place = !to->address || is_settled(to, at);
    if (!is_plain(from, at) || (from != to && !free_place)) {
        *old = name_death(r, *old, at);
        *address = name_birth(r, *address, at);
        return;
    }
    account moved = *from;
    if (from != to) {
        if (to->address)
            close_account(r, to);
        close_account(r, account_at(r, *old));
        open_account(r, *address, moved.name, at)->balance = 1;
    }
    *address = *old = moved.name;
}

/* An address of 0 means no block, to readers as to us. */
static void rename_event(ms_renamer *r, uint64_t *words, moment at) {
    unsigned kind = (unsigned)(words[0] >> 56);
    unsigned family = (uint8_t)(words[0] >> MS_WORD_VALUE_BITS);
    uint64_t address = words[0] & MS_WORD_VALUE_MASK;
    if (kind == MS_EVENT_STACK || address == 0)
        return;
    if (kind == MS_EVENT_ALLOC)
        address = name_birth(r, address, at);
    else if (kind == MS_EVENT_FREE)
        address = name_death(r, address, at);
    else if (words[2])
        name_move(r, &address, &words[2], at);
    else
        address = name_birth(r, address, at);
    words[0] = ms_word(kind, family, address);
}

/* The accounts of all live blocks are more than the caches hold: each is asked for well before it is
 * needed. A word that is not the first of an event is taken for one at worst, which does no harm. */
static inline void look_ahead(const ms_renamer *r, const uint64_t *words, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        uint64_t word = __atomic_load_n(&words[i], __ATOMIC_RELAXED);
        if (word >> 56 == MS_EVENT_ALLOC || word >> 56 == MS_EVENT_FREE)
            __builtin_prefetch(&r->slots[home_of(r, word & MS_WORD_VALUE_MASK)], 1);
    }
}

size_t ms_renamer_words(ms_renamer *r, uint32_t thread, uint64_t time_us, const uint64_t *words,
                        size_t count, uint64_t *out) {
    size_t at = 0, seen = 0, length;
    while (at < count && (length = ms_ring_run_length(words + at, count - at)) > 0) {
        size_t ahead = count - at < LOOK_AHEAD ? count : at + LOOK_AHEAD;
        look_ahead(r, words, seen, ahead);
        seen = ahead;
        if (!make_room(r))
            break;
        memcpy(out + at, words + at, length * sizeof *words);
        rename_event(r, out + at, (moment){time_us, thread});
        at += length;
    }
    return at;
}

uint64_t ms_renamer_name(const ms_renamer *r, uint64_t address) {
    const account *a = address ? account_at(r, address) : NULL;
    return a && a->address && a->balance > 0 ? a->name : address;
}

void ms_renamer_settle(ms_renamer *r, uint64_t time_us) {
    size_t first = r->settling_first;
    for (; first < r->settling_count; first++) {
        account *a = account_at(r, r->settling[first]);
        if (a->address && a->time_us >= time_us)
            break;
        if (a->address && a->balance <= 0)
            close_account(r, a);
    }
    r->settling_first = first;
    if (first == r->settling_count)
        r->settling_first = r->settling_count = 0;
}
