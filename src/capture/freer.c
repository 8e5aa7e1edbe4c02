#include "capture/freer.h"

#include "capture/module.h"
#include "capture/record.h"
#include "capture/no_malloc.h"

/* Code of no object - just-in-time compiled - is told apart by page. */
#define PAGE UINT64_C(4096)

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

/* A new chunk knows of none, so room is made first. What is lost is said again with the next release. */
void ms_freer(ms_thread *thread, uint64_t caller) {
    range now = object_of(thread, caller);
    uint64_t *at = ms_reserve(thread, 1);
    if (!at)
        return;
    ms_commit(at, ms_word(MS_EVENT_FREER, 0, caller));
    thread->other_freer_start = thread->freer_start;
    thread->other_freer_bytes = thread->freer_bytes;
    thread->freer_start = now.start;
    thread->freer_bytes = now.bytes;
}
