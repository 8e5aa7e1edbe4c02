/* The exported names: a thunk each, which asks where the call goes and jumps there with all registers as
 * they were, so that it need not know how many arguments there are. And the way back, to the program's
 * callbacks. For x86-64, as all that is recorded: a port is another file like this. */
#include "adapt/thunk.h"

#include "adapt/route.h"

/* To be jumped to, with the number of the entry on the stack, above the return address:
 *
 *   rsp + 200  return address          rsp + 128..191  integer registers that arguments come in
 *   rsp + 192  number of the entry     rsp + 0..127    vector registers, likewise
 *
 * rax counts vector registers of variable arguments; r10 is what nested functions find their frame by. */
__asm__(".text\n"
        ".type ms_thunk, @function\n"
        "ms_thunk:\n\t"
        ".cfi_startproc\n\t"
        ".cfi_def_cfa_offset 16\n\t"
        "pushq %rax\n\t"
        "pushq %rdi\n\t"
        "pushq %rsi\n\t"
        "pushq %rdx\n\t"
        "pushq %rcx\n\t"
        "pushq %r8\n\t"
        "pushq %r9\n\t"
        "pushq %r10\n\t"
        "subq $128, %rsp\n\t"
        ".cfi_def_cfa_offset 208\n\t"
        "movups %xmm0, (%rsp)\n\t"
        "movups %xmm1, 16(%rsp)\n\t"
        "movups %xmm2, 32(%rsp)\n\t"
        "movups %xmm3, 48(%rsp)\n\t"
        "movups %xmm4, 64(%rsp)\n\t"
        "movups %xmm5, 80(%rsp)\n\t"
        "movups %xmm6, 96(%rsp)\n\t"
        "movups %xmm7, 112(%rsp)\n\t"
        "movq 192(%rsp), %rdi\n\t"
        "movq 200(%rsp), %rsi\n\t"
        "call ms_route\n\t"
        "movq %rax, %r11\n\t"
        "movups (%rsp), %xmm0\n\t"
        "movups 16(%rsp), %xmm1\n\t"
        "movups 32(%rsp), %xmm2\n\t"
        "movups 48(%rsp), %xmm3\n\t"
        "movups 64(%rsp), %xmm4\n\t"
        "movups 80(%rsp), %xmm5\n\t"
        "movups 96(%rsp), %xmm6\n\t"
        "movups 112(%rsp), %xmm7\n\t"
        "addq $128, %rsp\n\t"
        ".cfi_def_cfa_offset 80\n\t"
        "popq %r10\n\t"
        "popq %r9\n\t"
        "popq %r8\n\t"
        "popq %rcx\n\t"
        "popq %rdx\n\t"
        "popq %rsi\n\t"
        "popq %rdi\n\t"
        "popq %rax\n\t"
        "addq $8, %rsp\n\t"
        ".cfi_def_cfa_offset 8\n\t"
        "jmp *%r11\n\t"
        ".cfi_endproc\n"
        ".size ms_thunk, . - ms_thunk\n");

__asm__(".globl ms_thunk_call\n\t"
        ".hidden ms_thunk_call\n\t"
        ".type ms_thunk_call, @function\n"
        "ms_thunk_call:\n\t"
        ".cfi_startproc\n\t"
        "subq $8, %rsp\n\t"
        ".cfi_def_cfa_offset 16\n\t"
        "call *16(%rsp)\n"
        ".globl ms_thunk_called\n\t"
        ".hidden ms_thunk_called\n"
        "ms_thunk_called:\n\t"
        "addq $8, %rsp\n\t"
        ".cfi_def_cfa_offset 8\n\t"
        "ret\n\t"
        ".cfi_endproc\n"
        ".size ms_thunk_call, . - ms_thunk_call\n");

/* The adapter of makecontext(): all arguments go on as they came, however many there are.
 *
 *   rbp       the program's rbp, rbp + 8 the return address: a frame
 *   rbp - 64  registers that arguments come in, and rax, which counts vector registers */
__asm__(".globl ms_adapt_makecontext\n\t"
        ".hidden ms_adapt_makecontext\n\t"
        ".type ms_adapt_makecontext, @function\n"
        "ms_adapt_makecontext:\n\t"
        ".cfi_startproc\n\t"
        "pushq %rbp\n\t"
        ".cfi_def_cfa_offset 16\n\t"
        ".cfi_offset %rbp, -16\n\t"
        "movq %rsp, %rbp\n\t"
        ".cfi_def_cfa_register %rbp\n\t"
        "subq $64, %rsp\n\t"
        "movq %rdi, -8(%rbp)\n\t"
        "movq %rsi, -16(%rbp)\n\t"
        "movq %rdx, -24(%rbp)\n\t"
        "movq %rcx, -32(%rbp)\n\t"
        "movq %r8, -40(%rbp)\n\t"
        "movq %r9, -48(%rbp)\n\t"
        "movq %rax, -56(%rbp)\n\t"
        "movq %rbp, %rdx\n\t"
        "call ms_context_made\n\t"
        "movq %rax, %r11\n\t"
        "movq -8(%rbp), %rdi\n\t"
        "movq -16(%rbp), %rsi\n\t"
        "movq -24(%rbp), %rdx\n\t"
        "movq -32(%rbp), %rcx\n\t"
        "movq -40(%rbp), %r8\n\t"
        "movq -48(%rbp), %r9\n\t"
        "movq -56(%rbp), %rax\n\t"
        "leave\n\t"
        ".cfi_def_cfa %rsp, 8\n\t"
        "jmp *%r11\n\t"
        ".cfi_endproc\n"
        ".size ms_adapt_makecontext, . - ms_adapt_makecontext\n");

/* Returned to by a context's function: whose stack ends here. rbx is for the C library, where that goes on. */
__asm__(".type ms_context_end, @function\n"
        "ms_context_end:\n\t"
        ".cfi_startproc\n\t"
        ".cfi_undefined %rip\n\t"
        "nop\n" /* unwinders look up what is before a return address */
        ".globl ms_context_returned\n\t"
        ".hidden ms_context_returned\n"
        "ms_context_returned:\n\t"
        "call ms_context_over\n\t"
        "jmp *%rax\n\t"
        ".cfi_endproc\n"
        ".size ms_context_end, . - ms_context_end\n");

#define MS_ENTRY(library, type, name, parameters)                                                  \
    MS_EXPORT __attribute__((naked)) void name(void);                                              \
    MS_EXPORT __attribute__((naked)) void name(void) {                                             \
        __asm__("pushq %0\n\tjmp ms_thunk" : : "i"(MS_ENTRY_##name));                              \
    }
#include "adapt/entries.def"
