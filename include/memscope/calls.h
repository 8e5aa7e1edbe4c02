/* memscope/calls.h - how a program reaches memscope; the other headers build on it.
 *
 * libmemscope.so, when it is loaded, exports one table of functions. Its address is read by hand from the
 * global offset table, as a weak symbol: so nothing has to be linked, the address is NULL where there is no
 * memscope, and asking costs three instructions. A C declaration would not do: of a weak extern without a
 * definition compilers and linkers make an absolute address in programs that are not position independent,
 * and that stays 0 whatever is loaded. */
#ifndef MEMSCOPE_CALLS_H
#define MEMSCOPE_CALLS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a program says: `what` of a note. src/trace/notes.def tells what goes with each. */
enum memscope_note {
    MEMSCOPE_NOTE_TRACK = 1,
    MEMSCOPE_NOTE_UNTRACK = 2,
    MEMSCOPE_NOTE_MOVE = 3,
    MEMSCOPE_NOTE_SHARE = 4,
    MEMSCOPE_NOTE_BORROW = 5,
    MEMSCOPE_NOTE_RETURN = 6,
    MEMSCOPE_NOTE_SCOPE_ENTER = 7,
    MEMSCOPE_NOTE_SCOPE_LEAVE = 8,
    MEMSCOPE_NOTE_TAG = 9,
    MEMSCOPE_NOTE_TASK_BEGIN = 10,
    MEMSCOPE_NOTE_TASK_END = 11,
    MEMSCOPE_NOTE_REF_NEW = 12,
    MEMSCOPE_NOTE_REF = 13,
    MEMSCOPE_NOTE_UNREF = 14,
    MEMSCOPE_NOTE_WEAK = 15,
    MEMSCOPE_NOTE_UNWEAK = 16,
    MEMSCOPE_NOTE_REF_CHANGED = 17,
    MEMSCOPE_NOTE_CONTAINER = 18,
    MEMSCOPE_NOTE_HANDOVER = 19,
    MEMSCOPE_NOTE_RECLAIM = 20,
    MEMSCOPE_NOTE_FREED_ABROAD = 21,
    MEMSCOPE_NOTE_TYPE = 22,
    MEMSCOPE_NOTE_FIELD = 23,
    MEMSCOPE_NOTE_SNAPSHOT = 24,
    MEMSCOPE_NOTE_MISUSE = 25,
    MEMSCOPE_NOTE_CONTAINER_GONE = 26,
    MEMSCOPE_NOTE_CONTAINER_FILLED = 27,
    MEMSCOPE_NOTE_OUT_OF_SCOPE = 28
};

/* What a place speaks of: src/trace/places.def. */
enum memscope_kind {
    MEMSCOPE_KIND_OTHER = 0,
    MEMSCOPE_KIND_POINTER = 1,
    MEMSCOPE_KIND_SIGNED = 2,
    MEMSCOPE_KIND_UNSIGNED = 3,
    MEMSCOPE_KIND_FLOATING = 4,
    MEMSCOPE_KIND_ARRAY = 5,
    MEMSCOPE_KIND_STRUCT = 6,
    MEMSCOPE_KIND_SMART = 7,
    MEMSCOPE_KIND_CONTAINER = 8
};

/* A place in the program that speaks: static, one for each use of a macro. Texts may be NULL. Copied when
 * the place is first used, so it and its texts may go away. */
struct memscope_place {
    const char *name, *type, *file, *function;
    unsigned line, kind;
    uint64_t id; /* memscope's own; 0 at first */
};

/* A member of a type, as said by MEMSCOPE_STRUCT. */
struct memscope_field {
    struct memscope_place place;
    size_t offset, size;
};

/* Not known, or not yet. */
#define MEMSCOPE_UNKNOWN UINT64_MAX

/* What is known at once. What is live, and where the peak was, takes a report: memscope_export(). */
struct memscope_counts {
    int recording;    /* 0: switched off */
    uint64_t time_ns; /* since the start of the trace */
    uint64_t task;    /* that the calling thread works for */
    uint64_t threads; /* that have been recorded so far */
    uint64_t stacks;  /* frames that call stacks were made of so far */
    uint64_t places;  /* in the program that have spoken so far */
    uint64_t written; /* bytes of events, as they are before the recorder packs them: full chunks */
    uint64_t lost;    /* events that could not be recorded, whatever the cause */

    uint64_t strategy;     /* enum memscope_strategy */
    uint64_t sample_bytes; /* at first; 0: every allocation is recorded */
    uint64_t budget_percent;

    /* Of all blocks, recorded or not, as of `counted_ns`, some time in the last second. The process does not
     * count, its recorder does: without one, and in the first moments, these are MEMSCOPE_UNKNOWN. */
    uint64_t counted_ns;
    uint64_t allocations, reallocations, frees;
    uint64_t bytes_allocated; /* requested by allocations and reallocations */
};

/* Presets of one recorder: src/base/strategies.def. CORE records every event with its full stack; LOCKFREE
 * samples, each with its weight; ASYNC every event with the task it belongs to; UNIFIED every event while the
 * budget of CPU time allows, samples beyond. */
enum memscope_strategy {
    MEMSCOPE_CORE = 0,
    MEMSCOPE_LOCKFREE = 1,
    MEMSCOPE_ASYNC = 2,
    MEMSCOPE_UNIFIED = 3
};

/* As the strategy has it. */
#define MEMSCOPE_AS_STRATEGY UINT64_MAX

/* How to record, for memscope_start(). Only ever grows at its end. */
struct memscope_config {
    size_t size; /* of this struct, as the program knows it */
    unsigned strategy;
    unsigned stacks;         /* 0: take no call stacks */
    unsigned mappings;       /* 0: heap only, no mmap and the like */
    unsigned budget_percent; /* CPU time that recording may add; 0: as the strategy has it */
    uint64_t sample_bytes;   /* mean bytes between recorded allocations; 0: every one is */
    const char *output;      /* file of the trace; NULL: memscope.PROGRAM.PID.memscope */
    unsigned free_stacks;    /* 1: take those of releases, too */
    unsigned
        word_stacks; /* 1: and those of all words about variables, not only of moves and shares */
};

/* That number of a note is not told: a count of references, the bytes that a container uses. */
#define MEMSCOPE_NOT_TOLD UINT64_MAX

/* Only ever grows at its end. Every function may be called by any thread at any time, signal handlers
 * included, keeps errno and does not allocate, unless it says otherwise. */
struct memscope_calls {
    size_t size; /* of the table; what lies behind, this library does not have */
    void (*note)(struct memscope_place *place, unsigned what, const void *address, const void *old,
                 size_t size, uint64_t number);
    /* The same, with the stack of the caller. */
    void (*note_stack)(struct memscope_place *place, unsigned what, const void *address,
                       const void *old, size_t size, uint64_t number);
    /* TYPE and its FIELDs, unless the trace has them. */
    void (*describe)(struct memscope_place *type, size_t size, uint64_t count_offset,
                     struct memscope_field *fields, size_t field_count);
    uint64_t (*task_begin)(struct memscope_place *place);
    void (*task_switch)(uint64_t task);
    void (*task_end)(uint64_t task);
    uint64_t (*task_current)(void);
    int (*stats)(struct memscope_counts *stats, size_t size); /* size: of what the program knows */
    int (*pause)(void);
    int (*resume)(void);
    int (*is_recording)(void);
    /* Waits for another process. */
    int (*export_report)(const char *path, const char *format, const char *const *flags);
    void (*config)(struct memscope_config *config, size_t size); /* as for stats; the defaults */
    int (*start)(const struct memscope_config *config);          /* sets errno */
    int (*stop)(void);                                           /* sets errno */
    void (*task_stack)(uint64_t task, const void *base, size_t size);
};

#define MEMSCOPE_INLINE_ static inline __attribute__((always_inline, unused))

/* Casts that neither language warns of. */
#ifdef __cplusplus
#define MEMSCOPE_CAST_(type, value) static_cast<type>(value)
#define MEMSCOPE_POINTER_(type, number) reinterpret_cast<type>(number)
#define MEMSCOPE_NUMBER_(pointer) reinterpret_cast<uintptr_t>(pointer)
#else
#define MEMSCOPE_CAST_(type, value) ((type)(value))
#define MEMSCOPE_POINTER_(type, number) ((type)(number))
#define MEMSCOPE_NUMBER_(pointer) ((uintptr_t)(pointer))
#endif

/* NULL without memscope. */
MEMSCOPE_INLINE_ const struct memscope_calls *memscope_calls_(void) {
#if defined(MEMSCOPE_DISABLE) || !defined(__x86_64__) /* which is all that memscope records */
    return NULL;
#else
    const struct memscope_calls *calls;
    __asm__(".weak memscope_calls_1\n\t"
            "{movq memscope_calls_1@GOTPCREL(%%rip), %0|"
            "mov %0, qword ptr memscope_calls_1@GOTPCREL[rip]}"
            : "=r"(calls));
    return calls;
#endif
}

/* What is only named may be freed already, or not yet written: gcc need not warn of that. What the pragmas
 * do not reach, in link-time optimisation, it does not see. */
#define MEMSCOPE_UNSEEN_(address, old) __asm__("" : "+r"(address), "+r"(old))
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#if __GNUC__ >= 12
#pragma GCC diagnostic ignored "-Wuse-after-free"
#endif
#endif

MEMSCOPE_INLINE_ void memscope_note_(struct memscope_place *place, unsigned what,
                                     const void *address, const void *old, size_t size,
                                     uint64_t number) {
    const struct memscope_calls *calls = memscope_calls_();
    if (__builtin_expect(calls != NULL, 0)) {
        MEMSCOPE_UNSEEN_(address, old);
        calls->note(place, what, address, old, size, number);
    }
}

MEMSCOPE_INLINE_ void memscope_note_stack_(struct memscope_place *place, unsigned what,
                                           const void *address, const void *old, size_t size,
                                           uint64_t number) {
    const struct memscope_calls *calls = memscope_calls_();
    if (__builtin_expect(calls != NULL, 0)) {
        MEMSCOPE_UNSEEN_(address, old);
        calls->note_stack(place, what, address, old, size, number);
    }
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#ifdef __cplusplus
}
#endif

/* ---- what the macros of the other headers are made of ------------------------------------------ */

#define MEMSCOPE_PASTE2_(a, b) a##b
#define MEMSCOPE_PASTE_(a, b) MEMSCOPE_PASTE2_(a, b)

/* MEMSCOPE_PLACE_(here, name, type, kind) declares a place, MEMSCOPE_AT_(here) is its address; `here` is an
 * identifier. As a static variable of an inline function in C++ it would be a symbol for everybody, and what
 * gcc makes of those keeps a library from being unloaded; as that of a hidden template it is not. */
#ifdef __cplusplus
#define MEMSCOPE_HIDDEN_ __attribute__((visibility("hidden")))
namespace memscope {
namespace detail {
template <typename Tag> struct MEMSCOPE_HIDDEN_ place_at { static memscope_place place; };
template <typename Tag> memscope_place place_at<Tag>::place = Tag::place();
} // namespace detail
} // namespace memscope
#define MEMSCOPE_PLACE_(here, name, type, kind)                                                    \
    constexpr const char *here##_name = name, *here##_type = type, *here##_function = __func__;    \
    constexpr unsigned here##_kind = kind;                                                         \
    struct here##_tag {                                                                            \
        static constexpr memscope_place place() {                                                  \
            return {                                                                               \
                here##_name, here##_type, __FILE__, here##_function, __LINE__, here##_kind, 0};    \
        }                                                                                          \
    }
#define MEMSCOPE_AT_(here) (&::memscope::detail::place_at<here##_tag>::place)
#else
#define MEMSCOPE_PLACE_(here, name, type, kind)                                                    \
    static struct memscope_place here##_place = {name, type, __FILE__, __func__, __LINE__, kind, 0}
#define MEMSCOPE_AT_(here) (&here##_place)
#endif

/* A statement that speaks: `say` is compiled with `memscope_here` as the address of its place. With
 * MEMSCOPE_DISABLE it is still checked, and nothing is left of it. */
#ifdef MEMSCOPE_DISABLE
#define MEMSCOPE_SAY_(name, type, kind, say)                                                       \
    do {                                                                                           \
        if (0) {                                                                                   \
            struct memscope_place *const memscope_here = NULL;                                     \
            say;                                                                                   \
        }                                                                                          \
    } while (0)
#else
#define MEMSCOPE_SAY_(name, type, kind, say)                                                       \
    do {                                                                                           \
        MEMSCOPE_PLACE_(memscope_said, name, type, kind);                                          \
        struct memscope_place *const memscope_here = MEMSCOPE_AT_(memscope_said);                  \
        say;                                                                                       \
    } while (0)
#endif

#endif
