/* references.c - counted objects of memscope.h that somebody does not let go: in each way of counting
 * leaky_KIND takes one reference more than it drops, of each of its three objects. */
#include <memscope.h>

#include "victim.h"

#define APART __attribute__((noinline))

APART static void leaky_rc(void *object) {
    memscope_rc_drop(memscope_rc_clone(object));
    (void)memscope_rc_clone(object);
}

APART static void leaky_arc(void *object) {
    (void)memscope_arc_clone(object);
    (void)memscope_arc_clone(object);
    memscope_arc_drop(object);
}

APART static void leaky_count(void *object) {
    MEMSCOPE_REF(object);
}

APART static void drop_count(void *object) {
    MEMSCOPE_UNREF(object);
}

APART static void drop_twice(void *object) {
    MEMSCOPE_UNREF(object);
    MEMSCOPE_UNREF(object);
}

APART static void forget_box(void) {
    static void *kept;
    kept = memscope_box_new(300);
    KEEP(kept);
}

int main(void) {
    for (int i = 0; i < 3; i++) {
        void *rc = memscope_rc_new(100), *arc = memscope_arc_new(200), *own = take(50);
        leaky_rc(rc);
        memscope_rc_drop(rc);
        leaky_arc(arc);
        memscope_arc_drop(arc);
        memscope_ref_new(own, 50, 1);
        leaky_count(own);
        drop_count(own);
    }
    for (int i = 0; i < 2; i++) {
        void *own = take(20);
        memscope_ref_new(own, 20, 1);
        drop_twice(own);
        free(own);
        own = take(21);
        memscope_ref_new(own, 21, 1);
        drop_count(own);
        free(own);
        memscope_rc_drop(memscope_rc_new(10));
        memscope_box_free(memscope_box_new(10));
    }
    forget_box();
    return 0;
}
