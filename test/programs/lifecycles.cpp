/* lifecycles.cpp - blocks that are tracked, and end each in another way, in functions that say which. Every
 * variable but `elsewhere`, which a thread frees, lives in the main thread. */
#include <memscope.h>

#include <pthread.h>

#include "victim.h"

/* Functions of their own, also behind the last call in them. */
#define STEP __attribute__((noinline, noclone)) static
#define STAY() __asm__ volatile("")

STEP void free_it(void *block) {
    free(block);
    STAY();
}

STEP void delete_it(int *block) {
    delete block;
    STAY();
}

STEP void *shrink_to_nothing(void *block) {
    block = realloc(block, 0);
    KEEP(block);
    return block;
}

STEP void *free_in_thread(void *block) {
    free(block);
    STAY();
    return NULL;
}

STEP void track_freed() {
    char *freed = static_cast<char *>(take(10));
    MEMSCOPE_TRACK(freed);
    free_it(freed);
}

STEP void track_deleted() {
    int *deleted = new int(1);
    KEEP(deleted);
    MEMSCOPE_TRACK(deleted);
    delete_it(deleted);
}

STEP void track_shrunk() {
    char *shrunk = static_cast<char *>(take(30));
    MEMSCOPE_TRACK(shrunk);
    shrink_to_nothing(shrunk);
}

STEP void track_elsewhere() {
    char *elsewhere = static_cast<char *>(take(40));
    MEMSCOPE_TRACK(elsewhere);
    pthread_t thread;
    EXPECT(pthread_create(&thread, NULL, free_in_thread, elsewhere) == 0);
    EXPECT(pthread_join(thread, NULL) == 0);
}

STEP void give(char *giver) {
    char *taker = giver;
    MEMSCOPE_MOVE(giver, taker);
    STAY();
}

STEP void share(char *taker) {
    char *partner = taker;
    MEMSCOPE_SHARE(taker, partner);
    STAY();
}

STEP void lend(char *taker) {
    MEMSCOPE_BORROW(taker);
    MEMSCOPE_RETURN(taker);
    STAY();
}

STEP void hand_over(char *taker) {
    memscope_passport_handover(taker, "the other side");
    memscope_passport_reclaim(taker);
    STAY();
}

STEP void change_hands() {
    char *giver = static_cast<char *>(take(50));
    MEMSCOPE_TRACK(giver);
    give(giver);
    share(giver);
    lend(giver);
    hand_over(giver);
    free_it(giver);
}

STEP void count() {
    int number = 1;
    MEMSCOPE_TRACK(number);
    number = 2;
    MEMSCOPE_TRACK(number);
    MEMSCOPE_UNTRACK(number);
}

int main() {
    track_freed();
    track_deleted();
    track_shrunk();
    track_elsewhere();
    change_hands();
    count();
    say("lifecycles done\n");
    return 0;
}
