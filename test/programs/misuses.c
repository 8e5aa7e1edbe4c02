/* misuses.c - says what cannot be, each thing by another name and a known number of times; and what only looks
 * like it. test/system/test_misuses.py has the numbers. */
#include <memscope.h>

#include <pthread.h>

#include "victim.h"

enum { PARCELS = 4000, DEEP = 100 };

static void null_tracked(void) {
    char *nothing = NULL;
    for (int i = 0; i < 3; i++)
        MEMSCOPE_TRACK(nothing);
}

static int never; /* at an address where nothing was ever tracked */

static void untracked_unknown(void) {
    int twice = 1;
    MEMSCOPE_UNTRACK(never);
    MEMSCOPE_TRACK(twice);
    MEMSCOPE_UNTRACK(twice);
}

static void tasks(void) {
    uint64_t task = MEMSCOPE_TASK_BEGIN("ends twice");
    memscope_task_end(task);
    memscope_task_end(task);
    memscope_task_end(12345);
}

static void scopes(void) {
    memscope_scope_enter("outer");
    memscope_scope_enter("inner");
    memscope_scope_leave("outer");
    memscope_scope_leave("inner");
    memscope_scope_leave("never entered");
}

static void nest(int depth) {
    MEMSCOPE_SCOPE("level");
    MEMSCOPE_OWNED(int, number, depth);
    if (depth > 1)
        nest(depth - 1);
}

/* The pointer that is left behind is the point. */
__attribute__((noinline)) static void track_local(int number) {
    int gone = number;
    MEMSCOPE_TRACK(gone);
    KEEP(gone);
}

static void *track_in_thread(void *unused) {
    int left = 7;
    MEMSCOPE_TRACK(left);
    KEEP(left);
    return unused;
}

static void threads_end(void) {
    pthread_t thread;
    for (int i = 0; i < 3; i++) {
        EXPECT(pthread_create(&thread, NULL, track_in_thread, NULL) == 0);
        pthread_join(thread, NULL);
    }
}

/* All in order: what is untracked, what its owner gives up, what a function still has that words are said in. */
__attribute__((noinline)) static void track_well(int depth) {
    int kept = depth;
    MEMSCOPE_OWNED(int, owned, depth);
    MEMSCOPE_TRACK(kept);
    KEEP(kept);
    if (depth > 0)
        track_well(depth - 1);
    MEMSCOPE_TRACK(kept);
    MEMSCOPE_UNTRACK(kept);
}

static void blocks(void) {
    char *block = take(64);
    MEMSCOPE_TRACK(block);
    MEMSCOPE_BORROW(block);
    MEMSCOPE_BORROW_MUT(block);
    MEMSCOPE_RETURN_MUT(block);
    MEMSCOPE_RETURN(block);
    memscope_ref_new(block, 64, 1);
    MEMSCOPE_UNREF(block);
    MEMSCOPE_UNREF(block);
    free(block);
}

/* One thread tracks, the other untracks at once: whoever reads what they said may find it the other way round. */
static char *_Atomic handed;

static void *untrack_all(void *unused) {
    for (int i = 0; i < PARCELS; i++) {
        char *parcel;
        while (!(parcel = handed)) {
        }
        MEMSCOPE_UNTRACK(parcel);
        handed = NULL;
        free(parcel);
    }
    return unused;
}

static void hand_over(void) {
    pthread_t thread;
    EXPECT(pthread_create(&thread, NULL, untrack_all, NULL) == 0);
    for (int i = 0; i < PARCELS; i++) {
        char *parcel = take(32);
        MEMSCOPE_TRACK(parcel);
        handed = parcel;
        while (handed) {
        }
    }
    pthread_join(thread, NULL);
}

int main(void) {
    null_tracked();
    untracked_unknown();
    tasks();
    scopes();
    nest(DEEP);
    track_well(DEEP);
    for (int i = 0; i < 1000; i++)
        track_local(i);
    threads_end();
    blocks();
    hand_over();
    say("misuses done\n");
    return 0;
}
