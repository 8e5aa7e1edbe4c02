/* talkative.c - says all kinds of things about what it allocates, for as long as it is told: the same each
 * time, for the reports of its traces to be compared (test/system/test_bounded_words.py).
 *
 * Usage: talkative ROUNDS. */
#include <memscope.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SLOTS = 64, NOISE = 60 };

/* What a round leaves behind, for a later one to end. */
struct thing {
    void *block;
    void *counted;
    struct list {
        int *elements;
        size_t room;
    } list;
    uint64_t task;
};

struct record {
    int count;
    char label[12];
    struct record *next;
};

static struct thing things[SLOTS];
static uint64_t chance = 1;

static size_t below(size_t limit) {
    chance = chance * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(chance >> 33) % limit;
}

static void *get(void *old, size_t size) {
    void *block = realloc(old, size);
    if (!block)
        exit(98);
    return block;
}

/* Events that nobody speaks of, so that words are far apart. */
static void noise(void) {
    MEMSCOPE_SCOPE("noise");
    void *kept[8] = {NULL};
    for (int i = 0; i < NOISE; i++) {
        size_t slot = below(8);
        free(kept[slot]);
        kept[slot] = get(NULL, 1 + below(4000));
    }
    for (int i = 0; i < 8; i++)
        free(kept[i]);
}

static void begin(struct thing *thing, size_t round) {
    char *block = get(NULL, 64 + below(200));
    char *inside = block + 16;
    MEMSCOPE_TRACK(block);
    MEMSCOPE_TRACK(inside);
    if (round % 3)
        MEMSCOPE_TAG(block, "often");
    else
        MEMSCOPE_TAG(block, "seldom");
    thing->block = block;
    thing->list.room = 4;
    thing->list.elements = get(NULL, thing->list.room * sizeof *thing->list.elements);
    memscope_container_grown(&thing->list, "list", thing->list.elements,
                             thing->list.room * sizeof *thing->list.elements, 0);
    thing->counted = memscope_rc_new(sizeof(struct record));
    memscope_rc_clone(thing->counted);
    thing->task = MEMSCOPE_TASK_BEGIN("thing");
    if (round == 3) /* late, in the middle of other words */
        MEMSCOPE_STRUCT(struct record, count, label, next);
}

static void go_on(struct thing *thing) {
    static long rounds;
    char *block = thing->block;
    rounds++;
    MEMSCOPE_TRACK(rounds);
    memscope_task_switch(thing->task);
    thing->block = get(thing->block, 64 + below(5000));
    thing->list.room *= thing->list.room < 4096 ? 2 : 1;
    thing->list.elements = get(thing->list.elements, thing->list.room * sizeof(int));
    memscope_container_grown(&thing->list, "list", thing->list.elements,
                             thing->list.room * sizeof(int), thing->list.room);
    memscope_rc_clone(thing->counted);
    memscope_rc_drop(thing->counted);
    memscope_task_switch(0);
    block = thing->block;
    MEMSCOPE_BORROW(block);
    if (below(2))
        MEMSCOPE_RETURN(block);
    memscope_passport_handover(block, "elsewhere");
    if (below(2))
        memscope_passport_reclaim(block);
}

static void end(struct thing *thing, size_t round) {
    char *block = thing->block, *heir = block;
    if (round % 4 == 0)
        MEMSCOPE_MOVE(block, heir);
    if (round % 4 == 1)
        MEMSCOPE_SHARE(block, heir);
    if (round % 5 == 0)
        memscope_scope_leave("never entered");
    free(heir);
    free(thing->list.elements);
    if (round % 7)
        memscope_container_gone(&thing->list);
    memscope_rc_drop(thing->counted);
    if (round % 6)
        memscope_rc_drop(thing->counted);
    memscope_task_end(thing->task);
    *thing = (struct thing){0};
}

int main(int argc, char **argv) {
    size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;
    MEMSCOPE_SCOPE("all");
    for (size_t round = 0; round < rounds; round++) {
        struct thing *thing = &things[below(SLOTS)];
        if (!thing->block)
            begin(thing, round);
        else if (below(3))
            go_on(thing);
        else
            end(thing, round);
        noise();
        if (round % 100 == 99)
            memscope_snapshot("a hundred rounds");
    }
    printf("%zu rounds\n", rounds);
    return 0;
}
