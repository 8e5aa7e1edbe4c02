/* turns.h - 20 coroutines that four threads take turns with, 10 turns each: whichever thread is free goes on with
 * the one that waits longest. */
#ifndef MS_TEST_TURNS_H
#define MS_TEST_TURNS_H

#include <pthread.h>

#include "victim.h"

enum { AT_ONCE = 20, TURNS = 10, WORKERS = 4 };

static struct {
    pthread_mutex_t mutex;
    int waiting[AT_ONCE], count;
    int taken[AT_ONCE], left;
    void (*resume)(int number);
} turns = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* Puts back the one that has yielded, -1 for none, and takes another; -1: none waits at the moment. */
static int next_turn(int yielded) {
    int number = -1;
    pthread_mutex_lock(&turns.mutex);
    if (yielded >= 0 && ++turns.taken[yielded] < TURNS)
        turns.waiting[turns.count++] = yielded;
    else if (yielded >= 0)
        turns.left--;
    if (turns.count) {
        number = turns.waiting[0];
        memmove(turns.waiting, turns.waiting + 1, (size_t)--turns.count * sizeof number);
    }
    pthread_mutex_unlock(&turns.mutex);
    return number;
}

static int turns_left(void) {
    pthread_mutex_lock(&turns.mutex);
    int left = turns.left;
    pthread_mutex_unlock(&turns.mutex);
    return left;
}

static void *take_turns(void *unused) {
    int number = -1;
    do {
        number = next_turn(number);
        if (number >= 0)
            turns.resume(number);
    } while (number >= 0 || turns_left());
    return unused;
}

/* `resume` goes on with a coroutine until that yields. */
static void in_threads(void (*resume)(int number)) {
    pthread_t workers[WORKERS];
    turns.resume = resume;
    turns.count = turns.left = AT_ONCE;
    for (int i = 0; i < AT_ONCE; i++) {
        turns.waiting[i] = i;
        turns.taken[i] = 0;
    }
    for (int i = 0; i < WORKERS; i++)
        EXPECT(pthread_create(&workers[i], NULL, take_turns, NULL) == 0);
    for (int i = 0; i < WORKERS; i++)
        EXPECT(pthread_join(workers[i], NULL) == 0);
}

#endif
