/* short_tasks.c - 100,000 tasks, one after the other, each begun in a task that goes on: every one takes a block of
 * 16 bytes and one of its number modulo 1,000, more, and frees both; but 100 of them, every thousandth, keep the
 * first, and 1,000 of another name take nothing. Every tenth thousand is never ended: ten of the hundred. */
#include <memscope.h>

#include "victim.h"

enum { TASKS = 100000 };

static void run(int number) {
    char *kept = take(16), *other = take((size_t)(16 + number % 1000));
    free(other);
    if (number % 1000 != 0)
        free(kept);
}

int main(void) {
    MEMSCOPE_TASK("server");
    for (int i = 0; i < TASKS; i++) {
        uint64_t task =
            i % 100 == 99 ? MEMSCOPE_TASK_BEGIN("idle") : MEMSCOPE_TASK_BEGIN("request");
        uint64_t before = memscope_task_current();
        memscope_task_switch(task);
        if (i % 100 != 99)
            run(i);
        memscope_task_switch(before);
        if (i % 10000 != 0)
            memscope_task_end(task);
    }
    say("short_tasks done\n");
    return 0;
}
