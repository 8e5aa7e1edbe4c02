/* arch_x86_64.h - everything of the capture side that depends on the processor: system calls, the
 * state of a hook's caller, DWARF register numbers, and the kernel's signal frame. A port is one
 * file like this; arch.h picks it. */
#ifndef MS_CAPTURE_ARCH_X86_64_H
#define MS_CAPTURE_ARCH_X86_64_H

#include <stdint.h>

/* The kernel's return value: a result, or -errno. Never touches errno. */
static inline long ms_syscall6(long number, long a, long b, long c, long d, long e, long f) {
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

/* What unwinding starts from and steps through: the state in a caller right after its call. */
typedef struct ms_regs {
    uint64_t pc; /* return address */
    uint64_t sp; /* stack pointer once the callee has returned */
    uint64_t fp; /* frame pointer register, whatever the code uses it for */
} ms_regs;

/* The caller's state, from within a function built with a frame pointer:
 *   frame[0] the caller's rbp, frame[1] the return address, frame + 2 the caller's rsp. */
static inline __attribute__((always_inline)) ms_regs ms_caller_regs(const uint64_t *frame) {
    return (ms_regs){.pc = frame[1], .sp = (uint64_t)(frame + 2), .fp = frame[0]};
}

/* Strips what a processor adds to return addresses (pointer authentication): nothing here. */
static inline uint64_t ms_strip_pc(uint64_t pc) {
    return pc;
}

enum {
    MS_DWARF_FP = 6,  /* rbp */
    MS_DWARF_SP = 7,  /* rsp */
    MS_DWARF_RA = 16, /* return address column */
    MS_DWARF_REGISTERS = 17
};

/* Where a signal frame keeps the interrupted registers, from the stack pointer in the frame's
 * trampoline: struct ucontext, of which the offsets of gregs are kernel ABI. */
enum { MS_SIGNAL_FP = 120, MS_SIGNAL_SP = 160, MS_SIGNAL_PC = 168 };

/* The return address lies this far below the canonical frame address, always. */
#define MS_RA_OFFSET 8

/* The compiler emits plain stores for these; x86 keeps stores in order. */
#define MS_ADDRESS_BITS 47

/* The address of this thread's control block: a thread the C library started has it at the upper
 * end of its stack. */
static inline uint64_t ms_thread_pointer(void) {
    uint64_t tp;
    __asm__("mov %%fs:0x10, %0" : "=r"(tp));
    return tp;
}

/* Counts at a constant rate that only comparing it with a clock tells. */
static inline uint64_t ms_cycles(void) {
    return __builtin_ia32_rdtsc();
}

static inline void ms_cpu_relax(void) {
    __asm__ volatile("pause");
}

#endif
