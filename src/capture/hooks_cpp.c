/* operator new and delete, every form.
 *
 * The C++ runtime's own operators are malloc and free plus what happens when memory runs out. So we
 * allocate directly, which records one block of the right family, and only when that fails call the
 * runtime's operator for its new-handlers and exceptions. Operators that somebody replaced in a
 * library are called as they are: the malloc calls they make are recorded as such. */
#include "capture/hooks.h"

enum { CPP_UNKNOWN = 0, CPP_STANDARD = 1, CPP_REPLACED = 2 };

static _Atomic int cpp_operators;

static bool find_operators(void) {
    bool standard = ms_boot_operators_standard();
    atomic_store_explicit(&cpp_operators, standard ? CPP_STANDARD : CPP_REPLACED,
                          memory_order_release);
    return standard;
}

static inline bool standard_operators(void) {
    int known = atomic_load_explicit(&cpp_operators, memory_order_acquire);
    return ms_likely(known == CPP_STANDARD) || (known == CPP_UNKNOWN && find_operators());
}

/* The real operator, found when first needed; NULL where there is no C++ runtime. */
#define REAL(member, symbol)                                                                       \
    (ms_real.member ? ms_real.member : (ms_real.member = ms_boot_symbol_late(symbol)))

static inline void *take(size_t size, size_t alignment) {
    if (alignment == 0)
        return ms_real.malloc(size ? size : 1);
    size_t rounded = (size + alignment - 1) & ~(alignment - 1);
    return ms_real.aligned_alloc(alignment, rounded < size ? size : rounded ? rounded : alignment);
}

#define NEW(member, symbol, family, align, parameters, arguments)                                  \
    MS_EXPORT void *ms_hook_##member parameters __asm__(symbol);                                   \
    MS_EXPORT void *ms_hook_##member parameters {                                                  \
        if (!MS_HAVE(malloc) || !MS_HAVE(aligned_alloc))                                           \
            return ms_boot_memory(size, 64);                                                       \
        void *block = standard_operators() ? take(size, align) : NULL;                             \
        if (ms_unlikely(!block))                                                                   \
            return REAL(member, symbol) ? ms_real.member arguments : NULL;                         \
        if (!ms_is_off() && !ms_sample_passes(size, MS_COUNT_ALLOCATIONS))                         \
            ms_born(MS_FRAME, family, block, size);                                                \
        return block;                                                                              \
    }

#define DELETE(member, symbol, family, parameters, arguments)                                      \
    MS_EXPORT void ms_hook_##member parameters __asm__(symbol);                                    \
    MS_EXPORT void ms_hook_##member parameters {                                                   \
        if (!MS_HAVE(free) || ms_unlikely(ms_boot_owns(block)))                                    \
            return;                                                                                \
        if (ms_unlikely(!standard_operators() && REAL(member, symbol))) {                          \
            ms_real.member arguments;                                                              \
            return;                                                                                \
        }                                                                                          \
        bool passes = !block || ms_is_off() || ms_sample_passes_release(block);                    \
        if (passes || ms_likely(ms_dies(family, block, __builtin_return_address(0))))              \
            ms_real.free(block);                                                                   \
        else                                                                                       \
            ms_release(block, family);                                                             \
    }

NEW(new_, "_Znwm", MS_FAMILY_NEW, 0, (size_t size), (size))
NEW(new_nothrow, "_ZnwmRKSt9nothrow_t", MS_FAMILY_NEW, 0, (size_t size, const void *nothrow),
    (size, nothrow))
NEW(new_array, "_Znam", MS_FAMILY_NEW_ARRAY, 0, (size_t size), (size))
NEW(new_array_nothrow, "_ZnamRKSt9nothrow_t", MS_FAMILY_NEW_ARRAY, 0,
    (size_t size, const void *nothrow), (size, nothrow))
NEW(new_aligned, "_ZnwmSt11align_val_t", MS_FAMILY_NEW_ALIGNED, alignment,
    (size_t size, size_t alignment), (size, alignment))
NEW(new_aligned_nothrow, "_ZnwmSt11align_val_tRKSt9nothrow_t", MS_FAMILY_NEW_ALIGNED, alignment,
    (size_t size, size_t alignment, const void *nothrow), (size, alignment, nothrow))
NEW(new_array_aligned, "_ZnamSt11align_val_t", MS_FAMILY_NEW_ARRAY_ALIGNED, alignment,
    (size_t size, size_t alignment), (size, alignment))
NEW(new_array_aligned_nothrow, "_ZnamSt11align_val_tRKSt9nothrow_t", MS_FAMILY_NEW_ARRAY_ALIGNED,
    alignment, (size_t size, size_t alignment, const void *nothrow), (size, alignment, nothrow))

DELETE(delete_, "_ZdlPv", MS_FAMILY_NEW, (void *block), (block))
DELETE(delete_sized, "_ZdlPvm", MS_FAMILY_NEW, (void *block, size_t size), (block, size))
DELETE(delete_nothrow, "_ZdlPvRKSt9nothrow_t", MS_FAMILY_NEW, (void *block, const void *nothrow),
       (block, nothrow))
DELETE(delete_aligned, "_ZdlPvSt11align_val_t", MS_FAMILY_NEW_ALIGNED,
       (void *block, size_t alignment), (block, alignment))
DELETE(delete_sized_aligned, "_ZdlPvmSt11align_val_t", MS_FAMILY_NEW_ALIGNED,
       (void *block, size_t size, size_t alignment), (block, size, alignment))
DELETE(delete_aligned_nothrow, "_ZdlPvSt11align_val_tRKSt9nothrow_t", MS_FAMILY_NEW_ALIGNED,
       (void *block, size_t alignment, const void *nothrow), (block, alignment, nothrow))
DELETE(delete_array, "_ZdaPv", MS_FAMILY_NEW_ARRAY, (void *block), (block))
DELETE(delete_array_sized, "_ZdaPvm", MS_FAMILY_NEW_ARRAY, (void *block, size_t size),
       (block, size))
DELETE(delete_array_nothrow, "_ZdaPvRKSt9nothrow_t", MS_FAMILY_NEW_ARRAY,
       (void *block, const void *nothrow), (block, nothrow))
DELETE(delete_array_aligned, "_ZdaPvSt11align_val_t", MS_FAMILY_NEW_ARRAY_ALIGNED,
       (void *block, size_t alignment), (block, alignment))
DELETE(delete_array_sized_aligned, "_ZdaPvmSt11align_val_t", MS_FAMILY_NEW_ARRAY_ALIGNED,
       (void *block, size_t size, size_t alignment), (block, size, alignment))
DELETE(delete_array_aligned_nothrow, "_ZdaPvSt11align_val_tRKSt9nothrow_t",
       MS_FAMILY_NEW_ARRAY_ALIGNED, (void *block, size_t alignment, const void *nothrow),
       (block, alignment, nothrow))
