#include "capture/freer.h"

#include "capture/module.h"
#include "capture/stack.h"
#include "capture/no_malloc.h"

/* Code of no object - just-in-time compiled - is told apart by page. */
#define PAGE UINT64_C(4096)

enum { FREER_WORDS = 2 }; /* at most */

typedef struct range {
    uint64_t start, bytes;
} range;

static range object_of(ms_thread *thread, uint64_t caller) {
    ms_object object;
    if (caller - thread->other_freer_start < thread->other_freer_bytes)
        return (range){thread->other_freer_start, thread->other_freer_bytes};
    if (ms_object_at(thread, caller - 1, &object))
        return (range){(uint64_t)object.start, (uint64_t)(object.end - object.start)};
    return (range){caller & ~(PAGE - 1), PAGE};
}

/* Returns how many words at `at` that took, of FREER_WORDS. `object`: none with --free-stacks, so that each
 * release comes here. */
static size_t say(ms_thread *thread, uint64_t *at, uint64_t caller, uint32_t stack, range object) {
    if (stack != MS_ROOT_NONE && stack == thread->free_stack)
        return 0;
    thread->other_freer_start = thread->freer_start;
    thread->other_freer_bytes = thread->freer_bytes;
    thread->freer_start = object.start;
    thread->freer_bytes = object.bytes;
    thread->free_stack = stack;
    if (stack == MS_ROOT_NONE) {
        ms_commit(at, ms_word(MS_EVENT_FREER, 0, caller));
        return 1;
    }
    at[1] = stack;
    ms_commit(at, ms_word(MS_EVENT_FREER_STACK, 0, caller));
    return 2;
}

/* First what may write events of its own; then room for both, in one chunk or not at all, so that no release
 * is taken for another one's. */
void ms_freer_record(ms_thread *thread, const uint64_t *frame, unsigned family,
                     const void *address) {
    uint64_t caller = ms_caller_regs(frame).pc;
    range object = g_ms.free_stacks ? (range){0} : object_of(thread, caller);
    uint32_t stack = g_ms.free_stacks ? ms_stack_of(thread, frame) : MS_ROOT_NONE;
    uint64_t *at = ms_reserve(thread, FREER_WORDS + 1);
    if (!at)
        return;
    at += say(thread, at, caller, stack, object);
    thread->cursor = at + 1; /* what is not needed is given back */
    ms_commit(at, ms_word(MS_EVENT_FREE, family, (uint64_t)address));
}
