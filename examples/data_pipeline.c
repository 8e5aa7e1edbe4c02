/* data_pipeline.c - records move through three threads: read, transform, write.
 *
 *     memscope run -- build/examples/data_pipeline
 *
 * The reader allocates a record and its line, the transformer replaces the line by a result, the writer
 * appends the result to an output that grows, and frees what is left. Two bounded queues lie between
 * them. So memory is handed from thread to thread: who allocates is not who frees, and the output is the
 * one block that grows by doubling.
 *
 * Its books: what each thread allocated and what is left of it, which lines were tracked, and the output:
 * how often it grew, what it has room for and what is used. */
#include <pthread.h>
#include <string.h>

#include "memscope.h"
#include "memscope/container.h"
#include "example.h"

enum { RECORDS = 10000, QUEUE = 64, OUTPUT_START = 256 };

struct record {
    unsigned number;
    char *line;
};

/* NULL is the end of the stream. */
struct queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct record *slots[QUEUE];
    unsigned first, count;
};

struct output {
    char *text;
    size_t used, capacity;
    unsigned growths;
};

static struct queue raw = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, {0}, 0, 0};
static struct queue cooked = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, {0}, 0, 0};
static struct books reading, transforming, writing;
static struct output output; /* alive at the end */
static uint64_t lines_tracked, line_bytes;

static void put(struct queue *queue, struct record *record) {
    pthread_mutex_lock(&queue->lock);
    while (queue->count == QUEUE)
        pthread_cond_wait(&queue->changed, &queue->lock);
    queue->slots[(queue->first + queue->count++) % QUEUE] = record;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

static struct record *get(struct queue *queue) {
    pthread_mutex_lock(&queue->lock);
    while (queue->count == 0)
        pthread_cond_wait(&queue->changed, &queue->lock);
    struct record *record = queue->slots[queue->first];
    queue->first = (queue->first + 1) % QUEUE;
    queue->count--;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
    return record;
}

static size_t line_size(unsigned number) {
    return 24 + number * 29 % 100;
}

static struct record *read_record(unsigned number) {
    struct record *record = take(&reading, sizeof *record);
    char *line = take(&reading, line_size(number));
    MEMSCOPE_TRACK(line);
    lines_tracked++;
    line_bytes += line_size(number);
    memset(line, 'a' + (int)(number % 26), line_size(number));
    snprintf(line, line_size(number), "%u;", number);
    *record = (struct record){number, line};
    return record;
}

/* The result is the sum of the line's bytes, in words. */
static void transform_record(struct record *record) {
    unsigned sum = 0;
    for (size_t i = 0; i < line_size(record->number); i++)
        sum += (unsigned char)record->line[i];
    char text[32];
    size_t size = (size_t)snprintf(text, sizeof text, "%u:%u\n", record->number, sum) + 1;
    char *result = take(&transforming, size);
    MEMSCOPE_TRACK(result);
    memcpy(result, text, size);
    free(record->line);
    record->line = result;
}

static void tell(const struct output *to) {
    memscope_container_grown(to, "output", to->text, to->capacity, to->used);
}

static void append(struct output *to, const char *text) {
    size_t size = strlen(text);
    if (to->used + size > to->capacity) {
        size_t larger = to->capacity * 2;
        to->text = grow(&writing, to->text, to->capacity, larger);
        to->capacity = larger;
        to->growths++;
        tell(to);
    }
    memcpy(to->text + to->used, text, size);
    to->used += size;
}

static void *read_all(void *unused) {
    pthread_setname_np(pthread_self(), "reader");
    for (unsigned i = 0; i < RECORDS; i++)
        put(&raw, read_record(i));
    put(&raw, NULL);
    return unused;
}

static void *transform_all(void *unused) {
    pthread_setname_np(pthread_self(), "transformer");
    for (struct record *record; (record = get(&raw)) != NULL;) {
        transform_record(record);
        put(&cooked, record);
    }
    put(&cooked, NULL);
    return unused;
}

static void *write_all(void *unused) {
    pthread_setname_np(pthread_self(), "writer");
    output.capacity = OUTPUT_START;
    output.text = take(&writing, output.capacity);
    tell(&output);
    for (struct record *record; (record = get(&cooked)) != NULL;) {
        append(&output, record->line);
        free(record->line);
        free(record);
    }
    tell(&output);
    return unused;
}

int main(void) {
    pthread_t threads[3];
    void *(*const stages[3])(void *) = {read_all, transform_all, write_all};
    for (unsigned i = 0; i < 3; i++)
        NEED(pthread_create(&threads[i], NULL, stages[i], NULL) == 0);
    for (unsigned i = 0; i < 3; i++)
        NEED(pthread_join(threads[i], NULL) == 0);
    printf("%zu bytes of output\n", output.used);
    reading.live_bytes = transforming.live_bytes = 0; /* others have freed it */
    print_books("thread.reader", &reading);
    print_books("thread.transformer", &transforming);
    print_books("thread.writer", &writing);
    printf("variable.line.count=%" PRIu64 "\n", lines_tracked);
    printf("variable.line.bytes=%" PRIu64 "\n", line_bytes);
    printf("variable.line.alive=0\n");
    printf("variable.result.count=%d\n", RECORDS);
    printf("variable.result.bytes=%" PRIu64 "\n", transforming.bytes);
    printf("container.output.growths=%u\n", output.growths);
    printf("container.output.capacity=%zu\n", output.capacity);
    printf("container.output.used=%zu\n", output.used);
    printf("container.output.slack_bytes=%zu\n", output.capacity - output.used);
    return 0;
}
