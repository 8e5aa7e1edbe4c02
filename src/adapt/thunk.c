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

#define MS_ENTRY(library, type, name, parameters)                                                  \
    MS_EXPORT __attribute__((naked)) void name(void);                                              \
    MS_EXPORT __attribute__((naked)) void name(void) {                                             \
        __asm__("pushq %0\n\tjmp ms_thunk" : : "i"(MS_ENTRY_##name));                              \
    }
#include "adapt/entries.def"
