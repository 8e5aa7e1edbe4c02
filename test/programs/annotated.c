/* annotated.c - says everything that memscope.h can say, and does the same without memscope: prints what it
 * computed. Compiled in many ways by test/system/test_annotations.py.
 *
 * Usage: annotated [misuse]. */
#include <memscope.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct point {
    double x, y;
    struct point *next;
    char label[12];
};

enum colour { RED, GREEN = 7 };

static int failures;

static void expect(bool holds, const char *what) {
    if (holds)
        return;
    printf("not true: %s\n", what);
    failures++;
}

static void *get(size_t size) {
    void *block = malloc(size);
    if (!block)
        exit(98);
    return block;
}

static void scalars(void) {
    _Bool flag = 1;
    char letter = 'x';
    signed char low = -100;
    unsigned char byte = 200;
    short small = -3000;
    unsigned short port = 65000;
    int number = -5;
    unsigned count = 4000000000u;
    long wide = -6000000000;
    unsigned long long huge = 18000000000000000000u;
    float single = 1.5f;
    double real = -2.25;
    long double precise = 0.125L;
    enum colour colour = GREEN;
    const int fixed = 42;
    volatile int watched = 43;
    MEMSCOPE_TRACK(flag);
    MEMSCOPE_TRACK(letter);
    MEMSCOPE_TRACK(low);
    MEMSCOPE_TRACK(byte);
    MEMSCOPE_TRACK(small);
    MEMSCOPE_TRACK(port);
    MEMSCOPE_TRACK(number);
    MEMSCOPE_TRACK(count);
    MEMSCOPE_TRACK(wide);
    MEMSCOPE_TRACK(huge);
    MEMSCOPE_TRACK(single);
    MEMSCOPE_TRACK(real);
    MEMSCOPE_TRACK(precise);
    MEMSCOPE_TRACK(colour);
    MEMSCOPE_TRACK(fixed);
    MEMSCOPE_TRACK(watched);
    number = 6;
    MEMSCOPE_TRACK_SMART(number);
    MEMSCOPE_UNTRACK(number);
    expect(number == 6 && fixed == 42 && colour == GREEN, "numbers are what they were");
}

static void aggregates(void) {
    int matrix[3][4] = {{1}};
    struct point origin = {0.5, 0.25, NULL, "origin"};
    char text[] = "a text";
    MEMSCOPE_TRACK(matrix);
    MEMSCOPE_TRACK(origin);
    MEMSCOPE_TRACK(origin.label);
    MEMSCOPE_TRACK(matrix[1][2]);
    MEMSCOPE_TRACK(text);
    expect(strcmp(text, "a text") == 0, "an array keeps its contents");
}

static void pointers(void) {
    char *name = get(64);
    struct point *first = get(sizeof *first);
    const double *const values = get(10 * sizeof *values);
    void (*function)(void) = scalars;
    MEMSCOPE_TRACK(name);
    MEMSCOPE_TAG(name, "names");
    MEMSCOPE_TRACK(first);
    MEMSCOPE_TRACK(values);
    MEMSCOPE_TRACK(function);
    first->next = get(sizeof *first);
    MEMSCOPE_TRACK(first->next);
    MEMSCOPE_TRACK_AS(first->next, "second", "struct point");
    name = realloc(name, 6400);
    char *owner = name;
    MEMSCOPE_MOVE(name, owner);
    struct point *also = first;
    MEMSCOPE_SHARE(first, also);
    MEMSCOPE_BORROW(also);
    MEMSCOPE_RETURN(also);
    MEMSCOPE_BORROW_MUT(also);
    MEMSCOPE_RETURN_MUT(also);
    memscope_move(first->next, first);
    free(first->next);
    free(first);
    free(owner);
    free((void *)(uintptr_t)values);
}

static int owned(int depth) {
    MEMSCOPE_OWNED(char *, buffer, get(32));
    MEMSCOPE_OWNED(int, level, depth);
    MEMSCOPE_SCOPE("owned");
    int deeper = level > 0 ? owned(level - 1) : 0;
    free(buffer);
    if (depth % 2)
        buffer = NULL;
    return deeper + 1;
}

static int scopes(void) {
    int rounds = 0;
    memscope_scope_enter("outer");
    for (int i = 0; i < 10; i++) {
        MEMSCOPE_SCOPE("loop");
        MEMSCOPE_SCOPE("inner");
        if (i % 2)
            continue;
        free(get(100));
        rounds++;
    }
    memscope_scope_leave("outer");
    return rounds;
}

static void *work(void *argument) {
    uint64_t *task = argument;
    memscope_task_switch(*task);
    void *kept = get(1000);
    {
        MEMSCOPE_TASK("part");
        free(get(10));
    }
    memscope_task_switch(0);
    return kept;
}

static void tasks(void) {
    MEMSCOPE_TASK("all");
    uint64_t task = MEMSCOPE_TASK_BEGIN("thread");
    pthread_t thread;
    void *kept;
    expect(pthread_create(&thread, NULL, work, &task) == 0, "a thread starts");
    expect(pthread_join(thread, &kept) == 0, "a thread ends");
    free(kept);
    memscope_task_end(task);
}

static int destroyed;

static void destroy(void *object) {
    struct point *point = object;
    memscope_box_free(point->next);
    destroyed++;
}

static void counted(void) {
    struct point *point = memscope_rc_new_with(sizeof *point, destroy);
    MEMSCOPE_TRACK(point);
    point->next = memscope_box_new(sizeof *point);
    struct point *second = memscope_rc_clone(point);
    memscope_weak *weak = memscope_weak_from(point);
    expect(memscope_rc_count(point) == 2, "two hold it");
    memscope_rc_drop(point);
    struct point *third = memscope_weak_upgrade(weak);
    expect(third == second && memscope_rc_count(third) == 2, "a weak reference leads to it");
    memscope_rc_drop(second);
    expect(destroyed == 0 && third->x == 0, "one is enough");
    memscope_rc_drop(third);
    expect(destroyed == 1 && memscope_weak_upgrade(weak) == NULL, "none is left");
    memscope_weak_drop(weak);
    memscope_rc_drop(NULL);
    memscope_box_free(NULL);
    memscope_weak_drop(NULL);
    expect(memscope_rc_new(SIZE_MAX - 8) == NULL, "no object is that large");
}

static void *hold(void *object) {
    memscope_weak *weak = memscope_weak_from(object);
    for (int i = 0; i < 1000; i++) {
        int *again = memscope_arc_clone(object);
        int *same = memscope_weak_upgrade(weak);
        memscope_arc_drop(again);
        memscope_arc_drop(same);
    }
    memscope_weak_drop(weak);
    memscope_arc_drop(object);
    return NULL;
}

static void shared(void) {
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    int *object = memscope_arc_new_with(sizeof *object, NULL);
    for (int i = 0; i < THREADS; i++)
        expect(pthread_create(&threads[i], NULL, hold, memscope_arc_clone(object)) == 0, "starts");
    for (int i = 0; i < THREADS; i++)
        expect(pthread_join(threads[i], NULL) == 0, "ends");
    expect(memscope_rc_count(object) == 1, "all others have let go");
    memscope_arc_drop(object);
}

struct object {
    int count;
    char name[20];
    struct point *where;
};

static void foreign(void) {
    struct object *object = get(sizeof *object);
    MEMSCOPE_TYPE(struct object, count);
    MEMSCOPE_STRUCT(struct object, count, name, where);
    MEMSCOPE_STRUCT(struct point, x, y, next, label);
    memscope_ref_new(object, sizeof *object, 1);
    MEMSCOPE_REF(object);
    MEMSCOPE_UNREF(object);
    memscope_ref_changed(object, 0);
    memscope_passport_handover(object, "libother");
    memscope_passport_reclaim(object);
    memscope_passport_freed_abroad(object);
    free(object);
}

static void containers(void) {
    struct {
        int *elements;
        size_t used, room;
    } numbers = {NULL, 0, 0};
    for (int i = 0; i < 100; i++) {
        if (numbers.used == numbers.room) {
            numbers.room = numbers.room ? 2 * numbers.room : 4;
            numbers.elements = realloc(numbers.elements, numbers.room * sizeof *numbers.elements);
            memscope_container_grown(&numbers, "numbers", numbers.elements,
                                     numbers.room * sizeof *numbers.elements,
                                     numbers.used * sizeof *numbers.elements);
        }
        numbers.elements[numbers.used++] = i;
    }
    expect(numbers.elements[99] == 99 && numbers.room == 128, "a container keeps its contents");
    free(numbers.elements);
    memscope_container_gone(&numbers);
}

static void process(void) {
    struct memscope_counts stats;
    bool recording = memscope_is_recording();
    expect((memscope_pause() == 0) == recording, "only what records can be paused");
    expect(!memscope_is_recording(), "paused");
    expect((memscope_resume() == 0) == recording, "and resumed");
    expect(memscope_is_recording() == recording, "resumed");
    expect((memscope_stats(&stats) == 0) == recording, "only what records has numbers");
    expect(stats.recording == recording && (stats.places > 50) == recording, "it has them");
    memscope_snapshot("the end");
}

#define TEN_TIMES(text) text text text text text text text text text text

static void misuse(void) {
    char *nothing = NULL, byte = 0;
    int never = 1;
    MEMSCOPE_TRACK(nothing);
    MEMSCOPE_UNTRACK(nothing);
    MEMSCOPE_UNTRACK(never);
    memscope_scope_leave("never entered");
    memscope_scope_enter("a");
    memscope_scope_enter("b");
    memscope_scope_leave("a");
    memscope_scope_leave("b");
    uint64_t task = MEMSCOPE_TASK_BEGIN("ends twice");
    memscope_task_end(task);
    memscope_task_end(task);
    memscope_task_end(12345);
    MEMSCOPE_TAG(nothing, "a tag");
    MEMSCOPE_TRACK_AS(&byte, TEN_TIMES(TEN_TIMES("a very long name")), TEN_TIMES("a type"));
    expect(owned(100) == 101, "nested deeply");
}

int main(int argc, char **argv) {
    (void)argv;
    scalars();
    aggregates();
    pointers();
    int rounds = scopes(), levels = owned(3);
    tasks();
    counted();
    shared();
    foreign();
    containers();
    process();
    if (argc > 1)
        misuse();
    printf("%d rounds, %d levels, %d failures\n", rounds, levels, failures);
    return failures;
}
