/* misuses.c [dangling|half_heard] - says what cannot be, each thing by another name and a known number of times; and what only looks
 * like it. test/system/test_misuses.py has the numbers. */
#include <memscope.h>

#include <malloc.h>
#include <pthread.h>

#include "victim.h"

enum { PARCELS = 4000, DEEP = 100, BIG = 2000, TURNS = 500 };

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

/* What the thread has freed another one takes, at the same address: then it is nobody's mistake to track it. */
static char *_Atomic returned;
static _Atomic int turn; /* of main(): even */

static void *take_again(void *unused) {
    for (int i = 0; i < TURNS; i++) {
        while (turn != 2 * i + 1) {
        }
        returned = take(BIG);
        turn = 2 * i + 2;
    }
    return unused;
}

static void come_back(void) {
    pthread_t thread;
    int same = 0;
    EXPECT(pthread_create(&thread, NULL, take_again, NULL) == 0);
    for (int i = 0; i < TURNS; i++) {
        char *mine = take(BIG), *parcel;
        uintptr_t freed = (uintptr_t)mine;
        MEMSCOPE_TRACK(mine);
        free(mine);
        turn = 2 * i + 1;
        while (turn != 2 * i + 2) {
        }
        parcel = returned;
        same += (uintptr_t)parcel == freed;
        MEMSCOPE_TRACK(parcel);
        MEMSCOPE_BORROW(parcel);
        MEMSCOPE_RETURN(parcel);
        free(parcel);
    }
    pthread_join(thread, NULL);
    EXPECT(same > 0);
}

static char *copy_of(char *pointer) {
    KEEP(pointer);
    return pointer;
}

/* Blocks that are freed: one that nobody had tracked, one that was, long ago, and one that is borrowed. And what is
 * borrowed though nobody has ever tracked it, or does any more; but a part of what is tracked is. All of it by
 * one thread: else it might be the order that is wrong. */
static void dangling(void) {
    char *once = take(40), *twice = take(50), *third = take(60), *whole = take(70);
    char *untracked = copy_of(once), *tracked = copy_of(twice), *lent = copy_of(third);
    MEMSCOPE_TRACK(twice);
    MEMSCOPE_TRACK(third);
    MEMSCOPE_TRACK(whole);
    free(twice);
    free(third);
    free(once);
    MEMSCOPE_TRACK(untracked);
    MEMSCOPE_TRACK(tracked);
    MEMSCOPE_BORROW(lent);
    MEMSCOPE_BORROW(never);
    char *part = whole + 8;
    MEMSCOPE_BORROW(part);
    MEMSCOPE_RETURN(part);
    MEMSCOPE_UNTRACK(whole);
    MEMSCOPE_BORROW(whole);
    free(whole);
}

/* What was said while nobody listened may be right. */
static void half_heard(void) {
    static int unheard = 1;
    uint64_t task;
    free(take(10));
    memscope_pause();
    MEMSCOPE_TRACK(unheard);
    memscope_scope_enter("unheard");
    task = MEMSCOPE_TASK_BEGIN("unheard");
    memscope_resume();
    MEMSCOPE_BORROW(unheard);
    MEMSCOPE_RETURN(unheard);
    MEMSCOPE_UNTRACK(unheard);
    memscope_task_end(task);
    memscope_scope_leave("unheard");
}

int main(int argc, char **argv) {
    if (argc > 1) {
        if (strcmp(argv[1], "dangling") == 0)
            dangling();
        else
            half_heard();
        say("misuses done\n");
        return 0;
    }
    mallopt(M_ARENA_MAX, 1); /* so that threads take what others have freed */
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
    come_back();
    say("misuses done\n");
    return 0;
}
