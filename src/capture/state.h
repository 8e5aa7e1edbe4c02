/* state.h - what the capture side knows: one global, one record per thread.
 *
 * A thread's record is private, zeroed memory that a forked child finds wiped. So a child - made by
 * fork() or by a bare system call - meets state MS_THREAD_NONE in its first hook and starts afresh:
 * no hook ever writes into the ring of its parent. */
#ifndef MS_CAPTURE_STATE_H
#define MS_CAPTURE_STATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/options.h"
#include "capture/locals.h"
#include "trace/format.h"

#define ms_likely(condition) __builtin_expect(!!(condition), 1)
#define ms_unlikely(condition) __builtin_expect(!!(condition), 0)
#define MS_EXPORT __attribute__((visibility("default")))
#define MS_HIDDEN __attribute__((visibility("hidden"))) /* spares a look into the GOT */

enum {
    MS_FRAMES_MAX = 16384, /* frames of a thread's stack tree */
    MS_FRAMES_KEEP = 4096, /* frames kept, from the innermost, of a stack that is deeper */
    MS_HINTS = 4096        /* ways into a thread's stack tree */
};

typedef enum ms_thread_state {
    MS_THREAD_NONE = 0,  /* no record yet, or wiped by fork */
    MS_THREAD_READY = 1, /* outside our code: a hook may record */
    MS_THREAD_BUSY = 2,  /* recording; a hook entered now runs in a signal handler */
    MS_THREAD_INNER = 3, /* in a call of ours: hooks pass through and record nothing */
    MS_THREAD_DEAD = 4   /* past our thread destructor */
} ms_thread_state;

/* A frame of the stack tree: what verifying it takes. */
typedef struct ms_frame {
    uint64_t sp, pc;
} ms_frame;

/* And all else there is to it. */
typedef struct ms_frame_more {
    uint64_t hash;  /* of the stack whose innermost frame it is */
    uint64_t fp;    /* where it matters: stack.c */
    uint32_t id;    /* of that stack; 0: not looked up yet */
    uint32_t rule;  /* of pc, and flags */
    uint16_t outer; /* its caller's frame; below MS_ROOT_COUNT: how the stack ends, an ms_root */
    uint16_t run; /* so many frames before this one in the array are each the caller of the next, by
                       steps that read nothing but return addresses */
    uint16_t visits; /* as a stack's innermost frame, while that is not in one run */
} ms_frame_more;

/* A frame found by unwinding just now. */
typedef struct ms_fresh_frame {
    uint64_t sp, pc, fp;
    uint32_t rule;
} ms_fresh_frame;

/* What a thread knows of the cost of its recording: budget.c. */
typedef struct ms_budget {
    double birth_cycles; /* of one recorded allocation, a moving mean; 0: none timed yet */
    double spent_ns, cpu_ns;
    uint64_t next_us;     /* when to look again */
    uint64_t stage_bytes; /* requested in the last period */
    /* since the last look */
    uint64_t recorded, recorded_bytes;
    uint64_t births_before, passed_before, bytes_before, cpu_before_ns, wall_before_ns,
        cycles_before;
} ms_budget;

/* When a thread without a recorder looked at the clock: clock.c. */
typedef struct ms_lone_clock {
    uint64_t read_us, coarse_ns;
    uint32_t events_between, events_left; /* that go by the last reading */
} ms_lone_clock;

typedef struct ms_thread {
    /* the hot line */
    uint32_t state;    /* ms_thread_state */
    uint32_t sampling; /* not every allocation is recorded, or may come to be so: see sample.h */
    uint64_t *cursor;  /* next free word of the chunk; == end: no room, or no chunk */
    uint64_t *end;
    ms_ring_header *ring;
    uint64_t until_hit;   /* sampling: bytes up to and with the next hit one; 0: the next one is */
    uint64_t block_bytes; /* what a block counts beside its bytes when sampling: base/chance.h */
    uint64_t *counts;     /* of what is not recorded: in the chunk, or spare_counts without one */
    uint64_t tick;        /* the ring's when last looked at; MS_TICK_NONE without a recorder */
    uint64_t time_us;     /* of the latest TIME event */
    uint32_t epoch;       /* g_ms.epoch as of which the cache and the bounds of stacks hold */
    uint64_t low;         /* the mapping this thread's stack pointer was last seen in */
    uint64_t high;

    /* The object whose code released a block last, as the chunk has it (0 bytes: none), and the one before. */
    uint64_t freer_start, freer_bytes;
    uint64_t other_freer_start, other_freer_bytes;
    uint32_t free_stack; /* id; with which, as the chunk has it; 0: it has none */

    uint32_t serial;
    uint32_t tid;
    uint32_t chunk;  /* index of the chunk; valid while end is not NULL */
    uint64_t chunks; /* chunks taken so far: the sequence of the next one */
    uint32_t destructor_rounds;
    char name[16];
    struct ms_thread *next_free;

    struct {
        uint64_t low, high;
    } stacks[8]; /* other stacks this thread was seen on: coroutines, signal stacks */
    uint32_t stack_next;
    uint32_t code_epoch; /* as of epoch */

    uint64_t looked; /* the ring's tick when last looked at, where `tick` does not say so: home.h */
    uint64_t task;   /* as the trace has it: ms_task, once a tick has been looked at */
    uint64_t rate;   /* mean bytes between recorded allocations; 0: all are */
    uint64_t random;
    uint64_t beyond; /* until_hit is only a stage on the way: so many bytes more */
    uint64_t spare_counts[MS_COUNT_COUNT];
    uint64_t timed_since; /* cycles, while a recorded allocation is timed; else 0 */
    uint32_t until_timed;
    ms_budget budget;
    ms_lone_clock lone;
    ms_locals locals;

    /* The verified stack tree: see stack.c. The first frames stand for the roots. Ordered so that a thread
     * of ordinary depth touches few pages. */
    uint32_t frame_count;
    uint16_t hints[MS_HINTS];             /* by state: the frame that may have it */
    uint16_t callee_hints[MS_HINTS];      /* by state and caller's frame */
    struct ms_thread *next;               /* of all records there are */
    ms_fresh_frame fresh[MS_FRAMES_KEEP]; /* of the present unwind, innermost first */
    ms_frame frames[MS_FRAMES_MAX];
    ms_frame_more more[MS_FRAMES_MAX];
    uint16_t path[MS_FRAMES_MAX]; /* of the present search for an id */
} ms_thread;

/* Never NULL: a thread starts with a shared record of state MS_THREAD_NONE. */
extern MS_HIDDEN __thread ms_thread *ms_self __attribute__((tls_model("initial-exec")));

/* What the calling thread works for; 0: for nothing that was said. Not in its record, for it holds while
 * nothing is recorded, too. */
extern MS_HIDDEN __thread uint64_t ms_task __attribute__((tls_model("initial-exec")));

/* Numbers below that are for programs that number their tasks themselves. */
#define MS_FIRST_TASK (UINT64_C(1) << 32)

/* A task that nobody begins by a word, but that adapters find. */
static inline bool ms_task_is_found(uint64_t task) {
    return task >> 32 && task % 2;
}

/* What a thread's tick is before it has looked at the ring's: never that. */
#define MS_TICK_NONE (MS_TICK_OFF - 1)

#define MS_RING_GROUP 16 /* chunks given memory at once */
#define MS_STACK_TIERS 6
#define MS_PATH_SIZE 4096
#define MS_VARIABLES 32 /* MEMSCOPE_* assignments handed on to children */

typedef struct ms_stack_slot {
    _Atomic uint64_t hash; /* 0: empty */
    _Atomic uint32_t id;   /* 0: about to be stored */
} ms_stack_slot;

struct ms_capture {
    /* read by every hook */
    _Atomic bool on; /* there is a ring to record into, though it may be switched off */
    bool take_stacks;
    bool free_stacks; /* of releases, too */
    bool word_stacks; /* of all words about variables */
    bool take_mappings;
    bool follow;
    bool adapts;             /* calls of other libraries are followed: src/adapt */
    bool sampling;           /* threads record samples, or may come to */
    bool starts_off;         /* a ring's switch, at first */
    bool forbidden;          /* the options say that this process is not to be recorded */
    uint64_t sample_bytes;   /* a thread's rate, at first */
    uint64_t budget_percent; /* 0: no budget to keep */
    int signal;              /* that switches recording on and off; 0: none */
    uint32_t pid;
    _Atomic uint32_t epoch; /* bumped when code or a stack went away: what threads keep may lie */
    _Atomic uint32_t
        code_epoch; /* bumped, first, when it was code: the same pcs are other stacks now */

    /* The ring. Once there was one, `ring` is not NULL: when the program ends a lone ring, the header's
     * place stays, as private memory, until there is another. */
    ms_ring_header *ring;
    char path[MS_PATH_SIZE];
    uint64_t identity[2]; /* of the file at path when we made it */
    _Atomic uint32_t grow_lock;
    char *window; /* mapped chunks: all of a ring with a recorder, the last of a lone one */
    uint32_t window_first;    /* index of its first chunk */
    uint32_t window_chunks;   /* how many fit into it */
    uint32_t lone_next;       /* alone: the chunk to take next */
    _Atomic uint32_t hint;    /* with a recorder: where to look for a free chunk next */
    _Atomic uint32_t stalled; /* chunks are not to be had; counts the events lost since */

    /* threads */
    unsigned key; /* pthread_key_t: calls us at thread exit */
    bool has_key;
    _Atomic uint32_t pool_lock;
    ms_thread *pool;
    _Atomic(ms_thread *) records; /* all there are, in use or in the pool; only added to */
    ms_thread *lane; /* shared: signal handlers inside a hook, threads past their end */

    /* stack ids */
    struct {
        ms_stack_slot *slots;
        _Atomic uint32_t used;
    } tiers[MS_STACK_TIERS];
    _Atomic uint32_t tier;
    _Atomic uint32_t tier_lock;

    /* what the program says: note.c */
    uint32_t generation;       /* of the ring, from 1: a forked child's is another */
    uint32_t plain_generation; /* the same, or that of no place while all words take their stack */
    _Atomic uint32_t sites;
    _Atomic uint64_t tasks;

    /* modules, see module.c */
    _Atomic uint32_t closes; /* calls of dlclose(): any object may be gone */
    _Atomic uint32_t module_lock;

    _Atomic uint32_t start_lock; /* the program begins a trace, or ends it */

    /* how to record: copies, for programs overwrite their environment */
    ms_options options;                /* what the trace says of it; `output` is the one below */
    char ring_directory[MS_PATH_SIZE]; /* "" without a recorder */
    char output[MS_PATH_SIZE];         /* "" unless alone */
    char library[MS_PATH_SIZE];        /* how LD_PRELOAD names us */
    char *variables[MS_VARIABLES];     /* our assignments, for children; NULL behind the last */
};

extern MS_HIDDEN struct ms_capture g_ms;

/* The ring's tick_us: clock and switch in one word, the first thing a hook looks at. Never NULL: without a
 * ring it points to a word that says MS_TICK_OFF. */
extern MS_HIDDEN uint64_t *ms_switch;

static inline bool ms_is_off(void) {
    return __atomic_load_n(ms_switch, __ATOMIC_RELAXED) == MS_TICK_OFF;
}

/* ---- bounded locks --------------------------------------------------------------------------
 * A signal handler can run inside the holder, on the same thread, so waiting for ever is a
 * deadlock. These give up; the caller then loses an event and counts it. */

bool ms_lock(_Atomic uint32_t *lock);

static inline void ms_unlock(_Atomic uint32_t *lock) {
    atomic_store_explicit(lock, 0, memory_order_release);
}

/* ---- entering and leaving a recording section ------------------------------------------------ */

ms_thread *ms_enter_slow(void);

/* The record to write with, or NULL: record nothing. Every non-NULL is left with ms_leave(). */
static inline ms_thread *ms_enter(void) {
    ms_thread *thread = ms_self;
    if (ms_unlikely(thread->state != MS_THREAD_READY))
        return ms_enter_slow();
    thread->state = MS_THREAD_BUSY;
    atomic_signal_fence(memory_order_seq_cst);
    return thread;
}

static inline void ms_leave(ms_thread *thread) {
    atomic_signal_fence(memory_order_seq_cst);
    thread->state = MS_THREAD_READY;
}

/* Counts `count` events that could not be recorded. */
static inline void ms_lose(unsigned cause, uint64_t count) {
    if (g_ms.ring)
        __atomic_fetch_add(&g_ms.ring->lost[cause], count, __ATOMIC_RELAXED);
}

#endif
