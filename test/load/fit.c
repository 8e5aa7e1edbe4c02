#include "load/fit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "builder.h"
#include "load/merge.h"
#include "load/replay.h"

/* A made-up program: threads that make blocks, speak of them, hand them on and free them. What it does is
 * known in the order in which it happened. Its addresses come as they do in real allocators: a thread gets
 * first what it has freed itself, then what has come back to its own arena. */
enum { THREADS = 5, EVENTS = 3000, CACHED = 3, TICK = 300, NAMES = 4, BLOCK = 0x1000, RUNS = 100 };

typedef struct addresses {
    uint64_t items[EVENTS];
    size_t count;
} addresses;

typedef struct thread {
    addresses kept;     /* blocks that it has made, and frees itself */
    addresses received; /* blocks that others have made for it */
    addresses arena;    /* free, for what it hands on */
    addresses cache;    /* free, for what it keeps */
} thread;

typedef struct program {
    uint64_t random;
    bool reuses;  /* addresses; else every block has another one */
    bool answers; /* who receives a block speaks of it, too */
    thread threads[THREADS];
    uint64_t made, now_us;
    struct {
        unsigned name;     /* its maker's; 0: untracked */
        unsigned answered; /* a bit for each thread that has spoken of it */
    } told[EVENTS];        /* by number of the block, where addresses are not used again */
    ms_event events[EVENTS + 8];
    size_t count;
} program;

static uint64_t below(program *p, uint64_t limit) {
    return random_below(&p->random, limit);
}

static void put(addresses *a, uint64_t address) {
    a->items[a->count++] = address;
}

static uint64_t take(program *p, addresses *a) {
    size_t i = below(p, a->count);
    uint64_t taken = a->items[i];
    a->items[i] = a->items[--a->count];
    return taken;
}

static void happens(program *p, unsigned by, ms_event event) {
    event.thread = by + 1;
    event.tid = 1000 + event.thread;
    event.time_us = p->now_us;
    p->events[p->count++] = event;
    p->now_us += p->count % TICK == 0 ? 1000 : 0;
}

/* The number of the thread whose arena it is of is part of a new address. */
static uint64_t get_address(program *p, unsigned by, addresses *from) {
    if (p->reuses && from->count)
        return from->items[--from->count];
    return (p->made++ * THREADS + by + 1) * BLOCK;
}

static void give_address(program *p, unsigned by, uint64_t address) {
    addresses *cache = &p->threads[by].cache;
    unsigned owner = (unsigned)((address / BLOCK - 1) % THREADS);
    put(cache->count < CACHED ? cache : &p->threads[owner].arena, address);
}

static void speak(program *p, unsigned by, uint8_t what, uint64_t address, uint64_t site) {
    ms_event note = {.kind = MS_EVENT_NOTE, .family = what, .site = site};
    note.address = note.old = address;
    happens(p, by, note);
}

static size_t number_of(uint64_t address) {
    return (address / BLOCK - 1) / THREADS;
}

static uint64_t make(program *p, unsigned by, addresses *from) {
    uint64_t address = get_address(p, by, from);
    happens(p, by, make_alloc(0, 0, address, 1 + below(p, 200), 0));
    if (below(p, 4)) {
        unsigned name = 1 + (unsigned)below(p, NAMES);
        speak(p, by, MS_NOTE_TRACK, address, name);
        p->told[number_of(address)].name = name;
    }
    return address;
}

static void release(program *p, unsigned by, uint64_t address) {
    happens(p, by, make_free(0, 0, address));
    give_address(p, by, address);
}

/* It is larger afterwards, where it is or elsewhere. */
static uint64_t resize(program *p, unsigned by, uint64_t old) {
    uint64_t address = below(p, 2) ? old : get_address(p, by, &p->threads[by].cache);
    happens(p, by, make_realloc(0, 0, old, address, 200 + below(p, 200), 0));
    if (address != old)
        give_address(p, by, old);
    return address;
}

/* Where addresses come again, to the same one always: else nobody could tell who was first. */
static void hand_on(program *p, unsigned by) {
    unsigned to = (by + 1 + (p->reuses ? 0 : (unsigned)below(p, THREADS - 1))) % THREADS;
    put(&p->threads[to].received, make(p, by, &p->threads[by].arena));
}

/* By a name of its own, once; or it says, if nobody did, that the maker's name is none any more. */
static void answer(program *p, unsigned by, uint64_t address) {
    unsigned *answered = &p->told[number_of(address)].answered;
    unsigned *name = &p->told[number_of(address)].name;
    if (below(p, 2) && *name) {
        speak(p, by, MS_NOTE_UNTRACK, address, *name);
        *name = 0;
    } else if (!(*answered & 1u << by)) {
        speak(p, by, MS_NOTE_TRACK, address, NAMES + 1 + by);
        *answered |= 1u << by;
    }
}

/* What was received is spoken of, handed on, or freed. */
static void use(program *p, unsigned by) {
    uint64_t address = take(p, &p->threads[by].received);
    if (p->answers && below(p, 2))
        answer(p, by, address);
    if (p->reuses || below(p, 3))
        release(p, by, address);
    else
        put(&p->threads[below(p, THREADS)].received, address);
}

static void do_something(program *p) {
    unsigned by = (unsigned)below(p, THREADS);
    thread *t = &p->threads[by];
    unsigned what = (unsigned)below(p, 8);
    if (what < 3 && t->received.count)
        use(p, by);
    else if (what < 5)
        hand_on(p, by);
    else if (what == 5 && t->kept.count)
        release(p, by, take(p, &t->kept));
    else if (what == 6 && t->kept.count)
        put(&t->kept, resize(p, by, take(p, &t->kept)));
    else
        put(&t->kept, make(p, by, &t->cache));
}

static void define_names(program *p) {
    static const char *const names[NAMES + THREADS] = {"a\0\0\0", "b\0\0\0", "c\0\0\0",
                                                       "d\0\0\0", "e\0\0\0", "f\0\0\0",
                                                       "g\0\0\0", "h\0\0\0", "i\0\0\0"};
    for (unsigned i = 0; i < NAMES + THREADS; i++)
        happens(p, 0,
                (ms_event){.kind = MS_EVENT_SITE,
                           .site = i + 1,
                           .number = MS_PLACE_POINTER,
                           .text = {(const uint8_t *)names[i], 5}});
}

static void run(program *p, uint64_t seed, bool reuses, bool answers) {
    memset(p, 0, sizeof *p);
    p->random = seed;
    p->reuses = reuses;
    p->answers = answers;
    define_names(p);
    while (p->count < EVENTS)
        do_something(p);
}

/* ---- what a reader makes of it ---------------------------------------------------------- */

/* One thread's events, spread over each tick at random. */
typedef struct lane {
    const program *program;
    uint32_t thread;
    size_t at;
    uint64_t random, stamp_us, part;
} lane;

static size_t read_lane(void *self, ms_event *events, ms_when *when, size_t max) {
    lane *l = self;
    size_t count = 0;
    for (; count < max && l->at < l->program->count; l->at++) {
        const ms_event *event = &l->program->events[l->at];
        if (event->thread != l->thread)
            continue;
        if (event->time_us != l->stamp_us)
            l->part = 0;
        l->stamp_us = event->time_us;
        l->part += random_below(&l->random, 2 * (1024 - l->part) / 50 + 2);
        l->part = l->part < 1023 ? l->part : 1023;
        events[count] = *event;
        when[count++] = (ms_when){event->time_us << MS_PACE_BITS | l->part, event->time_us};
    }
    return count;
}

static void replay_as_read(ms_replay *r, const program *p, uint64_t seed, ms_judge *judge) {
    lane lanes[THREADS];
    ms_replay_init(r);
    r->several = true;
    ms_merge *merge = ms_merge_new(&r->live);
    ms_merge_judge(merge, judge, r, 0);
    ms_merge_batch(merge);
    for (uint32_t i = 0; i < THREADS; i++) {
        lanes[i] =
            (lane){.program = p, .thread = i + 1, .random = seed + i, .stamp_us = UINT64_MAX};
        ms_merge_add(merge, i + 1, (ms_source){&lanes[i], read_lane, NULL, true});
    }
    uint64_t until_us;
    for (const ms_event *event; (event = ms_merge_next(merge, &until_us));)
        ms_replay_event(r, event, until_us);
    ms_merge_free(merge);
    ms_replay_finish(r);
}

static void replay_as_it_was(ms_replay *r, const program *p) {
    ms_replay_init(r);
    r->several = true;
    for (size_t i = 0; i < p->count; i++)
        ms_replay_event(r, &p->events[i], p->events[i].time_us);
    ms_replay_finish(r);
}

/* ---- what there is to compare ----------------------------------------------------------- */

typedef struct fact {
    uint64_t size, born_size, address, block;
    uint32_t name, changes, thread, ended_by;
    uint8_t end;
    bool dead;
} fact;

static int by_bytes(const void *a, const void *b) {
    return memcmp(a, b, sizeof(fact));
}

static size_t facts_of(const ms_replay *r, fact *facts) {
    const ms_variables *v = &r->notes.variables;
    memset(facts, 0, EVENTS * sizeof *facts);
    for (size_t i = 0; i < v->count; i++) {
        const ms_variable_count *from = &v->items[i];
        facts[i].size = from->size;
        facts[i].born_size = from->born_size;
        facts[i].address = from->address;
        facts[i].name = (uint32_t)r->notes.places.items[from->place - 1].id;
        facts[i].changes = from->changes;
        facts[i].thread = r->threads[from->thread].serial;
        facts[i].end = from->end;
        facts[i].dead = from->dead;
        facts[i].block = from->block;
        if (from->dead && from->ended_by != MS_NOBODY)
            facts[i].ended_by = r->threads[from->ended_by].serial;
    }
    qsort(facts, v->count, sizeof *facts, by_bytes);
    return v->count;
}

static bool is_as_it_was(const program *p, uint64_t seed, ms_judge *judge) {
    static fact truth[EVENTS], found[EVENTS];
    ms_replay as_it_was, as_read;
    replay_as_it_was(&as_it_was, p);
    replay_as_read(&as_read, p, seed, judge);
    size_t count = facts_of(&as_it_was, truth);
    assert_true(count > EVENTS / 10);
    assert_int_equal(as_it_was.notes.misuses.count, 0);
    bool same = facts_of(&as_read, found) == count &&
                memcmp(truth, found, count * sizeof *truth) == 0 &&
                as_read.notes.misuses.count == 0 && as_read.implied == 0 &&
                as_read.unmatched == 0 && as_read.level.live_bytes == as_it_was.level.live_bytes;
    ms_replay_deinit(&as_it_was);
    ms_replay_deinit(&as_read);
    return same;
}

static unsigned count_wrong(bool reuses, bool answers, ms_judge *judge) {
    static program p;
    unsigned wrong = 0;
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        run(&p, seed, reuses, answers);
        wrong += !is_as_it_was(&p, seed * 77, judge);
    }
    return wrong;
}

/* ---- behaviours ------------------------------------------------------------------------- */

static void words_find_their_block_among_those_of_an_address(void **state) {
    (void)state;
    assert_int_equal(count_wrong(true, false, ms_fit_of), 0);
}

static void whoever_is_handed_a_block_may_speak_of_it(void **state) {
    (void)state;
    assert_int_equal(count_wrong(false, true, ms_fit_of), 0);
}

static void without_a_judge_words_go_astray(void **state) {
    (void)state;
    assert_int_equal(count_wrong(true, false, NULL), RUNS);
    assert_int_equal(count_wrong(false, true, NULL), RUNS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_find_their_block_among_those_of_an_address),
        cmocka_unit_test(whoever_is_handed_a_block_may_speak_of_it),
        cmocka_unit_test(without_a_judge_words_go_astray),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
