/* async_tasks.c - 50 tasks on a small event loop: callbacks, timers, parents and children.
 *
 *     memscope run --strategy async -- build/examples/async_tasks
 *
 * The loop knows one thing, callbacks that wait for their time; all of it runs on one thread and one
 * stack. Five crawlers begin nine fetches each, their children. A fetch allocates a buffer, grows it
 * twice as data comes in, hands the last one its result and frees the rest; every fifteenth is cancelled
 * and keeps its buffer: a leak of that task. Where a library has its own loop, the three calls beside
 * run_callback belong into it.
 *
 * Its books: for each kind of task what was allocated, the peak of the single task, what is left, what
 * others freed of it. */
#include <string.h>

#include "memscope.h"
#include "example.h"

enum { CRAWLERS = 5, FETCHES = 9, ALL = CRAWLERS * (FETCHES + 1), CHUNK = 64, CANCELLED = 15 };

struct job {
    uint64_t task;
    unsigned number, step;
    struct job *parent;
    char *buffer, *result; /* the result is freed by the parent */
    size_t size;
    unsigned results; /* of its children */
    struct books books;
};

/* ---- the loop -------------------------------------------------------------------------------- */

struct callback {
    void (*function)(struct job *job);
    struct job *job;
    unsigned long time;
};

static struct callback callbacks[ALL]; /* a job waits for one thing at a time */
static unsigned waiting;
static unsigned long now;

static void call_later(void (*function)(struct job *), struct job *job, unsigned long delay) {
    NEED(waiting < ALL);
    callbacks[waiting++] = (struct callback){function, job, now + delay};
}

static struct callback next_callback(void) {
    unsigned next = 0;
    for (unsigned i = 1; i < waiting; i++)
        if (callbacks[i].time < callbacks[next].time)
            next = i;
    struct callback callback = callbacks[next];
    callbacks[next] = callbacks[--waiting];
    return callback;
}

static void run_callback(struct callback callback) {
    now = callback.time;
    memscope_task_switch(callback.job->task);
    callback.function(callback.job);
    memscope_task_switch(0);
}

/* ---- the tasks ------------------------------------------------------------------------------- */

static struct job crawlers[CRAWLERS], fetches[CRAWLERS][FETCHES];
static char *cancelled[CRAWLERS * FETCHES];

static size_t result_size(const struct job *fetch) {
    return 10 + fetch->number;
}

static void finish_crawl(struct job *crawler) {
    struct job *children = fetches[crawler->number];
    for (unsigned i = 0; i < FETCHES; i++)
        if (children[i].result != NULL)
            give_back(&children[i].books, children[i].result, result_size(&children[i]));
    give_back(&crawler->books, crawler->buffer, crawler->size);
    memscope_task_end(crawler->task);
}

static void end_fetch(struct job *fetch) {
    memscope_task_end(fetch->task);
    if (++fetch->parent->results == FETCHES)
        call_later(finish_crawl, fetch->parent, 1);
}

static void continue_fetch(struct job *fetch) {
    if (fetch->number % CANCELLED == CANCELLED - 1) {
        cancelled[fetch->number] = fetch->buffer;
        end_fetch(fetch);
    } else if (++fetch->step <= 2) {
        fetch->buffer = grow(&fetch->books, fetch->buffer, fetch->size, fetch->size + CHUNK);
        memset(fetch->buffer + fetch->size, 'd', CHUNK);
        fetch->size += CHUNK;
        call_later(continue_fetch, fetch, 2 + fetch->number % 5);
    } else {
        fetch->result = take(&fetch->books, result_size(fetch));
        memcpy(fetch->result, fetch->buffer, result_size(fetch));
        give_back(&fetch->books, fetch->buffer, fetch->size);
        end_fetch(fetch);
    }
}

static void start_fetch(struct job *fetch) {
    fetch->size = CHUNK;
    char *buffer = take(&fetch->books, CHUNK);
    MEMSCOPE_TRACK(buffer);
    fetch->buffer = memset(buffer, 'd', CHUNK);
    call_later(continue_fetch, fetch, 3);
}

static void start_crawl(struct job *crawler) {
    crawler->size = 300;
    crawler->buffer = take(&crawler->books, crawler->size);
    for (unsigned i = 0; i < FETCHES; i++) {
        struct job *fetch = &fetches[crawler->number][i];
        fetch->number = crawler->number * FETCHES + i;
        fetch->parent = crawler;
        fetch->task = MEMSCOPE_TASK_BEGIN("fetch");
        call_later(start_fetch, fetch, 1 + i);
    }
}

static void print_kind(const char *name, unsigned count, const char *parent, struct books books) {
    char who[32];
    snprintf(who, sizeof who, "task.%s", name);
    printf("%s.count=%u\n", who, count);
    printf("%s.parent=%s\n", who, parent);
    printf("%s.zombies=0\n", who);
    print_books(who, &books);
    printf("%s.most.peak_bytes=%" PRIu64 "\n", who, books.peak_bytes);
}

int main(void) {
    for (unsigned i = 0; i < CRAWLERS; i++) {
        crawlers[i].number = i;
        crawlers[i].task = MEMSCOPE_TASK_BEGIN("crawl");
        call_later(start_crawl, &crawlers[i], i);
    }
    while (waiting > 0)
        run_callback(next_callback());

    struct books crawled = {0}, fetched = {0};
    unsigned results = 0, left = 0;
    for (unsigned i = 0; i < CRAWLERS; i++) {
        add_books(&crawled, &crawlers[i].books);
        for (unsigned j = 0; j < FETCHES; j++) {
            add_books(&fetched, &fetches[i][j].books);
            results += fetches[i][j].result != NULL;
            left += cancelled[i * FETCHES + j] != NULL;
        }
    }
    print_kind("crawl", CRAWLERS, "", crawled);
    print_kind("fetch", CRAWLERS * FETCHES, "crawl", fetched);
    printf("task.fetch.freed_by_others=%u\n", results);
    printf("task.fetch.live_blocks=%u\n", left);
    add_books(&fetched, &crawled);
    print_books("site.run_callback", &fetched);
    printf("variable.buffer.count=%d\n", CRAWLERS * FETCHES);
    printf("variable.buffer.alive=%u\n", left);
    printf("variable.buffer.task=fetch\n");
    return 0;
}
