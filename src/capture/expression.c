/* Evaluates the DWARF expressions that call frame information uses where a register and an offset do
 * not say it: in procedure linkage tables, in hand-written assembly, in realigned frames. DWARF 5,
 * section 2.5; only the operators that can occur there. */
#include "capture/cursor.h"
#include "capture/unwind.h"
#include "capture/no_malloc.h"

#define EXPRESSION_STACK 16
#define EXPRESSION_STEPS 256

typedef struct evaluation {
    uint64_t stack[EXPRESSION_STACK];
    int depth;
    bool failed;
    const ms_regs *regs;
    uint64_t high;
} evaluation;

static void push(evaluation *e, uint64_t value) {
    if (e->depth == EXPRESSION_STACK)
        e->failed = true;
    else
        e->stack[e->depth++] = value;
}

static uint64_t pop(evaluation *e) {
    if (e->depth == 0) {
        e->failed = true;
        return 0;
    }
    return e->stack[--e->depth];
}

static void push_register(evaluation *e, unsigned number, int64_t offset) {
    uint64_t value = 0;
    switch (number) {
    case MS_DWARF_FP: value = e->regs->fp; break;
    case MS_DWARF_SP: value = e->regs->sp; break;
    case MS_DWARF_RA: value = e->regs->pc; break;
    default: e->failed = true; /* not tracked */
    }
    push(e, value + (uint64_t)offset);
}

/* The red zone below the stack pointer may hold what an expression wants. */
static void push_memory(evaluation *e, uint64_t address) {
    if (address < e->regs->sp - 128 || address > e->high - 8) {
        e->failed = true;
        return;
    }
    push(e, *(const uint64_t *)address);
}

static void binary(evaluation *e, uint8_t operation) {
    uint64_t b = pop(e), a = pop(e);
    int64_t sa = (int64_t)a, sb = (int64_t)b;
    switch (operation) {
    case 0x1a: push(e, a & b); break;
    case 0x1c: push(e, a - b); break;
    case 0x1e: push(e, a * b); break;
    case 0x21: push(e, a | b); break;
    case 0x22: push(e, a + b); break;
    case 0x24: push(e, b < 64 ? a << b : 0); break;
    case 0x25: push(e, b < 64 ? a >> b : 0); break;
    case 0x26: push(e, (uint64_t)(sa >> (b < 63 ? b : 63))); break;
    case 0x27: push(e, a ^ b); break;
    case 0x29: push(e, a == b); break;
    case 0x2a: push(e, sa >= sb); break;
    case 0x2b: push(e, sa > sb); break;
    case 0x2c: push(e, sa <= sb); break;
    case 0x2d: push(e, sa < sb); break;
    case 0x2e: push(e, a != b); break;
    default: e->failed = true;
    }
}

static void stack_operation(evaluation *e, cursor *c, uint8_t operation) {
    uint64_t a, b;
    switch (operation) {
    case 0x12:
        a = pop(e);
        push(e, a);
        push(e, a);
        break;                /* dup */
    case 0x13: pop(e); break; /* drop */
    case 0x14:
        b = pop(e);
        a = pop(e);
        push(e, a);
        push(e, b);
        push(e, a);
        break; /* over */
    case 0x16:
        b = pop(e);
        a = pop(e);
        push(e, b);
        push(e, a);
        break;                                        /* swap */
    case 0x1f: push(e, 0 - pop(e)); break;            /* neg */
    case 0x20: push(e, ~pop(e)); break;               /* not */
    case 0x23: push(e, pop(e) + take_uleb(c)); break; /* plus_uconst */
    default: binary(e, operation);
    }
}

static void constant(evaluation *e, cursor *c, uint8_t operation) {
    switch (operation) {
    case 0x08: push(e, take(c, 1)); break;
    case 0x09: push(e, (uint64_t)(int64_t)(int8_t)take(c, 1)); break;
    case 0x0a: push(e, take(c, 2)); break;
    case 0x0b: push(e, (uint64_t)(int64_t)(int16_t)take(c, 2)); break;
    case 0x0c: push(e, take(c, 4)); break;
    case 0x0d: push(e, (uint64_t)(int64_t)(int32_t)take(c, 4)); break;
    case 0x0e:
    case 0x0f: push(e, take(c, 8)); break;
    case 0x10: push(e, take_uleb(c)); break;
    default: push(e, (uint64_t)take_sleb(c)); break;
    }
}

bool ms_cfi_evaluate(const uint8_t *expression, uint64_t size, const ms_regs *regs,
                     bool has_initial, uint64_t initial, uint64_t high, uint64_t *result) {
    evaluation e = {.regs = regs, .high = high};
    cursor c = {expression, expression + size, false};
    if (has_initial)
        push(&e, initial);
    for (int step = 0; c.at < c.end && !c.failed && !e.failed; step++) {
        uint8_t operation = (uint8_t)take(&c, 1);
        if (step == EXPRESSION_STEPS)
            return false;
        if (operation >= 0x30 && operation <= 0x4f) /* lit0.. */
            push(&e, operation - 0x30u);
        else if (operation >= 0x70 && operation <= 0x8f) /* breg0.. */
            push_register(&e, operation - 0x70u, take_sleb(&c));
        else if (operation == 0x06) /* deref */
            push_memory(&e, pop(&e));
        else if (operation >= 0x08 && operation <= 0x11)
            constant(&e, &c, operation);
        else
            stack_operation(&e, &c, operation);
    }
    *result = pop(&e);
    return !c.failed && !e.failed;
}
