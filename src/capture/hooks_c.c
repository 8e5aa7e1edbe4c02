/* The C allocation functions. Each calls the real one and records what it did.
 *
 * The busiest come in two parts: the hook proper looks at the switch and, while recording is off, jumps on
 * to the real function; with its few instructions it needs no frame. The other part records. It is jumped
 * to as well, not called, so that MS_FRAME finds the program's frame right behind its own. */
#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "capture/hooks.h"

#define RECORDING __attribute__((noinline))
#define COLD __attribute__((noinline, cold))

static RECORDING void *recorded_malloc(size_t size) {
    void *block = ms_real.malloc(size);
    ms_born(MS_FRAME, MS_FAMILY_MALLOC, block, size);
    return block;
}

static void *counted_malloc(size_t size) {
    void *block = ms_real.malloc(size);
    if (ms_unlikely(!block))
        ms_sample_failed(size, MS_COUNT_ALLOCATIONS);
    return block;
}

static COLD void *first_malloc(size_t size) {
    ms_boot();
    if (!ms_real.malloc)
        return ms_boot_memory(size, 16);
    return ms_is_off() ? ms_real.malloc(size) : recorded_malloc(size);
}

MS_EXPORT void *malloc(size_t size) {
    if (ms_likely(!ms_is_off()))
        return ms_sample_passes(size, MS_COUNT_ALLOCATIONS) ? counted_malloc(size)
                                                            : recorded_malloc(size);
    return ms_likely(ms_real.malloc != NULL) ? ms_real.malloc(size) : first_malloc(size);
}

static RECORDING void *recorded_calloc(size_t count, size_t size) {
    void *block = ms_real.calloc(count, size);
    ms_born(MS_FRAME, MS_FAMILY_CALLOC, block, count * size);
    return block;
}

static COLD void *first_calloc(size_t count, size_t size) {
    ms_boot();
    if (!ms_real.calloc) /* boot memory is zero */
        return size && count > SIZE_MAX / size ? NULL : ms_boot_memory(count * size, 16);
    return ms_is_off() ? ms_real.calloc(count, size) : recorded_calloc(count, size);
}

MS_EXPORT void *calloc(size_t count, size_t size) {
    if (ms_likely(!ms_is_off()))
        return recorded_calloc(count, size);
    return ms_likely(ms_real.calloc != NULL) ? ms_real.calloc(count, size)
                                             : first_calloc(count, size);
}

static void dies(ms_thread *thread, const uint64_t *frame, unsigned family, const void *block) {
    if (ms_unlikely(thread->sampling) && !ms_unmark(block))
        ms_count(thread, MS_COUNT_FREES, 1);
    else
        ms_freer_record(thread, frame, family, block);
}

RECORDING void ms_release(void *block, unsigned family) {
    ms_thread *thread = ms_enter();
    if (thread) {
        if (ms_tick(thread))
            dies(thread, MS_FRAME, family, block);
        ms_leave(thread);
    }
    ms_real.free(block);
}

static RECORDING void recorded_free(void *block) {
    if (ms_likely(ms_dies(MS_FAMILY_MALLOC, block, __builtin_return_address(0))))
        ms_real.free(block);
    else
        ms_release(block, MS_FAMILY_MALLOC);
}

static COLD void first_free(void *block) {
    ms_boot();
    if (ms_real.free && ms_is_off())
        ms_real.free(block);
    else if (ms_real.free)
        recorded_free(block);
}

MS_EXPORT void free(void *block) {
    if (ms_unlikely(ms_boot_owns(block)))
        return;
    if (ms_likely(!ms_is_off() && !(block && ms_sample_passes_release(block))))
        recorded_free(block);
    else if (ms_likely(ms_real.free != NULL))
        ms_real.free(block);
    else
        first_free(block);
}

/* A block of ours, from before the real allocator was found, moves to a real one. */
static void *realloc_boot(const uint64_t *frame, void *old, size_t size) {
    void *block = MS_HAVE(malloc) ? ms_real.malloc(size) : ms_boot_memory(size, 16);
    if (!block)
        return NULL;
    size_t old_size = ms_boot_size(old);
    memcpy(block, old, old_size < size ? old_size : size);
    if (!ms_boot_owns(block))
        ms_born(frame, MS_FAMILY_REALLOC, block, size);
    return block;
}

/* Two halves, each of which may be recorded or not. */
static void resized(ms_thread *thread, const uint64_t *frame, void *old, bool old_recorded,
                    void *block, size_t size) {
    if (!block) { /* realloc(p, 0) freed it */
        if (old_recorded)
            ms_freer_record(thread, frame, MS_FAMILY_REALLOC, old);
        else
            ms_count(thread, MS_COUNT_FREES, 1);
        return;
    }
    if (!ms_sample_born(thread, size)) {
        if (old_recorded)
            ms_record_free(thread, MS_FAMILY_RESIZED, old);
        ms_count(thread, MS_COUNT_REALLOCATIONS, 1);
        ms_count(thread, MS_COUNT_BYTES, size);
        return;
    }
    uint32_t stack = ms_stack_of(thread, frame);
    if (old_recorded)
        ms_record_realloc(thread, old, block, size, stack);
    else
        ms_record_alloc(thread, MS_FAMILY_RESIZED, block, size, stack);
    ms_sample_recorded(thread, block, size);
}

static __attribute__((noinline)) void *resize_sampled(const uint64_t *frame, void *old,
                                                      size_t size) {
    ms_thread *thread = ms_enter();
    bool recorded = thread && ms_tick(thread) && ms_unmark(old);
    if (thread)
        ms_leave(thread);
    void *block = ms_real.realloc(old, size);
    if (!block && size) {
        if (recorded)
            ms_mark(old);
        return NULL;
    }
    if (!(thread = ms_enter()))
        return block;
    if (ms_tick(thread))
        resized(thread, frame, old, recorded, block, size);
    ms_leave(thread);
    return block;
}

static inline __attribute__((always_inline)) void *resize(const uint64_t *frame, void *old,
                                                          size_t size) {
    if (ms_unlikely(g_ms.sampling) && old)
        return resize_sampled(frame, old, size);
    void *block = ms_real.realloc(old, size);
    if (!old) {
        ms_born(frame, MS_FAMILY_REALLOC, block, size);
        return block;
    }
    ms_thread *thread;
    if ((!block && size) || !(thread = ms_enter()))
        return block; /* failed: the old block lives on */
    if (ms_likely(ms_tick(thread))) {
        if (block)
            ms_record_realloc(thread, old, block, size, ms_stack_of(thread, frame));
        else
            ms_freer_record(thread, frame, MS_FAMILY_REALLOC, old); /* realloc(p, 0) freed it */
    }
    ms_leave(thread);
    return block;
}

static RECORDING void *recorded_realloc(void *old, size_t size) {
    return resize(MS_FRAME, old, size);
}

static unsigned kind_of_realloc(const void *old) {
    return old ? MS_COUNT_REALLOCATIONS : MS_COUNT_ALLOCATIONS;
}

/* Neither the old block nor the new one is recorded. */
static bool realloc_passes(const void *old, size_t size) {
    return ms_self->sampling && size && !(old && ms_is_marked(old)) &&
           ms_sample_passes(size, kind_of_realloc(old));
}

static void *counted_realloc(void *old, size_t size) {
    void *block = ms_real.realloc(old, size);
    if (ms_unlikely(!block))
        ms_sample_failed(size, kind_of_realloc(old));
    return block;
}

static COLD void *first_realloc(void *old, size_t size) {
    ms_boot();
    if (!ms_real.realloc || ms_boot_owns(old))
        return old ? realloc_boot(MS_FRAME, old, size) : ms_boot_memory(size, 16);
    return ms_is_off() ? ms_real.realloc(old, size) : recorded_realloc(old, size);
}

MS_EXPORT void *realloc(void *old, size_t size) {
    if (ms_unlikely(ms_boot_owns(old)))
        return first_realloc(old, size);
    if (ms_likely(!ms_is_off()))
        return realloc_passes(old, size) ? counted_realloc(old, size) : recorded_realloc(old, size);
    return ms_likely(ms_real.realloc != NULL) ? ms_real.realloc(old, size)
                                              : first_realloc(old, size);
}

/* Not forwarded, save to a malloc of the program's own: the C library's comes back through realloc. */
MS_EXPORT void *reallocarray(void *old, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    if (!MS_HAVE(realloc) || ms_unlikely(ms_boot_owns(old)))
        return old ? realloc_boot(MS_FRAME, old, bytes) : ms_boot_memory(bytes, 16);
    if (ms_unlikely(ms_boot_malloc_replaced()))
        return ms_real.reallocarray(old, count, size);
    return resize(MS_FRAME, old, bytes);
}

MS_EXPORT int posix_memalign(void **block, size_t alignment, size_t size) {
    if (!MS_HAVE(posix_memalign))
        return (*block = ms_boot_memory(size, alignment)) ? 0 : ENOMEM;
    int error = ms_real.posix_memalign(block, alignment, size);
    if (error == 0)
        ms_born(MS_FRAME, MS_FAMILY_ALIGNED, *block, size);
    return error;
}

MS_EXPORT void *aligned_alloc(size_t alignment, size_t size) {
    if (!MS_HAVE(aligned_alloc))
        return ms_boot_memory(size, alignment);
    void *block = ms_real.aligned_alloc(alignment, size);
    ms_born(MS_FRAME, MS_FAMILY_ALIGNED, block, size);
    return block;
}

MS_EXPORT void *memalign(size_t alignment, size_t size) {
    if (!MS_HAVE(memalign))
        return ms_boot_memory(size, alignment);
    void *block = ms_real.memalign(alignment, size);
    ms_born(MS_FRAME, MS_FAMILY_ALIGNED, block, size);
    return block;
}

MS_EXPORT void *valloc(size_t size) {
    if (!MS_HAVE(valloc))
        return ms_boot_memory(size, 4096);
    void *block = ms_real.valloc(size);
    ms_born(MS_FRAME, MS_FAMILY_ALIGNED, block, size);
    return block;
}

MS_EXPORT void *pvalloc(size_t size) {
    if (!MS_HAVE(pvalloc))
        return ms_boot_memory(size, 4096);
    void *block = ms_real.pvalloc(size);
    ms_born(MS_FRAME, MS_FAMILY_ALIGNED, block, size);
    return block;
}

MS_EXPORT size_t malloc_usable_size(void *block) {
    if (!MS_HAVE(malloc_usable_size) || ms_unlikely(ms_boot_owns(block)))
        return ms_boot_owns(block) ? ms_boot_size(block) : 0;
    return ms_real.malloc_usable_size(block);
}

/* Releases that not every C library has; they mean what free() means. */

MS_EXPORT void cfree(void *block) {
    free(block);
}

MS_EXPORT void free_sized(void *block, size_t size) {
    (void)size;
    free(block);
}

MS_EXPORT void free_aligned_sized(void *block, size_t alignment, size_t size) {
    (void)alignment;
    (void)size;
    free(block);
}
