/* unwind.h - from one frame to its caller, by the call frame information compilers leave in
 * .eh_frame (DWARF 5, section 6.4; System V ABI for x86-64). No frame pointers needed. */
#ifndef MS_CAPTURE_UNWIND_H
#define MS_CAPTURE_UNWIND_H

#include "base/hash.h"
#include "capture/arch.h"
#include "capture/state.h"

/* A rule: how to get from a frame to its caller, in 17 bits.
 *
 *   bit 16     base: 0 stack pointer, 1 frame pointer
 *   bits 3-15  offset of the canonical frame address (CFA) from it, in words
 *   bits 0-2   k: 0 the caller has the same frame pointer; else it was saved at CFA - 8 * (k + 1)
 *
 * The return address lies at CFA - 8; the caller's stack pointer is the CFA. Offset 0 with base 0
 * marks the specials below, with k as their number. Offsets from MS_RULE_REALIGNED with base 1 mean
 * a realigned frame: CFA = *(frame pointer - 8 * (offset - MS_RULE_REALIGNED)), saved frame pointer
 * at *(frame pointer). */
enum {
    MS_RULE_BITS = 17,
    MS_RULE_MASK = (1 << MS_RULE_BITS) - 1,
    MS_RULE_K = 7,
    MS_RULE_OFFSET_SHIFT = 3,
    MS_RULE_OFFSET_MASK = 0x1fff,
    MS_RULE_REALIGNED = 0x1f00,
    MS_RULE_BASE_FP = 1 << 16,

    MS_RULE_NO_CFI = 1, /* nothing known about this pc */
    MS_RULE_END = 2,    /* the outermost frame says so: its return address is undefined */
    MS_RULE_SIGNAL = 3, /* the kernel's signal trampoline */
    MS_RULE_SLOW = 4    /* anything else: evaluated anew each time */
};

static inline uint32_t ms_rule_offset(uint32_t rule) {
    return rule >> MS_RULE_OFFSET_SHIFT & MS_RULE_OFFSET_MASK;
}

static inline bool ms_rule_special(uint32_t rule) {
    return (rule & MS_RULE_MASK) <= MS_RULE_K;
}

/* Neither special nor realigned: a stack or frame pointer and an offset. */
static inline bool ms_rule_plain(uint32_t rule) {
    return (rule & MS_RULE_MASK) - (MS_RULE_K + 1) <
           (MS_RULE_BASE_FP | MS_RULE_REALIGNED << MS_RULE_OFFSET_SHIFT) - (MS_RULE_K + 1);
}

static inline bool ms_rule_realigned(uint32_t rule) {
    return (rule & MS_RULE_BASE_FP) && ms_rule_offset(rule) >= MS_RULE_REALIGNED;
}

/* Rules found so far, pc << MS_RULE_BITS | rule: one word an entry, so that threads read and write it
 * without a lock. Two threads that compute the same entry store the same value. */
#define MS_RULE_SLOTS_LOG2 17
extern MS_HIDDEN _Atomic uint64_t ms_rules[1u << MS_RULE_SLOTS_LOG2];

static inline _Atomic uint64_t *ms_rule_slot(uint64_t pc) {
    return &ms_rules[pc * MS_HASH_K >> (64 - MS_RULE_SLOTS_LOG2)];
}

/* A miss costs a binary search and a run of one FDE's program, and writes a MODULE event with `thread` when
 * it meets an object not seen before. */
uint32_t ms_rule_miss(ms_thread *thread, uint64_t pc, bool exact);

/* The rule for a frame with return address `pc`. `exact`: pc is where a signal struck, not a return
 * address. */
static inline uint32_t ms_rule_of(ms_thread *thread, uint64_t pc, bool exact) {
    uint64_t entry = atomic_load_explicit(ms_rule_slot(pc), memory_order_relaxed);
    if (ms_likely(entry >> MS_RULE_BITS == pc && !exact))
        return (uint32_t)entry & MS_RULE_MASK;
    return ms_rule_miss(thread, pc, exact);
}

/* Forgets all cached rules: code was unloaded, or a new trace does not know the modules that go with
 * them. */
void ms_rules_flush(void);

/* Evaluates a frame of MS_RULE_SLOW; stack reads stay within [regs->sp, high). */
bool ms_step_slow(ms_thread *thread, ms_regs *regs, bool exact, uint64_t high);

/* The canonical frame address that a plain rule gives. False: it would lie outside the stack, or the saved
 * frame pointer outside the frame. Frames lie one above the other: a caller's CFA is above its callee's. */
static inline bool ms_frame_address(uint32_t rule, const ms_regs *regs, uint64_t high,
                                    uint64_t *cfa) {
    uint64_t base = rule & MS_RULE_BASE_FP ? regs->fp : regs->sp;
    *cfa = base + (rule & MS_RULE_OFFSET_MASK << MS_RULE_OFFSET_SHIFT);
    uint64_t size = *cfa - regs->sp; /* huge when the CFA is below */
    return size <= high - regs->sp && size >= 8 * ((rule & MS_RULE_K) + 1) && size % 8 == 0;
}

/* ms_step() for the common case: false, and nothing changed, where it is not that. Without branches on the
 * kind of rule, for callers' frames alternate between them. */
static inline bool ms_step_plainly(uint32_t rule, ms_regs *regs, uint64_t high) {
    uint64_t cfa;
    if (ms_unlikely(!ms_rule_plain(rule) || !ms_frame_address(rule, regs, high, &cfa)))
        return false;
    uint64_t pc = ms_strip_pc(*(const uint64_t *)(cfa - MS_RA_OFFSET));
    uint64_t saved = *(const uint64_t *)(cfa - 8 * ((rule & MS_RULE_K) + 1));
    if (ms_unlikely(pc == 0))
        return false;
    *regs = (ms_regs){.pc = pc, .sp = cfa, .fp = rule & MS_RULE_K ? saved : regs->fp};
    return true;
}

/* The caller of `regs`, in place. `low`/`high` bound the stack; a signal frame may move them to
 * another stack. MS_ROOT_NONE: stepped; else how the stack ends here. */
ms_root ms_step(ms_thread *thread, uint32_t rule, ms_regs *regs, bool exact, uint64_t *high);

uint64_t ms_stack_find(ms_thread *thread, uint64_t sp);

/* Something went away, code or a stack: what the thread keeps of either is void. */
void ms_stack_forget(ms_thread *thread, uint32_t epoch);

/* The upper end of the stack that holds `sp`. */
static inline uint64_t ms_stack_high(ms_thread *thread, uint64_t sp) {
    uint32_t epoch = atomic_load_explicit(&g_ms.epoch, memory_order_acquire);
    if (ms_unlikely(thread->epoch != epoch))
        ms_stack_forget(thread, epoch);
    if (ms_likely(sp - thread->low < thread->high - thread->low))
        return thread->high;
    return ms_stack_find(thread, sp);
}

/* The program unmaps [start, start + size), or maps something over it: stacks that lay there are no
 * longer read. */
void ms_stack_unmapped(const void *start, size_t size);

/* ---- call frame information, for a single pc: cfi.c --------------------------------------- */

typedef enum ms_cfi_kind {
    MS_CFI_SAME,       /* the caller has the same value */
    MS_CFI_UNDEFINED,  /* not recoverable; of the return address: there is no caller */
    MS_CFI_OFFSET,     /* saved at CFA + offset */
    MS_CFI_EXPRESSION, /* saved where the expression says */
    MS_CFI_OTHER       /* a form we do not evaluate */
} ms_cfi_kind;

typedef struct ms_cfi_register {
    ms_cfi_kind kind;
    int64_t offset;
    const uint8_t *expression;
    uint64_t expression_size;
} ms_cfi_register;

typedef struct ms_cfi {
    int cfa_register; /* DWARF number; -1: cfa_expression */
    int64_t cfa_offset;
    const uint8_t *cfa_expression;
    uint64_t cfa_expression_size;
    ms_cfi_register fp, ra;
    bool signal_frame;
} ms_cfi;

/* A loaded object, as the dynamic linker knows it. */
typedef struct ms_object {
    const uint8_t *start, *end;  /* what is mapped of it */
    const uint8_t *eh_frame_hdr; /* NULL: none */
} ms_object;

/* The object that holds `pc`, recorded with `thread` when it is new. False: none does. Signal-safe. */
bool ms_object_at(ms_thread *thread, uint64_t pc, ms_object *object);

/* What the FDE of `object` that covers `pc` says for it. False: no FDE, or a malformed one. */
bool ms_cfi_find(const ms_object *object, uint64_t pc, ms_cfi *cfi);

/* A DWARF expression over the registers `regs`, starting with `initial` on its stack when
 * `has_initial`; reads memory only in [regs->sp - 128, high). */
bool ms_cfi_evaluate(const uint8_t *expression, uint64_t size, const ms_regs *regs,
                     bool has_initial, uint64_t initial, uint64_t high, uint64_t *result);

#endif
