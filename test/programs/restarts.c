/* restarts.c - records itself, several times, while threads allocate. Usage:
 *   restarts DIR ROUNDS THREADS [STRATEGY [SAMPLE]]
 * Round R goes to DIR/R.memscope. In it, while all threads wait, recording begins; then each allocates 1000
 * blocks of 32 bytes in work() and frees every other one; then it ends while all wait. Between the rounds
 * recording begins and ends DIR/busy.R.memscope while the threads allocate all the time, in toil(). What is
 * left of a round dies in the next. Says what memscope_start() and memscope_stop() returned, where that was
 * not 0. */
#include <errno.h>
#include <memscope.h>
#include <pthread.h>
#include <stdatomic.h>

#include "victim.h"

enum { BLOCKS = 1000, SIZE = 32, THREADS_MAX = 64 };

static const char *directory;
static unsigned rounds, threads;
static struct memscope_config config;
static pthread_barrier_t gate;
static atomic_bool toiling;
static atomic_uint toil_done;

__attribute__((noinline)) static void work(void *blocks[BLOCKS]) {
    for (unsigned i = 0; i < BLOCKS; i++)
        blocks[i] = take(SIZE);
    for (unsigned i = 0; i < BLOCKS; i += 2)
        free(blocks[i]);
}

__attribute__((noinline)) static void toil(void) {
    void *kept[16] = {NULL};
    for (unsigned i = 0; atomic_load(&toiling); i++) {
        free(kept[i % 16]);
        kept[i % 16] = take(1 + i % 100);
        atomic_fetch_add(&toil_done, 1);
    }
    for (unsigned i = 0; i < 16; i++)
        free(kept[i]);
}

static void *take_part(void *unused) {
    void *blocks[BLOCKS];
    for (unsigned round = 0; round < rounds; round++) {
        pthread_barrier_wait(&gate);
        pthread_barrier_wait(&gate);
        work(blocks);
        pthread_barrier_wait(&gate);
        toil();
        pthread_barrier_wait(&gate);
        for (unsigned i = 1; i < BLOCKS; i += 2)
            free(blocks[i]);
    }
    return unused;
}

static void start(const char *prefix, unsigned round) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s%u.memscope", directory, prefix, round);
    config.output = path;
    int result = memscope_start(&config);
    if (result)
        say("start %s%u: %d %s\n", prefix, round, result, strerror(errno));
}

static void stop(unsigned round) {
    int result = memscope_stop();
    if (result)
        say("stop %u: %d %s\n", round, result, strerror(errno));
}

static void run_round(unsigned round) {
    pthread_barrier_wait(&gate);
    start("", round);
    atomic_store(&toiling, true);
    pthread_barrier_wait(&gate);
    pthread_barrier_wait(&gate); /* from here on they toil */
    stop(round);
    for (unsigned i = 0; i < 3; i++) {
        start("busy.", 3 * round + i);
        for (unsigned done = atomic_load(&toil_done); atomic_load(&toil_done) - done < 1000;)
            usleep(1000);
        stop(round);
    }
    atomic_store(&toiling, false);
    pthread_barrier_wait(&gate);
}

int main(int argc, char **argv) {
    pthread_t ids[THREADS_MAX];
    EXPECT(argc >= 4);
    directory = argv[1];
    rounds = (unsigned)atoi(argv[2]);
    threads = (unsigned)atoi(argv[3]);
    EXPECT(threads <= THREADS_MAX);
    config = memscope_config_default();
    if (argc > 4)
        config.strategy = (unsigned)atoi(argv[4]);
    if (argc > 5)
        config.sample_bytes = (uint64_t)atoi(argv[5]);
    pthread_barrier_init(&gate, NULL, threads + 1);
    for (unsigned i = 0; i < threads; i++)
        EXPECT(pthread_create(&ids[i], NULL, take_part, NULL) == 0);
    for (unsigned round = 0; round < rounds; round++)
        run_round(round);
    for (unsigned i = 0; i < threads; i++)
        EXPECT(pthread_join(ids[i], NULL) == 0);
    say("restarts done\n");
    return 0;
}
