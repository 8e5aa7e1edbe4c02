#include "adapt/memory.h"

#include <errno.h>
#include <pthread.h>

#include "capture/os.h"
#include "capture/state.h"
#include "capture/thread.h"

enum { CLOSURES_AT_ONCE = 128 };

static _Atomic uint32_t lock;
static ms_closure *free_closures;

/* Those who hold it are quick, and fork waits for them: so it is to be had. */
static void acquire(void) {
    while (!ms_lock(&lock)) {
    }
}

void ms_adapt_unlock(void) {
    ms_unlock(&lock);
}

/* When there is something to guard at last. May allocate, so without the lock. */
static __attribute__((noinline)) void guard_fork(void) {
    int saved = errno;
    ms_thread *before = ms_inner_begin();
    pthread_atfork(acquire, ms_adapt_unlock, ms_adapt_unlock);
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

static void make_closures(void) {
    ms_closure *closures = ms_os_memory(CLOSURES_AT_ONCE * sizeof *closures, false);
    for (unsigned i = 0; closures && i < CLOSURES_AT_ONCE; i++) {
        closures[i].next_free = free_closures;
        free_closures = &closures[i];
    }
}

ms_closure *ms_closure_new(ms_unit unit, void *callback, void *data) {
    ms_adapt_lock();
    if (!free_closures)
        make_closures();
    ms_closure *closure = free_closures;
    if (closure) {
        free_closures = closure->next_free;
        *closure = (ms_closure){.unit = unit, .callback = callback, .data = data, .references = 1};
    }
    ms_adapt_unlock();
    return closure;
}

void ms_closure_free(ms_closure *closure) {
    ms_adapt_lock();
    closure->next_free = free_closures;
    free_closures = closure;
    ms_adapt_unlock();
}
