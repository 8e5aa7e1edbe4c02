/* Built into libmemscope_check.so only (stack.c with MS_CHECK_STACKS): compares every stack that the
 * verified cache gave with an unwind from scratch, and one in CHECK_GCC_EVERY with libgcc's unwinder,
 * which shares no code with ours. At exit it appends one line to $MEMSCOPE_CHECK_OUTPUT. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <unwind.h>

#include "capture/os.h"
#include "capture/stack.h"
#include "capture/thread.h"
#include "capture/unwind.h"

#define CHECK_GCC_EVERY 97
#define DEPTH_MAX MS_FRAMES_KEEP

static _Atomic uint64_t checked, mismatched, gcc_checked, gcc_mismatched;

typedef struct trail {
    uint64_t pc[DEPTH_MAX];
    size_t count;
} trail;

/* Ours, innermost first, as a trail; returns how it ends. */
static uint32_t ours_of(const ms_thread *thread, uint32_t top, trail *out) {
    for (out->count = 0; top >= MS_ROOT_COUNT && out->count < DEPTH_MAX;
         top = thread->more[top].outer)
        out->pc[out->count++] = thread->frames[top].pc;
    return top;
}

static bool unwind_plainly(ms_thread *thread, ms_regs regs, trail *out) {
    uint64_t high = ms_stack_high(thread, regs.sp);
    bool exact = false;
    for (out->count = 0; out->count < DEPTH_MAX;) {
        uint32_t rule = ms_rule_of(thread, regs.pc, exact);
        out->pc[out->count++] = regs.pc;
        if (ms_step(thread, rule, &regs, exact, &high) != MS_ROOT_NONE)
            return true;
        exact = rule == MS_RULE_SIGNAL;
    }
    return false;
}

static void report(const char *which, const trail *ours, const trail *other) {
    char line[160];
    if (atomic_load(&mismatched) + atomic_load(&gcc_mismatched) > 3)
        return;
    int size = snprintf(line, sizeof line, "mismatch (%s): ours %u frames, other %zu\n", which,
                        (unsigned)ours->count, other->count);
    if (write(2, line, (size_t)size) < 0)
        return;
    for (size_t i = 0; i < other->count || i < ours->count; i++) {
        uint64_t mine = i < ours->count ? ours->pc[i] : 0;
        uint64_t theirs = i < other->count ? other->pc[i] : 0;
        size = snprintf(line, sizeof line, "  %c %#lx %#lx\n", mine == theirs ? ' ' : '*', mine,
                        theirs);
        if (write(2, line, (size_t)size) < 0)
            return;
    }
}

static bool same(const trail *ours, const trail *other) {
    return ours->count == other->count &&
           memcmp(ours->pc, other->pc, ours->count * sizeof *ours->pc) == 0;
}

static _Unwind_Reason_Code gcc_step(struct _Unwind_Context *context, void *pointer) {
    trail *out = pointer;
    if (out->count == DEPTH_MAX)
        return _URC_END_OF_STACK;
    out->pc[out->count++] = _Unwind_GetIP(context);
    return _URC_NO_REASON;
}

/* gcc's trail begins in our own frames; ours begins at the hook's caller. Its end may differ: where
 * one of the two gives up, the other's frames are compared as far as they go. */
static bool same_as_gcc(const trail *ours, bool ended, const trail *gcc) {
    uint64_t first = ours->pc[0];
    size_t skip = 0;
    while (skip < gcc->count && gcc->pc[skip] != first)
        skip++;
    if (skip == gcc->count)
        return false;
    size_t theirs = gcc->count - skip;
    while (theirs > 0 && gcc->pc[skip + theirs - 1] == 0)
        theirs--;
    if (ended && theirs < ours->count)
        return false;
    for (size_t i = 0; i < theirs && i < ours->count; i++)
        if (gcc->pc[skip + i] != ours->pc[i])
            return false;
    return true;
}

void ms_stack_check(ms_thread *thread, ms_regs regs, uint32_t top) {
    static __thread struct { trail ours, other; } * mine __attribute__((tls_model("initial-exec")));
    if (thread == g_ms.lane)
        return;
    if (!mine && !(mine = ms_os_memory(sizeof *mine, false)))
        return;
    uint32_t root = ours_of(thread, top, &mine->ours);
    if (root == MS_ROOT_DEEP || root >= MS_ROOT_COUNT)
        return;
    ms_thread *self = ms_inner_begin(); /* libgcc may allocate */
    uint64_t number = atomic_fetch_add(&checked, 1);
    if (unwind_plainly(thread, regs, &mine->other) && !same(&mine->ours, &mine->other)) {
        atomic_fetch_add(&mismatched, 1);
        report("plain", &mine->ours, &mine->other);
    }
    if (number % CHECK_GCC_EVERY == 0) {
        mine->other.count = 0;
        _Unwind_Backtrace(gcc_step, &mine->other);
        atomic_fetch_add(&gcc_checked, 1);
        if (!same_as_gcc(&mine->ours, root == MS_ROOT_COMPLETE, &mine->other)) {
            atomic_fetch_add(&gcc_mismatched, 1);
            report("gcc", &mine->ours, &mine->other);
        }
    }
    ms_inner_end(self);
}

__attribute__((destructor)) static void conclude(void) {
    const char *path = getenv("MEMSCOPE_CHECK_OUTPUT");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    char line[200];
    int size = snprintf(line, sizeof line, "checked %lu mismatched %lu gcc %lu mismatched %lu\n",
                        atomic_load(&checked), atomic_load(&mismatched), atomic_load(&gcc_checked),
                        atomic_load(&gcc_mismatched));
    if (fd < 0 || write(fd, line, (size_t)size) < 0)
        return;
    close(fd);
}
