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

/* Flags above the rule bits of frames[i].rule; all but EXACT speak of the step i -> i - 1. */
enum {
    FLAG_LIVE = 1u << 17, /* the value of fp in frame i matters */
    FLAG_FP = 1u << 18,   /* the step restores fp, and it matters outside */
    FLAG_RARE = 1u << 19, /* the step reads other words: verify_rare() */
    FLAG_EXACT = 1u << 20 /* pc is where a signal struck */
};

/* ---- verifying ----------------------------------------------------------------------------------- */

static uint64_t load(uint64_t address) {
    return *(const uint64_t *)address;
}

static bool verify_rare(const ms_frame_state *frame) {
    const ms_frame_state *outer = frame - 1;
    uint32_t rule = frame->rule & MS_RULE_MASK;
    bool fp_matters = outer->rule & FLAG_LIVE;
    if (rule == MS_RULE_SIGNAL)
        return load(frame->sp + MS_SIGNAL_PC) == outer->pc &&
               load(frame->sp + MS_SIGNAL_SP) == outer->sp &&
               (!fp_matters || load(frame->sp + MS_SIGNAL_FP) == outer->fp);
    if (!ms_rule_realigned(rule))
        return false;
    uint64_t slot = frame->fp - 8 * (uint64_t)(ms_rule_offset(rule) - MS_RULE_REALIGNED);
    return load(slot) == outer->sp && load(outer->sp - MS_RA_OFFSET) == outer->pc &&
           (!fp_matters || load(frame->fp) == outer->fp);
}

static bool verify_fp(const ms_frame_state *frame) {
    const ms_frame_state *outer = frame - 1;
    return load(outer->sp - 8 * ((frame->rule & MS_RULE_K) + 1)) == outer->fp;
}

/* Verifies the steps from frame `i` outwards. Returns 0 when all hold, else the frame whose step
 * gives something else now. */
static uint32_t verify(const ms_frame_state *frames, uint32_t i) {
    const ms_frame_state *frame = &frames[i];
    for (; frame > frames; frame--) {
        const ms_frame_state *outer = frame - 1;
        uint32_t rule = frame->rule;
        if (ms_likely(!(rule & (FLAG_RARE | FLAG_FP)))) {
            if (ms_likely(load(outer->sp - MS_RA_OFFSET) == outer->pc))
                continue;
            break;
        }
        if (rule & FLAG_RARE ? !verify_rare(frame)
                             : load(outer->sp - MS_RA_OFFSET) != outer->pc || !verify_fp(frame))
            break;
    }
    return (uint32_t)(frame - frames);
}

/* ---- the walk ---------------------------------------------------------------------------- */

/* Where a walk stands: `fresh` frames unwound so far, innermost first. */
typedef struct walk {
    ms_regs regs;
    bool exact; /* regs.pc is where a signal struck */
    uint32_t fresh;
    uint32_t cached; /* frames 0 .. cached - 1 of the cache may still be met */
    uint64_t high;
} walk;

static void add_fresh(ms_thread *t, walk *w, uint32_t rule) {
    ms_frame_state *frame = &t->fresh[w->fresh++];
    frame->pc = w->regs.pc;
    frame->sp = w->regs.sp;
    frame->fp = w->regs.fp;
    frame->rule = rule | (w->exact ? FLAG_EXACT : 0);
}

static bool met(const ms_frame_state *frame, const walk *w) {
    return frame->sp == w->regs.sp && frame->pc == w->regs.pc &&
           (!(frame->rule & FLAG_LIVE) || frame->fp == w->regs.fp) &&
           !(frame->rule & FLAG_EXACT) == !w->exact;
}

/* Frame `i` was met, but the step from frame `bad` outwards has changed: the frames i .. bad are as
 * they were. Takes them as fresh ones, re-deriving fp, and leaves the walk at `bad`. */
static bool keep_down_to(ms_thread *t, walk *w, uint32_t i, uint32_t bad) {
    for (;; i--) {
        if (w->fresh == MS_FRAMES_KEEP)
            return false;
        w->exact = t->frames[i].rule & FLAG_EXACT;
        add_fresh(t, w, t->frames[i].rule & MS_RULE_MASK);
        if (i == bad)
            return true;
        ms_step(t, t->frames[i].rule, &w->regs, w->exact, &w->high);
    }
}

/* Unwinds until a cached frame is met (returns how many cached frames hold, > 0) or the stack ends
 * (returns 0, and sets `*root`). */
static uint32_t walk_out(ms_thread *t, walk *w, ms_root *root) {
    for (;;) {
        while (w->cached > 0 && t->frames[w->cached - 1].sp < w->regs.sp)
            w->cached--;
        uint32_t rule;
        if (w->cached > 0 && met(&t->frames[w->cached - 1], w)) {
            uint32_t i = w->cached - 1;
            uint32_t bad = verify(t->frames, i);
            if (ms_likely(bad == 0))
                return i + 1;
            if (!keep_down_to(t, w, i, bad)) {
                *root = MS_ROOT_DEEP;
                return 0;
            }
            w->cached = bad;
            rule = t->frames[bad].rule & MS_RULE_MASK;
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

/* ---- the cache --------------------------------------------------------------------------- */

static uint32_t step_flags(bool outer_live, uint32_t kind) {
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
    ms_frame_state *frame = &t->frames[base];
    bool outer_live = base > 0 && frame[-1].rule & FLAG_LIVE;
    uint64_t hash =
        base ? frame[-1].hash : ms_hash_frame(t->root + ((uint64_t)t->code_epoch << 8), MS_HASH_K);
    for (const ms_frame_state *from = &t->fresh[fresh]; from-- > t->fresh; frame++) {
        frame->sp = from->sp;
        frame->pc = from->pc;
        frame->fp = from->fp;
        frame->hash = hash = ms_hash_frame(hash, from->pc);
        frame->rule = from->rule | step_flags(outer_live, from->rule & MS_RULE_MASK);
        frame->id = 0;
        outer_live = frame->rule & FLAG_LIVE;
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
    if (!ms_record_stack(t, id, t->frames[i].pc, parent))
        return 0;
    tier_insert(tier, t->frames[i].hash, id);
    return id;
}

static uint32_t identify(ms_thread *t) {
    ms_frame_state *frames = t->frames;
    uint32_t top = t->depth - 1;
    if (ms_likely((frames[top].id = find_id(frames[top].hash))))
        return frames[top].id;
    uint32_t i = top; /* becomes the outermost frame without an id */
    while (i > 0 && !frames[i - 1].id && !(frames[i - 1].id = find_id(frames[i - 1].hash)))
        i--;
    for (; i <= top; i++) {
        frames[i].id = define(t, i, i ? frames[i - 1].id : t->root);
        if (!frames[i].id) {
            ms_lose(MS_LOSS_STACK_TABLE, 1);
            return 0;
        }
    }
    return frames[top].id;
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
    uint32_t id = thread->frames[thread->depth - 1].id;
    return ms_likely(id) ? id : identify(thread);
}

void ms_stacks_reset(void) {
    for (uint32_t tier = 0; tier < MS_STACK_TIERS; tier++)
        atomic_store(&g_ms.tiers[tier].used, 0); /* the slots themselves are wiped by the kernel */
    atomic_store(&g_ms.tier, 0);
    atomic_store(&g_ms.tier_lock, 0);
}
