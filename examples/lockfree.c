/* lockfree.c - sampling: totals stay exact, what is live is an estimate that knows its error.
 *
 *     memscope run --strategy lockfree -- build/examples/lockfree
 *     memscope run --strategy lockfree --sample 16K -- build/examples/lockfree
 *
 * Sixteen threads allocate and free without a pause and keep some of it, small blocks, buffers and one
 * large one. The strategy records one allocation in so many bytes, so that each costs next to nothing;
 * the report weighs what it has and says how far off it may be.
 *
 * Its books: what each thread did, which the report has to the last byte, and what keep() left live, which
 * the report estimates: the truth must lie within the error. */
#include <pthread.h>

#include "memscope.h"
#include "example.h"

enum { THREADS = 16, ROUNDS = 20000, KEEP_EVERY = 5, LARGE = 2 << 20 };

struct keeper {
    pthread_t thread;
    unsigned number;
    struct books churned, kept;
    void **blocks; /* ROUNDS / KEEP_EVERY, reachable to the end */
};

static struct keeper keepers[THREADS];

/* 16 bytes to 8 KiB, small ones more often: a size from each power of two in turn. */
static size_t next_size(uint64_t *random) {
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    size_t magnitude = (size_t)16 << (*random >> 60) / 2 % 9;
    return magnitude + (size_t)(*random >> 40) % magnitude;
}

static void *keep(struct keeper *self, size_t size) {
    return take(&self->kept, size);
}

static void churn(struct keeper *self, size_t size) {
    give_back(&self->churned, take(&self->churned, size), size);
}

static void *work(void *argument) {
    struct keeper *self = argument;
    uint64_t random = self->number + 1;
    char name[16];
    snprintf(name, sizeof name, "keeper-%02u", self->number % 100);
    NEED(pthread_setname_np(pthread_self(), name) == 0);
    self->blocks = keep(self, ROUNDS / KEEP_EVERY * sizeof *self->blocks);
    for (unsigned i = 0; i < ROUNDS; i++) {
        if (i % KEEP_EVERY == 0)
            self->blocks[i / KEEP_EVERY] = keep(self, i == 0 ? LARGE : next_size(&random));
        else
            churn(self, next_size(&random));
    }
    return NULL;
}

int main(void) {
    struct books all_kept = {0};
    for (unsigned i = 0; i < THREADS; i++) {
        keepers[i].number = i;
        NEED(pthread_create(&keepers[i].thread, NULL, work, &keepers[i]) == 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        NEED(pthread_join(keepers[i].thread, NULL) == 0);
    for (unsigned i = 0; i < THREADS; i++) {
        const struct keeper *self = &keepers[i];
        printf("thread.keeper-%02u.allocations=%" PRIu64 "\n", i,
               self->kept.allocations + self->churned.allocations);
        printf("thread.keeper-%02u.bytes_allocated=%" PRIu64 "\n", i,
               self->kept.bytes + self->churned.bytes);
        printf("thread.keeper-%02u.frees=%" PRIu64 "\n", i, self->churned.allocations);
        printf("thread.keeper-%02u.live_bytes=%" PRIu64 "\n", i, self->kept.live_bytes);
        add_books(&all_kept, &self->kept);
    }
    printf("site.keep.live_bytes=%" PRIu64 "\n", all_kept.live_bytes);
    printf("site.keep.live_blocks=%" PRIu64 "\n", all_kept.allocations);
    return 0;
}
