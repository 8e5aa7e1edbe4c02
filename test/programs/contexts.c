/* contexts.c - coroutines by ucontext.h that know nothing of tasks. What they allocate, test_adapters.py knows by
 * heart: of 20 in each of three rounds, number n keeps 10 blocks of 100 + n bytes. Their stacks are slices of one
 * mapping with nothing between them, each slice is another coroutine's in the next round, and four threads take
 * turns with all of them. Without memscope, and however often it is run, it says "contexts done". */
#include <memscope.h>

#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "turns.h"

enum { STACK = 32 * 1024 };

static char *stacks;

static void make(ucontext_t *context, int slice, ucontext_t *link, void *function, int number) {
    EXPECT(getcontext(context) == 0);
    context->uc_stack.ss_sp = stacks + slice * STACK;
    context->uc_stack.ss_size = STACK;
    context->uc_link = link;
    makecontext(context, (void (*)(void))function, 7, number, 1, 2, 3, 4, 5, 6);
}

/* ---- coroutines that go from thread to thread, and never return ---------------------------------------- */

static struct coroutine { ucontext_t context, *back; } all[AT_ONCE];

static void run(int number) {
    for (;;) {
        take((size_t)(100 + number));
        EXPECT(swapcontext(&all[number].context, all[number].back) == 0);
    }
}

static void first(int number) {
    run(number);
}

static void second(int number) {
    run(number);
}

static void third(int number, int a, int b, int c, int d, int e, int on_stack) {
    EXPECT(a == 1 && b == 2 && c == 3 && d == 4 && e == 5 && on_stack == 6);
    run(number);
}

static void resume(int number) {
    ucontext_t here;
    all[number].back = &here;
    EXPECT(swapcontext(&here, &all[number].context) == 0);
}

static void round_of(void *function) {
    for (int i = 0; i < AT_ONCE; i++)
        make(&all[i].context, i, NULL, function, i);
    in_threads(resume);
}

/* ---- one that returns to another: 30 bytes, and 31 of the other, which it has made; a signal handler on a stack
 * of its own takes 32 for it ------------------------------------------------------------------------------- */

static ucontext_t here, parent, child;

static void on_signal(int number) {
    EXPECT(number == SIGUSR1);
    take(32);
}

static void run_child(void) {
    take(31);
}

static void run_parent(void) {
    make(&child, 1, &parent, run_child, 0);
    EXPECT(swapcontext(&parent, &child) == 0);
    take(30);
    EXPECT(raise(SIGUSR1) == 0);
}

static void nested(void) {
    static char room[64 * 1024];
    stack_t own = {.ss_sp = room, .ss_size = sizeof room};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
    EXPECT(sigaltstack(&own, NULL) == 0 && sigaction(SIGUSR1, &action, NULL) == 0);
    EXPECT(raise(SIGUSR1) == 0); /* of no task */
    make(&parent, 0, &here, run_parent, 0);
    EXPECT(swapcontext(&here, &parent) == 0);
    take(33); /* likewise */
}

/* ---- a scheduler that says itself whose turn it is: 40 bytes; and then does not: 41 ----------------------- */

static void run_planned(void) {
    take(40);
    EXPECT(swapcontext(&child, &here) == 0);
    take(41);
}

static void planned(void) {
    make(&child, 2, &here, run_planned, 0);
    {
        MEMSCOPE_TASK("plan");
        EXPECT(swapcontext(&here, &child) == 0);
    }
    EXPECT(swapcontext(&here, &child) == 0);
}

/* ---- on a stack that is part of main()'s: 50 bytes; in a task begun by a word, whose child it is -------------- */

static void run_inside(void) {
    take(50);
}

static void inside(void) {
    MEMSCOPE_TASK("outside");
    char room[64 * 1024];
    EXPECT(getcontext(&child) == 0);
    child.uc_stack.ss_sp = room;
    child.uc_stack.ss_size = sizeof room;
    child.uc_link = &here;
    makecontext(&child, run_inside, 0);
    EXPECT(swapcontext(&here, &child) == 0);
    take(51);
}

int main(void) {
    stacks =
        mmap(NULL, AT_ONCE * STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(stacks != MAP_FAILED);
    nested();
    planned();
    inside();
    round_of(first);
    round_of(second);
    EXPECT(mmap(stacks, AT_ONCE * STACK, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == stacks);
    round_of(third);
    EXPECT(munmap(stacks, AT_ONCE * STACK) == 0);
    say("contexts done\n");
    return 0;
}
