/* The verified stack tree, and ids for stacks.
 *
 * A program's stacks come back: each thread keeps those it has unwound as a tree of frames. A frame is the
 * state (pc, sp, fp) after a call in it returns, and its caller's frame; it never changes. An unwind
 * starts at the hook's caller. Where it meets a state that some frame of the tree has, nothing is unwound
 * any more but verified: every word that the unwind of this frame and of those outside of it read is read
 * once more and compared. Where a word has changed the walk steps from there, and goes on likewise.
 *
 *      root <- main <- loop <- read <- grow       leaf, (pc, sp) known: verified, its id is known, too
 *                        ^---- parse <- node      another leaf that comes in turn with it
 *
 * Why that is exact. One step of an unwind is a function of (pc, sp, fp) and of the stack words it
 * reads: the return address at CFA - 8 and, where the rule restores it, the saved frame pointer.
 * By induction from the frame that was met: same state and same words give the same next state, so
 * the verified frames are what a full unwind would find. Neither alloca nor longjmp, exceptions,
 * coroutines or a stack used again by another thread can make it differ, for none of them changes
 * memory without changing it. It rests on three things:
 *   - rules do not change: code that goes away bumps the epoch, which empties the trees;
 *   - a frame pointer nobody uses need not match. fp is *live* in a frame when its rule uses it, or
 *     passes it on (does not restore it) to an outer frame in which it is live;
 *   - frames whose step reads anything else (MS_RULE_SLOW) are never verified, only unwound.
 * Frames are found through tables of hints: a hint may be stale or overwritten, for only the comparison
 * with the frame itself counts.
 *
 * What it costs, at best: per frame verified 5 instructions, per frame unwound anew some 40. Frames made
 * in one go lie side by side (a run), so that verifying waits for no link: only for the stack itself. */
#include "capture/stack.h"

#include "base/hash.h"
#include "capture/ids.h"
#include "capture/os.h"
#include "capture/unwind.h"
#include "capture/no_malloc.h"

/* Flags above the rule bits of a frame's rule; all but EXACT speak of the step to its caller. */
enum {
    FLAG_LIVE = 1u << 17,  /* the value of fp in the frame matters */
    FLAG_FP = 1u << 18,    /* the step restores fp, and it matters outside */
    FLAG_WORDS = 1u << 19, /* the step reads more than the return address */
    FLAG_RARE = 1u << 20,  /* the step reads no return address: of a signal, or a slow rule */
    FLAG_EXACT = 1u << 21  /* pc is where a signal struck */
};

/* A stack of several runs that has been met so often is laid down anew. */
enum { STRAIGHT_AFTER = 16 };

static uint64_t load(uint64_t address) {
    return *(const uint64_t *)address;
}

/* By state; and, of the frame below `outer`, by that one, too. */
static inline uint16_t *hint_of(ms_thread *t, uint64_t pc, uint64_t sp) {
    return &t->hints[(pc * MS_HASH_K >> 40 ^ sp >> 4) & (MS_HINTS - 1)];
}

static inline uint16_t *callee_hint_of(ms_thread *t, uint32_t outer, uint64_t pc, uint64_t sp) {
    return &t->callee_hints[(pc * MS_HASH_K >> 40 ^ sp >> 4 ^ outer * 0x9e5) & (MS_HINTS - 1)];
}

static inline bool is_root(uint32_t frame) {
    return frame < MS_ROOT_COUNT;
}

/* ---- verifying ----------------------------------------------------------------------------------- */

/* 0: the return address that leads to `outer` is what it was. */
static inline uint64_t difference(const ms_frame *outer) {
    return load(outer->sp - MS_RA_OFFSET) ^ outer->pc;
}

static bool same_signal(const ms_thread *t, uint32_t i) {
    const ms_frame *frame = &t->frames[i], *outer = &t->frames[t->more[i].outer];
    const ms_frame_more *outer_more = &t->more[t->more[i].outer];
    return (t->more[i].rule & MS_RULE_MASK) == MS_RULE_SIGNAL &&
           load(frame->sp + MS_SIGNAL_PC) == outer->pc &&
           load(frame->sp + MS_SIGNAL_SP) == outer->sp &&
           (!(outer_more->rule & FLAG_LIVE) || load(frame->sp + MS_SIGNAL_FP) == outer_more->fp);
}

/* The words, beside the return address, that the step from frame `i` outwards has read. */
static bool same_words(const ms_thread *t, uint32_t i) {
    const ms_frame_more *more = &t->more[i], *outer_more = &t->more[more->outer];
    const ms_frame *outer = &t->frames[more->outer];
    uint32_t rule = more->rule & MS_RULE_MASK;
    if (ms_rule_plain(rule))
        return load(outer->sp - 8 * ((rule & MS_RULE_K) + 1)) == outer_more->fp;
    uint64_t slot = more->fp - 8 * (uint64_t)(ms_rule_offset(rule) - MS_RULE_REALIGNED);
    return load(slot) == outer->sp && (!(more->rule & FLAG_FP) || load(more->fp) == outer_more->fp);
}

static bool same_step(const ms_thread *t, uint32_t i) {
    uint32_t rule = t->more[i].rule;
    if (rule & FLAG_RARE)
        return same_signal(t, i);
    return difference(&t->frames[t->more[i].outer]) == 0 &&
           (!(rule & FLAG_WORDS) || same_words(t, i));
}

/* Looks at no word beyond the first that changed, for behind a signal's frame there may be no stack any
 * more. */
static __attribute__((noinline)) uint32_t first_changed_of_all(const ms_thread *t, uint32_t i) {
    for (;;) {
        uint32_t outer = t->more[i].outer;
        if (is_root(outer))
            return outer;
        if (!same_step(t, i))
            return i;
        i = outer;
    }
}

/* In a run, the first frame from `frame` outwards whose step gives something else now; `last` when none
 * does. All its words lie on the present stack, so that it does no harm to look at a few of them beyond the
 * first that changed. */
static inline const ms_frame *first_changed_of_run(const ms_frame *frame, const ms_frame *last) {
    for (; frame >= last + 4; frame -= 4) {
        if (difference(frame - 1) | difference(frame - 2) | difference(frame - 3) |
            difference(frame - 4))
            break;
    }
    while (frame > last && difference(frame - 1) == 0)
        frame--;
    return frame;
}

/* The first frame, from `i` outwards, whose step gives something else now; the root when none does.
 * Nothing at or above `high` is looked at, but for what a signal interrupted. `*runs`: how many. */
static inline uint32_t first_changed(const ms_thread *t, uint32_t i, uint64_t high,
                                     uint32_t *runs) {
    for (*runs = 1;; ++*runs) {
        const ms_frame *from = &t->frames[i], *last = from - t->more[i].run;
        if (ms_unlikely(last->sp > high)) /* of a stack that was here before this one */
            return i;
        const ms_frame *frame = first_changed_of_run(from, last);
        i -= (uint32_t)(from - frame);
        if (frame > last)
            return i;
        uint32_t outer = t->more[i].outer, rule = t->more[i].rule;
        if (is_root(outer))
            return outer;
        if (ms_unlikely(rule & FLAG_RARE))
            return first_changed_of_all(t, i);
        if (t->frames[outer].sp > high || difference(&t->frames[outer]) != 0)
            return i;
        if (ms_unlikely(rule & FLAG_WORDS) && !same_words(t, i))
            return i;
        i = outer;
    }
}

/* ---- the walk ---------------------------------------------------------------------------- */

/* Where a walk stands: `fresh` frames unwound so far, innermost first. */
typedef struct walk {
    ms_regs regs;
    bool exact; /* regs.pc is where a signal struck */
    uint32_t fresh;
    uint32_t runs; /* that were verified last */
    uint64_t high;
} walk;

/* Is frame `i`, of these pc and sp, also like this in what else matters? */
static inline bool has_state(const ms_thread *t, uint32_t i, uint64_t fp, bool exact) {
    uint32_t flags = t->more[i].rule & (FLAG_LIVE | FLAG_EXACT);
    if (ms_likely(!flags && !exact))
        return true;
    return !(flags & FLAG_EXACT) == !exact && (!(flags & FLAG_LIVE) || t->more[i].fp == fp);
}

/* A frame of the state `regs`; 0: none is known. */
static inline uint32_t frame_met(ms_thread *t, const ms_regs *regs, bool exact) {
    uint32_t i = *hint_of(t, regs->pc, regs->sp);
    if (t->frames[i].sp != regs->sp || t->frames[i].pc != regs->pc || i >= t->frame_count)
        return 0;
    return has_state(t, i, regs->fp, exact) ? i : 0;
}

/* Has the step from frame `i`, of this rule, surely changed? */
static inline bool has_changed(const ms_thread *t, uint32_t i, uint32_t rule) {
    return difference(&t->frames[t->more[i].outer]) != 0 && !(rule & FLAG_RARE);
}

/* The rule for a return address, if it is known: into the low bits. */
static inline bool find_rule(uint64_t pc, uint32_t *rule) {
    uint64_t entry = atomic_load_explicit(ms_rule_slot(pc), memory_order_relaxed);
    *rule = (uint32_t)entry;
    return entry >> MS_RULE_BITS == pc;
}

/* The common part of a walk, tight: return addresses whose rules are known and plain. Stops where that
 * ends, or at a known frame whose caller is what it was, which it returns. */
static inline uint32_t walk_plainly(ms_thread *t, walk *w) {
    ms_regs regs = w->regs;
    ms_fresh_frame *fresh = &t->fresh[w->fresh];
    uint32_t met = 0;
    for (; fresh < &t->fresh[MS_FRAMES_KEEP]; fresh++) {
        uint32_t rule;
        met = frame_met(t, &regs, false);
        if (met) {
            rule = t->more[met].rule;
            if (!has_changed(t, met, rule))
                break;
            met = 0;
        } else if (ms_unlikely(!find_rule(regs.pc, &rule))) {
            break;
        }
        rule &= MS_RULE_MASK;
        *fresh = (ms_fresh_frame){regs.sp, regs.pc, regs.fp, rule};
        if (!ms_step_plainly(rule, &regs, w->high))
            break;
    }
    w->fresh = (uint32_t)(fresh - t->fresh);
    w->regs = regs;
    return met;
}

static void add_fresh(ms_thread *t, walk *w, uint32_t rule) {
    t->fresh[w->fresh++] =
        (ms_fresh_frame){w->regs.sp, w->regs.pc, w->regs.fp, rule | (w->exact ? FLAG_EXACT : 0)};
}

/* Frame `i` was met, but the step from frame `bad` outwards has changed: the frames from i to bad are as
 * they were. Takes them as fresh ones, re-deriving fp, and leaves the walk at `bad`. */
static bool keep_down_to(ms_thread *t, walk *w, uint32_t i, uint32_t bad) {
    for (;; i = t->more[i].outer) {
        if (w->fresh == MS_FRAMES_KEEP)
            return false;
        uint32_t rule = t->more[i].rule & MS_RULE_MASK;
        w->exact = t->more[i].rule & FLAG_EXACT;
        add_fresh(t, w, rule);
        if (i == bad)
            return true;
        if (!ms_step_plainly(rule, &w->regs, w->high))
            ms_step(t, rule, &w->regs, w->exact, &w->high);
    }
}

/* Unwinds until a known frame is met that holds, with all outside of it, or the stack ends. Returns that
 * frame, or the root. */
static inline uint32_t walk_out(ms_thread *t, walk *w) {
    for (;;) {
        uint32_t rule,
            met = ms_unlikely(w->exact) ? frame_met(t, &w->regs, true) : walk_plainly(t, w);
        if (met) {
            uint32_t bad = first_changed(t, met, w->high, &w->runs);
            if (ms_likely(is_root(bad)))
                return met;
            if (!keep_down_to(t, w, met, bad))
                return MS_ROOT_DEEP;
            rule = t->more[bad].rule & MS_RULE_MASK;
        } else {
            if (w->fresh == MS_FRAMES_KEEP)
                return MS_ROOT_DEEP;
            rule = ms_rule_of(t, w->regs.pc, w->exact);
            add_fresh(t, w, rule);
        }
        ms_root root = ms_step_plainly(rule, &w->regs, w->high)
                           ? MS_ROOT_NONE
                           : ms_step(t, rule, &w->regs, w->exact, &w->high);
        if (ms_unlikely(root != MS_ROOT_NONE))
            return root;
        w->exact = rule == MS_RULE_SIGNAL;
    }
}

/* ---- the tree ---------------------------------------------------------------------------- */

static uint32_t step_flags(uint32_t rule, bool outer_live) {
    if (ms_rule_special(rule))
        return rule == MS_RULE_SLOW ? FLAG_RARE | FLAG_LIVE : FLAG_RARE;
    if (ms_rule_realigned(rule))
        return FLAG_WORDS | FLAG_LIVE | (outer_live ? FLAG_FP : 0);
    bool restores = rule & MS_RULE_K;
    bool live = rule & MS_RULE_BASE_FP || (outer_live && !restores);
    return (live ? FLAG_LIVE : 0) | (restores && outer_live ? FLAG_WORDS | FLAG_FP : 0);
}

/* Appends a frame, all of which is known but for its place. */
static inline uint32_t add_frame(ms_thread *t, ms_frame frame, ms_frame_more more) {
    uint32_t i = t->frame_count++;
    bool plain = !(more.rule & (FLAG_WORDS | FLAG_RARE));
    bool joins = more.outer == i - 1 && !is_root(more.outer) && plain;
    more.run = joins ? (uint16_t)(t->more[i - 1].run + 1) : 0;
    t->frames[i] = frame;
    t->more[i] = more;
    *hint_of(t, frame.pc, frame.sp) = (uint16_t)i;
    *callee_hint_of(t, more.outer, frame.pc, frame.sp) = (uint16_t)i;
    return i;
}

static inline uint32_t new_frame(ms_thread *t, uint32_t outer, const ms_fresh_frame *from) {
    const ms_frame_more *outer_more = &t->more[outer];
    uint32_t rule = from->rule, outer_live = outer_more->rule & FLAG_LIVE;
    if (ms_unlikely((rule & MS_RULE_BASE_FP) | outer_live || ms_rule_special(rule)))
        rule |= step_flags(rule & MS_RULE_MASK, outer_live);
    return add_frame(t, (ms_frame){.sp = from->sp, .pc = from->pc},
                     (ms_frame_more){.hash = ms_hash_frame(outer_more->hash, from->pc),
                                     .fp = from->fp,
                                     .rule = rule,
                                     .outer = (uint16_t)outer});
}

static inline bool is_callee(const ms_thread *t, uint32_t i, uint32_t outer,
                             const ms_fresh_frame *from) {
    return i < t->frame_count && t->more[i].outer == outer && t->frames[i].sp == from->sp &&
           t->frames[i].pc == from->pc && has_state(t, i, from->fp, from->rule & FLAG_EXACT);
}

/* Puts the fresh frames below `outer`, which holds, as far as they are not there already. Returns the
 * innermost. */
static inline uint32_t grow(ms_thread *t, uint32_t outer, uint32_t fresh) {
    for (const ms_fresh_frame *from = &t->fresh[fresh]; from-- > t->fresh;) {
        uint32_t i = *callee_hint_of(t, outer, from->pc, from->sp);
        if (is_callee(t, i, outer, from))
            *hint_of(t, from->pc, from->sp) = (uint16_t)i;
        else
            i = new_frame(t, outer, from);
        outer = i;
    }
    return outer;
}

/* A stack that comes again and again is laid down once more, in one run: each run costs as much as some ten
 * frames. At most half of the tree goes for this. Returns the innermost frame. */
static __attribute__((noinline)) uint32_t straighten(ms_thread *t, uint32_t top) {
    if (++t->more[top].visits < STRAIGHT_AFTER)
        return top;
    t->more[top].visits = 0;
    uint32_t count = 0, outer = top;
    for (; !is_root(outer); outer = t->more[outer].outer)
        t->path[count++] = (uint16_t)outer;
    if (t->frame_count + count > MS_FRAMES_MAX / 2)
        return top;
    while (count > 0) {
        uint32_t i = t->path[--count];
        ms_frame_more more = t->more[i];
        more.outer = (uint16_t)outer;
        outer = add_frame(t, t->frames[i], more);
    }
    return outer;
}

/* The frame of the state `regs`, with all outside of it as it is now. */
static inline uint32_t top_of(ms_thread *t, const ms_regs *regs) {
    for (;;) {
        walk w = {.regs = *regs, .high = ms_stack_high(t, regs->sp)};
        uint32_t outer = walk_out(t, &w);
        if (w.fresh == 0)
            return ms_likely(w.runs == 1) ? outer : straighten(t, outer);
        if (ms_likely(t->frame_count + w.fresh <= MS_FRAMES_MAX))
            return grow(t, outer, w.fresh);
        ms_stack_clear(t); /* what is in use comes back soon */
    }
}

/* A root looks like a caller that never changes. */
void ms_stack_clear(ms_thread *t) {
    static const uint64_t zero = 0;
    for (uint32_t root = 0; root <= MS_ROOT_BAD_FRAME; root++) { /* the last that ends an unwind */
        t->frames[root] = (ms_frame){.sp = (uint64_t)&zero + MS_RA_OFFSET};
        t->more[root] = (ms_frame_more){
            .hash = ms_hash_frame(root + ((uint64_t)t->code_epoch << 8), MS_HASH_K), .id = root};
    }
    t->frame_count = MS_ROOT_COUNT;
}

#ifdef MS_CHECK_STACKS
void ms_stack_check(ms_thread *thread, ms_regs regs, uint32_t top);
#endif

uint32_t ms_stack_id(ms_thread *t, uint64_t pc, uint64_t sp, uint64_t fp) {
    if (!g_ms.take_stacks)
        return MS_ROOT_NONE;
    ms_regs regs = {.pc = pc, .sp = sp, .fp = fp};
    uint32_t top = top_of(t, &regs);
    uint32_t id = t->more[top].id;
    if (ms_unlikely(!id))
        id = ms_ids_of(t, top);
#ifdef MS_CHECK_STACKS /* a build for the tests: test/check/stack_check.c */
    ms_stack_check(t, regs, top);
#endif
    return id;
}
