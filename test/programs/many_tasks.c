/* many_tasks.c - 50 tasks, which take turns: in each turn a task takes a block of 16 bytes and its number, and
 * tracks it, and frees every tenth. 10,000 turns each. */
#include <memscope.h>

#include "victim.h"

enum { TASKS = 50, TURNS = 10000 };

int main(void) {
    uint64_t tasks[TASKS];
    for (int i = 0; i < TASKS; i++)
        tasks[i] = MEMSCOPE_TASK_BEGIN("one of 50");
    for (int turn = 0; turn < TURNS; turn++) {
        for (int i = 0; i < TASKS; i++) {
            memscope_task_switch(tasks[i]);
            char *block = take((size_t)(16 + i));
            MEMSCOPE_TRACK(block);
            if (turn % 10 == 0)
                free(block);
        }
    }
    for (int i = 0; i < TASKS; i++)
        memscope_task_end(tasks[i]);
    say("many_tasks done\n");
    return 0;
}
