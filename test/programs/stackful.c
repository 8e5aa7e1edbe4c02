/* stackful.c - coroutines by a switch of its own, a few instructions that no library knows of; it tells whose
 * stacks there are, and nothing else. Those are slices of one block, and each slice is another coroutine's in the
 * next of three rounds; four threads take turns with all of them. Number n of a round keeps 10 blocks of 200 + n
 * bytes; and one of 24 bytes, which the first thing that it does in each turn is to free. Without memscope, and
 * however often it is run, it says "stackful done". */
#include <memscope.h>

#include "turns.h"

enum { ROUNDS = 3, STACK = 16 * 1024 };

/* Pushes what a function has to keep, leaves the stack pointer in *from, and goes on where `to` was left. */
void switch_to(void **from, void *to);
void start(void);
__asm__(".globl switch_to\n"
        "switch_to:\n\t"
        "pushq %rbp\n\tpushq %rbx\n\tpushq %r12\n\tpushq %r13\n\tpushq %r14\n\tpushq %r15\n\t"
        "movq %rsp, (%rdi)\n\t"
        "movq %rsi, %rsp\n\t"
        "popq %r15\n\tpopq %r14\n\tpopq %r13\n\tpopq %r12\n\tpopq %rbx\n\tpopq %rbp\n\t"
        "ret\n"
        "start:\n\t"
        "movq %rbx, %rdi\n\t"
        "call run\n\t"
        "hlt\n");

static struct coroutine {
    void *sp, *back;
    uint64_t task;
} all[AT_ONCE];

void run(long number);

void run(long number) {
    struct coroutine *self = &all[number];
    for (void *last = NULL;;) {
        free(last);
        last = take(24);
        take((size_t)(200 + number));
        switch_to(&self->sp, self->back);
    }
}

static void make(char *stacks, int number) {
    uintptr_t *sp = (uintptr_t *)(stacks + (number + 1) * STACK - 72);
    memset(sp, 0, 72);
    sp[4] = (uintptr_t)number; /* rbx */
    sp[6] = (uintptr_t)start;
    all[number].sp = sp;
    all[number].task = MEMSCOPE_TASK_BEGIN("coroutine");
    memscope_task_stack(all[number].task, stacks + number * STACK, STACK);
}

static void resume(int number) {
    switch_to(&all[number].back, all[number].sp);
}

int main(void) {
    char *stacks = aligned_alloc(16, AT_ONCE * STACK);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < AT_ONCE; i++)
            make(stacks, i);
        in_threads(resume);
        for (int i = 0; i < AT_ONCE; i++)
            memscope_task_end(all[i].task);
    }
    free(stacks);
    say("stackful done\n");
    return 0;
}
