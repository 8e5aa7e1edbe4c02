/* tasks.c - two threads work for three tasks in turns. Task 1: 300 blocks of 10 bytes, all released by
 * task 2. Task 2: 200 blocks of 100 bytes, kept, from both threads. Task 3: 50 blocks of 1,000 bytes,
 * released. For no task: 7 blocks of 5 bytes, kept. */
#include <memscope.h>

#include <pthread.h>

#include "victim.h"

static void *of_first[300];

static void *other(void *unused) {
    for (int i = 0; i < 100; i++) {
        memscope_task_switch(1);
        of_first[200 + i] = take(10);
        memscope_task_switch(2);
        take(100);
    }
    return unused;
}

int main(void) {
    pthread_t thread;
    for (int i = 0; i < 200; i++) {
        memscope_task_switch(1);
        of_first[i] = take(10);
        if (i % 2) {
            memscope_task_switch(2);
            take(100);
        } else if (i % 4 == 0) {
            memscope_task_switch(3);
            free(take(1000));
        }
    }
    memscope_task_switch(0);
    EXPECT(pthread_create(&thread, NULL, other, NULL) == 0);
    EXPECT(pthread_join(thread, NULL) == 0);
    for (int i = 0; i < 7; i++)
        take(5);
    memscope_task_switch(2);
    for (int i = 0; i < 300; i++)
        free(of_first[i]);
    return 0;
}
