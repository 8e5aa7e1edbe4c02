/* fft_multithreaded.c - 32 threads transform signals with a recursive FFT that allocates as it goes.
 *
 *     memscope run -- build/examples/fft_multithreaded
 *
 * Each level of the recursion takes two halves and frees them when they are merged: short-lived blocks of
 * very different sizes, deep stacks, no thread that waits for another. Every thread transforms its signal
 * forth and back, keeps the spectrum, and checks that the signal is what it was.
 *
 * Its books: per thread allocations and bytes, what is live at the end; the sizes of signals and spectra
 * it tracked. */
#include <complex.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "memscope.h"
#include "example.h"

enum { THREADS = 32, SMALLEST = 6, SIZES = 6 };

typedef double complex sample;

struct job {
    pthread_t thread;
    unsigned number;
    size_t count; /* samples, a power of two */
    double error;
    sample *spectrum; /* kept */
    struct books books;
};

static struct job jobs[THREADS];

static sample turn(double angle) {
    return cos(angle) + sin(angle) * I;
}

/* In place. sign: -1 forth, 1 back (times count). */
static void transform(struct books *books, sample *samples, size_t count, double sign) {
    if (count == 1)
        return;
    const size_t half = count / 2, size = half * sizeof *samples;
    sample *even = take(books, size), *odd = take(books, size);
    for (size_t i = 0; i < half; i++) {
        even[i] = samples[2 * i];
        odd[i] = samples[2 * i + 1];
    }
    transform(books, even, half, sign);
    transform(books, odd, half, sign);
    for (size_t i = 0; i < half; i++) {
        sample turned = turn(sign * 2 * acos(-1) * (double)i / (double)count) * odd[i];
        samples[i] = even[i] + turned;
        samples[i + half] = even[i] - turned;
    }
    give_back(books, even, size);
    give_back(books, odd, size);
}

static sample signal_at(const struct job *job, size_t i) {
    return sin((double)(i * (job->number + 1)) / 10) + cos((double)i / 3);
}

static void *work(void *argument) {
    struct job *job = argument;
    char name[16];
    snprintf(name, sizeof name, "fft-%02u", job->number % 100);
    pthread_setname_np(pthread_self(), name);
    const size_t size = job->count * sizeof(sample);
    sample *signal = take(&job->books, size);
    MEMSCOPE_TRACK(signal);
    for (size_t i = 0; i < job->count; i++)
        signal[i] = signal_at(job, i);
    transform(&job->books, signal, job->count, -1);

    sample *spectrum = take(&job->books, size);
    MEMSCOPE_TRACK(spectrum);
    memcpy(spectrum, signal, size);
    job->spectrum = spectrum;

    transform(&job->books, signal, job->count, 1);
    for (size_t i = 0; i < job->count; i++)
        job->error = fmax(job->error, cabs(signal[i] / (double)job->count - signal_at(job, i)));
    give_back(&job->books, signal, size);
    return NULL;
}

int main(void) {
    uint64_t bytes = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        jobs[i].number = i;
        jobs[i].count = (size_t)1 << (SMALLEST + i % SIZES);
        NEED(pthread_create(&jobs[i].thread, NULL, work, &jobs[i]) == 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        NEED(pthread_join(jobs[i].thread, NULL) == 0);
        NEED(jobs[i].error < 1e-9);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        char who[32];
        snprintf(who, sizeof who, "thread.fft-%02u", i);
        print_books(who, &jobs[i].books);
        bytes += jobs[i].count * sizeof(sample);
    }
    for (unsigned i = 0; i < 2; i++) {
        const char *name = i == 0 ? "signal" : "spectrum";
        printf("variable.%s.count=%d\n", name, THREADS);
        printf("variable.%s.bytes=%" PRIu64 "\n", name, bytes);
        printf("variable.%s.alive=%u\n", name, i * THREADS);
    }
    return 0;
}
