/* The verified stack cache, and ids for stacks.
 *
 * A thread's stack changes little between two allocations, so each thread keeps its last unwound
 * stack: frame i is the state (pc, sp, fp) after i returns into it, frame 0 the outermost. A new
 * unwind starts at the hook's caller and goes on only until it meets a state that is in the cache;
 * the frames outside of it are not unwound again but verified: every word that the unwind of these
 * frames read is read once more and compared.
 *
 * Why that is exact. One step of an unwind is a function of (pc, sp, fp) and of the stack words it
 * reads: the return address at CFA - 8 and, where the rule restores it, the saved frame pointer.
 * By induction from the frame that was met: same state and same words give the same next state, so
 * the verified frames are what a full unwind would find. Neither alloca nor longjmp, exceptions,
 * coroutines or a stack used again by another thread can make it differ, for none of them changes
 * memory without changing it. It rests on three things:
 *   - rules do not change: code that goes away bumps code_epoch, which empties the caches;
 *   - a frame pointer nobody uses need not match. fp is *live* in frame i when the rule of i uses
 *     it, or passes it on (does not restore it) to an outer frame in which it is live;
 *   - frames whose step reads anything else (MS_RULE_SLOW) are never verified, only unwound.
 * Stack ids rest on 64-bit path hashes: two of n stacks share one with probability n^2 / 2^65. */
#include "capture/stack.h"

#include "base/hash.h"
#include "capture/os.h"
#include "capture/record.h"
#include "capture/unwind.h"
#include "capture/no_malloc.h"

/* Flags above the rule bits of ms_thread.rule[i]; all but EXACT speak of the step i -> i - 1. */
enum {
    FLAG_LIVE = 1u << 17, /* the value of fp in frame i matters */
    FLAG_FP = 1u << 18,   /* the step restores fp, and it matters outside */
    FLAG_RARE = 1u << 19, /* the step reads other words: verify_rare() */
    FLAG_EXACT = 1u << 20 /* pc[i] is where a signal struck */
};

/* ---- verifying ----------------------------------------------------------------------------------- */

static uint64_t load(uint64_t address) {
    return *(const uint64_t *)address;
}

static bool verify_rare(const ms_thread *t, uint32_t i) {
    uint32_t rule = t->rule[i] & MS_RULE_MASK;
    uint32_t outer = i - 1;
    bool fp_matters = t->rule[outer] & FLAG_LIVE;
    if (rule == MS_RULE_SIGNAL)
        return load(t->sp[i] + MS_SIGNAL_PC) == t->pc[outer] &&
               load(t->sp[i] + MS_SIGNAL_SP) == t->sp[outer] &&
               (!fp_matters || load(t->sp[i] + MS_SIGNAL_FP) == t->fp[outer]);
    if (!ms_rule_realigned(rule))
        return false;
    uint64_t slot = t->fp[i] - 8 * (uint64_t)(ms_rule_offset(rule) - MS_RULE_REALIGNED);
    return load(slot) == t->sp[outer] && load(t->sp[outer] - MS_RA_OFFSET) == t->pc[outer] &&
           (!fp_matters || load(t->fp[i]) == t->fp[outer]);
}

/* Verifies the steps from frame `i` outwards. Returns 0 when all hold, else the frame whose step
 * gives something else now. */
static uint32_t verify(const ms_thread *t, uint32_t i) {
    for (; i > 0; i--) {
        uint32_t rule = t->rule[i];
        if (ms_unlikely(rule & FLAG_RARE)) {
            if (!verify_rare(t, i))
                return i;
            continue;
        }
        if (load(t->sp[i - 1] - MS_RA_OFFSET) != t->pc[i - 1])
            return i;
        if ((rule & FLAG_FP) && load(t->sp[i - 1] - 8 * ((rule & MS_RULE_K) + 1)) != t->fp[i - 1])
            return i;
    }
    return 0;
}

/* ---- the walk -------------------------------------------------------------------------------------- */

/* Where a walk stands: `fresh` frames unwound so far, innermost first. */
typedef struct walk {
    ms_regs regs;
    bool exact; /* regs.pc is where a signal struck */
    uint32_t fresh;
    uint32_t cached; /* frames 0 .. cached - 1 of the cache may still be met */
    uint64_t high;
} walk;

static void add_fresh(ms_thread *t, walk *w, uint32_t rule) {
    uint32_t i = w->fresh++;
    t->fresh_pc[i] = w->regs.pc;
    t->fresh_sp[i] = w->regs.sp;
    t->fresh_fp[i] = w->regs.fp;
    t->fresh_rule[i] = rule | (w->exact ? FLAG_EXACT : 0);
}

static bool met(const ms_thread *t, const walk *w, uint32_t i) {
    return t->sp[i] == w->regs.sp && t->pc[i] == w->regs.pc &&
           (!(t->rule[i] & FLAG_LIVE) || t->fp[i] == w->regs.fp) &&
           !(t->rule[i] & FLAG_EXACT) == !w->exact;
}

/* Frame `i` was met, but the step from frame `bad` outwards has changed: the frames i .. bad are as
 * they were. Takes them as fresh ones, re-deriving fp, and leaves the walk at `bad`. */
static bool keep_down_to(ms_thread *t, walk *w, uint32_t i, uint32_t bad) {
    for (;; i--) {
        if (w->fresh == MS_FRAMES_KEEP)
            return false;
        w->exact = t->rule[i] & FLAG_EXACT;
        add_fresh(t, w, t->rule[i] & MS_RULE_MASK);
        if (i == bad)
            return true;
        ms_step(t, t->rule[i], &w->regs, w->exact, &w->high);
    }
}

/* Unwinds until a cached frame is met (returns how many cached frames hold, > 0) or the stack ends
 * (returns 0, and sets `*root`). */
static uint32_t walk_out(ms_thread *t, walk *w, ms_root *root) {
    for (;;) {
        while (w->cached > 0 && t->sp[w->cached - 1] < w->regs.sp)
            w->cached--;
        uint32_t rule;
        if (w->cached > 0 && met(t, w, w->cached - 1)) {
            uint32_t i = w->cached - 1;
            uint32_t bad = verify(t, i);
            if (ms_likely(bad == 0))
                return i + 1;
            if (!keep_down_to(t, w, i, bad)) {
                *root = MS_ROOT_DEEP;
                return 0;
            }
            w->cached = bad;
            rule = t->rule[bad] & MS_RULE_MASK;
        } else {
            if (w->fresh == MS_FRAMES_KEEP) {
                *root = MS_ROOT_DEEP;
                return 0;
            }
            rule = ms_rule_of(t, w->regs.pc, w->exact);
            add_fresh(t, w, rule);
        }
        uint64_t high = w->high;
        *root = ms_step(t, rule, &w->regs, w->exact, &w->high);
        if (*root != MS_ROOT_NONE)
            return 0;
        w->exact = rule == MS_RULE_SIGNAL;
        if (w->high != high)
            w->cached = t->depth; /* on to another stack: its addresses may be lower */
    }
}

/* ---- the cache ---------------------------------------------------------------------------------------- */

static uint32_t step_flags(const ms_thread *t, uint32_t i, uint32_t rule) {
    bool outer_live = i > 0 && t->rule[i - 1] & FLAG_LIVE;
    uint32_t kind = rule & MS_RULE_MASK;
    if (ms_rule_special(kind))
        return kind == MS_RULE_SLOW ? FLAG_RARE | FLAG_LIVE : FLAG_RARE;
    if (ms_rule_realigned(kind))
        return FLAG_RARE | FLAG_LIVE;
    uint32_t flags = 0;
    if (kind & MS_RULE_BASE_FP || (!(kind & MS_RULE_K) && outer_live))
        flags |= FLAG_LIVE;
    if (kind & MS_RULE_K && outer_live)
        flags |= FLAG_FP;
    return flags;
}

/* Puts the fresh frames on top of the `base` cached ones that hold. */
static void store(ms_thread *t, uint32_t base, uint32_t fresh) {
    uint64_t hash = base ? t->hash[base - 1]
                         : ms_hash_frame(t->root + ((uint64_t)t->code_epoch << 8), MS_HASH_K);
    for (uint32_t i = base; fresh-- > 0; i++) {
        t->pc[i] = t->fresh_pc[fresh];
        t->sp[i] = t->fresh_sp[fresh];
        t->fp[i] = t->fresh_fp[fresh];
        t->rule[i] = t->fresh_rule[fresh] | step_flags(t, i, t->fresh_rule[fresh]);
        t->hash[i] = hash = ms_hash_frame(hash, t->fresh_pc[fresh]);
        t->id[i] = 0;
    }
}

static void update(ms_thread *t, ms_regs regs) {
    uint32_t epoch = atomic_load_explicit(&g_ms.code_epoch, memory_order_acquire);
    if (ms_unlikely(t->code_epoch != epoch)) {
        t->code_epoch = epoch;
        t->depth = 0;
    }
    for (;;) {
        ms_root root = MS_ROOT_NONE;
        uint64_t high = ms_stack_high(t, regs.sp); /* may empty the cache */
        walk w = {.regs = regs, .cached = t->depth, .high = high};
        uint32_t base = walk_out(t, &w, &root);
        if (base + w.fresh > MS_FRAMES_MAX) { /* grew past the cache: keep the innermost anew */
            t->depth = 0;
            continue;
        }
        if (base == 0)
            t->root = root;
        store(t, base, w.fresh);
        t->depth = base + w.fresh;
        return;
    }
}

/* ---- ids ------------------------------------------------------------------------------------------------ */

/* Tables of hash -> id, each four times the size of the one before; new entries go into the largest.
 * An entry found in a smaller one is copied on, so that hot stacks take one look. */
static size_t tier_slots(uint32_t tier) {
    return (size_t)1 << (12 + 2 * tier);
}

static uint32_t tier_find(uint32_t tier, uint64_t hash) {
    ms_stack_slot *slots = g_ms.tiers[tier].slots;
    size_t mask = tier_slots(tier) - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
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
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
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

static uint32_t find_id(uint64_t hash) {
    uint32_t tier = atomic_load_explicit(&g_ms.tier, memory_order_acquire);
    if (ms_unlikely(!g_ms.tiers[tier].slots))
        return 0;
    uint32_t id = tier_find(tier, hash);
    for (uint32_t older = tier; !id && older-- > 0;) {
        id = tier_find(older, hash);
        uint32_t room = id ? tier_with_room() : MS_STACK_TIERS;
        if (room < MS_STACK_TIERS)
            tier_insert(room, hash, id);
    }
    return id;
}

/* A new id, defined in the trace before anyone can find it. */
static uint32_t define(ms_thread *t, uint32_t i, uint32_t parent) {
    uint32_t tier = tier_with_room();
    if (tier == MS_STACK_TIERS)
        return 0;
    uint32_t id = __atomic_fetch_add(&t->ring->stacks, 1, __ATOMIC_RELAXED);
    if (!ms_record_stack(t, id, t->pc[i], parent))
        return 0;
    tier_insert(tier, t->hash[i], id);
    return id;
}

static uint32_t identify(ms_thread *t) {
    uint32_t top = t->depth - 1;
    if (ms_likely((t->id[top] = find_id(t->hash[top]))))
        return t->id[top];
    uint32_t i = top; /* the outermost frame without an id */
    while (i > 0 && !t->id[i - 1] && !(t->id[i - 1] = find_id(t->hash[i - 1])))
        i--;
    for (; i <= top; i++) {
        t->id[i] = define(t, i, i ? t->id[i - 1] : t->root);
        if (!t->id[i]) {
            ms_lose(MS_LOSS_STACK_TABLE, 1);
            return 0;
        }
    }
    return t->id[top];
}

#ifdef MS_CHECK_STACKS
void ms_stack_check(ms_thread *thread, ms_regs regs);
#endif

uint32_t ms_stack_id(ms_thread *thread, ms_regs regs) {
    if (!g_ms.take_stacks)
        return MS_ROOT_NONE;
    update(thread, regs);
#ifdef MS_CHECK_STACKS /* a build for the tests: test/check/stack_check.c */
    ms_stack_check(thread, regs);
#endif
    uint32_t id = thread->id[thread->depth - 1];
    return ms_likely(id) ? id : identify(thread);
}

void ms_stacks_reset(void) {
    for (uint32_t tier = 0; tier < MS_STACK_TIERS; tier++)
        atomic_store(&g_ms.tiers[tier].used, 0); /* the slots themselves are wiped by the kernel */
    atomic_store(&g_ms.tier, 0);
    atomic_store(&g_ms.tier_lock, 0);
}
