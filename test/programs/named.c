/* named.c - each allocation with what keeps it and of what type it is, in the comment on its line: what the debug
 * info and the code should say without a word from the program. `?` stands for one that cannot be told, `[*]` for
 * any index, and names with a bar between them are as good as each other. Calls that
 * only hand on what a function allocated carry the comment where the block is kept. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEP __attribute__((noinline, noclone))

struct node {
    struct node *next;
    char *label;
    int id;
};

struct list {
    struct node *head;
    long count;
};

typedef struct {
    int a, b;
} pair_t;

struct db {
    pair_t *dict;
    int size;
};

struct server {
    int port;
    struct db *db;
    struct list names;
    char *words[4];
};

struct message {
    size_t length;
    char text[];
};

union value {
    char *text;
    struct node *tree;
};

struct holder {
    int kind;
    union value value;
};

struct branch {
    struct branch *parent, *next, *twigs;
};

struct plan {
    int from, to;
};

struct source {
    struct source *outer;
    int line;
    char *buffer;
};

struct options {
    int count;
    pair_t *items;
};

union setting {
    void *any;
    pair_t *pair;
    char *text;
};

struct chained {
    struct chained *next, *prev;
};

struct entry {
    struct queue *queue;
    void *data;
};

struct queue {
    struct entry *first, *last;
};

struct server server;
static struct chained *chain;
static struct queue *requests;
static struct source *current;
static struct options *options;
static union setting setting;
static double *table;
static long *buckets;
static char *last_text;
static __thread double *own;
static struct message *last_message;
struct holder holder;

/* The block is in use, and kept nowhere. */
#define USE(pointer) __asm__ volatile("" : : "r"(pointer) : "memory")

/* Wrappers, told by what they do. */
KEEP static void *take(size_t size) {
    void *block = malloc(size);
    if (!block) {
        abort();
    }
    return block;
}

/* Two words in front of what the caller sees, as counting allocators have them. */
KEEP static void *take_counted(size_t size) {
    size_t *block = malloc(size + 16);
    block[0] = size;
    return (char *)block + 16;
}

KEEP static char *copy(const char *text) {
    size_t size = strlen(text) + 1;
    return memcpy(take(size), text, size);
}

KEEP static int make_numbers(int **numbers, size_t count) {
    *numbers = calloc(count, sizeof(int));
    return *numbers ? 0 : -1;
}

KEEP static struct node *new_node(const char *text) {
    struct node *node = take(sizeof *node);
    node->label = copy(text); /* node->label: char */
    node->next = NULL;
    node->id = 1;
    return node;
}

KEEP static void push(struct list *list, const char *text) {
    struct node *node = new_node(text); /* list->head|server.names.head: struct node */
    node->next = list->head;
    list->head = node;
    list->count++;
}

KEEP static void make_databases(void) {
    server.db = calloc(4, sizeof *server.db); /* server.db: struct db */
    for (int i = 0; i < 4; i++) {
        server.db[i].dict = malloc(16 * sizeof(pair_t)); /* server.db[*].dict: pair_t */
        server.db[i].size = 16;
        USE(server.db);
    }
}

KEEP static void make_message(size_t length) {
    last_message = malloc(sizeof *last_message + length); /* last_message: struct message */
    last_message->length = length;
}

KEEP static void make_locals(size_t count) {
    int *grown = malloc(count * sizeof *grown); /* grown: int */
    USE(grown);
    grown = realloc(grown, 2 * count * sizeof *grown); /* grown: int */
    USE(grown);
    free(grown);
    int *numbers;
    if (make_numbers(&numbers, count) != 0) { /* numbers: int */
        abort();
    }
    USE(numbers);
    free(numbers);
    float *aligned;
    if (posix_memalign((void **)&aligned, 64, count * sizeof *aligned) != 0) { /* aligned: float */
        abort();
    }
    USE(aligned);
    free(aligned);
    pair_t *counted = take_counted(count * sizeof *counted); /* counted: pair_t */
    counted->a = 1;
    USE(counted);
}

/* Two structures for which a union has a pointer each: the size tells which. */
KEEP static void make_union(void) {
    holder.kind = 1;
    holder.value.tree = malloc(sizeof(struct node)); /* holder.value.tree: struct node */
    USE(holder.value.tree);
    holder.value.text = malloc(5); /* holder.value.text: char */
    USE(holder.value.text);
}

/* What was the head points back to it. */
KEEP static void put_in_front(void) {
    struct chained *fresh = take(sizeof *fresh); /* chain: struct chained */
    fresh->prev = NULL;
    fresh->next = chain;
    if (chain) {
        chain->prev = fresh;
    }
    chain = fresh;
    USE(chain);
}

KEEP static struct queue *the_queue(struct queue **where) {
    if (!*where) {
        struct queue *queue = take(sizeof *queue);
        queue->first = queue->last = NULL;
        *where = queue;
    }
    return *where;
}

KEEP static void enqueue(struct queue **where, void *data) {
    struct queue *queue = the_queue(where);
    static struct entry entries[2];
    struct entry *entry = entries;
    __asm__ volatile("" : "+r"(entry));
    entry->queue = queue;
    entry->data = data;
    queue->first = queue->first ? queue->first : entry;
    queue->last = entry;
}

KEEP static struct branch *grow_twigs(size_t count) {
    static struct branch twigs[4];
    for (size_t i = 0; i + 1 < count % 4; i++) {
        twigs[i].next = &twigs[i + 1];
    }
    struct branch *first = twigs;
    __asm__ volatile("" : "+r"(first)); /* no compiler knows which they are */
    return first;
}

/* What the block leads to points back to it. */
KEEP static void make_branch(size_t count) {
    struct branch *branch = malloc(sizeof *branch); /* branch: struct branch */
    branch->twigs = grow_twigs(count);
    struct branch *twig = branch->twigs;
    for (; twig->next; twig = twig->next) {
        twig->parent = branch;
    }
    twig->parent = branch;
    USE(branch);
}

/* Keeps it only if there is a list. */
KEEP static struct node *add_to(struct list *list, int id) {
    struct node *node = take(sizeof *node);
    node->id = id;
    if (list) {
        list->head = node;
    }
    return node;
}

KEEP static void make_nodes(void) {
    add_to(&server.names, 1);             /* list->head|server.names.head: struct node */
    struct node *loose = add_to(NULL, 2); /* loose: struct node */
    USE(loose);
}

KEEP static void make_parts(size_t count) {
    char **lines = malloc(4 * sizeof *lines); /* lines: char * */
    char *text = take(count);                 /* last_text: char */
    lines[1] = text;
    lines[2] = text + 1;
    last_text = text;
    buckets = (long *)take(count * sizeof *buckets) + 1; /* buckets: ? */
    USE(lines);
    USE(last_text);
    USE(buckets);
}

KEEP static void drop(void *block) {
    if (block) {
        free(block);
    }
}

/* Where its address is left behind does not keep what is gone. */
KEEP static void make_short_lived(size_t count) {
    static char *stale;
    char *gone = take(count); /* gone: char */
    USE(gone);
    drop(gone);
    stale = gone;
    USE(stale);
}

static inline __attribute__((always_inline)) void look_at(const int *seen) {
    USE(seen);
}

/* An arm of a union that fits is not what the block is, if what made it says otherwise. */
KEEP static struct plan *new_plan(void) {
    struct plan *plan = take(sizeof *plan); /* plan|setting.any: struct plan */
    plan->from = plan->to = 1;
    return plan;
}

static inline void push_source(void) {
    struct source *source = take(sizeof *source); /* source|current: struct source */
    source->outer = current;
    source->buffer = NULL;
    current = source;
}

/* Where two ways meet, what one has loaded from a place and the other has stored there is the same. */
KEEP static void open_source(bool push) {
    if (push) {
        push_source();
    }
    current->line = 1;
    if (!current->buffer) {
        current->buffer = take(99); /* current->buffer: char */
    }
    USE(current->buffer);
}

/* A pointer to where the block is kept that no caller gave. */
KEEP static void add_option(struct options **all, int number) {
    if (!*all) {
        *all = take(sizeof **all); /* options: struct options */
        memset(*all, 0, sizeof **all);
    }
    int count = ++(*all)->count;
    pair_t **items = &(*all)->items;
    *items =
        realloc(*items, (size_t)count * 11 * sizeof **items); /* *items|(*all)->items: pair_t */
    (*items)[count - 1].a = number;
}

__attribute__((cold, noinline)) static void give_up(int kind) {
    printf("%d\n", kind);
}

KEEP static void refill(char **text) {
    USE(text);
}

/* A jump through a table does not lead to where the function begins, though code of it lies in front of that. */
KEEP static void make_kind(int kind) {
    char *kept = malloc(77); /* kept: char */
    if (kind < 0) {
        give_up(kind);
        abort();
    }
    switch (kind) {
    case 0: puts("none"); break;
    case 1: refill(&kept); break;
    case 2: push_source(); break;
    case 3: the_queue(&requests); break;
    case 4: look_at(&kind); break;
    case 5: drop(NULL); break;
    case 6: make_branch(3); break;
    default: make_locals(5); break;
    }
    refill(&kept);
}

/* Nothing says what these are. */
KEEP static void make_unknown(size_t size) {
    USE(malloc(size));             /* nothing: ? */
    look_at(take(size));           /* nothing: ? */
    struct node *part = malloc(8); /* part: ? */
    USE(part);
}

int main(int argc, char **argv) {
    table = malloc(100 * sizeof *table); /* table: double */
    own = malloc(80);                    /* own: double */
    make_databases();
    push(&server.names, "hello");
    server.words[2] = strdup("two"); /* server.words[2]: char */
    make_message((size_t)argc + 99);
    make_locals((size_t)argc + 9);
    make_union();
    put_in_front();
    enqueue(&requests, argv); /* requests: struct queue */
    make_branch((size_t)argc + 2);
    make_nodes();
    make_parts((size_t)argc + 30);
    make_short_lived((size_t)argc + 31);
    make_unknown((size_t)argc + 32);
    setting.any = new_plan();
    open_source(argc > 0);
    add_option(&options, argc);
    make_kind(argc - 1);
    USE(setting.any);
    USE(table);
    USE(own);
    printf("%p %p %p\n", (void *)last_message, (void *)server.db, (void *)server.words[2]);
    return 0;
}
