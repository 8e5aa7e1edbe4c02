/* Ids for stacks: tables of path hash -> id, shared by all threads, that only grow. Two of n stacks share
 * a hash with probability n^2 / 2^65. */
#include "capture/ids.h"

#include "capture/os.h"
#include "capture/record.h"
#include "capture/no_malloc.h"

/* Tables of hash -> id, each four times the size of the one before; new entries go into the largest.
 * An entry found in a smaller one is copied on, so that hot stacks take one look. */
static size_t tier_slots(uint32_t tier) {
    return (size_t)1 << (12 + 2 * tier);
}

static size_t first_slot(uint64_t hash) {
    return hash >> 8; /* the lowest bit is always 1 */
}

static inline uint32_t tier_find(uint32_t tier, uint64_t hash) {
    ms_stack_slot *slots = g_ms.tiers[tier].slots;
    size_t mask = tier_slots(tier) - 1;
    for (size_t i = first_slot(hash) & mask;; i = (i + 1) & mask) {
        uint64_t seen = atomic_load_explicit(&slots[i].hash, memory_order_relaxed);
        if (seen == hash)
            return atomic_load_explicit(&slots[i].id, memory_order_acquire);
        if (seen == 0)
            return 0;
    }
}

/* Threads may race to insert one hash: the loser's id stays valid under another number, which the
 * loader takes for the same stack. */
static void tier_insert(uint32_t tier, uint64_t hash, uint32_t id) {
    ms_stack_slot *slots = g_ms.tiers[tier].slots;
    size_t mask = tier_slots(tier) - 1;
    for (size_t i = first_slot(hash) & mask;; i = (i + 1) & mask) {
        uint64_t seen = 0;
        if (atomic_compare_exchange_strong(&slots[i].hash, &seen, hash)) {
            atomic_store_explicit(&slots[i].id, id, memory_order_release);
            atomic_fetch_add_explicit(&g_ms.tiers[tier].used, 1, memory_order_relaxed);
            return;
        }
        if (seen == hash)
            return;
    }
}

/* The tier to insert into, never more than half full; MS_STACK_TIERS when there is none. */
static uint32_t tier_with_room(void) {
    uint32_t tier = atomic_load_explicit(&g_ms.tier, memory_order_acquire);
    bool full =
        atomic_load_explicit(&g_ms.tiers[tier].used, memory_order_relaxed) >= tier_slots(tier) / 2;
    if (ms_likely(g_ms.tiers[tier].slots && !full))
        return tier;
    if (!ms_lock(&g_ms.tier_lock))
        return MS_STACK_TIERS;
    uint32_t next = atomic_load(&g_ms.tier);
    if (g_ms.tiers[next].slots && next == tier && full)
        next++;
    if (next < MS_STACK_TIERS && !g_ms.tiers[next].slots)
        g_ms.tiers[next].slots = ms_os_memory(tier_slots(next) * sizeof(ms_stack_slot), true);
    if (next < MS_STACK_TIERS && g_ms.tiers[next].slots)
        atomic_store_explicit(&g_ms.tier, next, memory_order_release);
    else
        next = MS_STACK_TIERS;
    ms_unlock(&g_ms.tier_lock);
    return next;
}

/* In the smaller tables. */
static __attribute__((noinline)) uint32_t find_older(uint32_t tier, uint64_t hash) {
    uint32_t id = 0;
    for (uint32_t older = tier; !id && older-- > 0;) {
        id = tier_find(older, hash);
        uint32_t room = id ? tier_with_room() : MS_STACK_TIERS;
        if (room < MS_STACK_TIERS)
            tier_insert(room, hash, id);
    }
    return id;
}

static inline uint32_t find_id(uint64_t hash) {
    uint32_t tier = atomic_load_explicit(&g_ms.tier, memory_order_acquire);
    if (ms_unlikely(!g_ms.tiers[tier].slots))
        return 0;
    uint32_t id = tier_find(tier, hash);
    return ms_likely(id) ? id : find_older(tier, hash);
}

/* A new id, defined in the trace before anyone can find it. */
static uint32_t define(ms_thread *t, uint32_t frame) {
    uint32_t tier = tier_with_room();
    if (tier == MS_STACK_TIERS)
        return 0;
    uint32_t id = __atomic_fetch_add(&t->ring->stacks, 1, __ATOMIC_RELAXED);
    if (!ms_record_stack(t, id, t->frames[frame].pc, t->more[t->more[frame].outer].id))
        return 0;
    tier_insert(tier, t->more[frame].hash, id);
    return id;
}

static bool find_frame(ms_frame_more *more) {
    return more->id || (more->id = find_id(more->hash));
}

/* Goes outwards to a frame that has an id, and from there back. */
static __attribute__((noinline)) uint32_t identify_new(ms_thread *t, uint32_t frame) {
    uint32_t count = 0, outer = frame;
    do
        t->path[count++] = (uint16_t)outer;
    while ((outer = t->more[outer].outer) >= MS_ROOT_COUNT && !find_frame(&t->more[outer]));
    while (count > 0) {
        ms_frame_more *more = &t->more[t->path[--count]];
        more->id = define(t, t->path[count]);
        if (!more->id) {
            ms_lose(MS_LOSS_STACK_TABLE, 1);
            return 0;
        }
    }
    return t->more[frame].id;
}

uint32_t ms_ids_of(ms_thread *t, uint32_t frame) {
    return ms_likely(find_frame(&t->more[frame])) ? t->more[frame].id : identify_new(t, frame);
}

void ms_ids_reset(void) {
    for (uint32_t tier = 0; tier < MS_STACK_TIERS; tier++) {
        if (g_ms.tiers[tier].slots)
            ms_os_clear(g_ms.tiers[tier].slots, tier_slots(tier) * sizeof(ms_stack_slot));
        atomic_store(&g_ms.tiers[tier].used, 0);
    }
    atomic_store(&g_ms.tier, 0);
    atomic_store(&g_ms.tier_lock, 0);
}
