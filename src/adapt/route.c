#include "adapt/route.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <string.h>

#include "adapt/thunk.h"
#include "capture/hooks.h"
#include "capture/thread.h"

enum {
#define MS_LIBRARY(NAME, sonames, calls_itself, missing) LIBRARY_##NAME,
#include "adapt/libraries.def"
    LIBRARY_COUNT
};

static const char *const sonames[LIBRARY_COUNT] = {
#define MS_LIBRARY(NAME, sonames, calls_itself, missing) [LIBRARY_##NAME] = sonames,
#include "adapt/libraries.def"
};

static const bool calls_itself[LIBRARY_COUNT] = {
#define MS_LIBRARY(NAME, sonames, itself, missing) [LIBRARY_##NAME] = itself,
#include "adapt/libraries.def"
};

/* The names of an entry and of its adapter, whose type does not matter here. */
#define MS_ENTRY(library, type, name, parameters) void ms_adapt_##name(void);
#include "adapt/entries.def"

static const struct {
    const char *name;
    unsigned library;
    void (*adapter)(void);
} entries[MS_ENTRY_COUNT] = {
#define MS_ENTRY(library, type, name, parameters) {#name, LIBRARY_##library, ms_adapt_##name},
#define MS_NEEDED(library, type, name, parameters) {#name, LIBRARY_##library, NULL},
#include "adapt/entries.def"
};

/* ---- calls that nothing is there for -------------------------------------------------------- */

#define MS_LIBRARY(NAME, sonames, calls_itself, missing)                                           \
    static long missing_##NAME(void) {                                                             \
        return missing;                                                                            \
    }
#include "adapt/libraries.def"

static long (*const missing[LIBRARY_COUNT])(void) = {
#define MS_LIBRARY(NAME, sonames, calls_itself, missing) [LIBRARY_##NAME] = missing_##NAME,
#include "adapt/libraries.def"
};

/* ---- objects --------------------------------------------------------------------------------- */

typedef struct dl_find_object object;

static bool find_object(const void *code, object *found) {
    return _dl_find_object((void *)(uintptr_t)code, found) == 0;
}

static bool is_in(const object *o, const void *code) {
    return (uintptr_t)code >= (uintptr_t)o->dlfo_map_start &&
           (uintptr_t)code < (uintptr_t)o->dlfo_map_end;
}

/* Where we lie ourselves, as the linker says. */
extern MS_HIDDEN const char __ehdr_start[], _end[];

/* A library's function may end in a jump to another one, which then seems to be called by whoever called the
 * first: by an adapter. But the program's callbacks may end so, too. */
static bool is_ours(const void *code) {
    return (uintptr_t)code - (uintptr_t)__ehdr_start < (uintptr_t)_end - (uintptr_t)__ehdr_start;
}

/* The next of names separated by blanks, from `at` on; "" behind the last. Its length in `size`. */
static const char *next_name(const char *at, size_t *size) {
    while (*at == ' ')
        at++;
    const char *end = strchr(at, ' ');
    *size = end ? (size_t)(end - at) : strlen(at);
    return at;
}

/* Another library may have a function of that name, or have taken in a copy of this one. */
static bool is_library(const struct link_map *map, unsigned library) {
    const char *slash = strrchr(map->l_name, '/');
    const char *file = slash ? slash + 1 : map->l_name;
    size_t size;
    if (!*sonames[library])
        return true;
    for (const char *at = next_name(sonames[library], &size); *at; at = next_name(at + size, &size))
        if (strncmp(file, at, size) == 0) /* libuv.so.1.0.0 is libuv.so.1 */
            return true;
    return false;
}

/* ---- what was found -------------------------------------------------------------------------------- */

/* The real function of an entry, as some caller would be bound to it. */
typedef struct target {
    void *function;                /* NULL: there is none */
    const struct link_map *object; /* it lies in */
    bool is_library;               /* which is the library we know */
} target;

/* One that is remembered, until an object is unloaded: another one may come to where it was. */
typedef struct known_target {
    void *_Atomic function; /* NULL: not looked up; stored last */
    const struct link_map *_Atomic object;
    _Atomic bool is_library;
} known_target;

/* By the caller's object. The first row is for all: what is found in objects that all see. */
static struct {
    const struct link_map *_Atomic caller;
    known_target targets[MS_ENTRY_COUNT];
} rows[8];

enum { ROWS = sizeof rows / sizeof *rows };

static _Atomic uint32_t rows_lock;
static _Atomic uint32_t rows_closes; /* g_ms.closes as of which the rows hold */

static void forget_all(void) {
    for (unsigned row = 0; row < ROWS; row++) {
        for (unsigned entry = 0; entry < MS_ENTRY_COUNT; entry++)
            atomic_store_explicit(&rows[row].targets[entry].function, NULL, memory_order_relaxed);
        atomic_store_explicit(&rows[row].caller, NULL, memory_order_relaxed);
    }
}

/* Do the rows hold, if need be with nothing in them? */
static bool rows_hold(void) {
    uint32_t closes = atomic_load_explicit(&g_ms.closes, memory_order_acquire);
    if (ms_likely(closes == atomic_load_explicit(&rows_closes, memory_order_acquire)))
        return true;
    if (!ms_lock(&rows_lock))
        return false;
    forget_all();
    atomic_store_explicit(&rows_closes, closes, memory_order_release);
    ms_unlock(&rows_lock);
    return true;
}

/* Sets where the target's object lies, too. */
static bool recall(unsigned row, unsigned entry, target *to, object *in) {
    known_target *known = &rows[row].targets[entry];
    to->function = atomic_load_explicit(&known->function, memory_order_acquire);
    if (!to->function || !find_object(to->function, in))
        return false;
    to->object = atomic_load_explicit(&known->object, memory_order_relaxed);
    to->is_library = atomic_load_explicit(&known->is_library, memory_order_relaxed);
    return to->object == in->dlfo_link_map;
}

/* The row of the objects that `caller` brought along; ROWS when there is none. */
static unsigned row_of(const struct link_map *caller) {
    unsigned row = 1;
    while (row < ROWS && atomic_load_explicit(&rows[row].caller, memory_order_acquire) != caller)
        row++;
    return row;
}

static unsigned make_row(const struct link_map *caller) {
    unsigned row = row_of(caller);
    if (row == ROWS)
        row = row_of(NULL);
    if (row < ROWS)
        atomic_store_explicit(&rows[row].caller, caller, memory_order_release);
    return row;
}

/* For `caller`, or for all when that is NULL. Not when the lock is not to be had: it holds while nobody
 * calls the loader, so that it can wait for nobody. */
static void remember(const struct link_map *caller, unsigned entry, const target *to) {
    if (!ms_lock(&rows_lock))
        return;
    bool hold = atomic_load(&g_ms.closes) == atomic_load(&rows_closes);
    unsigned row = !hold ? ROWS : caller ? make_row(caller) : 0;
    if (row < ROWS) {
        known_target *known = &rows[row].targets[entry];
        atomic_store(&known->function, NULL);
        atomic_store(&known->object, to->object);
        atomic_store(&known->is_library, to->is_library);
        atomic_store_explicit(&known->function, to->function, memory_order_release);
    }
    ms_unlock(&rows_lock);
}

/* ---- looking up ---------------------------------------------------------------------------------- */

/* Never ourselves, whom a search from the program on finds first. */
static void *lookup(void *handle, const char *symbol) {
    void *function = dlsym(handle, symbol);
    if (!function)
        dlerror(); /* or the program's next dlerror() would tell of it */
    return is_ours(function) ? NULL : function;
}

/* In a loaded object, and those it brought along. */
static void *lookup_from(const char *file, const char *symbol) {
    void *handle = *file ? dlopen(file, RTLD_LAZY | RTLD_NOLOAD) : NULL;
    if (!handle) {
        dlerror();
        return NULL;
    }
    void *function = lookup(handle, symbol);
    ms_real.dlclose(handle); /* RTLD_NOLOAD counted a reference */
    return function;
}

/* Neither do all see it nor did the caller bring it along: somebody brought both. */
static void *lookup_library(unsigned entry) {
    char file[64];
    void *function = NULL;
    size_t size;
    const char *at = next_name(sonames[entries[entry].library], &size);
    for (; !function && *at && size < sizeof file; at = next_name(at + size, &size)) {
        memcpy(file, at, size);
        file[size] = 0;
        function = lookup_from(file, entries[entry].name);
    }
    return function;
}

static void look_up(unsigned entry, const struct link_map *caller, target *to, object *in) {
    bool for_all = true;
    to->function = lookup(RTLD_NEXT, entries[entry].name);
    if (!to->function) {
        for_all = false;
        to->function = caller ? lookup_from(caller->l_name, entries[entry].name) : NULL;
    }
    if (!to->function)
        to->function = lookup_library(entry);
    if (!to->function || !find_object(to->function, in))
        return;
    to->object = in->dlfo_link_map;
    to->is_library = is_library(to->object, entries[entry].library);
    if (for_all || caller)
        remember(for_all ? NULL : caller, entry, to);
}

static __attribute__((noinline)) void look_up_quietly(unsigned entry, const struct link_map *caller,
                                                      target *to, object *in) {
    int saved = errno;
    ms_boot();
    ms_thread *before = ms_inner_begin();
    look_up(entry, caller, to, in);
    ms_inner_end(before);
    errno = saved;
}

/* Sets where the target's object lies, too, if there is any. */
static target find(unsigned entry, const void *code, object *in) {
    target to = {0};
    object from;
    bool hold = rows_hold();
    if (ms_likely(hold && recall(0, entry, &to, in)))
        return to;
    const struct link_map *caller = find_object(code, &from) ? from.dlfo_link_map : NULL;
    unsigned row = hold && caller ? row_of(caller) : ROWS;
    if (row < ROWS && recall(row, entry, &to, in))
        return to;
    to = (target){0};
    look_up_quietly(entry, caller, &to, in);
    return to;
}

void *ms_route_real(unsigned entry, const void *caller) {
    object in;
    return find(entry, caller, &in).function;
}

_Thread_local ms_found ms_last_found;

void *ms_route(unsigned entry, const void *caller) {
    object in = {0};
    target to = find(entry, caller, &in);
    if (ms_unlikely(!to.function))
        return (void *)(uintptr_t)missing[entries[entry].library];
    bool adapts =
        to.is_library && g_ms.adapts && atomic_load_explicit(&g_ms.on, memory_order_relaxed);
    bool of_library = calls_itself[entries[entry].library] && is_in(&in, caller);
    bool of_adapter = is_ours(caller) && caller != ms_thunk_called;
    if (!adapts || of_library || of_adapter)
        return to.function;
    ms_last_found = (ms_found){entry, to.function};
    return (void *)(uintptr_t)entries[entry].adapter;
}

bool ms_route_is_inside(const void *code) {
    object in;
    bool inside = false;
    if (!find_object(code, &in))
        return false;
    for (unsigned library = 0; !inside && library < LIBRARY_COUNT; library++)
        inside = *sonames[library] && is_library(in.dlfo_link_map, library);
    return inside;
}
