/* multithreaded.c - a hundred threads that track what they allocate and free what their neighbour did.
 *
 *     memscope run -- build/examples/multithreaded
 *
 * Worker n allocates 40 + n parcels and tracks each, keeps the even ones to itself and gives the odd ones
 * to worker n + 1, who frees them: so every thread has blocks of its own freed by another. The last tenth
 * of the threads leaves one parcel behind each.
 *
 * Its books: what each thread allocated, of how many bytes, what others freed of it, what is left; how
 * many parcels were tracked and are alive. Nothing depends on how the threads were scheduled. */
#include <pthread.h>

#include "memscope.h"
#include "example.h"

enum { WORKERS = 100, FIRST = 40, FORGETFUL = WORKERS / 10, MOST = FIRST + WORKERS };

struct worker {
    pthread_t thread;
    unsigned number;
    struct books books;
    uint64_t given; /* parcels the neighbour has freed, or will */
    void *for_neighbour[MOST];
};

static struct worker workers[WORKERS];
static void *left_behind[FORGETFUL];
static pthread_barrier_t all_allocated;

static unsigned parcels(unsigned number) {
    return FIRST + number;
}

static size_t parcel_size(unsigned number, unsigned index) {
    return 16 + (number * 7 + index * 13) % 500;
}

static void *new_parcel(struct worker *self, unsigned index) {
    void *parcel = take(&self->books, parcel_size(self->number, index));
    MEMSCOPE_TRACK(parcel);
    return parcel;
}

static void name_thread(unsigned number) {
    char name[16];
    snprintf(name, sizeof name, "worker-%02u", number % 100);
    NEED(pthread_setname_np(pthread_self(), name) == 0);
}

static void *work(void *argument) {
    struct worker *self = argument;
    const unsigned count = parcels(self->number);
    void *mine[MOST];
    name_thread(self->number);
    for (unsigned i = 0; i < count; i++) {
        void *parcel = new_parcel(self, i);
        if (i % 2 == 1)
            self->for_neighbour[self->given++] = parcel;
        else
            mine[i / 2] = parcel;
    }
    for (unsigned i = 0; i < count; i += 2) {
        if (i == 0 && self->number >= WORKERS - FORGETFUL)
            left_behind[self->number - (WORKERS - FORGETFUL)] = mine[0];
        else
            give_back(&self->books, mine[i / 2], parcel_size(self->number, i));
    }
    pthread_barrier_wait(&all_allocated);
    const struct worker *giver = &workers[(self->number + WORKERS - 1) % WORKERS];
    for (uint64_t i = 0; i < giver->given; i++)
        free(giver->for_neighbour[i]);
    return NULL;
}

/* The neighbour freed the odd ones: that is in nobody's books yet. */
static void print_worker(struct worker *self) {
    char who[32];
    for (unsigned i = 1; i < parcels(self->number); i += 2)
        self->books.live_bytes -= parcel_size(self->number, i);
    snprintf(who, sizeof who, "thread.worker-%02u", self->number % 100);
    print_books(who, &self->books);
    printf("%s.freed_by_others=%" PRIu64 "\n", who, self->given);
}

int main(void) {
    struct books sum = {0};
    NEED(pthread_barrier_init(&all_allocated, NULL, WORKERS) == 0);
    for (unsigned i = 0; i < WORKERS; i++) {
        workers[i].number = i;
        NEED(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
    }
    for (unsigned i = 0; i < WORKERS; i++)
        NEED(pthread_join(workers[i].thread, NULL) == 0);
    for (unsigned i = 0; i < WORKERS; i++) {
        print_worker(&workers[i]);
        add_books(&sum, &workers[i].books);
    }
    print_books("site.new_parcel", &sum);
    printf("variable.parcel.count=%" PRIu64 "\n", sum.allocations);
    printf("variable.parcel.bytes=%" PRIu64 "\n", sum.bytes);
    printf("variable.parcel.alive=%d\n", FORGETFUL);
    NEED(pthread_barrier_destroy(&all_allocated) == 0);
    return 0;
}
