#include "adapt/memory.h"

#include <errno.h>
#include <pthread.h>

#include "capture/home.h"
#include "capture/os.h"
#include "capture/state.h"
#include "capture/thread.h"

/* What was let go of rests for so many others, with its data in it: who has kept a result of GIO may ask it for
 * that long after its callback. */
enum { CLOSURES = 1 << 18, RESTING = 1 << 12 };

static _Atomic uint32_t lock;
static struct {
    ms_closure *items, *next, *end; /* those from next on were never used */
    ms_closure *free, *last_free;   /* those used before, the longest ago first */
    uint32_t free_count;
} closures;

/* Those who hold it are quick, and fork waits for them: so it is to be had. */
static void acquire(void) {
    while (!ms_lock(&lock)) {
    }
}

void ms_adapt_unlock(void) {
    ms_unlock(&lock);
}

/* A fork in a signal handler may have interrupted the holder: then there is nothing to wait for, and the child,
 * which goes on with nobody but that one thread, needs no lock. */
static bool holds_for_fork;

static void before_fork(void) {
    holds_for_fork = ms_lock(&lock);
}

static void after_fork(void) {
    if (holds_for_fork)
        ms_adapt_unlock();
}

/* When there is something to guard at last. May allocate, so without the lock. */
static __attribute__((noinline)) void guard_fork(void) {
    int saved = errno;
    ms_thread *before = ms_inner_begin();
    pthread_atfork(before_fork, after_fork, ms_adapt_unlock);
    ms_inner_end(before);
    errno = saved;
}

void ms_adapt_lock(void) {
    static _Atomic bool guarded;
    if (ms_unlikely(!atomic_load_explicit(&guarded, memory_order_relaxed)) &&
        !atomic_exchange(&guarded, true))
        guard_fork();
    acquire();
}

/* ---- closures ------------------------------------------------------------------------------------ */

/* All in one place, so that one is known by its address. Memory that nobody has touched costs nothing. */
static void make_closures(void) {
    closures.next = closures.items = ms_os_memory(CLOSURES * sizeof *closures.items, false);
    closures.end = closures.items ? closures.items + CLOSURES : NULL;
}

static ms_closure *take_closure(void) {
    if (!closures.items)
        make_closures();
    if (closures.free_count <= RESTING && closures.next < closures.end)
        return closures.next++;
    ms_closure *closure = closures.free;
    if (closure) {
        closures.free = closure->next;
        closures.free_count--;
    }
    return closure;
}

ms_closure *ms_closure_new(ms_unit unit, void *callback, void *data) {
    ms_adapt_lock();
    ms_closure *closure = take_closure();
    if (closure)
        *closure = (ms_closure){.unit = unit, .callback = callback, .data = data, .references = 1};
    ms_adapt_unlock();
    return closure;
}

void ms_closure_free(ms_closure *closure) {
    ms_adapt_lock();
    closure->references = 0;
    closure->next = NULL;
    if (closures.free)
        closures.last_free->next = closure;
    else
        closures.free = closure;
    closures.last_free = closure;
    closures.free_count++;
    ms_adapt_unlock();
}

bool ms_closure_is(long argument) {
    uintptr_t offset = (uintptr_t)argument - (uintptr_t)closures.items;
    return offset < CLOSURES * sizeof(ms_closure) && offset % sizeof(ms_closure) == 0 &&
           closures.items;
}

static __thread ms_closure *running; /* the innermost closure that the thread calls */

bool ms_closure_renews(const void *callback, const void *data, ms_unit *unit) {
    if (!running || running->callback != callback || running->data != data || !running->unit.kind ||
        running->unit.task != ms_home_task())
        return false;
    *unit = running->unit;
    running->unit.kind = NULL;
    return true;
}

/* The callback may let go of what it is called for. */
static long call(ms_closure *closure, const void *callback, const long *arguments) {
    ms_closure *outer = running;
    running = closure;
    ms_closure_ref(closure);
    ms_unit_tell(&closure->unit);
    long result = ms_unit_run(&closure->unit, (ms_callback *)callback, arguments[0], arguments[1],
                              arguments[2], arguments[3], arguments[4], arguments[5]);
    running = outer;
    if (closure->once)
        result = 0;
    ms_closure_unref(closure);
    return result;
}

/* The closure that is among six arguments, with its data in its place from now on; NULL: there is none. */
static ms_closure *take_from(long *arguments) {
    for (unsigned i = 0; i < 6; i++) {
        if (ms_closure_is(arguments[i])) {
            ms_closure *closure = (ms_closure *)arguments[i];
            arguments[i] = (long)closure->data;
            return closure;
        }
    }
    return NULL;
}

long ms_closure_call(long a, long b, long c, long d, long e, long f) {
    long arguments[] = {a, b, c, d, e, f};
    ms_closure *closure = take_from(arguments);
    return closure ? call(closure, closure->callback, arguments) : 0;
}

#define CALL_OTHER(which)                                                                          \
    static long call_other_##which(long a, long b, long c, long d, long e, long f) {               \
        long arguments[] = {a, b, c, d, e, f};                                                     \
        ms_closure *closure = take_from(arguments);                                                \
        const void *callback = closure ? closure->others[which] : NULL;                            \
        return callback ? call(closure, callback, arguments) : 0;                                  \
    }
CALL_OTHER(0)
CALL_OTHER(1)
CALL_OTHER(2)

ms_callback *const ms_closure_call_other[MS_OTHERS] = {call_other_0, call_other_1, call_other_2};

void ms_closure_ref(void *pointer) {
    ms_closure *closure = pointer;
    atomic_fetch_add(&closure->references, 1);
}

void ms_closure_unref(void *pointer) {
    ms_closure *closure = pointer;
    ms_callback *notify = (ms_callback *)closure->notify;
    if (atomic_fetch_sub(&closure->references, 1) != 1)
        return;
    if (notify)
        ms_unit_run(&closure->unit, notify, (long)closure->data, 0, 0, 0, 0, 0);
    ms_unit_end(&closure->unit);
    ms_closure_free(closure);
}
