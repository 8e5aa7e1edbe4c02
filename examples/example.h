/* example.h - what the examples share: they fail loudly, and they keep books. What they print of their
 * books, one key=value a line, is what memscope must have seen: test/system/test_examples.py compares
 * each line with the report.
 *
 *   LIST.NAME.FIELD=VALUE        the records of LIST that are called NAME: variable.greeting.size=14
 *   site.FUNCTION.FIELD=VALUE    what was allocated with FUNCTION on the stack; no annotation is needed
 *
 * Of several records numbers are sums; a size, a type and the like are the same for all. `count` is how
 * many there are, `alive` how many live at the end, `bytes` the sum of their sizes; with `each` before the
 * field come all values, sorted, with `most` the largest. */
#ifndef MEMSCOPE_EXAMPLE_H
#define MEMSCOPE_EXAMPLE_H

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Ends the program with the line that failed. */
#define NEED(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);              \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* What somebody (a function, a thread, a task) allocated, as it counts by itself. Not for two threads
 * at a time. */
struct books {
    uint64_t allocations, reallocations, bytes, live_bytes, peak_bytes;
};

static inline void count_live(struct books *books, size_t more, size_t less) {
    books->bytes += more;
    books->live_bytes += more;
    books->live_bytes -= less;
    if (books->live_bytes > books->peak_bytes)
        books->peak_bytes = books->live_bytes;
}

/* As malloc; never fails. */
static inline void *take(struct books *books, size_t size) {
    void *block = malloc(size);
    __asm__ volatile("" : "+r"(block)); /* else a compiler may drop it with the free that follows */
    NEED(block != NULL);
    books->allocations++;
    count_live(books, size, 0);
    return block;
}

/* As realloc of a block of `old_size` bytes; never fails. */
static inline void *grow(struct books *books, void *block, size_t old_size, size_t size) {
    void *grown = realloc(block, size);
    __asm__ volatile("" : "+r"(grown));
    NEED(grown != NULL);
    books->reallocations++;
    count_live(books, size, old_size);
    return grown;
}

/* As free, of a block of `size` bytes that came from take with the same books. */
static inline void give_back(struct books *books, void *block, size_t size) {
    books->live_bytes -= size;
    free(block);
}

/* Adds what another one counted. Peaks at different times do not add up: the peak is the larger. */
static inline void add_books(struct books *sum, const struct books *more) {
    sum->allocations += more->allocations;
    sum->reallocations += more->reallocations;
    sum->bytes += more->bytes;
    sum->live_bytes += more->live_bytes;
    if (more->peak_bytes > sum->peak_bytes)
        sum->peak_bytes = more->peak_bytes;
}

/* `who` is LIST.NAME. */
static inline void print_books(const char *who, const struct books *books) {
    printf("%s.allocations=%" PRIu64 "\n", who, books->allocations);
    if (books->reallocations > 0)
        printf("%s.reallocations=%" PRIu64 "\n", who, books->reallocations);
    printf("%s.bytes_allocated=%" PRIu64 "\n", who, books->bytes);
    printf("%s.live_bytes=%" PRIu64 "\n", who, books->live_bytes);
}

/* As print_books, with the most that was live at one time. */
static inline void print_books_and_peak(const char *who, const struct books *books) {
    print_books(who, books);
    printf("%s.peak_bytes=%" PRIu64 "\n", who, books->peak_bytes);
}

#endif
