/* hooks.h - what the hook files share: the real functions, and the two recordings every allocator
 * hook ends in. */
#ifndef MS_CAPTURE_HOOKS_H
#define MS_CAPTURE_HOOKS_H

#include <signal.h>
#include <spawn.h>
#include <sys/types.h>

#include "capture/arch.h"
#include "capture/boot.h"
#include "capture/clock.h"
#include "capture/freer.h"
#include "capture/record.h"
#include "capture/sample.h"
#include "capture/stack.h"
#include "capture/state.h"

/* The functions that the hooks stand before; NULL: not (yet) found. */
struct ms_real {
#define MS_HOOK(member, symbol, type, parameters) type(*member) parameters;
#define MS_HOOK_CPP(member, symbol, type, parameters) type(*member) parameters;
#include "capture/hooks.def"
};
extern MS_HIDDEN struct ms_real ms_real;

/* The hook's own frame, from which unwinding starts: only right in the hook itself. */
#define MS_FRAME ((const uint64_t *)__builtin_frame_address(0))

/* True once the real function is there. False only inside our own start: serve from boot memory. */
#define MS_HAVE(member) (ms_likely(ms_real.member != NULL) || (ms_boot(), ms_real.member != NULL))

static inline __attribute__((always_inline)) void ms_born(const uint64_t *frame, unsigned family,
                                                          const void *address, size_t size) {
    ms_thread *thread;
    if (!address || !(thread = ms_enter()))
        return;
    if (ms_unlikely(!ms_tick(thread))) {
        /* off */
    } else if (ms_unlikely(thread->sampling) && !ms_sample_born(thread, size)) {
        ms_count(thread, MS_COUNT_ALLOCATIONS, 1);
        ms_count(thread, MS_COUNT_BYTES, size);
    } else {
        ms_record_alloc(thread, family, address, size, ms_stack_of(thread, frame));
        if (ms_unlikely(thread->sampling))
            ms_sample_recorded(thread, address, size);
    }
    ms_leave(thread);
}

/* Before the block is really freed: no other thread can then record a birth at its address first. `caller`:
 * the return address of the hook. False: nothing was done, and the hook goes on with ms_release(). */
static inline __attribute__((always_inline)) bool ms_dies(unsigned family, const void *address,
                                                          const void *caller) {
    ms_thread *thread;
    if (!address || !(thread = ms_enter()))
        return true;
    bool is_said = ms_likely(ms_freer_is_said(thread, caller));
    if (!is_said || ms_unlikely(!ms_tick(thread))) {
        /* somebody else's turn, or off */
    } else if (ms_unlikely(thread->sampling) && !ms_unmark(address)) {
        ms_count(thread, MS_COUNT_FREES, 1);
    } else {
        ms_record_free(thread, family, address);
    }
    ms_leave(thread);
    return is_said;
}

/* Records the release of a block, and who does it, and frees it. To be jumped to as a hook's last act, so that
 * its frame is where the hook's was. */
void ms_release(void *block, unsigned family);

#endif
