/* gobject.c - GObjects, without a word to memscope: a document that views look at.
 *
 *     memscope run -- build/examples/gobject
 *     memscope report gobject.PID.memscope
 *
 * Each reference is recorded with the function that takes or drops it, so that a reference that nobody drops
 * has a name. Three parts:
 *
 *   tidy      views come and go, and drop the document when they go: nothing is left
 *   bookmark  one view is asked for a bookmark, which takes a reference that nobody knows of: the finding
 *             says who took one: add_bookmark(), or open_view(), whose reference the view drops elsewhere
 *   cycle     two views know each other, and so live for ever: link_views(); and with them their document
 *
 * Its books: how many objects there were, references taken and dropped, and how many are held. */
#include <glib-object.h>

#include "example.h"

enum { VIEWS = 20 };

typedef struct _Document {
    GObject parent;
} Document;
typedef struct _DocumentClass {
    GObjectClass parent;
} DocumentClass;
static GType document_get_type(void);
G_DEFINE_TYPE(Document, document, G_TYPE_OBJECT)

static void document_class_init(DocumentClass *unused) {
    (void)unused;
}

static void document_init(Document *unused) {
    (void)unused;
}

typedef struct _View {
    GObject parent;
    Document *document;
    struct _View *other;
} View;
typedef struct _ViewClass {
    GObjectClass parent;
} ViewClass;
static GType view_get_type(void);
G_DEFINE_TYPE(View, view, G_TYPE_OBJECT)

static struct { unsigned objects, taken, dropped; } book;

static void drop(void *object) {
    if (object) {
        g_object_unref(object);
        book.dropped++;
    }
}

static void view_dispose(GObject *object) {
    View *view = (View *)object;
    drop(view->document);
    drop(view->other);
    view->document = NULL;
    view->other = NULL;
    G_OBJECT_CLASS(view_parent_class)->dispose(object);
}

static void view_class_init(ViewClass *class) {
    G_OBJECT_CLASS(class)->dispose = view_dispose;
}

static void view_init(View *unused) {
    (void)unused;
}

static void *make(GType type) {
    book.objects++;
    return g_object_new(type, NULL);
}

static __attribute__((noinline)) View *open_view(Document *document) {
    View *view = make(view_get_type());
    view->document = g_object_ref(document);
    book.taken++;
    return view;
}

static Document *bookmark;

static __attribute__((noinline)) void add_bookmark(View *view) {
    bookmark = g_object_ref(view->document);
    book.taken++;
}

static __attribute__((noinline)) void link_views(View *a, View *b) {
    a->other = g_object_ref(b);
    b->other = g_object_ref(a);
    book.taken += 2;
}

static void be_tidy(void) {
    Document *document = make(document_get_type());
    for (unsigned i = 0; i < VIEWS; i++)
        drop(open_view(document));
    drop(document);
}

static void keep_a_bookmark(void) {
    Document *document = make(document_get_type());
    View *view = open_view(document);
    add_bookmark(view);
    drop(view);
    drop(document);
}

static void make_a_cycle(void) {
    Document *document = make(document_get_type());
    View *left = open_view(document), *right = open_view(document);
    link_views(left, right);
    drop(left);
    drop(right);
    drop(document); /* which the views hold */
}

int main(void) {
    be_tidy();
    keep_a_bookmark();
    make_a_cycle();
    NEED(bookmark != NULL && G_OBJECT(bookmark)->ref_count == 1);
    printf("smart_pointer.gobject.count=%u\n", book.objects);
    printf("smart_pointer.gobject.refs=%u\n", book.taken);
    printf("smart_pointer.gobject.unrefs=%u\n", book.dropped);
    printf("smart_pointer.gobject.held=%u\n", book.objects + book.taken - book.dropped);
    printf("smart_pointer.gobject.leaked=%u\n", 4); /* two documents, two views */
    printf("smart_pointer.gobject.untracked=%u\n", 0);
    printf("smart_pointer.gobject.most.max_count=%u\n", 3);
    return 0;
}
