/* jumps.c - leaves allocating functions by longjmp, from 1 to 40 frames deep, 5000 times, also
 * out of a signal handler on its own stack. Every block is freed by whoever catches.
 *
 * Answer: allocations 10000, frees 10000, bytes_allocated 640000, live_bytes 0. */
#include <setjmp.h>
#include <signal.h>

#include "victim.h"

static jmp_buf catcher;
static sigjmp_buf signal_catcher;
static void *caught;

static void leave(void) {
    caught = take(64);
    longjmp(catcher, 1);
}

/* The compiler must not see that nobody returns. */
static void (*volatile escape)(void) = leave;

__attribute__((noinline)) static void dive(int depth) {
    char frame[32];
    memset(frame, depth, sizeof frame);
    char *bytes = frame;
    KEEP(bytes);
    if (depth > 0)
        dive(depth - 1);
    else
        escape();
    KEEP(bytes); /* no tail call */
}

static void leave_handler(int number) {
    (void)number;
    siglongjmp(signal_catcher, 1);
}

int main(void) {
    static char other_stack[65536];
    stack_t stack = {.ss_sp = other_stack, .ss_size = sizeof other_stack};
    EXPECT(sigaltstack(&stack, NULL) == 0);
    struct sigaction action = {.sa_handler = leave_handler, .sa_flags = SA_ONSTACK};
    EXPECT(sigaction(SIGUSR1, &action, NULL) == 0);
    for (volatile int i = 0; i < 5000; i++) {
        if (setjmp(catcher) == 0)
            dive(1 + i % 40);
        free(caught);
        if (sigsetjmp(signal_catcher, 1) == 0)
            raise(SIGUSR1);
        void *block = take(64);
        free(block);
    }
    say("jumps done\n");
    return 0;
}
