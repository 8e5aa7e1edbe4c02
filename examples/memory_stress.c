/* memory_stress.c - five ways to be hard on an allocator, and on who records it.
 *
 *     memscope run -- build/examples/memory_stress
 *
 *   burst          50,000 blocks at once, then all are freed
 *   crowd          16 threads allocate 5,000 blocks each and free every other one
 *   giants         8 blocks of 10 MB, touched
 *   cycles         100,000 blocks, each freed at once
 *   fragmentation  holes between live blocks, which larger blocks do not fit into
 *
 * Its books: what each of them allocated, and what it left: of the crowd half, to the end. */
#include <pthread.h>
#include <string.h>

#include "memscope.h"
#include "example.h"

enum { BURST = 50000, THREADS = 16, EACH = 5000, GIANTS = 8, CYCLES = 100000, PIECES = 10000 };

static const size_t giant = (size_t)10 << 20;
static void *held[BURST];                   /* of one phase at a time */
static void *crowd_left[THREADS][EACH / 2]; /* to the end */

static size_t small_size(unsigned i) {
    return 8 + i * 61 % 1000;
}

static struct books burst(void) {
    MEMSCOPE_SCOPE("burst");
    struct books books = {0};
    for (unsigned i = 0; i < BURST; i++)
        held[i] = take(&books, small_size(i));
    for (unsigned i = 0; i < BURST; i++)
        give_back(&books, held[i], small_size(i));
    return books;
}

struct member {
    pthread_t thread;
    unsigned number;
    struct books books;
};

static void *crowd_member(void *argument) {
    struct member *self = argument;
    MEMSCOPE_SCOPE("crowd");
    for (unsigned i = 0; i < EACH; i += 2) {
        void *first = take(&self->books, small_size(i));
        crowd_left[self->number][i / 2] = take(&self->books, small_size(i + 1));
        give_back(&self->books, first, small_size(i));
    }
    return NULL;
}

static struct books crowd(void) {
    struct member members[THREADS] = {0};
    struct books sum = {0};
    for (unsigned i = 0; i < THREADS; i++) {
        members[i].number = i;
        NEED(pthread_create(&members[i].thread, NULL, crowd_member, &members[i]) == 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        NEED(pthread_join(members[i].thread, NULL) == 0);
        add_books(&sum, &members[i].books);
    }
    return sum;
}

static struct books giants(void) {
    MEMSCOPE_SCOPE("giants");
    struct books books = {0};
    for (unsigned i = 0; i < GIANTS; i++) {
        char *whale = take(&books, giant);
        MEMSCOPE_TRACK(whale);
        memset(whale, (int)i, giant);
        held[i] = whale;
    }
    for (unsigned i = 0; i < GIANTS; i++)
        give_back(&books, held[i], giant);
    return books;
}

static struct books cycles(void) {
    MEMSCOPE_SCOPE("cycles");
    struct books books = {0};
    for (unsigned i = 0; i < CYCLES; i++)
        give_back(&books, take(&books, small_size(i)), small_size(i));
    return books;
}

/* Small pieces with a hole beside each; then blocks that are larger than a hole; then every piece grows
 * out of its place. */
static struct books fragmentation(void) {
    MEMSCOPE_SCOPE("fragmentation");
    struct books books = {0};
    const size_t small = 64, large = 160;
    for (unsigned i = 0; i < PIECES; i++)
        held[i] = take(&books, small);
    for (unsigned i = 0; i < PIECES; i += 2) {
        give_back(&books, held[i], small);
        held[i] = take(&books, large);
    }
    for (unsigned i = 1; i < PIECES; i += 2)
        held[i] = grow(&books, held[i], small, large);
    for (unsigned i = 0; i < PIECES; i++)
        give_back(&books, held[i], large);
    return books;
}

static void print_phase(const char *name, unsigned entered, struct books books) {
    char who[48];
    snprintf(who, sizeof who, "scope.%s", name);
    printf("%s.entered=%u\n", who, entered);
    print_books(who, &books);
    if (entered == 1)
        printf("%s.peak_bytes=%" PRIu64 "\n", who, books.peak_bytes);
    snprintf(who, sizeof who, "site.%s", entered == 1 ? name : "crowd_member");
    print_books(who, &books);
}

int main(void) {
    print_phase("burst", 1, burst());
    print_phase("crowd", THREADS, crowd());
    print_phase("giants", 1, giants());
    print_phase("cycles", 1, cycles());
    print_phase("fragmentation", 1, fragmentation());
    printf("variable.whale.count=%d\n", GIANTS);
    printf("variable.whale.size=%zu\n", giant);
    printf("variable.whale.alive=0\n");
    return 0;
}
