/* leaks.c - three things are live at exit: a list that a global reaches (10 nodes of 48 bytes), a
 * block of 1000 bytes that nobody points to any more, and a ring of 2 nodes of 64 bytes that only
 * point to each other.
 *
 * Answer: allocations 113, frees 100, live_blocks 13, live_bytes 1608. */
#include "victim.h"

struct node {
    struct node *next;
    char text[40];
};

static struct node *list;

__attribute__((noinline)) static void reachable(void) {
    for (int i = 0; i < 10; i++) {
        struct node *node = take(sizeof *node);
        node->next = list;
        list = node;
    }
}

__attribute__((noinline)) static void lost(void) {
    char *block = take(1000);
    memset(block, 0, 1000);
}

__attribute__((noinline)) static void ring(void) {
    void **first = take(64), **second = take(64);
    *first = second;
    *second = first;
}

int main(void) {
    reachable();
    lost();
    ring();
    for (int i = 0; i < 100; i++) {
        void *block = take(200);
        memset(block, 0, 200); /* so that no stale pointer stays in memory */
        free(block);
    }
    say("leaks done\n");
    return 0;
}
