#include "capture/home.h"

#include "capture/arch.h"
#include "capture/no_malloc.h"

static __thread struct {
    uint64_t low, size;      /* where it was seen last, no other stack is, */
    uint32_t version;        /* as of that version; 0: it has not looked yet */
    ms_coroutine *coroutine; /* it runs on this one's stack; NULL: on its own */
    uint64_t task;           /* what it works for on its own */
    uint64_t signal_low, signal_high;
} home __attribute__((tls_model("initial-exec")));

void ms_home_signal_stack(uint64_t low, uint64_t high) {
    home.signal_low = low;
    home.signal_high = high;
}

/* The program may say itself whose turn it is, on the thread's own stack, and then switch to a coroutine: what it
 * has said since that was made holds for a task that was found. */
static uint64_t task_at(const ms_coroutine *c) {
    uint64_t task = c ? atomic_load_explicit(&c->task, memory_order_relaxed) : 0;
    bool said = home.task && !ms_task_is_found(home.task);
    if (!task || (ms_task_is_found(task) && said && home.task != c->word))
        return home.task;
    return task;
}

/* What is told of where the thread's control block lies is not true any more: that is on its own stack. */
static bool is_stale(uint64_t low, uint64_t high) {
    return ms_thread_pointer() - low < high - low;
}

static __attribute__((noinline)) void move(uint64_t sp) {
    uint64_t low, high;
    uint32_t version;
    ms_coroutine *c;
    do {
        version = atomic_load_explicit(&ms_coroutines_version, memory_order_acquire);
        c = ms_coroutine_at(sp, &low, &high);
    } while (version != atomic_load_explicit(&ms_coroutines_version, memory_order_acquire));
    if (!c && sp - home.signal_low < home.signal_high - home.signal_low)
        return;
    if (c && is_stale(low, high))
        c = NULL;
    if (!home.version) /* so far there was nothing but its own stack */
        home.task = ms_task;
    home.low = low;
    home.size = high - low;
    home.version = version;
    home.coroutine = c;
    ms_task = task_at(c);
}

void ms_home_at(uint64_t sp) {
    if (ms_unlikely(sp - home.low >= home.size ||
                    home.version !=
                        atomic_load_explicit(&ms_coroutines_version, memory_order_acquire)))
        move(sp);
}

void ms_home_here(void) {
    ms_home_at((uint64_t)__builtin_frame_address(0));
}

void ms_home_set_among(uint64_t task) {
    ms_home_task();
    ms_task = task;
    if (home.coroutine)
        atomic_store_explicit(&home.coroutine->task, task, memory_order_relaxed);
    else
        home.task = task;
}

uint64_t ms_home_word(void) {
    uint64_t task = ms_home_task();
    if (task && !ms_task_is_found(task))
        return task;
    return home.coroutine ? home.coroutine->word : 0;
}
