#include "adapt/gobject_type.h"

#include <string.h>

#include "adapt/gobject.h"
#include "base/hash.h"
#include "capture/state.h"

/* As libgobject has them, for ever: they are part of every class and object. */
typedef struct instance {
    const GType *class;
} instance;

struct _GTypeQuery {
    GType type;
    const gchar *name;
    guint class_size, instance_size;
};

typedef struct known_type {
    _Atomic GType type; /* 0: free; stored last */
    size_t size;
    struct memscope_place place;
} known_type;

/* By the hash of the type. Types are never forgotten: those of plugins keep number and name, too. */
static known_type types[1024];
static _Atomic uint32_t types_lock;

enum { TYPES = sizeof types / sizeof *types, LOOKS = 16 };

/* Its place in the table, or a free one; NULL: there is none near by. */
static known_type *find(GType type) {
    size_t at = (size_t)ms_hash_u64(type);
    for (unsigned i = 0; i < LOOKS; i++) {
        known_type *known = &types[(at + i) % TYPES];
        GType there = atomic_load_explicit(&known->type, memory_order_acquire);
        if (there == type || there == 0)
            return known;
    }
    return NULL;
}

/* Asked without the lock: the library has one of its own. */
static known_type *learn(GType type, const void *code) {
    ms_entry_g_type_query *query = MS_BESIDE(g_type_query, code);
    struct _GTypeQuery found = {0};
    if (query)
        query(type, &found);
    if (!found.type || !ms_lock(&types_lock))
        return NULL;
    known_type *known = find(type);
    if (known && atomic_load_explicit(&known->type, memory_order_relaxed) == 0) {
        known->size = found.instance_size;
        known->place = (struct memscope_place){.type = found.name};
        atomic_store_explicit(&known->type, type, memory_order_release);
    }
    ms_unlock(&types_lock);
    return known;
}

ms_gobject_type ms_gobject_type_of(const void *object, const void *code) {
    const GType *class = ((const instance *)object)->class;
    known_type *known = class ? find(*class) : NULL;
    if (known && atomic_load_explicit(&known->type, memory_order_relaxed) == 0)
        known = learn(*class, code);
    return known ? (ms_gobject_type){&known->place, known->size} : (ms_gobject_type){0};
}
