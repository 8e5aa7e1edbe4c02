/* Mappings: mmap, munmap, mremap and the break. What the C library's malloc maps for itself does not
 * come through here (it calls its own names), so a mapping is the program's. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capture/home.h"
#include "capture/hooks.h"
#include "capture/module.h"
#include "capture/thread.h"
#include "capture/unwind.h"

/* MAP's number: protection in bits 0-7, flags above. */
static uint32_t map_flags(int protection, int flags) {
    return (uint32_t)(protection & 0xff) | (uint32_t)flags << 8;
}

static inline __attribute__((always_inline)) void
mapped(const uint64_t *frame, unsigned family, const void *address, size_t size, uint32_t flags) {
    ms_thread *thread;
    if (!g_ms.take_mappings || !(thread = ms_enter()))
        return;
    if (ms_tick(thread))
        ms_record_map(thread, family, address, size, flags, ms_stack_of(thread, frame));
    ms_leave(thread);
}

static void unmapped(unsigned family, const void *address, size_t size) {
    ms_thread *thread;
    if (!g_ms.take_mappings || !(thread = ms_enter()))
        return;
    if (ms_tick(thread))
        ms_record_unmap(thread, family, address, size);
    ms_leave(thread);
}

/* Inside our own start, when the real functions are not known yet. */
static void *early_map(void *hint, size_t size, int protection, int flags, int fd, off_t offset) {
    long result = ms_syscall6(SYS_mmap, (long)hint, (long)size, protection, flags, fd, offset);
    if (result >= 0 || result < -4095)
        return (void *)result;
    errno = (int)-result;
    return MAP_FAILED;
}

static int early_unmap(void *address, size_t size) {
    long result = ms_syscall6(SYS_munmap, (long)address, (long)size, 0, 0, 0, 0);
    if (result == 0)
        return 0;
    errno = (int)-result;
    return -1;
}

MS_EXPORT void *mmap(void *hint, size_t size, int protection, int flags, int fd, off_t offset) {
    if (!MS_HAVE(mmap))
        return early_map(hint, size, protection, flags, fd, offset);
    if (flags & MAP_FIXED)
        ms_stack_unmapped(hint, size);
    void *address = ms_real.mmap(hint, size, protection, flags, fd, offset);
    if (address != MAP_FAILED)
        mapped(MS_FRAME, MS_FAMILY_MMAP, address, size, map_flags(protection, flags));
    return address;
}

MS_EXPORT void *mmap64(void *hint, size_t size, int protection, int flags, int fd, off64_t offset) {
    if (!MS_HAVE(mmap64))
        return early_map(hint, size, protection, flags, fd, offset);
    if (flags & MAP_FIXED)
        ms_stack_unmapped(hint, size);
    void *address = ms_real.mmap64(hint, size, protection, flags, fd, offset);
    if (address != MAP_FAILED)
        mapped(MS_FRAME, MS_FAMILY_MMAP, address, size, map_flags(protection, flags));
    return address;
}

MS_EXPORT int munmap(void *address, size_t size) {
    if (!MS_HAVE(munmap))
        return early_unmap(address, size);
    ms_stack_unmapped(address, size);
    int result = ms_real.munmap(address, size);
    if (result == 0)
        unmapped(MS_FAMILY_MMAP, address, size);
    return result;
}

MS_EXPORT void *mremap(void *old, size_t old_size, size_t size, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    void *target = flags & MREMAP_FIXED ? va_arg(arguments, void *) : NULL;
    va_end(arguments);
    if (!MS_HAVE(mremap))
        return MAP_FAILED;
    ms_stack_unmapped(old, old_size);
    void *address = ms_real.mremap(old, old_size, size, flags, target);
    ms_thread *thread;
    if (address == MAP_FAILED || !g_ms.take_mappings || !(thread = ms_enter()))
        return address;
    if (ms_tick(thread))
        ms_record_remap(thread, old, old_size, address, size, ms_stack_of(thread, MS_FRAME));
    ms_leave(thread);
    return address;
}

static inline __attribute__((always_inline)) void break_moved(const uint64_t *frame, char *from,
                                                              char *to) {
    if (to > from)
        mapped(frame, MS_FAMILY_BRK, from, (size_t)(to - from), 0);
    else if (to < from)
        unmapped(MS_FAMILY_BRK, to, (size_t)(from - to));
}

MS_EXPORT int brk(void *address) {
    if (!MS_HAVE(brk) || !MS_HAVE(sbrk))
        return -1;
    char *before = ms_real.sbrk(0);
    int result = ms_real.brk(address);
    if (result == 0)
        break_moved(MS_FRAME, before, address);
    return result;
}

MS_EXPORT void *sbrk(intptr_t increment) {
    if (!MS_HAVE(sbrk))
        return (void *)-1;
    char *before = ms_real.sbrk(increment);
    if (increment != 0 && before != (void *)-1)
        break_moved(MS_FRAME, before, before + increment);
    return before;
}

/* Not a mapping call, but it takes code away. */
MS_EXPORT int dlclose(void *handle) {
    if (!MS_HAVE(dlclose))
        return -1;
    int result = ms_real.dlclose(handle);
    atomic_fetch_add_explicit(&g_ms.closes, 1, memory_order_release);
    if (atomic_load(&g_ms.on))
        ms_module_closed();
    return result;
}

/* Neither is this, but it says that a thread has two stacks. */
MS_EXPORT int sigaltstack(const stack_t *stack, stack_t *old) {
    if (!MS_HAVE(sigaltstack))
        return -1;
    int result = ms_real.sigaltstack(stack, old);
    if (result == 0 && stack) {
        uint64_t low = (uint64_t)stack->ss_sp;
        ms_home_signal_stack(low, stack->ss_flags & SS_DISABLE ? low : low + stack->ss_size);
    }
    return result;
}
