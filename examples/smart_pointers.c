/* smart_pointers.c - box, rc, arc and weak, and a count of references of one's own.
 *
 *     memscope run -- build/examples/smart_pointers
 *
 * memscope/rc.h works without memscope; under it, every reference taken and given up is recorded with its
 * stack, so that a count that never comes down names who holds it. Five parts:
 *
 *   boxes    one owner each; one box is forgotten
 *   rc       a configuration that twelve readers share on one thread; one of them never drops it
 *   arc      a table that eight threads clone and drop 500 times each
 *   weak     children know their parent weakly: it dies when its owner drops it
 *   foreign  a surface that counts by itself and says so with MEMSCOPE_REF and MEMSCOPE_UNREF
 *
 * Its books: for each kind how many there were, references taken and given up beyond the first, the
 * highest count, and how many are still held. */
#include <pthread.h>
#include <string.h>

#include "memscope.h"
#include "memscope/rc.h"
#include "example.h"

enum { BOXES = 10, READERS = 12, THREADS = 8, CLONES = 500, CHILDREN = 6, USERS = 4 };

/* `held`: objects somebody owns at the end. */
struct counts {
    unsigned objects, taken, given_up, highest, held;
};

static void *forgotten_box, *kept_config; /* reachable, so not lost, but held */

static struct counts use_boxes(void) {
    void *boxes[BOXES];
    for (unsigned i = 0; i < BOXES; i++) {
        boxes[i] = memscope_box_new(100 + i);
        NEED(boxes[i] != NULL);
        memset(boxes[i], 'b', 100 + i);
    }
    for (unsigned i = 1; i < BOXES; i++)
        memscope_box_free(boxes[i]);
    forgotten_box = boxes[0];
    return (struct counts){BOXES, 0, BOXES - 1, 1, 1};
}

struct config {
    int verbosity;
    char path[60];
};

static struct counts use_rc(void) {
    struct config *config = memscope_rc_new(sizeof *config), *readers[READERS];
    NEED(config != NULL);
    config->verbosity = 2;
    for (unsigned i = 0; i < READERS; i++)
        readers[i] = memscope_rc_clone(config);
    NEED(memscope_rc_count(config) == READERS + 1);
    memscope_rc_drop(config);
    for (unsigned i = 1; i < READERS; i++) {
        NEED(readers[i]->verbosity == 2);
        memscope_rc_drop(readers[i]);
    }
    kept_config = readers[0];
    return (struct counts){1, READERS, READERS, READERS + 1, 1};
}

static void *share_table(void *table) {
    unsigned sum = 0;
    for (unsigned i = 0; i < CLONES; i++) {
        unsigned *mine = memscope_arc_clone(table);
        sum += mine[i % 16];
        memscope_arc_drop(mine);
    }
    memscope_arc_drop(table); /* the thread's own, which it was started with */
    return (void *)(uintptr_t)sum;
}

/* How high the count rose depends on the schedule: at least all threads' own. */
static struct counts use_arc(void) {
    pthread_t threads[THREADS];
    unsigned *table = memscope_arc_new(16 * sizeof *table);
    NEED(table != NULL);
    for (unsigned i = 0; i < 16; i++)
        table[i] = i;
    for (unsigned i = 0; i < THREADS; i++)
        NEED(pthread_create(&threads[i], NULL, share_table, memscope_arc_clone(table)) == 0);
    for (unsigned i = 0; i < THREADS; i++)
        NEED(pthread_join(threads[i], NULL) == 0);
    NEED(memscope_rc_count(table) == 1);
    memscope_arc_drop(table);
    return (struct counts){1, THREADS * (CLONES + 1), THREADS * (CLONES + 1) + 1, 0, 0};
}

struct child {
    memscope_weak *parent;
};

/* Of the parent; half of the children look for it while it lives, all when it is gone. */
static struct counts use_weak(void) {
    char *parent = memscope_rc_new(40);
    struct child children[CHILDREN];
    NEED(parent != NULL);
    for (unsigned i = 0; i < CHILDREN; i++)
        children[i].parent = memscope_weak_from(parent);
    for (unsigned i = 0; i < CHILDREN / 2; i++) {
        char *found = memscope_weak_upgrade(children[i].parent);
        NEED(found == parent);
        memscope_rc_drop(found);
    }
    memscope_rc_drop(parent);
    for (unsigned i = 0; i < CHILDREN; i++) {
        NEED(memscope_weak_upgrade(children[i].parent) == NULL);
        memscope_weak_drop(children[i].parent);
    }
    return (struct counts){1, CHILDREN / 2, CHILDREN / 2 + 1, 2, 0};
}

struct surface {
    unsigned char pixels[64];
    unsigned references;
};

static void ref_surface(struct surface *surface) {
    surface->references++;
    MEMSCOPE_REF(surface);
}

static void unref_surface(struct surface *surface) {
    MEMSCOPE_UNREF(surface);
    if (--surface->references == 0)
        free(surface);
}

static struct counts use_foreign(void) {
    struct surface *surface = calloc(1, sizeof *surface);
    NEED(surface != NULL);
    surface->references = 1;
    MEMSCOPE_TYPE(struct surface, references); /* a finding can say where the count is */
    memscope_ref_new(surface, sizeof *surface, 1);
    for (unsigned i = 0; i < USERS; i++)
        ref_surface(surface);
    for (unsigned i = 0; i < USERS + 1; i++)
        unref_surface(surface);
    return (struct counts){1, USERS, USERS + 1, USERS + 1, 0};
}

/* highest 0: not known. */
static void print_counts(const char *kind, struct counts counts) {
    printf("smart_pointer.%s.count=%u\n", kind, counts.objects);
    printf("smart_pointer.%s.refs=%u\n", kind, counts.taken);
    printf("smart_pointer.%s.unrefs=%u\n", kind, counts.given_up);
    printf("smart_pointer.%s.held=%u\n", kind, counts.held);
    if (counts.highest > 0)
        printf("smart_pointer.%s.most.max_count=%u\n", kind, counts.highest);
}

int main(void) {
    struct counts boxes = use_boxes(), rc = use_rc(), arc = use_arc(), weak = use_weak();
    struct counts foreign = use_foreign();
    rc.objects += weak.objects;
    rc.taken += weak.taken;
    rc.given_up += weak.given_up;
    print_counts("box", boxes);
    print_counts("rc", rc);
    print_counts("arc", arc);
    print_counts("foreign", foreign);
    printf("site.use_boxes.allocations=%d\n", BOXES);
    printf("site.use_boxes.live_blocks=1\nsite.use_boxes.live_bytes=100\n");
    printf("site.use_rc.live_blocks=1\n");
    printf("site.use_weak.live_blocks=0\n");
    printf("site.use_foreign.bytes_allocated=%zu\n", sizeof(struct surface));
    printf("smart_pointer.foreign.most.count_offset=%zu\n", offsetof(struct surface, references));
    return 0;
}
