/* stacks.c - stacks of every origin, 150 rounds of each, 10 blocks in nested frames a round: from
 * malloc (large ones, which free() unmaps behind everybody's back), unmapped by a bare system call,
 * mapped over an older one, cut in two by mprotect, a thread's own in a mapping of the program. The
 * sizes alternate, so that a range that was all stack is soon half something else.
 *
 * Blocks of 24 bytes: 150 * 5 * 10 = 7500. */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "victim.h"

enum { ROUNDS = 150, SMALL = 64 * 1024, LARGE = 512 * 1024 };

static ucontext_t caller, callee;

__attribute__((noinline)) static void *nested(int depth) {
    volatile int level = depth;
    void *block = level > 0 ? nested(level - 1) : take(24);
    KEEP(block);
    return block;
}

static void run(void) {
    for (int i = 0; i < 10; i++)
        free(nested(i * 3));
}

static void *run_thread(void *unused) {
    run();
    return unused;
}

static void on(char *stack, size_t size) {
    EXPECT(getcontext(&callee) == 0);
    callee.uc_stack.ss_sp = stack;
    callee.uc_stack.ss_size = size;
    callee.uc_link = &caller;
    makecontext(&callee, run, 0);
    EXPECT(swapcontext(&caller, &callee) == 0);
}

static char *mapped(void *where, size_t size) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | (where ? MAP_FIXED : 0);
    char *stack = mmap(where, size, PROT_READ | PROT_WRITE, flags, -1, 0);
    EXPECT(stack != MAP_FAILED);
    return stack;
}

static void round_of(size_t size) {
    char *stack = malloc(size);
    EXPECT(stack != NULL);
    on(stack, size);
    free(stack);

    stack = mapped(NULL, size);
    on(stack, size);
    EXPECT(syscall(SYS_munmap, stack, size) == 0);

    stack = mapped(NULL, LARGE);
    on(mapped(stack + LARGE - size, size), size);
    EXPECT(mprotect(stack, LARGE / 2, PROT_NONE) == 0);
    on(stack + LARGE / 2, LARGE / 2);
    EXPECT(munmap(stack, LARGE) == 0);

    stack = mapped(NULL, size);
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stack, size);
    EXPECT(pthread_create(&thread, &attributes, run_thread, NULL) == 0);
    EXPECT(pthread_join(thread, NULL) == 0);
    EXPECT(munmap(stack, size) == 0);
}

int main(void) {
    for (int round = 0; round < ROUNDS; round++)
        round_of(round % 2 ? SMALL : LARGE);
    say("stacks done\n");
    return 0;
}
