/* heavy_workload.c - what a busy service does: sessions, records, a cache, a pool of workers.
 *
 *     memscope run -- build/examples/heavy_workload
 *
 *   sessions  1,000 are opened and hold a token and a page; each third times out, the rest log out
 *   records   10,000 are parsed into names and values, every tenth is malformed and dropped
 *   cache     512 entries, least recently used out first, 20,000 look-ups
 *   workers   8 threads take 2,000 tasks each; a task is a memscope task, with what it allocates
 *
 * Its books: what each part allocated and left, how many lookups missed, what the tasks allocated. */
#include <pthread.h>
#include <string.h>

#include "memscope.h"
#include "example.h"

enum {
    SESSIONS = 1000,
    RECORDS = 10000,
    CACHE = 512,
    KEYS = 2000,
    LOOKUPS = 20000,
    WORKERS = 8,
    TASKS = 2000,
};

/* ---- sessions -------------------------------------------------------------------------------- */

struct session {
    char *token, *page;
    size_t page_size;
};

enum { TOKEN = 33 };

static struct books session_books;

static struct session *open_session(unsigned number) {
    struct session *session = take(&session_books, sizeof *session);
    MEMSCOPE_TRACK(session);
    session->token = take(&session_books, TOKEN);
    snprintf(session->token, TOKEN, "%032x", number * 2654435761u);
    session->page_size = 200 + number * 37 % 3000;
    session->page = take(&session_books, session->page_size);
    memset(session->page, ' ', session->page_size);
    return session;
}

static void close_session(struct session *session) {
    give_back(&session_books, session->page, session->page_size);
    give_back(&session_books, session->token, TOKEN);
    give_back(&session_books, session, sizeof *session);
}

static void serve_sessions(void) {
    MEMSCOPE_SCOPE("sessions");
    static struct session *open[SESSIONS];
    for (unsigned i = 0; i < SESSIONS; i++)
        open[i] = open_session(i);
    for (unsigned i = 0; i < SESSIONS; i += 3)
        close_session(open[i]);
    for (unsigned i = 0; i < SESSIONS; i++)
        if (i % 3 != 0)
            close_session(open[i]);
}

/* ---- records --------------------------------------------------------------------------------- */

struct record {
    char *name;
    size_t name_size;
    unsigned long value;
};

static struct books record_books;

static int parse_record(const char *line, struct record *record) {
    const char *colon = strchr(line, ':');
    if (colon == NULL)
        return 0;
    record->name_size = (size_t)(colon - line) + 1;
    record->name = take(&record_books, record->name_size);
    memcpy(record->name, line, record->name_size - 1);
    record->name[record->name_size - 1] = '\0';
    record->value = strtoul(colon + 1, NULL, 10);
    return 1;
}

/* How many were good. */
static unsigned process_records(void) {
    MEMSCOPE_SCOPE("records");
    struct record *records = take(&record_books, RECORDS * sizeof *records);
    MEMSCOPE_TRACK(records);
    unsigned good = 0;
    for (unsigned i = 0; i < RECORDS; i++) {
        char line[64];
        snprintf(line, sizeof line, i % 10 == 9 ? "broken %u" : "record-%u:12", i);
        good += (unsigned)parse_record(line, &records[good]);
    }
    for (unsigned i = 0; i < good; i++)
        give_back(&record_books, records[i].name, records[i].name_size);
    give_back(&record_books, records, RECORDS * sizeof *records);
    return good;
}

/* ---- cache ----------------------------------------------------------------------------------- */

static struct books cache_books;
static struct {
    char *value;
    unsigned used; /* the number of the last look-up */
} cache[KEYS];

static size_t value_size(unsigned key) {
    return 100 + key % 400;
}

static void evict_oldest(void) {
    unsigned oldest = KEYS;
    for (unsigned key = 0; key < KEYS; key++)
        if (cache[key].value && (oldest == KEYS || cache[key].used < cache[oldest].used))
            oldest = key;
    give_back(&cache_books, cache[oldest].value, value_size(oldest));
    cache[oldest].value = NULL;
}

static void load_entry(unsigned key) {
    cache[key].value = take(&cache_books, value_size(key));
    memset(cache[key].value, (int)(key % 128), value_size(key));
}

/* How many look-ups missed. What is in the cache stays there to the end. */
static unsigned use_cache(void) {
    MEMSCOPE_SCOPE("cache");
    unsigned missed = 0;
    uint32_t random = 1;
    for (unsigned i = 0; i < LOOKUPS; i++) {
        random = random * 1664525u + 1013904223u;
        unsigned key = (random >> 16) % (i % 2 ? KEYS : CACHE / 2);
        if (cache[key].value == NULL) {
            if (missed++ >= CACHE)
                evict_oldest();
            load_entry(key);
        }
        cache[key].used = i;
    }
    return missed;
}

/* ---- workers --------------------------------------------------------------------------------- */

struct worker {
    pthread_t thread;
    unsigned number;
    struct books books;
};

static void do_task(struct worker *worker, unsigned number) {
    MEMSCOPE_TASK("job");
    const size_t size = 50 + (worker->number + number * 3) % 700;
    char *input = take(&worker->books, size);
    memset(input, (int)(number % 100), size);
    char *result = take(&worker->books, size / 2);
    for (size_t i = 0; i < size / 2; i++)
        result[i] = (char)(input[i] ^ input[size - 1 - i]);
    give_back(&worker->books, input, size);
    give_back(&worker->books, result, size / 2);
}

static void *work(void *argument) {
    struct worker *worker = argument;
    for (unsigned i = 0; i < TASKS; i++)
        do_task(worker, i);
    return NULL;
}

static struct books use_workers(void) {
    static struct worker workers[WORKERS];
    struct books sum = {0};
    for (unsigned i = 0; i < WORKERS; i++) {
        workers[i].number = i;
        NEED(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        NEED(pthread_join(workers[i].thread, NULL) == 0);
        add_books(&sum, &workers[i].books);
    }
    return sum;
}

/* ---- all of it ------------------------------------------------------------------------------- */

int main(void) {
    serve_sessions();
    unsigned good = process_records(), missed = use_cache();
    struct books jobs = use_workers();
    printf("%u records, %u look-ups missed\n", good, missed);
    NEED(cache_books.allocations == missed);
    print_books_and_peak("scope.sessions", &session_books);
    print_books_and_peak("scope.records", &record_books);
    print_books_and_peak("scope.cache", &cache_books);
    print_books("site.open_session", &session_books);
    print_books("site.load_entry", &cache_books);
    print_books("site.do_task", &jobs);
    printf("task.job.count=%d\n", WORKERS * TASKS);
    print_books("task.job", &jobs);
    printf("variable.session.count=%d\n", SESSIONS);
    printf("variable.session.size=%zu\n", sizeof(struct session));
    printf("variable.session.alive=0\n");
    printf("variable.records.size=%zu\n", RECORDS * sizeof(struct record));
    printf("variable.records.alive=0\n");
    return 0;
}
