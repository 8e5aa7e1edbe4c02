#include "adapt/gobject.h"

#include "adapt/gobject_type.h"
#include "capture/hooks.h"
#include "memscope/reference.h"
#include "track/note.h"

/* How every object begins, for ever. */
typedef struct counted {
    const void *class;
    guint count;
} counted;

static guint count_of(const void *object) {
    return __atomic_load_n(&((const counted *)object)->count, __ATOMIC_RELAXED);
}

/* Who calls an adapter, and so whose library it is. */
#define CALLER __builtin_return_address(0)

static void tell(const uint64_t *frame, const void *code, unsigned what, const void *object,
                 uint64_t count) {
    ms_gobject_type type = ms_gobject_type_of(object, code);
    size_t size = what == MEMSCOPE_NOTE_REF_NEW ? type.size : 0;
    ms_note_stack_of(frame, type.place, what, object,
                     (const void *)(uintptr_t)MEMSCOPE_COUNTER_GOBJECT, size, count);
}

static bool is_told(const void *object) {
    return object && !ms_is_off();
}

/* ---- objects that are dying ------------------------------------------------------------------ */

/* Once the last reference is dropped, an object that is disposed of may take and drop some of itself: that
 * is no news, unless it is held when all is over. This is where it is known that one is dying: in the frames
 * of those who dropped the last reference, the innermost first. */
typedef struct dying {
    const void *object;
    long balance; /* references that have been taken since, less those dropped */
    struct dying *outer;
} dying;

static _Thread_local dying *innermost;

enum { LOOKS = 16 };

static dying *find_dying(const void *object) {
    dying *at = innermost;
    for (unsigned i = 0; at && i < LOOKS; i++, at = at->outer)
        if (at->object == object)
            return at;
    return NULL;
}

/* True: that is all there is to tell. */
static bool count_dying(const void *object, long references) {
    dying *at = find_dying(object);
    if (at)
        at->balance += references;
    return at != NULL;
}

/* ---- references ------------------------------------------------------------------------------ */

static gpointer made(const uint64_t *frame, const void *code, gpointer object) {
    if (is_told(object))
        tell(frame, code, MEMSCOPE_NOTE_REF_NEW, object, count_of(object));
    return object;
}

static void taken(const uint64_t *frame, const void *code, gpointer object) {
    if (is_told(object) && !count_dying(object, 1))
        tell(frame, code, MEMSCOPE_NOTE_REF, object, count_of(object));
}

/* Before it is: there may be no object afterwards. One that is used after its death has no type, and no
 * count that means anything. */
static void dropped(const uint64_t *frame, const void *code, gpointer object) {
    guint count = count_of(object);
    if (count)
        tell(frame, code, MEMSCOPE_NOTE_UNREF, object, count - 1);
    else
        ms_note_stack_of(frame, NULL, MEMSCOPE_NOTE_UNREF, object,
                         (const void *)(uintptr_t)MEMSCOPE_COUNTER_GOBJECT, 0, MEMSCOPE_NOT_TOLD);
}

/* `drop` of `argument` drops a reference of the object. */
static void drop_by(void (*drop)(void *argument), void *argument, const uint64_t *frame,
                    const void *code, gpointer object) {
    if (!is_told(object) || count_dying(object, -1)) {
        drop(argument);
        return;
    }
    bool is_last = count_of(object) == 1;
    dying here = {.object = object, .outer = innermost};
    dropped(frame, code, object);
    if (is_last)
        innermost = &here;
    drop(argument);
    if (!is_last)
        return;
    innermost = here.outer;
    if (here.balance > 0) /* it lives on */
        tell(frame, code, MEMSCOPE_NOTE_REF_NEW, object, count_of(object));
}

gpointer ms_adapt_g_object_ref(gpointer object) {
    gpointer same = MS_FOUND(g_object_ref)(object);
    taken(MS_FRAME, CALLER, same);
    return same;
}

gpointer ms_adapt_g_object_take_ref(gpointer object) {
    gpointer same = MS_FOUND(g_object_take_ref)(object);
    taken(MS_FRAME, CALLER, same);
    return same;
}

void ms_adapt_g_object_unref(gpointer object) {
    drop_by(MS_FOUND(g_object_unref), object, MS_FRAME, CALLER, object);
}

typedef struct clearing {
    ms_entry_g_clear_object *real;
    GObject **place;
} clearing;

static void clear(void *argument) {
    const clearing *c = argument;
    c->real(c->place);
}

void ms_adapt_g_clear_object(GObject **place) {
    clearing c = {MS_FOUND(g_clear_object), place};
    drop_by(clear, &c, MS_FRAME, CALLER, *place);
}

/* The first reference of an object that floats is nobody's until somebody sinks it: then it is as it was,
 * and in somebody's hands. */
gpointer ms_adapt_g_object_ref_sink(gpointer object) {
    ms_entry_g_object_ref_sink *real = MS_FOUND(g_object_ref_sink);
    guint before = is_told(object) ? count_of(object) : 0;
    gpointer same = real(object);
    if (is_told(same) && count_of(same) == before)
        tell(MS_FRAME, CALLER, MEMSCOPE_NOTE_REF_CHANGED, same, before);
    else
        taken(MS_FRAME, CALLER, same);
    return same;
}

void ms_adapt_g_object_force_floating(GObject *object) {
    MS_FOUND(g_object_force_floating)(object);
    if (is_told(object))
        tell(MS_FRAME, CALLER, MEMSCOPE_NOTE_REF_CHANGED, object, count_of(object));
}

void ms_adapt_g_object_add_toggle_ref(GObject *object, GToggleNotify notify, gpointer data) {
    MS_FOUND(g_object_add_toggle_ref)(object, notify, data);
    taken(MS_FRAME, CALLER, object);
}

typedef struct toggle {
    ms_entry_g_object_remove_toggle_ref *real;
    GObject *object;
    GToggleNotify notify;
    gpointer data;
} toggle;

static void drop_toggle(void *argument) {
    const toggle *t = argument;
    t->real(t->object, t->notify, t->data);
}

void ms_adapt_g_object_remove_toggle_ref(GObject *object, GToggleNotify notify, gpointer data) {
    toggle t = {MS_FOUND(g_object_remove_toggle_ref), object, notify, data};
    drop_by(drop_toggle, &t, MS_FRAME, CALLER, object);
}

/* ---- weak references: how many there are, nobody says ---------------------------------------- */

static void weak(const uint64_t *frame, const void *code, unsigned what, GObject *object) {
    if (is_told(object) && !find_dying(object))
        tell(frame, code, what, object, MEMSCOPE_NOT_TOLD);
}

void ms_adapt_g_object_weak_ref(GObject *object, GWeakNotify notify, gpointer data) {
    MS_FOUND(g_object_weak_ref)(object, notify, data);
    weak(MS_FRAME, CALLER, MEMSCOPE_NOTE_WEAK, object);
}

void ms_adapt_g_object_weak_unref(GObject *object, GWeakNotify notify, gpointer data) {
    MS_FOUND(g_object_weak_unref)(object, notify, data);
    weak(MS_FRAME, CALLER, MEMSCOPE_NOTE_UNWEAK, object);
}

void ms_adapt_g_object_add_weak_pointer(GObject *object, gpointer *place) {
    MS_FOUND(g_object_add_weak_pointer)(object, place);
    weak(MS_FRAME, CALLER, MEMSCOPE_NOTE_WEAK, object);
}

void ms_adapt_g_object_remove_weak_pointer(GObject *object, gpointer *place) {
    MS_FOUND(g_object_remove_weak_pointer)(object, place);
    weak(MS_FRAME, CALLER, MEMSCOPE_NOTE_UNWEAK, object);
}

/* ---- new objects ----------------------------------------------------------------------------- */

gpointer ms_adapt_g_object_new(GType type, const gchar *first_property_name, ...) {
    va_list values;
    va_start(values, first_property_name);
    gpointer object =
        MS_BESIDE(g_object_new_valist, MS_FOUND(g_object_new))(type, first_property_name, values);
    va_end(values);
    return made(MS_FRAME, CALLER, object);
}

GObject *ms_adapt_g_object_new_valist(GType type, const gchar *first_property_name,
                                      va_list values) {
    return made(MS_FRAME, CALLER, MS_FOUND(g_object_new_valist)(type, first_property_name, values));
}

GObject *ms_adapt_g_object_new_with_properties(GType type, guint count, const char *names[],
                                               const GValue *values) {
    return made(MS_FRAME, CALLER,
                MS_FOUND(g_object_new_with_properties)(type, count, names, values));
}

gpointer ms_adapt_g_object_newv(GType type, guint count, GParameter *parameters) {
    return made(MS_FRAME, CALLER, MS_FOUND(g_object_newv)(type, count, parameters));
}
