/* The table of stacks: by size class. A stack of 2^c to 2^(c+1) - 1 bytes is of class c, and overlaps three
 * cells of 2^c bytes at most; in a cell at most one of its class begins. So who holds an address is found by
 * three looks for each class there is; and where none is, none of that class reaches into the address' cell but
 * from the three. The table holds each stack by its cell, and by its task.
 *
 * Readers take no lock. Stacks do not overlap, a slot is written once its stack is complete, and one that goes
 * away leaves a mark; a table that gets too full is made anew beside the old one, of which there are two, so that
 * whoever still reads that one has the time that it takes to fill a table. */
#include "capture/coroutine.h"

#include "base/hash.h"
#include "capture/arch.h"
#include "capture/clock.h"
#include "capture/note.h"
#include "capture/os.h"
#include "capture/no_malloc.h"

enum { CLASSES = 64, CELLS = 3, FIRST_SLOTS = 1024, CHUNK = 256 };

typedef struct table {
    uint64_t mask; /* slots - 1 */
    uint64_t used; /* slots that are not free, marks included */
    _Atomic(ms_coroutine *) slots[];
} table;

_Atomic uint32_t ms_coroutines_version;

static _Atomic uint32_t lock;
static _Atomic(table *) present;
static table *spare;             /* of the size of the present one, or NULL */
static _Atomic uint64_t classes; /* that there are stacks of, a bit for each */
static uint64_t count, class_counts[CLASSES];
static ms_coroutine *unused;

/* In a slot whose stack is gone. */
static ms_coroutine gone;

static unsigned class_of(uint64_t low, uint64_t high) {
    return 63 - (unsigned)__builtin_clzll(high - low);
}

static uint64_t cell_key(unsigned class, uint64_t cell) {
    return ms_hash_u64(cell << 6 | class);
}

static uint64_t task_key(uint64_t task) {
    return ms_hash_u64(~task);
}

/* ---- reading ------------------------------------------------------------------------------------- */

/* False: it is being written at this moment, or gone; then nobody runs on it. */
static bool bounds_of(ms_coroutine *c, uint64_t *low, uint64_t *high) {
    *low = atomic_load_explicit(&c->low, memory_order_acquire);
    *high = atomic_load_explicit(&c->high, memory_order_acquire);
    return *low < *high && atomic_load_explicit(&c->low, memory_order_acquire) == *low;
}

static ms_coroutine *in_cell(table *t, unsigned class, uint64_t cell, uint64_t *low,
                             uint64_t *high) {
    for (uint64_t i = cell_key(class, cell);; i++) {
        ms_coroutine *c = atomic_load_explicit(&t->slots[i & t->mask], memory_order_acquire);
        if (!c)
            return NULL;
        if (bounds_of(c, low, high) && class_of(*low, *high) == class && *low >> class == cell)
            return c;
    }
}

/* What is around `sp`, and may be a stack: narrows [*low, *high), which holds it. The stack that does, or NULL. */
static ms_coroutine *look_in_class(table *t, unsigned class, uint64_t sp, uint64_t *low,
                                   uint64_t *high) {
    uint64_t cell = sp >> class;
    for (uint64_t back = 0; back < CELLS && back <= cell; back++) {
        uint64_t from, to;
        ms_coroutine *c = in_cell(t, class, cell - back, &from, &to);
        bool holds = c && sp >= from && sp < to;
        if (c && (holds || to <= sp) && (holds ? from : to) > *low)
            *low = holds ? from : to;
        if (c && (holds || from > sp) && (holds ? to : from) < *high)
            *high = holds ? to : from;
        if (holds)
            return c;
    }
    return NULL;
}

ms_coroutine *ms_coroutine_at(uint64_t sp, uint64_t *low, uint64_t *high) {
    table *t = atomic_load_explicit(&present, memory_order_acquire);
    uint64_t all = t ? atomic_load_explicit(&classes, memory_order_acquire) : 0;
    unsigned smallest = all ? (unsigned)__builtin_ctzll(all) : CLASSES - 1;
    ms_coroutine *found = NULL;
    uint64_t from = sp >> smallest << smallest, to = from + (UINT64_C(1) << smallest);
    for (uint64_t left = all; left && !found; left &= left - 1)
        found = look_in_class(t, (unsigned)__builtin_ctzll(left), sp, &from, &to);
    if (found)
        bounds_of(found, &from, &to); /* it may reach out of the cell */
    *low = from;
    *high = to;
    return found;
}

/* ---- writing, under the lock ------------------------------------------------------------------------ */

static void insert_at(table *t, uint64_t key, ms_coroutine *c) {
    uint64_t i = key;
    while (atomic_load_explicit(&t->slots[i & t->mask], memory_order_relaxed))
        i++;
    atomic_store_explicit(&t->slots[i & t->mask], c, memory_order_release);
    t->used++;
}

static uint64_t own_key(const ms_coroutine *c) {
    unsigned class = class_of(c->low, c->high);
    return cell_key(class, c->low >> class);
}

static void insert(table *t, ms_coroutine *c) {
    insert_at(t, own_key(c), c);
    if (c->made_for)
        insert_at(t, task_key(c->made_for), c);
}

static bool is_in(table *t, uint64_t key, const ms_coroutine *c) {
    uint64_t i = key;
    while (t->slots[i & t->mask] && t->slots[i & t->mask] != c)
        i++;
    return t->slots[i & t->mask] == c;
}

/* Leaves a mark where the stack stands on the way from `key`. */
static void remove_at(table *t, uint64_t key, const ms_coroutine *c) {
    for (uint64_t i = key;; i++) {
        ms_coroutine *at = atomic_load_explicit(&t->slots[i & t->mask], memory_order_relaxed);
        if (at == c)
            atomic_store_explicit(&t->slots[i & t->mask], &gone, memory_order_release);
        if (at == c || !at)
            return;
    }
}

static size_t table_size(uint64_t slots) {
    return sizeof(table) + slots * sizeof(ms_coroutine *);
}

static table *new_table(uint64_t slots) {
    table *t = spare;
    if (t && t->mask + 1 == slots) {
        ms_os_clear(t, table_size(slots));
    } else {
        t = ms_os_memory(table_size(slots), false);
    }
    spare = NULL;
    if (t)
        t->mask = slots - 1;
    return t;
}

/* Room for one more stack. */
static bool make_room(void) {
    table *old = atomic_load_explicit(&present, memory_order_relaxed);
    if (old && 2 * (old->used + 2) <= old->mask + 1)
        return true;
    uint64_t slots = old ? old->mask + 1 : FIRST_SLOTS;
    while (slots < 8 * (count + 1))
        slots *= 2;
    table *t = new_table(slots);
    if (!t)
        return false;
    for (uint64_t i = 0; old && i <= old->mask; i++) {
        ms_coroutine *c = old->slots[i]; /* it stands there twice */
        if (c && c != &gone && !is_in(t, own_key(c), c))
            insert(t, c);
    }
    atomic_store_explicit(&present, t, memory_order_release);
    spare = old;
    return true;
}

static ms_coroutine *take_unused(void) {
    if (!unused) {
        ms_coroutine *all = ms_os_memory(CHUNK * sizeof *all, false);
        for (unsigned i = 0; all && i < CHUNK; i++) {
            all[i].next = unused;
            unused = &all[i];
        }
    }
    ms_coroutine *c = unused;
    if (c)
        unused = c->next;
    return c;
}

static void count_class(const ms_coroutine *c, uint64_t by) {
    unsigned class = class_of(c->low, c->high);
    uint64_t bit = UINT64_C(1) << class;
    count += by;
    class_counts[class] += by;
    if (class_counts[class])
        atomic_fetch_or(&classes, bit);
    else
        atomic_fetch_and(&classes, ~bit);
}

static void remove_task(ms_coroutine *c) {
    if (c->made_for)
        remove_at(atomic_load(&present), task_key(c->made_for), c);
    atomic_store(&c->made_for, 0);
    atomic_store(&c->task, 0);
}

static void remove_stack(ms_coroutine *c) {
    remove_task(c);
    remove_at(atomic_load(&present), own_key(c), c);
    count_class(c, (uint64_t)-1);
    atomic_store_explicit(&c->high, 0, memory_order_release);
    atomic_store_explicit(&c->low, 0, memory_order_release);
    c->next = unused;
    unused = c;
}

/* One that shares memory with [low, high); NULL: there is none. */
static ms_coroutine *overlapping(uint64_t low, uint64_t high) {
    table *t = atomic_load_explicit(&present, memory_order_relaxed);
    uint64_t from, to, steps = 0;
    for (uint64_t left = t ? atomic_load(&classes) : 0; left; left &= left - 1) {
        unsigned class = (unsigned)__builtin_ctzll(left);
        uint64_t first = low >> class, last = (high - 1) >> class;
        for (uint64_t cell = first < CELLS ? 0 : first - (CELLS - 1);
             cell <= last && steps <= t->mask; cell++, steps++) {
            ms_coroutine *c = in_cell(t, class, cell, &from, &to);
            if (c && from < high && low < to)
                return c;
        }
    }
    for (uint64_t i = 0; t && steps > t->mask && i <= t->mask; i++) {
        ms_coroutine *c = t->slots[i];
        if (c && bounds_of(c, &from, &to) && from < high && low < to)
            return c;
    }
    return NULL;
}

/* ---- what others tell ------------------------------------------------------------------------------- */

/* Nobody says of a found task that it is over, when its stack goes. */
static void end_found(uint64_t task, uint32_t told) {
    ms_thread *thread;
    if (!ms_task_is_found(task) || told != g_ms.generation || ms_is_off() || !(thread = ms_enter()))
        return;
    uint64_t *at = ms_tick(thread) ? ms_reserve(thread, MS_NOTE_WORDS) : NULL;
    if (at)
        ms_note_write(at, MS_NOTE_TASK_END, 0, MS_ROOT_NONE, NULL, NULL, 0, task);
    ms_leave(thread);
}

static void changed(void) {
    if (atomic_fetch_add_explicit(&ms_coroutines_version, 1, memory_order_acq_rel) == UINT32_MAX)
        atomic_fetch_add(&ms_coroutines_version, 1); /* 0: there was none yet */
}

/* Takes one out of [low, high); false when there is none, and then the lock is held. What threads know of a stack
 * of which they have the bounds is void then: where it ended, there may be nothing any more. */
static bool drop_one(uint64_t low, uint64_t high) {
    ms_coroutine *c = overlapping(low, high);
    if (!c)
        return false;
    uint64_t task = c->made_for;
    uint32_t told = c->told;
    if (c->unwound)
        atomic_fetch_add_explicit(&g_ms.epoch, 1, memory_order_release);
    remove_stack(c);
    changed();
    ms_unlock(&lock);
    end_found(task, told);
    return true;
}

/* True: with the lock held. */
static bool drop_all(uint64_t low, uint64_t high) {
    do {
        if (!ms_lock(&lock))
            return false;
    } while (drop_one(low, high));
    return true;
}

void ms_coroutines_forget(uint64_t low, uint64_t high) {
    if (ms_coroutines_exist() && low < high && drop_all(low, high))
        ms_unlock(&lock);
}

static void describe(ms_coroutine *c, const ms_coroutine *about) {
    c->parent = about->parent;
    c->word = about->word;
    c->function = about->function;
    c->link = about->link;
    c->told = about->told;
    atomic_store(&c->fresh, about->fresh);
    atomic_store(&c->unwound, false);
    atomic_store(&c->task, about->task);
    atomic_store(&c->made_for, about->made_for);
}

/* The first stack there is: from now on all threads look where they are before each event. */
static void have_all_look(void) {
    atomic_thread_fence(memory_order_seq_cst); /* as ms_tick_slow() */
    for (ms_thread *at = atomic_load(&g_ms.records); at; at = at->next)
        __atomic_store_n(&at->tick, MS_TICK_NONE, __ATOMIC_RELAXED);
}

/* A stack of just these bounds: the coroutine that was there before has ended. */
static bool put_again(uint64_t low, uint64_t high, const ms_coroutine *about) {
    uint64_t from, to;
    table *t = atomic_load(&present);
    unsigned class = class_of(low, high);
    ms_coroutine *c = t ? in_cell(t, class, low >> class, &from, &to) : NULL;
    if (!c || from != low || to != high || !make_room())
        return false;
    uint64_t before = c->made_for;
    uint32_t told = c->told;
    remove_task(c);
    describe(c, about);
    insert_at(atomic_load(&present), task_key(c->made_for), c);
    changed();
    ms_unlock(&lock);
    end_found(before, told);
    return true;
}

static bool put_new(uint64_t low, uint64_t high, const ms_coroutine *about) {
    ms_coroutine *c = make_room() ? take_unused() : NULL;
    if (!c)
        return false;
    describe(c, about);
    atomic_store(&c->unwound, false);
    atomic_store_explicit(&c->high, high, memory_order_release);
    atomic_store_explicit(&c->low, low, memory_order_release);
    insert(atomic_load(&present), c);
    count_class(c, 1);
    return true;
}

bool ms_coroutine_put(uint64_t low, uint64_t high, const ms_coroutine *about) {
    bool first = !ms_coroutines_exist();
    if (low >= high || !ms_lock(&lock))
        return false;
    if (put_again(low, high, about))
        return true;
    ms_unlock(&lock);
    if (!drop_all(low, high))
        return false;
    bool done = put_new(low, high, about);
    if (done)
        changed();
    ms_unlock(&lock);
    if (first && done)
        have_all_look();
    return done;
}

void ms_coroutine_end(ms_coroutine *c) {
    if (!ms_lock(&lock))
        return;
    if (c->made_for) {
        remove_task(c);
        changed();
    }
    ms_unlock(&lock);
}

void ms_coroutine_end_of(uint64_t task) {
    if (!ms_coroutines_exist() || !ms_lock(&lock))
        return;
    table *t = atomic_load(&present);
    ms_coroutine *c = NULL;
    for (uint64_t i = task_key(task); t && (c = t->slots[i & t->mask]) && c->made_for != task;)
        i++;
    if (t && c) {
        remove_task(c);
        changed();
    }
    ms_unlock(&lock);
}

void ms_coroutines_forked(void) {
    atomic_store(&lock, 0);
}
