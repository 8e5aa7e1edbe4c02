/* Contexts that makecontext() makes. Each is a task of its own, a child of the one it is made in, until its
 * function returns, its stack is unmapped, or another context is made for that.
 *
 * To know when the function returns we have it return to us. Its return address, which is the C library's, lies on
 * top of the new stack when it is entered for the first time:
 *
 *   makecontext()   [ __start_context | arguments beyond six | uc_link ]
 *   first switch    [ ms_context_returned | ... ]      and from there on to __start_context
 */
#include "adapt/context.h"

#include "adapt/unit.h"
#include "capture/arch.h"
#include "capture/clock.h"
#include "capture/home.h"
#include "capture/hooks.h"

/* The C library's; the same for all contexts. */
static _Atomic(const void *) start_context;

static ms_unit unit_of(const ms_coroutine *c) {
    return (ms_unit){.task = c->made_for,
                     .parent = c->parent,
                     .kind = MS_KIND("ucontext"),
                     .callback = c->function,
                     .told = c->told};
}

/* Is that a stack apart from the one that we are on? */
static bool is_apart(uint64_t low, uint64_t size) {
    uint64_t here = (uint64_t)__builtin_frame_address(0);
    return size > 0 && low + size > low && here - low >= size && ms_thread_pointer() - low >= size;
}

/* Here, because contexts are also switched in signal handlers, which are no place to look them up. */
static void find_switches(const void *caller) {
    ms_route_real(MS_ENTRY_setcontext, caller);
    ms_route_real(MS_ENTRY_swapcontext, caller);
}

void *ms_context_made(ucontext_t *context, void (*function)(void), const uint64_t *frame) {
    uint64_t low = (uint64_t)context->uc_stack.ss_sp, size = context->uc_stack.ss_size;
    if (is_apart(low, size)) {
        uint64_t parent = ms_home_task();
        ms_unit unit = ms_unit_found(MS_KIND("ucontext"), (const void *)function, parent, frame);
        ms_coroutine about = {.task = unit.task,
                              .made_for = unit.task,
                              .parent = parent,
                              .word = ms_home_word(),
                              .function = unit.callback,
                              .link = context->uc_link,
                              .told = unit.told,
                              .fresh = true};
        if (!ms_coroutine_put(low, low + size, &about))
            ms_unit_end(&unit);
    }
    find_switches((const void *)frame[1]);
    return ms_route_real(MS_ENTRY_makecontext, (const void *)frame[1]);
}

/* Nothing has run there yet. */
static void have_it_return_to_us(uint64_t sp) {
    const void **slot = (const void **)sp, *expected = NULL;
    if (atomic_compare_exchange_strong(&start_context, &expected, *slot) || expected == *slot)
        *slot = ms_context_returned;
}

/* A trace that began since, in a forked child for one, does not know of the task. */
static void tell(ms_coroutine *c) {
    ms_unit unit = unit_of(c);
    if (unit.task && ms_unit_tell(&unit))
        c->told = unit.told;
}

/* The thread is about to go on in this context. */
static void go_to(const ucontext_t *context) {
    uint64_t low, high, sp = (uint64_t)context->uc_mcontext.gregs[REG_RSP];
    ms_coroutine *c = ms_coroutine_at(sp, &low, &high);
    if (c && atomic_exchange(&c->fresh, false) && sp % 8 == 0 && sp + 8 < high &&
        (const void *)context->uc_mcontext.gregs[REG_RIP] == c->function)
        have_it_return_to_us(sp);
    if (c)
        tell(c);
    ms_home_task();
    ms_thread *thread = ms_is_off() ? NULL : ms_enter();
    bool on = thread && ms_tick(thread); /* first: it looks where we are */
    ms_home_at(sp);
    if (on)
        ms_tick_task(thread);
    if (thread)
        ms_leave(thread);
}

int ms_adapt_setcontext(const ucontext_t *context) {
    ms_entry_setcontext *real = MS_FOUND(setcontext);
    go_to(context);
    return real(context);
}

int ms_adapt_swapcontext(ucontext_t *from, const ucontext_t *to) {
    ms_entry_swapcontext *real = MS_FOUND(swapcontext);
    go_to(to);
    return real(from, to);
}

const void *ms_context_over(void) {
    uint64_t low, high;
    ms_coroutine *c = ms_coroutine_at((uint64_t)__builtin_frame_address(0), &low, &high);
    if (c) {
        ms_unit unit = unit_of(c);
        const ucontext_t *link = c->link;
        ms_coroutine_end(c);
        if (unit.task)
            ms_unit_end(&unit);
        if (link)
            go_to(link);
    }
    return atomic_load(&start_context);
}
