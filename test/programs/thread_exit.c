/* thread_exit.c - threads that allocate and free while they die: destructors of thread-specific
 * data, which set their value again (4 rounds), cleanup handlers of a cancelled thread, and a
 * detached thread that outlives main (main leaves by pthread_exit). */
#include <pthread.h>

#include "victim.h"

static pthread_key_t keys[40]; /* more than 32: libc allocates for the rest */

static void destroy(void *value) {
    size_t *round = value;
    size_t left = round[0];
    pthread_key_t key = (pthread_key_t)round[1];
    free(round);
    if (left == 0)
        return;
    size_t *next = take(2 * sizeof *next);
    next[0] = left - 1;
    next[1] = key;
    pthread_setspecific(key, next);
}

static void *specific(void *argument) {
    for (size_t i = 0; i < 40; i++) {
        size_t *value = take(2 * sizeof *value);
        value[0] = 3; /* the last round sees 0 and frees without a successor */
        value[1] = keys[i];
        EXPECT(pthread_setspecific(keys[i], value) == 0);
    }
    return argument;
}

static void clean(void *block) {
    void *late = take(77);
    free(late);
    free(block);
}

static void *cancelled(void *argument) {
    void *block = take(55);
    pthread_cleanup_push(clean, block);
    for (;;)
        pause();
    pthread_cleanup_pop(1);
    return argument;
}

static void *detached(void *argument) {
    usleep(20000);
    void *late = take(123);
    free(late);
    say("thread exits done\n");
    return argument;
}

int main(void) {
    for (int i = 0; i < 40; i++)
        EXPECT(pthread_key_create(&keys[i], destroy) == 0);
    for (int i = 0; i < 20; i++) {
        pthread_t thread;
        EXPECT(pthread_create(&thread, NULL, i % 2 ? cancelled : specific, NULL) == 0);
        if (i % 2)
            EXPECT(pthread_cancel(thread) == 0);
        EXPECT(pthread_join(thread, NULL) == 0);
    }
    pthread_t thread;
    EXPECT(pthread_create(&thread, NULL, detached, NULL) == 0);
    EXPECT(pthread_detach(thread) == 0);
    pthread_exit(NULL);
}
