#include "capture/unwind.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/hash.h"
#include "capture/coroutine.h"
#include "capture/module.h"
#include "capture/os.h"
#include "capture/stack.h"
#include "capture/no_malloc.h"

/* ---- rules ------------------------------------------------------------------------------------- */

_Alignas(4096) _Atomic uint64_t ms_rules[1u << MS_RULE_SLOTS_LOG2];

void ms_rules_flush(void) {
    ms_os_clear(ms_rules, sizeof ms_rules);
}

/* *(fp + offset), as compilers write it for the frame of a realigned stack. */
static bool is_fp_slot(const uint8_t *expression, uint64_t size, bool deref, int64_t *offset) {
    if (size < 2 || expression[0] != 0x70 + MS_DWARF_FP)
        return false;
    uint64_t value = expression[1];
    if (value & 0x80)
        return false; /* more than one byte: further than any real one */
    *offset = value & 0x40 ? (int64_t)value - 0x80 : (int64_t)value;
    return deref ? size == 3 && expression[2] == 0x06 : size == 2;
}

static bool realigned_rule(const ms_cfi *cfi, uint32_t *rule) {
    int64_t cfa_slot, fp_slot;
    if (cfi->cfa_register != -1 ||
        !is_fp_slot(cfi->cfa_expression, cfi->cfa_expression_size, true, &cfa_slot) ||
        cfi->fp.kind != MS_CFI_EXPRESSION ||
        !is_fp_slot(cfi->fp.expression, cfi->fp.expression_size, false, &fp_slot) || fp_slot != 0)
        return false;
    if (cfa_slot > 0 || cfa_slot % 8)
        return false;
    uint32_t words = (uint32_t)(-cfa_slot / 8);
    *rule = MS_RULE_BASE_FP | (MS_RULE_REALIGNED + words) << MS_RULE_OFFSET_SHIFT;
    return true;
}

static uint32_t compile(const ms_cfi *cfi) {
    uint32_t rule;
    if (cfi->ra.kind == MS_CFI_UNDEFINED)
        return MS_RULE_END;
    if (cfi->signal_frame)
        return MS_RULE_SIGNAL;
    if (cfi->ra.kind != MS_CFI_OFFSET || cfi->ra.offset != -MS_RA_OFFSET)
        return MS_RULE_SLOW;
    if (realigned_rule(cfi, &rule))
        return rule;
    bool fp_base = cfi->cfa_register == MS_DWARF_FP;
    if ((!fp_base && cfi->cfa_register != MS_DWARF_SP) || cfi->cfa_offset % 8 ||
        cfi->cfa_offset < 8 || cfi->cfa_offset >= 8 * MS_RULE_REALIGNED)
        return MS_RULE_SLOW;
    rule =
        (uint32_t)(cfi->cfa_offset / 8) << MS_RULE_OFFSET_SHIFT | (fp_base ? MS_RULE_BASE_FP : 0);
    if (cfi->fp.kind == MS_CFI_SAME)
        return rule;
    int64_t k = -cfi->fp.offset / 8 - 1;
    if (cfi->fp.kind != MS_CFI_OFFSET || cfi->fp.offset % 8 || k < 1 || k > MS_RULE_K)
        return MS_RULE_SLOW;
    return rule | (uint32_t)k;
}

/* Code of no loaded object - just-in-time compiled - usually keeps frame pointers. */
#define RULE_JIT (MS_RULE_BASE_FP | 2u << MS_RULE_OFFSET_SHIFT | 1u)

/* The dynamic linker gives the span of an object, but of a program whose segments leave gaps only
 * the segment that holds the address. The program's own headers say where all of it lies. */
static ms_object object_of(const struct dl_find_object *found) {
    ms_object object = {.start = found->dlfo_map_start,
                        .end = found->dlfo_map_end,
                        .eh_frame_hdr = found->dlfo_eh_frame};
    const struct link_map *map = found->dlfo_link_map;
    if (!map || !map->l_name || map->l_name[0])
        return object;
    const ElfW(Phdr) *segment = (const void *)getauxval(AT_PHDR);
    uint64_t count = segment ? getauxval(AT_PHNUM) : 0;
    for (uint64_t i = 0; i < count; i++, segment++) {
        if (segment->p_type != PT_LOAD)
            continue;
        const uint8_t *start = (const uint8_t *)(map->l_addr + segment->p_vaddr);
        if (start < object.start)
            object.start = start;
        if (start + segment->p_memsz > object.end)
            object.end = start + segment->p_memsz;
    }
    return object;
}

bool ms_object_at(ms_thread *thread, uint64_t pc, ms_object *object) {
    struct dl_find_object found;
    if (_dl_find_object((void *)pc, &found) != 0)
        return false;
    *object = object_of(&found);
    ms_module_seen(thread, found.dlfo_link_map, object);
    return true;
}

static bool find_cfi(ms_thread *thread, uint64_t pc, bool exact, ms_cfi *cfi, bool *in_object) {
    ms_object object;
    uint64_t inside = exact ? pc : pc - 1; /* a call may be the last thing in its function */
    *in_object = ms_object_at(thread, inside, &object);
    return *in_object && ms_cfi_find(&object, inside, cfi);
}

uint32_t ms_rule_miss(ms_thread *thread, uint64_t pc, bool exact) {
    ms_cfi cfi;
    bool in_object;
    uint32_t rule = RULE_JIT;
    if (find_cfi(thread, pc, exact, &cfi, &in_object))
        rule = compile(&cfi);
    else if (in_object)
        rule = MS_RULE_NO_CFI;
    /* an exact pc could also be a return address, with another rule: it is not cached */
    if (!exact && pc >> MS_ADDRESS_BITS == 0)
        atomic_store_explicit(ms_rule_slot(pc), pc << MS_RULE_BITS | rule, memory_order_relaxed);
    return rule;
}

/* ---- stepping ------------------------------------------------------------------------------------ */

static uint64_t load(uint64_t address) {
    return *(const uint64_t *)address;
}

/* Frames lie one above the other: a caller's CFA is above its callee's, and inside the stack. */
static bool frame_ok(uint64_t cfa, uint64_t sp, uint64_t high) {
    return cfa > sp && cfa <= high && cfa % 8 == 0;
}

bool ms_step_slow(ms_thread *thread, ms_regs *regs, bool exact, uint64_t high) {
    ms_cfi cfi;
    bool in_object;
    if (!find_cfi(thread, regs->pc, exact, &cfi, &in_object))
        return false;
    uint64_t cfa, slot;
    if (cfi.cfa_register == MS_DWARF_SP)
        cfa = regs->sp + (uint64_t)cfi.cfa_offset;
    else if (cfi.cfa_register == MS_DWARF_FP)
        cfa = regs->fp + (uint64_t)cfi.cfa_offset;
    else if (cfi.cfa_register != -1 || !ms_cfi_evaluate(cfi.cfa_expression, cfi.cfa_expression_size,
                                                        regs, false, 0, high, &cfa))
        return false;
    if (!frame_ok(cfa, regs->sp, high) || cfi.ra.kind != MS_CFI_OFFSET)
        return false;
    uint64_t ra_at = cfa + (uint64_t)cfi.ra.offset;
    uint64_t fp = regs->fp;
    if (cfi.fp.kind == MS_CFI_OFFSET || cfi.fp.kind == MS_CFI_EXPRESSION) {
        slot = cfa + (uint64_t)cfi.fp.offset;
        if (cfi.fp.kind == MS_CFI_EXPRESSION &&
            !ms_cfi_evaluate(cfi.fp.expression, cfi.fp.expression_size, regs, true, cfa, high,
                             &slot))
            return false;
        if (slot < regs->sp - 128 || slot > high - 8)
            return false;
        fp = load(slot);
    }
    if (ra_at < regs->sp || ra_at > high - 8)
        return false;
    *regs = (ms_regs){.pc = ms_strip_pc(load(ra_at)), .sp = cfa, .fp = fp};
    return true;
}

static ms_root step_signal(ms_thread *thread, ms_regs *regs, uint64_t *high) {
    if (regs->sp > *high - MS_SIGNAL_PC - 8)
        return MS_ROOT_BAD_FRAME;
    ms_regs interrupted = {.pc = load(regs->sp + MS_SIGNAL_PC),
                           .sp = load(regs->sp + MS_SIGNAL_SP),
                           .fp = load(regs->sp + MS_SIGNAL_FP)};
    if (interrupted.sp < regs->sp || interrupted.sp >= *high) /* the handler has its own stack */
        *high = ms_stack_high(thread, interrupted.sp);
    *regs = interrupted;
    return MS_ROOT_NONE;
}

static ms_root step_special(ms_thread *thread, uint32_t rule, ms_regs *regs, bool exact,
                            uint64_t *high) {
    switch (rule) {
    case MS_RULE_END: return MS_ROOT_COMPLETE;
    case MS_RULE_SIGNAL: return step_signal(thread, regs, high);
    case MS_RULE_SLOW:
        return ms_step_slow(thread, regs, exact, *high) ? MS_ROOT_NONE : MS_ROOT_BAD_FRAME;
    default: return MS_ROOT_NO_CFI;
    }
}

static ms_root step_realigned(uint32_t rule, ms_regs *regs, uint64_t high) {
    uint64_t slot = regs->fp - 8 * (uint64_t)(ms_rule_offset(rule) - MS_RULE_REALIGNED);
    if (slot < regs->sp || regs->fp > high - 8 || regs->fp < slot || slot % 8)
        return MS_ROOT_BAD_FRAME;
    uint64_t cfa = load(slot);
    if (!frame_ok(cfa, regs->sp, high))
        return MS_ROOT_BAD_FRAME;
    *regs = (ms_regs){.pc = ms_strip_pc(load(cfa - MS_RA_OFFSET)), .sp = cfa, .fp = load(regs->fp)};
    return regs->pc ? MS_ROOT_NONE : MS_ROOT_COMPLETE;
}

ms_root ms_step(ms_thread *thread, uint32_t rule, ms_regs *regs, bool exact, uint64_t *high) {
    rule &= MS_RULE_MASK;
    if (ms_step_plainly(rule, regs, *high))
        return MS_ROOT_NONE;
    if (ms_rule_special(rule))
        return step_special(thread, rule, regs, exact, high);
    if (ms_rule_realigned(rule))
        return step_realigned(rule, regs, *high);
    uint64_t cfa; /* what is left over: a 0 return address ends hand-made stacks */
    return ms_frame_address(rule, regs, *high, &cfa) ? MS_ROOT_COMPLETE : MS_ROOT_BAD_FRAME;
}

/* ---- bounds ---------------------------------------------------------------------------------------- */

/* Every mapping that some thread took for its stack. When the program unmaps one of them - a
 * coroutine library does - what threads know about stacks is void. Lost entries (the table is full)
 * make every unmapping count. */
#define KNOWN_STACKS 256
static struct {
    _Atomic uint64_t low[KNOWN_STACKS], high[KNOWN_STACKS];
    _Atomic uint32_t count;
} stacks;

static void register_stack(uint64_t low, uint64_t high) {
    uint32_t count = atomic_load(&stacks.count);
    for (uint32_t i = 0; i < count && i < KNOWN_STACKS; i++) {
        if (atomic_load(&stacks.low[i]) == low && atomic_load(&stacks.high[i]) == high)
            return;
    }
    uint32_t slot = atomic_fetch_add(&stacks.count, 1);
    if (slot < KNOWN_STACKS) {
        atomic_store(&stacks.low[slot], low);
        atomic_store(&stacks.high[slot], high);
    } else {
        atomic_store(&stacks.count, KNOWN_STACKS + 1);
    }
}

void ms_stack_unmapped(const void *start, size_t size) {
    uint64_t low = (uint64_t)start, high = low + size;
    uint32_t count = atomic_load(&stacks.count);
    bool hit = count > KNOWN_STACKS;
    ms_coroutines_forget(low, high);
    for (uint32_t i = 0; i < count && i < KNOWN_STACKS; i++)
        hit |= low < atomic_load(&stacks.high[i]) && high > atomic_load(&stacks.low[i]);
    if (hit)
        atomic_fetch_add_explicit(&g_ms.epoch, 1, memory_order_release);
}

static uint64_t use_stack(ms_thread *thread, uint64_t low, uint64_t high) {
    thread->low = low;
    thread->high = high;
    return high;
}

uint64_t ms_stack_find(ms_thread *thread, uint64_t sp) {
    const size_t count = sizeof thread->stacks / sizeof *thread->stacks;
    for (size_t i = 0; i < count; i++) {
        if (sp >= thread->stacks[i].low && sp < thread->stacks[i].high)
            return use_stack(thread, thread->stacks[i].low, thread->stacks[i].high);
    }
    uint64_t low, high;
    ms_coroutine *coroutine = ms_coroutine_at(sp, &low, &high);
    if (coroutine) {
        atomic_store_explicit(&coroutine->unwound, true, memory_order_relaxed);
        return use_stack(thread, low, high);
    }
    if (!ms_os_mapping_of(sp, &low, &high)) {
        /* no /proc: a thread's control block ends its stack */
        low = sp & ~UINT64_C(4095);
        high = ms_thread_pointer();
        if (sp >= high || high - sp > 8u << 20)
            high = low + 4096;
    }
    if (sp >= high) /* no stack at all: what a crash handler meets. Nothing there is read */
        return sp;
    register_stack(low, high);
    uint32_t slot = thread->stack_next++ % count;
    thread->stacks[slot].low = low;
    thread->stacks[slot].high = high;
    return use_stack(thread, low, high);
}

void ms_stack_forget(ms_thread *thread, uint32_t epoch) {
    thread->epoch = epoch;
    thread->code_epoch = atomic_load_explicit(&g_ms.code_epoch, memory_order_relaxed);
    ms_stack_clear(thread); /* its frames may lie on a stack that is gone */
    thread->low = thread->high = 0;
    memset(thread->stacks, 0, sizeof thread->stacks);
    thread->freer_bytes = thread->other_freer_bytes = 0; /* other objects may lie there by now */
}
