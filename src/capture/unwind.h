/* unwind.h - from one frame to its caller, by the call frame information compilers leave in
 * .eh_frame (DWARF 5, section 6.4; System V ABI for x86-64). No frame pointers needed. */
#ifndef MS_CAPTURE_UNWIND_H
#define MS_CAPTURE_UNWIND_H

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

static inline bool ms_rule_realigned(uint32_t rule) {
    return (rule & MS_RULE_BASE_FP) && ms_rule_offset(rule) >= MS_RULE_REALIGNED;
}

/* The rule for a frame with return address `pc`. `exact`: pc is where a signal struck, not a return
 * address. Cached; a miss costs a binary search and a run of one FDE's program, and writes a MODULE
 * event with `thread` when it meets an object not seen before. */
uint32_t ms_rule_of(ms_thread *thread, uint64_t pc, bool exact);

/* Forgets all cached rules: code was unloaded. */
void ms_rules_flush(void);

/* Evaluates a frame of MS_RULE_SLOW; stack reads stay within [regs->sp, high). */
bool ms_step_slow(ms_thread *thread, ms_regs *regs, bool exact, uint64_t high);

/* The caller of `regs`, in place. `low`/`high` bound the stack; a signal frame may move them to
 * another stack. MS_ROOT_NONE: stepped; else how the stack ends here. */
ms_root ms_step(ms_thread *thread, uint32_t rule, ms_regs *regs, bool exact, uint64_t *high);

/* The upper end of the stack that holds `sp`. */
uint64_t ms_stack_high(ms_thread *thread, uint64_t sp);

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

/* What the FDE of `object` that covers `pc` says for it. False: no FDE, or a malformed one. */
bool ms_cfi_find(const ms_object *object, uint64_t pc, ms_cfi *cfi);

/* A DWARF expression over the registers `regs`, starting with `initial` on its stack when
 * `has_initial`; reads memory only in [regs->sp - 128, high). */
bool ms_cfi_evaluate(const uint8_t *expression, uint64_t size, const ms_regs *regs,
                     bool has_initial, uint64_t initial, uint64_t high, uint64_t *result);

#endif
