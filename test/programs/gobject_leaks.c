/* gobject_leaks.c - objects of its own types, some of which nobody drops. Usage: gobject_leaks clean|leaks.
 *
 *   clean  every object is dropped, by all the ways there are; what a library keeps stays
 *   leaks  leaky_owner() takes a reference of a Widget that it never drops; link_up() makes two Nodes hold
 *          each other; forget() drops none of three Widgets
 *
 * Prints the real counts of what is left, as it knows them: NAME=COUNT. */
#define GLIB_DISABLE_DEPRECATION_WARNINGS
#include <glib-object.h>

#include "victim.h"

typedef struct Widget {
    GObject parent;
    GObject *child;
} Widget;
typedef struct WidgetClass {
    GObjectClass parent;
} WidgetClass;
GType widget_get_type(void);
G_DEFINE_TYPE(Widget, widget, G_TYPE_OBJECT)

static int disposed;

/* Takes and drops references of what is dying, as many a real one does. */
static void widget_dispose(GObject *object) {
    Widget *self = (Widget *)object;
    g_object_ref(object);
    g_clear_object(&self->child);
    g_object_unref(object);
    disposed++;
    G_OBJECT_CLASS(widget_parent_class)->dispose(object);
}

static void widget_class_init(WidgetClass *class) {
    G_OBJECT_CLASS(class)->dispose = widget_dispose;
}

static void widget_init(Widget *self) {
    g_object_ref(self); /* while it is made */
    g_object_unref(self);
}

typedef struct Node {
    GInitiallyUnowned parent;
    struct Node *peer;
} Node;
typedef struct NodeClass {
    GInitiallyUnownedClass parent;
} NodeClass;
GType node_get_type(void);
G_DEFINE_TYPE(Node, node, G_TYPE_INITIALLY_UNOWNED)

static void node_dispose(GObject *object) {
    g_clear_object(&((Node *)object)->peer);
    G_OBJECT_CLASS(node_parent_class)->dispose(object);
}

static void node_class_init(NodeClass *class) {
    G_OBJECT_CLASS(class)->dispose = node_dispose;
}

static void node_init(Node *self) {
    (void)self;
}

#define APART __attribute__((noinline))

APART static Widget *create_widget(void) {
    return g_object_new(widget_get_type(), NULL);
}

APART static void destroy_widget(Widget *widget) {
    g_object_unref(widget);
}

APART static void careful_owner(Widget *widget) {
    g_object_ref(widget);
    g_object_unref(widget);
}

APART static void leaky_owner(Widget *widget) {
    g_object_ref(widget);
}

APART static void link_up(Node *a, Node *b) {
    a->peer = g_object_ref(b);
    b->peer = g_object_ref(a);
}

APART static Node *create_node(void) {
    return g_object_ref_sink(g_object_new(node_get_type(), NULL));
}

static void forget_it(gpointer data, GObject *was) {
    (void)data;
    (void)was;
}

static void toggled(gpointer data, GObject *object, gboolean is_last) {
    (void)data;
    (void)object;
    (void)is_last;
}

APART static void use_all_ways(void) {
    Widget *widget = create_widget(), *parent = create_widget(), *held = NULL;
    gpointer pointer = widget;
    parent->child = (GObject *)g_object_ref(widget);
    g_object_weak_ref((GObject *)widget, forget_it, NULL);
    g_object_weak_unref((GObject *)widget, forget_it, NULL);
    g_object_add_weak_pointer((GObject *)widget, &pointer);
    g_object_remove_weak_pointer((GObject *)widget, &pointer);
    g_object_add_toggle_ref((GObject *)widget, toggled, NULL);
    g_object_remove_toggle_ref((GObject *)widget, toggled, NULL);
    g_set_object(&held, widget);
    g_clear_object(&held);
    (g_clear_object)((GObject **)&held);
    held = g_object_ref(widget);
    destroy_widget(held);
    destroy_widget(g_object_newv(widget_get_type(), 0, NULL));
    destroy_widget(g_object_new_with_properties(widget_get_type(), 0, NULL, NULL));
    destroy_widget(g_object_take_ref(create_widget()));
    GList *list = g_list_prepend(NULL, create_widget());
    g_list_free_full(list, g_object_unref);
    GPtrArray *array = g_ptr_array_new_with_free_func(g_object_unref);
    g_ptr_array_add(array, create_widget());
    g_ptr_array_unref(array);
    /* References that nobody outside of the library takes, or drops. */
    GValue value = G_VALUE_INIT;
    g_value_init(&value, widget_get_type());
    g_value_set_object(&value, widget);
    Widget *copy = g_value_dup_object(&value);
    g_value_unset(&value);
    destroy_widget(copy);
    g_object_set_data_full((GObject *)parent, "other", create_widget(), g_object_unref);
    destroy_widget(parent);
    destroy_widget(widget);
    Node *node = create_node();
    g_object_force_floating((GObject *)node);
    g_object_ref_sink(node);
    g_object_unref(node);
}

APART static void forget(void) {
    static Widget *kept[3];
    for (int i = 0; i < 3; i++)
        kept[i] = create_widget();
    careful_owner(kept[0]);
}

static void leak(void) {
    Widget *widget = create_widget();
    careful_owner(widget);
    leaky_owner(widget);
    destroy_widget(widget);
    say("widget=%u\n", ((GObject *)widget)->ref_count);
    Node *a = create_node(), *b = create_node();
    link_up(a, b);
    g_object_unref(a);
    g_object_unref(b);
    say("node=%u\n", ((GObject *)a)->ref_count);
    forget();
}

int main(int argc, char **argv) {
    EXPECT(argc == 2);
    use_all_ways();
    for (int i = 0; i < 100; i++) {
        Widget *widget = create_widget();
        careful_owner(widget);
        destroy_widget(widget);
    }
    say("disposed=%d\n", disposed);
    if (strcmp(argv[1], "leaks") == 0)
        leak();
    return 0;
}
