#include "capture/thread.h"

#include <limits.h>
#include <pthread.h>
#include <string.h>

#include "capture/boot.h"
#include "capture/clock.h"
#include "capture/arch.h"
#include "capture/os.h"
#include "capture/note.h"
#include "capture/record.h"
#include "capture/ring.h"
#include "capture/sample.h"
#include "capture/stack.h"
#include "capture/no_malloc.h"

/* Stand-ins for threads that have no record of their own: the head of one, which is all that is ever
 * looked at. They sample nothing. */
typedef struct stand_in {
    _Alignas(ms_thread) uint32_t state;
    char zero[offsetof(ms_thread, counts) - sizeof(uint32_t)];
} stand_in;

static const stand_in nobody = {.state = MS_THREAD_NONE};
static const stand_in inner = {.state = MS_THREAD_INNER};
static const stand_in dead = {.state = MS_THREAD_DEAD};

#define STAND_IN(which) ((ms_thread *)(uintptr_t) & (which))

__thread ms_thread *ms_self __attribute__((tls_model("initial-exec"))) =
    (ms_thread *)(uintptr_t)&nobody;

__thread uint64_t ms_task __attribute__((tls_model("initial-exec")));

/* Holders are quick, save for one that has the kernel find space for the ring; so the patience of
 * those who wait goes from a spin to a nap of 100 ms in all. */
bool ms_lock(_Atomic uint32_t *lock) {
    for (unsigned tries = 0; tries < 3000; tries++) {
        uint32_t free = 0;
        if (atomic_compare_exchange_weak_explicit(lock, &free, 1, memory_order_acquire,
                                                  memory_order_relaxed))
            return true;
        if (tries < 1000)
            ms_cpu_relax();
        else
            ms_os_sleep_us(tries < 2000 ? 1 : 100);
    }
    return false;
}

ms_thread *ms_inner_begin(void) {
    ms_thread *before = ms_self;
    ms_self = STAND_IN(inner);
    atomic_signal_fence(memory_order_seq_cst);
    return before;
}

void ms_inner_end(ms_thread *before) {
    atomic_signal_fence(memory_order_seq_cst);
    ms_self = before;
}

/* ---- records ------------------------------------------------------------------------------------- */

static ms_thread *pool_take(void) {
    ms_thread *thread = NULL;
    if (!ms_lock(&g_ms.pool_lock))
        return NULL;
    thread = g_ms.pool;
    if (thread)
        g_ms.pool = thread->next_free;
    ms_unlock(&g_ms.pool_lock);
    return thread;
}

static void pool_give(ms_thread *thread) {
    if (!ms_lock(&g_ms.pool_lock))
        return; /* a record lost is memory lost, not an event */
    thread->next_free = g_ms.pool;
    g_ms.pool = thread;
    ms_unlock(&g_ms.pool_lock);
}

static uint32_t new_serial(void) {
    return 1 + __atomic_fetch_add(&g_ms.ring->threads, 1, __ATOMIC_RELAXED);
}

/* All but its state, which is its lock. */
static void prepare(ms_thread *thread, uint32_t tid) {
    const size_t first = offsetof(ms_thread, state) + sizeof thread->state;
    memset((char *)thread + first, 0, offsetof(ms_thread, hints) - first);
    ms_stack_clear(thread); /* so that nothing behind is looked at */
    thread->tid = tid;
    thread->ring = g_ms.ring;
    thread->tick = thread->looked = MS_TICK_NONE;
    ms_locals_init(&thread->locals);
    ms_sample_begin(thread);
}

static void add_record(ms_thread *thread) {
    thread->next = atomic_load(&g_ms.records);
    while (!atomic_compare_exchange_weak(&g_ms.records, &thread->next, thread)) {
    }
}

static ms_thread *new_record(uint32_t tid) {
    ms_thread *thread = pool_take();
    if (!thread) {
        thread = ms_os_memory(sizeof *thread, true);
        if (!thread)
            return NULL;
        add_record(thread);
    }
    prepare(thread, tid);
    thread->serial = new_serial();
    return thread;
}

/* The calling thread's first hook (or its first after a fork). */
static ms_thread *attach(void) {
    ms_thread *before = ms_inner_begin();
    ms_thread *thread = new_record(ms_os_tid());
    if (!thread) {
        ms_lose(MS_LOSS_NO_MEMORY, 1);
        ms_inner_end(before);
        return NULL;
    }
    if (g_ms.has_key)
        pthread_setspecific(g_ms.key, thread);
    thread->state = MS_THREAD_BUSY; /* first: a signal handler may come in between */
    ms_self = thread;
    ms_record_thread_name(thread, true);
    return thread;
}

static void name_lane(ms_thread *lane) {
    static const char name[] = "(late)";
    uint64_t tid = 0;
    ms_record_text(lane, MS_EVENT_THREAD, &tid, 1, name, sizeof name - 1);
}

static void open_lane(ms_thread *lane) {
    ms_stack_clear(lane); /* whoever used it last had another stack */
    lane->low = lane->high = 0;
    memset(lane->stacks, 0, sizeof lane->stacks);
    if (lane->serial)
        return;
    lane->serial = new_serial();
    name_lane(lane);
}

/* The lane is one record for everybody; its state is its lock. */
static ms_thread *enter_lane(void) {
    ms_thread *lane = g_ms.lane;
    uint32_t ready = MS_THREAD_READY;
    if (!lane)
        return NULL;
    for (unsigned tries = 0; tries < 1000; tries++) {
        ready = MS_THREAD_READY;
        if (__atomic_compare_exchange_n(&lane->state, &ready, MS_THREAD_BUSY, false,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            open_lane(lane);
            return lane;
        }
        ms_cpu_relax();
    }
    ms_lose(MS_LOSS_REENTRANT, 1);
    return NULL;
}

/* A child of a bare system call, which runs no fork handlers. False: nothing is to be recorded. */
static bool notice_fork(void) {
    if (ms_threads_forked()) {
        ms_thread *before = ms_inner_begin();
        ms_boot_child();
        ms_inner_end(before);
    }
    return atomic_load(&g_ms.on);
}

ms_thread *ms_enter_slow(void) {
    if (!atomic_load_explicit(&g_ms.on, memory_order_acquire) ||
        ms_self->state == MS_THREAD_INNER || !notice_fork())
        return NULL;
    switch ((ms_thread_state)ms_self->state) {
    case MS_THREAD_NONE: /* a vfork child borrows a thread: it must not give it its own id */
        return ms_os_pid() == g_ms.pid ? attach() : enter_lane();
    case MS_THREAD_BUSY: /* a signal handler inside a hook, or behind the last destructor */
    case MS_THREAD_DEAD: return enter_lane();
    default: return NULL;
    }
}

/* ---- the end of a thread ---------------------------------------------------------------------------- */

/* Other destructors may still allocate, so we come back in every round the C library makes and leave
 * in the last; what happens later goes to the lane. */
static void thread_ends(void *pointer) {
    ms_thread *thread = pointer;
    if (thread != ms_self || thread->state != MS_THREAD_READY)
        return;
    if (++thread->destructor_rounds < PTHREAD_DESTRUCTOR_ITERATIONS) {
        ms_thread *before = ms_inner_begin();
        pthread_setspecific(g_ms.key, thread);
        ms_inner_end(before);
        return;
    }
    thread->state = MS_THREAD_BUSY;
    if (ms_tick(thread)) {
        ms_record_gone(thread,
                       thread->locals.high); /* with the function that the thread began in */
        ms_record_thread_name(thread, false);
        ms_record_thread_end(thread);
    }
    ms_ring_seal(thread);
    ms_self = STAND_IN(dead);
    atomic_signal_fence(memory_order_seq_cst);
    thread->state = MS_THREAD_NONE;
    pool_give(thread);
}

/* ---- all threads ------------------------------------------------------------------------------------- */

bool ms_threads_init(void) {
    if (!g_ms.has_key)
        g_ms.has_key = pthread_key_create(&g_ms.key, thread_ends) == 0;
    if (!g_ms.lane && !(g_ms.lane = ms_os_memory(sizeof *g_ms.lane, true)))
        return false;
    prepare(g_ms.lane, 0);
    ms_leave(g_ms.lane);
    return true;
}

void ms_threads_abandon(void) {
    g_ms.pool = NULL;
    atomic_store(&g_ms.records, NULL);
    atomic_store(&g_ms.pool_lock, 0);
}

static bool is_recording(const ms_thread *thread) {
    return __atomic_load_n(&thread->state, __ATOMIC_ACQUIRE) == MS_THREAD_BUSY;
}

static bool any_recording(void) {
    for (const ms_thread *at = atomic_load(&g_ms.records); at; at = at->next) {
        if (is_recording(at))
            return true;
    }
    return g_ms.lane && is_recording(g_ms.lane);
}

/* The thread may be passing a block at this moment, which has no state: then that is counted, in vain or in the
 * next trace. It passes no second one, for any block has more bytes now than are left until the next hit;
 * until_hit itself is the thread's to write. */
static void let_go(ms_thread *thread) {
    thread->cursor = thread->end = NULL;
    memset(thread->spare_counts, 0, sizeof thread->spare_counts);
    thread->counts = thread->spare_counts;
    thread->block_bytes = UINT64_C(1) << 63;
    thread->sampling = 0;
}

/* A record that stays in use belongs to a thread that a debugger holds, or that has jumped out of a signal
 * handler and never comes back to it: that one keeps what it has. */
void ms_threads_let_go(void) {
    for (unsigned waits = 0; waits == 0 || (any_recording() && waits < 200); waits++)
        ms_os_sleep_us(1000); /* the first time, too: what others have written is to be seen here */
    for (ms_thread *at = atomic_load(&g_ms.records); at; at = at->next) {
        if (!is_recording(at))
            let_go(at);
    }
    if (g_ms.lane && !is_recording(g_ms.lane))
        let_go(g_ms.lane);
}

void ms_thread_rejoin(ms_thread *thread) {
    uint64_t counts[MS_COUNT_COUNT] = {0};
    if (thread->counts == thread->spare_counts) /* it was let go, and has counted since */
        memcpy(counts, thread->spare_counts, sizeof counts);
    prepare(thread, thread->tid);
    memcpy(thread->spare_counts, counts, sizeof counts);
    thread->serial = new_serial();
    if (thread->tid)
        ms_record_thread_name(thread, true);
    else
        name_lane(thread);
}

bool ms_threads_forked(void) {
    return g_ms.lane && !g_ms.lane->ring; /* fork has wiped it */
}
