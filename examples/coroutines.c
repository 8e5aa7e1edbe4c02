/* coroutines.c - 20 coroutines with stacks of their own, in turns on one thread.
 *
 *     memscope run --strategy async -- build/examples/coroutines
 *
 * Nobody can see from outside that a stack has changed, and for whom: so whoever resumes a coroutine says it.
 * That takes the two lines in resume(), whatever makes the switch: ucontext here, or a library's own code.
 *
 * Each reads in five steps, growing what it has; every fifth forgets what it read. */
#include <string.h>
#include <ucontext.h>

#include "memscope.h"
#include "example.h"

enum { COROUTINES = 20, STEPS = 5, LEAK_EVERY = 5, STACK_SIZE = 64 * 1024 };

struct coroutine {
    ucontext_t context;
    uint64_t task;
    unsigned number;
    int is_done;
    struct books books;
};

static ucontext_t scheduler;
static struct coroutine coroutines[COROUTINES], *running;

static void yield(void) {
    NEED(swapcontext(&running->context, &scheduler) == 0);
}

static void read_in_steps(void) {
    struct coroutine *self = running;
    size_t size = 100 + self->number;
    char *text = take(&self->books, size);
    memset(text, 'x', size);
    for (int step = 1; step < STEPS; step++) {
        yield();
        text = grow(&self->books, text, size, 2 * size);
        memset(text + size, 'y', size);
        size *= 2;
    }
    yield();
    if (self->number % LEAK_EVERY != 0)
        give_back(&self->books, text, size);
    self->is_done = 1;
}

static void resume(struct coroutine *next) {
    running = next;
    memscope_task_switch(next->task);
    NEED(swapcontext(&scheduler, &next->context) == 0);
    memscope_task_switch(0);
}

static void begin(struct coroutine *new, unsigned number, struct books *books) {
    new->number = number;
    new->task = MEMSCOPE_TASK_BEGIN("reader");
    NEED(getcontext(&new->context) == 0);
    new->context.uc_stack.ss_sp = take(books, STACK_SIZE);
    new->context.uc_stack.ss_size = STACK_SIZE;
    new->context.uc_link = &scheduler;
    makecontext(&new->context, read_in_steps, 0);
}

static void end(struct coroutine *old, struct books *books) {
    memscope_task_end(old->task);
    give_back(books, old->context.uc_stack.ss_sp, STACK_SIZE);
}

int main(void) {
    struct books stacks = {0}, sum = {0};
    unsigned left = COROUTINES;
    for (unsigned i = 0; i < COROUTINES; i++)
        begin(&coroutines[i], i, &stacks);
    while (left > 0) {
        for (unsigned i = 0; i < COROUTINES; i++) {
            if (coroutines[i].is_done)
                continue;
            resume(&coroutines[i]);
            left -= coroutines[i].is_done != 0;
        }
    }
    printf("task.reader.each.bytes_allocated="); /* they are in order of their size */
    for (unsigned i = 0; i < COROUTINES; i++) {
        printf("%s%" PRIu64, i == 0 ? "" : ",", coroutines[i].books.bytes);
        add_books(&sum, &coroutines[i].books);
        end(&coroutines[i], &stacks);
    }
    printf("\ntask.reader.count=%d\n", COROUTINES);
    printf("task.reader.reallocations=%d\n", COROUTINES * (STEPS - 1));
    printf("task.reader.live_blocks=%d\n", COROUTINES / LEAK_EVERY);
    printf("task.reader.live_bytes=%" PRIu64 "\n", sum.live_bytes);
    printf("task.reader.freed_by_others=0\n");
    printf("task.reader.zombies=0\n");
    printf("site.begin.bytes_allocated=%" PRIu64 "\n", stacks.bytes);
    printf("site.begin.live_bytes=0\n");
    return 0;
}
