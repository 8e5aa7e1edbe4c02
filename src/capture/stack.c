/* The verified stack cache, and ids for stacks.
 *
 * A thread's stack changes little between two allocations, so each thread keeps its last unwound
 * stack: frame i is the state (pc, sp, fp) after i returns into it, frame 1 the outermost (0 stands for
 * how the stack ends). A new
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
 *   - rules do not change: code that goes away bumps the epoch, which empties the caches;
 *   - a frame pointer nobody uses need not match. fp is *live* in frame i when the rule of i uses
 *     it, or passes it on (does not restore it) to an outer frame in which it is live;
 *   - frames whose step reads anything else (MS_RULE_SLOW) are never verified, only unwound.
 * A frame is found by its stack pointer, through a table of hints: a hint may be stale or overwritten,
 * for only the comparison with the frame itself counts.
 *
 * What it costs, at best: per frame unwound anew some 30 instructions, per frame verified 4. */
#include "capture/stack.h"

#include "base/hash.h"
#include "capture/ids.h"
#include "capture/os.h"
#include "capture/unwind.h"
#include "capture/no_malloc.h"

/* Flags above the rule bits of frames[i].rule; all but EXACT speak of the step i -> i - 1. */
enum {
    FLAG_LIVE = 1u << 17,  /* the value of fp in frame i matters */
    FLAG_FP = 1u << 18,    /* the step restores fp, and it matters outside */
    FLAG_WORDS = 1u << 19, /* the step reads more than the return address */
    FLAG_RARE = 1u << 20,  /* the step reads no return address: of a signal, or a slow rule */
    FLAG_EXACT = 1u << 21  /* pc is where a signal struck */
};

static uint64_t load(uint64_t address) {
    return *(const uint64_t *)address;
}

static uint16_t *hint_of(ms_thread *t, uint64_t sp) {
    return &t->hints[sp >> 4 & (MS_HINTS - 1)]; /* sp is a multiple of 16, mostly */
}

/* ---- verifying ----------------------------------------------------------------------------------- */

static bool same_words(const ms_stack_word *words, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (load(words[i].address) != words[i].value)
            return false;
    }
    return true;
}

static bool same_signal(const ms_frame_state *frame) {
    const ms_frame_state *outer = frame - 1;
    return (frame->rule & MS_RULE_MASK) == MS_RULE_SIGNAL &&
           load(frame->sp + MS_SIGNAL_PC) == outer->pc &&
           load(frame->sp + MS_SIGNAL_SP) == outer->sp &&
           (!(outer->rule & FLAG_LIVE) || load(frame->sp + MS_SIGNAL_FP) == outer->fp);
}

/* 0: the return address that leads to `outer` is what it was. */
static inline uint64_t difference(const ms_frame_state *outer) {
    return load(outer->sp - MS_RA_OFFSET) ^ outer->pc;
}

/* Where some step reads more than the return address. Looks at no word beyond the first that changed, for
 * behind a signal's frame there may be no stack any more. */
static __attribute__((noinline)) uint32_t first_changed_of_all(const ms_thread *t, uint32_t i) {
    for (; i > 1; i--) {
        const ms_frame_state *frame = &t->frames[i], *outer = frame - 1;
        bool same = frame->rule & FLAG_RARE
                        ? same_signal(frame)
                        : difference(outer) == 0 &&
                              same_words(&t->words[outer->words], frame->words - outer->words);
        if (!same)
            break;
    }
    return i;
}

/* The first frame, from `i` outwards, whose step gives something else now; 1: none does. Frames whose steps
 * read nothing but return addresses all lie on one stack, so that it does no harm to look at a few words
 * beyond the first that changed. */
static inline uint32_t first_changed(const ms_thread *t, uint32_t i) {
    const ms_frame_state *frame = &t->frames[i], *last = &t->frames[1];
    if (ms_unlikely(frame->more))
        return first_changed_of_all(t, i);
    for (; frame >= last + 4; frame -= 4) {
        if (difference(frame - 1) | difference(frame - 2) | difference(frame - 3) |
            difference(frame - 4))
            break;
    }
    while (frame > last && difference(frame - 1) == 0)
        frame--;
    return (uint32_t)(frame - t->frames);
}

/* ---- the walk ---------------------------------------------------------------------------- */

/* Where a walk stands: `fresh` frames unwound so far, innermost first. */
typedef struct walk {
    ms_regs regs;
    bool exact; /* regs.pc is where a signal struck */
    uint32_t fresh;
    uint32_t cached; /* frames 1 .. cached of the cache may still be met */
    uint64_t high;
} walk;

/* The cached frame of the state `regs`; 0: none. */
static inline uint32_t frame_met(ms_thread *t, const ms_regs *regs, bool exact, uint32_t cached) {
    uint32_t i = *hint_of(t, regs->sp);
    const ms_frame_state *frame = &t->frames[i];
    if (frame->sp != regs->sp || frame->pc != regs->pc || i > cached)
        return 0;
    uint32_t flags = frame->rule & (FLAG_LIVE | FLAG_EXACT);
    if (ms_likely(!flags && !exact))
        return i;
    bool same = !(flags & FLAG_EXACT) == !exact && (!(flags & FLAG_LIVE) || frame->fp == regs->fp);
    return same ? i : 0;
}

/* The common part of a walk, tight: return addresses whose rules are known and plain. Stops where that
 * ends, or at a cached frame, which it returns. */
static inline uint32_t walk_plainly(ms_thread *t, walk *w) {
    ms_regs regs = w->regs;
    ms_fresh_frame *fresh = &t->fresh[w->fresh];
    uint32_t met = 0;
    while (fresh < &t->fresh[MS_FRAMES_KEEP] && !(met = frame_met(t, &regs, false, w->cached))) {
        uint64_t entry = atomic_load_explicit(ms_rule_slot(regs.pc), memory_order_relaxed);
        fresh->sp = regs.sp;
        fresh->pc = regs.pc;
        fresh->fp = regs.fp;
        fresh->rule = (uint32_t)entry & MS_RULE_MASK;
        if (entry >> MS_RULE_BITS != regs.pc || !ms_step_plainly(fresh->rule, &regs, w->high))
            break;
        fresh++;
    }
    w->fresh = (uint32_t)(fresh - t->fresh);
    w->regs = regs;
    return met;
}

static void add_fresh(ms_thread *t, walk *w, uint32_t rule) {
    t->fresh[w->fresh++] =
        (ms_fresh_frame){w->regs.sp, w->regs.pc, w->regs.fp, rule | (w->exact ? FLAG_EXACT : 0)};
}

/* Frame `i` was met, but the step from frame `bad` outwards has changed: the frames i .. bad are as
 * they were. Takes them as fresh ones, re-deriving fp, and leaves the walk at `bad`. */
static bool keep_down_to(ms_thread *t, walk *w, uint32_t i, uint32_t bad) {
    for (;; i--) {
        if (w->fresh == MS_FRAMES_KEEP)
            return false;
        uint32_t rule = t->frames[i].rule & MS_RULE_MASK;
        w->exact = t->frames[i].rule & FLAG_EXACT;
        add_fresh(t, w, rule);
        if (i == bad)
            return true;
        if (!ms_step_plainly(rule, &w->regs, w->high))
            ms_step(t, rule, &w->regs, w->exact, &w->high);
    }
}

/* Unwinds until a cached frame is met that holds, with all outside of it, or the stack ends (then sets
 * `*root`). Returns how many cached frames hold. */
static inline uint32_t walk_out(ms_thread *t, walk *w, ms_root *root) {
    for (;;) {
        uint32_t rule, met = ms_unlikely(w->exact) ? frame_met(t, &w->regs, true, w->cached)
                                                   : walk_plainly(t, w);
        if (met) {
            uint32_t bad = first_changed(t, met);
            if (ms_likely(bad == 1))
                return met;
            if (!keep_down_to(t, w, met, bad))
                break;
            w->cached = bad - 1;
            rule = t->frames[bad].rule & MS_RULE_MASK;
        } else {
            if (w->fresh == MS_FRAMES_KEEP)
                break;
            rule = ms_rule_of(t, w->regs.pc, w->exact);
            add_fresh(t, w, rule);
        }
        *root = ms_step(t, rule, &w->regs, w->exact, &w->high);
        if (*root != MS_ROOT_NONE)
            return 0;
        w->exact = rule == MS_RULE_SIGNAL;
    }
    *root = MS_ROOT_DEEP;
    return 0;
}

/* ---- the cache --------------------------------------------------------------------------- */

static uint32_t step_flags(uint32_t rule, bool outer_live) {
    if (ms_rule_special(rule))
        return rule == MS_RULE_SLOW ? FLAG_RARE | FLAG_LIVE : FLAG_RARE;
    if (ms_rule_realigned(rule))
        return FLAG_WORDS | FLAG_LIVE | (outer_live ? FLAG_FP : 0);
    bool restores = rule & MS_RULE_K;
    bool live = rule & MS_RULE_BASE_FP || (outer_live && !restores);
    return (live ? FLAG_LIVE : 0) | (restores && outer_live ? FLAG_WORDS | FLAG_FP : 0);
}

static void add_word(ms_thread *t, ms_frame_state *frame, uint64_t address, uint64_t value) {
    t->words[frame->words++] = (ms_stack_word){address, value};
}

/* The words, beside the return address, that the step from `frame` outwards has read. */
static void add_words(ms_thread *t, ms_frame_state *frame) {
    const ms_frame_state *outer = frame - 1;
    uint32_t rule = frame->rule & MS_RULE_MASK;
    if (ms_rule_plain(rule)) {
        add_word(t, frame, outer->sp - 8 * ((rule & MS_RULE_K) + 1), outer->fp);
        return;
    }
    uint64_t slot = frame->fp - 8 * (uint64_t)(ms_rule_offset(rule) - MS_RULE_REALIGNED);
    add_word(t, frame, slot, outer->sp);
    if (frame->rule & FLAG_FP)
        add_word(t, frame, frame->fp, outer->fp);
}

/* What is not so in the common case: a frame pointer that matters, or a rule that is not plain. */
static __attribute__((noinline)) void store_rest(ms_thread *t, ms_frame_state *frame,
                                                 const ms_frame_state *outer) {
    uint32_t flags = step_flags(frame->rule & MS_RULE_MASK, outer->rule & FLAG_LIVE);
    frame->rule |= flags;
    if (frame == &t->frames[1])
        return; /* no step leads out of it */
    frame->more = outer->more | ((flags & (FLAG_WORDS | FLAG_RARE)) != 0);
    if (flags & FLAG_WORDS)
        add_words(t, frame);
}

/* Puts the fresh frames on top of the `base` cached ones that hold. */
static inline void store(ms_thread *t, uint32_t base, uint32_t fresh) {
    ms_frame_state *frame = &t->frames[base];
    uint64_t hash = frame->hash;
    for (const ms_fresh_frame *from = &t->fresh[fresh]; from-- > t->fresh;) {
        const ms_frame_state *outer = frame++;
        uint32_t outer_live = outer->rule & FLAG_LIVE, rule = from->rule;
        hash = ms_hash_frame(hash, from->pc);
        *hint_of(t, from->sp) = (uint16_t)++base;
        *frame = (ms_frame_state){.sp = from->sp,
                                  .pc = from->pc,
                                  .fp = from->fp,
                                  .hash = hash,
                                  .rule = rule,
                                  .words = outer->words,
                                  .more = outer->more};
        if (ms_unlikely((rule & MS_RULE_BASE_FP) | outer_live || ms_rule_special(rule)))
            store_rest(t, frame, outer);
    }
    t->depth = base;
}

static inline void walk_and_store(ms_thread *t, const ms_regs *regs) {
    for (;;) {
        ms_root root = MS_ROOT_NONE;
        walk w = {.regs = *regs, .cached = t->depth, .high = ms_stack_high(t, regs->sp)};
        uint32_t base = walk_out(t, &w, &root);
        if (ms_unlikely(base + w.fresh >= MS_FRAMES_MAX)) { /* keep the innermost, anew */
            t->depth = 0;
            continue;
        }
        if (base == 0) {
            t->root = root;
            t->frames[0].hash = ms_hash_frame(root + ((uint64_t)t->code_epoch << 8), MS_HASH_K);
        }
        store(t, base, w.fresh);
        return;
    }
}

#ifdef MS_CHECK_STACKS
void ms_stack_check(ms_thread *thread, ms_regs regs);
#endif

uint32_t ms_stack_id(ms_thread *t, uint64_t pc, uint64_t sp, uint64_t fp) {
    if (!g_ms.take_stacks)
        return MS_ROOT_NONE;
    ms_regs regs = {.pc = pc, .sp = sp, .fp = fp};
    walk_and_store(t, &regs);
    uint32_t id = t->frames[t->depth].id;
    if (!id)
        id = ms_ids_of_top(t);
#ifdef MS_CHECK_STACKS /* a build for the tests: test/check/stack_check.c */
    ms_stack_check(t, regs);
#endif
    return id;
}
