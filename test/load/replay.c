#include "load/replay.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/chance.h"
#include "builder.h"

static void play(ms_replay *r, ms_event event) {
    ms_replay_event(r, &event, UINT64_MAX);
}

static ms_event number_event(ms_event_kind kind, uint32_t thread, uint64_t time_us,
                             uint64_t number) {
    return (ms_event){
        .kind = kind, .thread = thread, .tid = 1000 + thread, .time_us = time_us, .number = number};
}

static ms_event count_event(uint32_t thread, uint64_t time_us, uint8_t count, uint64_t number) {
    ms_event event = number_event(MS_EVENT_COUNT, thread, time_us, number);
    event.family = count;
    return event;
}

/* ---- a known population, sampled -------------------------------------------------------- */

enum { BLOCKS = 20000, SITES = 8, SEEDS = 200, FIRST_STACK = MS_ROOT_COUNT };

/* Blocks are born one by one, then the half of them dies. Site s makes about a 2^s-th of the bytes. */
typedef struct population {
    uint64_t size[BLOCKS];
    unsigned site[BLOCKS];
    bool dies[BLOCKS];
    uint64_t bytes, live_bytes, live_blocks;
    uint64_t site_bytes[SITES], site_live[SITES], site_births[SITES];
} population;

static void populate(population *p) {
    uint64_t random = 7;
    memset(p, 0, sizeof *p);
    for (size_t i = 0; i < BLOCKS; i++) {
        unsigned site = (unsigned)__builtin_ctzll(random_u64(&random) | 1u << (SITES - 1));
        uint64_t size = (1 + random_below(&random, 15)) << random_below(&random, 11);
        p->size[i] = size;
        p->site[i] = site;
        p->dies[i] = random_below(&random, 2);
        p->bytes += size;
        p->site_bytes[site] += size;
        p->site_births[site]++;
        p->live_bytes += p->dies[i] ? 0 : size;
        p->live_blocks += !p->dies[i];
        p->site_live[site] += p->dies[i] ? 0 : size;
    }
}

/* What a thread records of the population at `rate`, the first `exact` births all of them. */
static void sample(ms_replay *r, const population *p, uint64_t rate, size_t exact, uint64_t seed) {
    static bool taken[BLOCKS];
    uint64_t counts[MS_COUNT_COUNT] = {0}, time_us = 0;
    for (unsigned site = 0; site < SITES; site++)
        play(r, make_stack(1, FIRST_STACK + site, 0x1000 + site, MS_ROOT_COMPLETE));
    for (size_t i = 0; i < BLOCKS; i++) {
        if (i == exact)
            play(r, number_event(MS_EVENT_RATE, 1, time_us, rate));
        double chance = (double)(random_u64(&seed) >> 11) * 0x1p-53;
        taken[i] = i < exact || chance < -expm1(-ms_chance(p->size[i], rate));
        counts[MS_COUNT_ALLOCATIONS] += !taken[i];
        counts[MS_COUNT_BYTES] += taken[i] ? 0 : p->size[i];
        if (taken[i])
            play(r,
                 make_alloc(1, ++time_us, 0x100000 + i * 16, p->size[i], FIRST_STACK + p->site[i]));
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        counts[MS_COUNT_FREES] += p->dies[i] && !taken[i];
        if (p->dies[i] && taken[i])
            play(r, make_free(1, ++time_us, 0x100000 + i * 16));
    }
    for (uint8_t count = 0; count < MS_COUNT_COUNT; count++)
        play(r, count_event(1, time_us, count, counts[count]));
    ms_replay_finish(r);
}

/* Estimates of one quantity over many seeds. */
typedef struct trial {
    double sum, squares;
    unsigned runs, covered; /* within three standard errors of the truth */
} trial;

static void note(trial *t, uint64_t truth, uint64_t recorded, ms_estimate estimate) {
    double off = (double)recorded + estimate.excess - (double)truth;
    t->sum += off;
    t->squares += off * off;
    t->runs++;
    t->covered += fabs(off) <= 3 * sqrt(estimate.variance) + 1;
}

static void assert_covered(const trial *t, unsigned percent) {
    assert_true(t->covered * 100 >= t->runs * percent);
}

/* The mean is no further from the truth than chance puts it: four standard errors of a mean. */
static void assert_unbiased(const trial *t) {
    double mean = t->sum / t->runs, variance = t->squares / t->runs - mean * mean;
    assert_true(fabs(mean) <= 4 * sqrt(variance / t->runs) + 1e-6);
}

static void assert_exact_totals(const ms_replay *r, const population *p) {
    assert_int_equal(r->allocations, BLOCKS);
    assert_int_equal(r->bytes_allocated, p->bytes);
    assert_int_equal(r->frees, BLOCKS - p->live_blocks);
    assert_int_equal(r->unmatched + r->implied + r->unsampled_frees, 0);
    assert_int_equal(r->threads[0].allocations, BLOCKS);
    assert_int_equal(r->threads[0].bytes_allocated, p->bytes);
}

typedef struct trials {
    trial live, blocks, peak, births, site_live, site_bytes, thread;
} trials;

static void note_all(trials *t, const ms_replay *r, const population *p) {
    const ms_level *level = &r->level;
    note(&t->live, p->live_bytes, level->live_bytes, level->held.bytes);
    note(&t->blocks, p->live_blocks, level->live_blocks, level->held.blocks);
    note(&t->births, BLOCKS, level->births, level->births_excess);
    note(&t->peak, p->bytes, r->peak_bytes, (ms_estimate){.variance = r->peak_held.bytes.variance});
    note(&t->thread, p->live_bytes, r->threads[0].live.bytes, r->threads[0].held.now.bytes);
    const ms_site_count *big = &r->sites.items[0];
    for (size_t i = 1; i < r->sites.count; i++)
        if (r->sites.items[i].bytes_allocated > big->bytes_allocated)
            big = &r->sites.items[i];
    assert_int_equal(big->stack, FIRST_STACK);
    note(&t->site_live, p->site_live[0], big->live.bytes, big->excess->live.now.bytes);
    note(&t->site_bytes, p->site_bytes[0], big->bytes_allocated, big->excess->bytes_allocated);
}

static void check_sampling(uint64_t rate, size_t exact) {
    static population p;
    trials t = {0};
    populate(&p);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        ms_replay r;
        ms_replay_init(&r);
        sample(&r, &p, rate, exact, ms_hash_u64(seed + 1));
        assert_exact_totals(&r, &p);
        note_all(&t, &r, &p);
        ms_replay_deinit(&r);
    }
    const trial *all[] = {&t.live, &t.site_live, &t.site_bytes, &t.thread};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_unbiased(all[i]);
        assert_covered(all[i], 98); /* 99.5 of 100 in long runs */
    }
    const trial *numbers[] = {&t.blocks, &t.births}; /* few small blocks stand for many others */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        assert_unbiased(numbers[i]);
        assert_covered(numbers[i], 90);
    }
    assert_covered(&t.peak, 98);
    double bias = t.peak.sum / SEEDS, error = sqrt(t.peak.squares / SEEDS);
    assert_true(bias > -error / 3 && bias < error); /* the highest of estimates is too high */
}

static void estimates_are_unbiased_and_their_errors_cover_the_truth(void **state) {
    (void)state;
    check_sampling(2048, 0);
    check_sampling(16384, 0);
    check_sampling(65536, 0);
}

static void an_exact_start_counts_exactly_and_the_rest_is_weighed(void **state) {
    (void)state;
    check_sampling(16384, BLOCKS / 2);
}

/* ---- halves of reallocs ----------------------------------------------------------------- */

static ms_event of_family(ms_event event, uint8_t family) {
    event.family = family;
    return event;
}

static void a_resized_birth_is_a_reallocation_and_a_resized_death_no_free(void **state) {
    (void)state;
    ms_replay r;
    ms_replay_init(&r);
    play(&r, make_stack(1, FIRST_STACK, 0x1000, MS_ROOT_COMPLETE));
    play(&r, number_event(MS_EVENT_RATE, 1, 0, 1000));
    play(&r, of_family(make_alloc(1, 10, 0x100, 5000, FIRST_STACK), MS_FAMILY_RESIZED));
    play(&r, make_alloc(1, 20, 0x8000, 700, FIRST_STACK));
    play(&r, of_family(make_free(1, 30, 0x8000), MS_FAMILY_RESIZED));
    play(&r, of_family(make_free(1, 30, 0x9990), MS_FAMILY_RESIZED)); /* not seen born */
    play(&r, count_event(1, 40, MS_COUNT_REALLOCATIONS, 1));
    ms_replay_finish(&r);
    const ms_site_count *site = &r.sites.items[0];
    assert_int_equal(r.allocations, 1);
    assert_int_equal(r.reallocations, 2);
    assert_int_equal(r.frees, 0);
    assert_int_equal(r.unmatched + r.unsampled_frees + r.gap_frees, 0);
    assert_int_equal(r.bytes_allocated, 5700);
    assert_int_equal(r.level.live_bytes, 5000);
    assert_int_equal(r.level.held.sampled, 1);
    assert_int_equal(r.sites.count, 1);
    assert_int_equal(site->family, MS_FAMILY_REALLOC);
    assert_int_equal(site->allocations, 1);
    assert_int_equal(site->reallocations, 1);
    assert_int_equal(site->frees, 0);
    assert_int_equal(site->lifetimes.count, 1);
    ms_replay_deinit(&r);
}

static void a_realloc_between_samples_moves_the_weight(void **state) {
    (void)state;
    ms_replay r;
    ms_replay_init(&r);
    play(&r, number_event(MS_EVENT_RATE, 1, 0, 1000));
    play(&r, make_alloc(1, 10, 0x100, 10, 0));
    double before = r.level.held.blocks.excess;
    play(&r, make_realloc(1, 20, 0x100, 0x900, 100000, 0));
    assert_true(before > 90 && r.level.held.blocks.excess < 1e-9);
    assert_int_equal(r.level.held.sampled, 1);
    play(&r, make_free(1, 30, 0x900));
    assert_true(r.level.held.bytes.excess == 0 && r.level.held.bytes.variance == 0);
    ms_replay_deinit(&r);
}

/* ---- disorder --------------------------------------------------------------------------- */

static void a_release_read_before_its_birth_counts_like_any_other(void **state) {
    (void)state;
    ms_replay r;
    ms_replay_init(&r);
    play(&r, number_event(MS_EVENT_RATE, 1, 1000, 512));
    play(&r, make_alloc(2, 1000, 0x900, 1, 0)); /* another thread */
    play(&r, make_free(2, 1000, 0x100));
    play(&r, make_alloc(1, 1000, 0x100, 64, 0));
    ms_replay_finish(&r);
    double more = ms_weight(64, 512).excess;
    assert_int_equal(r.level.live_blocks, 1);
    assert_int_equal(r.unmatched + r.unsampled_frees, 0);
    assert_int_equal(r.threads[0].freed_by_others, 1);
    assert_true(fabs(r.threads[0].freed_by_others_excess.excess - more) < 1e-9);
    assert_int_equal(r.sites.items[0].frees, 1);
    assert_true(fabs(r.sites.items[0].excess->frees.excess - more) < 1e-9);
    ms_replay_deinit(&r);
}

/* ---- gaps ------------------------------------------------------------------------------- */

static void blocks_from_before_a_gap_are_uncertain_until_they_are_seen_to_die(void **state) {
    (void)state;
    ms_replay r;
    ms_replay_init(&r);
    for (uint64_t i = 1; i <= 4; i++)
        play(&r, make_alloc(1, 1000 * i, 0x1000 * i, 100, 0));
    play(&r, number_event(MS_EVENT_GAP, 1, 9000, 5000));
    play(&r, make_free(1, 10000, 0x1000));        /* lived */
    play(&r, make_alloc(1, 11000, 0x2000, 7, 0)); /* the one there died in the gap */
    play(&r, make_free(1, 12000, 0x9000));        /* born in the gap, or a lie */
    ms_replay_finish(&r);
    assert_int_equal(r.gap_deaths, 1);
    assert_int_equal(r.implied, 0);
    assert_int_equal(r.gap_frees, 1);
    assert_int_equal(r.unmatched, 0);
    assert_int_equal(r.frees, 2);
    assert_int_equal(r.level.live_bytes, 7);
    assert_int_equal(r.level.live_blocks, 1);
    assert_int_equal(r.last_level.live_bytes, 207);
    assert_int_equal(r.peak_bytes, 400);
    assert_int_equal(r.sites.items[0].live.blocks, 1);
    assert_int_equal(r.threads[0].live.bytes, 7);
    assert_int_equal(r.temporary, 0); /* the gap may have had births between */
    ms_replay_deinit(&r);
}

static void a_gap_told_by_several_threads_is_one(void **state) {
    (void)state;
    ms_replay r;
    ms_replay_init(&r);
    play(&r, number_event(MS_EVENT_GAP, 1, 2000, 1000));
    play(&r, number_event(MS_EVENT_GAP, 2, 2500, 1000));
    play(&r, number_event(MS_EVENT_GAP, 2, 5000, 4000));
    play(&r, number_event(MS_EVENT_GAP, 2, 6000, 900000)); /* of the future */
    assert_int_equal(r.history.gap_changes, 3);
    assert_int_equal(r.history.gap_us, 2000);
    assert_int_equal(r.history.gaps[0].to_ns, 2000000);
    ms_replay_deinit(&r);
}

/* ---- tasks ------------------------------------------------------------------------------ */

static void tasks_have_what_was_allocated_for_them(void **state) {
    (void)state;
    ms_replay r;
    ms_replay_init(&r);
    play(&r, make_alloc(1, 1000, 0x100, 1, 0));
    play(&r, number_event(MS_EVENT_TASK, 1, 1000, 77));
    play(&r, make_alloc(1, 1000, 0x200, 10, 0));
    play(&r, make_realloc(1, 2000, 0x200, 0x300, 30, 0));
    play(&r, number_event(MS_EVENT_TASK, 2, 3000, 77)); /* it moves to another thread */
    play(&r, make_alloc(2, 3000, 0x400, 5, 0));
    play(&r, number_event(MS_EVENT_TASK, 1, 4000, 5));
    play(&r, make_free(1, 4000, 0x300));
    play(&r, make_alloc(1, 4000, 0x500, 50, 0));
    play(&r, number_event(MS_EVENT_TASK, 1, 5000, 0));
    play(&r, make_free(1, 5000, 0x500));
    ms_replay_finish(&r);
    assert_int_equal(r.tasks.count, 2);
    const ms_task_count *first = &r.tasks.items[0], *second = &r.tasks.items[1];
    assert_int_equal(first->id, 77);
    assert_int_equal(first->tally.allocations, 2);
    assert_int_equal(first->tally.reallocations, 1);
    assert_int_equal(first->tally.bytes_allocated, 45);
    assert_int_equal(first->tally.peak_bytes, 35);
    assert_int_equal(first->tally.live_bytes, 5);
    assert_int_equal(first->tally.live_blocks, 1);
    assert_int_equal(first->freed_by_others, 1);
    assert_int_equal(second->id, 5);
    assert_int_equal(second->tally.peak_bytes, 50);
    assert_int_equal(second->tally.live_bytes, 0);
    assert_int_equal(second->freed_by_others, 1);
    assert_int_equal(r.level.live_bytes, 6);
    ms_replay_deinit(&r);
}

static void tasks_of_a_sampled_thread_are_weighed(void **state) {
    (void)state;
    ms_replay r;
    ms_replay_init(&r);
    play(&r, number_event(MS_EVENT_RATE, 1, 0, 1000));
    play(&r, number_event(MS_EVENT_TASK, 1, 0, 7));
    play(&r, make_alloc(1, 1000, 0x100, 1000, 0));
    ms_estimate weight = ms_weight(1000, 1000);
    const ms_task_count *task = &r.tasks.items[0];
    assert_true(fabs(task->tally.held.bytes.excess - 1000 * weight.excess) < 1e-6);
    assert_true(fabs(task->tally.allocations_excess.excess - weight.excess) < 1e-9);
    assert_int_equal(task->tally.peak_bytes, 1581); /* 1000 / (1 - exp(-1.001)) */
    play(&r, make_free(1, 2000, 0x100));
    assert_int_equal(task->tally.held.sampled, 0);
    ms_replay_deinit(&r);
}

/* ---- hostile ---------------------------------------------------------------------------- */

static bool is_number(ms_estimate estimate) {
    return isfinite(estimate.excess) && isfinite(estimate.variance);
}

static void no_rate_and_no_size_makes_an_estimate_infinite(void **state) {
    (void)state;
    static const uint64_t values[] = {0, 1, 2, 4096, UINT32_MAX, INT64_MAX, UINT64_MAX};
    enum { VALUES = sizeof values / sizeof *values };
    ms_replay r;
    ms_replay_init(&r);
    for (uint64_t i = 0; i < VALUES * VALUES; i++) {
        uint32_t thread = 1 + (uint32_t)i % 3;
        play(&r, number_event(MS_EVENT_RATE, thread, i, values[i / VALUES]));
        play(&r, make_alloc(thread, i, 0x1000 * (i + 1), values[i % VALUES], 0));
        assert_true(is_number(r.level.held.bytes) && is_number(r.level.held.blocks));
        assert_true(is_number(r.level.births_excess));
    }
    for (uint64_t i = 0; i < VALUES * VALUES; i++)
        play(&r, make_free(1, 1000, 0x1000 * (i + 1)));
    ms_replay_finish(&r);
    assert_int_equal(r.level.live_blocks, 0);
    assert_int_equal(r.level.held.sampled, 0);
    assert_true(r.level.held.bytes.excess == 0);
    ms_replay_deinit(&r);
}

static void counts_only_grow_and_stay_within_64_bits(void **state) {
    (void)state;
    ms_replay r;
    ms_replay_init(&r);
    play(&r, count_event(1, 10, MS_COUNT_ALLOCATIONS, 50));
    play(&r, count_event(1, 20, MS_COUNT_ALLOCATIONS, 20));
    play(&r, count_event(1, 20, MS_COUNT_BYTES, UINT64_MAX));
    play(&r, count_event(2, 20, MS_COUNT_BYTES, UINT64_MAX - 5));
    play(&r, count_event(2, 20, MS_COUNT_ALLOCATIONS, 3));
    play(&r, count_event(2, 20, 200, 3)); /* of no kind known here */
    ms_replay_finish(&r);
    assert_int_equal(r.allocations, 53);
    assert_true(r.bytes_allocated == UINT64_MAX);
    assert_int_equal(r.threads[0].allocations, 50);
    ms_replay_deinit(&r);
}

static void a_release_of_what_was_not_sampled_is_no_lie(void **state) {
    (void)state;
    ms_replay r;
    ms_replay_init(&r);
    play(&r, make_free(1, 10, 0x100));
    play(&r, number_event(MS_EVENT_RATE, 1, 1000, 4096));
    play(&r, make_free(1, 2000, 0x200));
    assert_int_equal(r.unmatched, 1);
    assert_int_equal(r.unsampled_frees, 1);
    ms_replay_deinit(&r);
}

/* ---- arrays that grow ------------------------------------------------------------------------ */

enum { MAKE = FIRST_STACK, PUSH, TRIM };

static void start_arrays(ms_replay *r) {
    ms_replay_init(r);
    for (uint64_t stack = MAKE; stack <= TRIM; stack++)
        play(r, make_stack(1, stack, 0x1000 + stack, MS_ROOT_COMPLETE));
}

static const ms_growth *growth_at(const ms_replay *r, uint64_t stack) {
    static const ms_growth none;
    for (size_t i = 0; i < r->sites.count; i++)
        if (r->sites.items[i].stack == stack)
            return r->sites.items[i].growth ? r->sites.items[i].growth : &none;
    return &none;
}

static void an_array_is_a_block_that_grows(void **state) {
    (void)state;
    ms_replay r;
    start_arrays(&r);
    play(&r, make_alloc(1, 10, 0x1000, 16, MAKE));
    play(&r, make_realloc(1, 20, 0x1000, 0x2000, 32, PUSH)); /* copied */
    play(&r, make_realloc(1, 30, 0x2000, 0x2000, 64, PUSH)); /* where it was */
    play(&r, make_realloc(1, 40, 0x2000, 0x1000, 48, TRIM)); /* not a growth */
    play(&r, make_realloc(1, 50, 0x1000, 0x3000, 48, PUSH)); /* nor this */
    play(&r, make_realloc(1, 60, 0x3000, 0x1000, 96, PUSH));
    play(&r, make_alloc(1, 70, 0x9000, 10, PUSH)); /* never grows */
    play(&r, make_alloc(1, 80, 0x8000, 0, PUSH));
    play(&r, make_realloc(1, 90, 0x8000, 0x8000, 5, PUSH));
    play(&r, make_free(1, 100, 0x8000));
    ms_replay_finish(&r);
    const ms_growth *g = growth_at(&r, PUSH);
    assert_int_equal(g->arrays, 2);
    assert_int_equal(g->growths, 4);
    assert_int_equal(g->max_growths, 3);
    assert_int_equal(g->copies, 2);
    assert_int_equal(g->copied_bytes, 16 + 48);
    assert_int_equal(g->grown_from, 16 + 32 + 48 + 0);
    assert_int_equal(g->grown_to, 32 + 64 + 96 + 5);
    assert_int_equal(g->max_bytes, 96);
    assert_int_equal(g->last_bytes, 96 + 5);
    assert_int_equal(g->live_arrays, 1);
    assert_int_equal(g->live_bytes, 96);
    assert_int_equal(growth_at(&r, TRIM)->growths, 0);
    assert_int_equal(growth_at(&r, MAKE)->growths, 0);
    ms_replay_deinit(&r);
}

/* A block has no room for more, sums do. */
static void growths_of_one_array_are_counted_up_to_a_limit(void **state) {
    (void)state;
    ms_replay r;
    start_arrays(&r);
    play(&r, make_alloc(1, 10, 0x1000, 1, MAKE));
    for (uint64_t i = 0; i < MS_GROWTHS_MAX + 100; i++)
        play(&r, make_realloc(1, 20 + i, 0x1000, 0x1000, 2 + i, PUSH));
    play(&r, make_free(1, 30 + MS_GROWTHS_MAX + 100, 0x1000));
    const ms_growth *g = growth_at(&r, PUSH);
    assert_int_equal(g->growths, MS_GROWTHS_MAX + 100);
    assert_int_equal(g->arrays, 1);
    assert_int_equal(g->max_growths, MS_GROWTHS_MAX);
    assert_int_equal(g->last_bytes, MS_GROWTHS_MAX + 101);
    assert_int_equal(r.sites.items[1].lifetimes.count, MS_GROWTHS_MAX + 100);
    assert_int_equal(r.sites.items[1].lifetimes.max_us, 11); /* the last: time is not disturbed */
    ms_replay_deinit(&r);
}

/* Of threads that hand a block to and fro within a tick the order is not known: nothing is counted twice. */
static void an_array_that_dies_early_has_grown_all_the_same(void **state) {
    (void)state;
    ms_replay r;
    start_arrays(&r);
    play(&r, make_alloc(1, 10, 0x1000, 16, MAKE));
    play(&r, make_alloc(2, 10, 0x7000, 16, MAKE));
    play(&r, make_free(2, 20, 0x2000));
    play(&r, make_realloc(1, 20, 0x1000, 0x2000, 32, PUSH));
    ms_replay_finish(&r);
    const ms_growth *g = growth_at(&r, PUSH);
    assert_int_equal(g->growths, 1);
    assert_int_equal(g->last_bytes, 32);
    assert_int_equal(g->live_arrays, 0);
    ms_replay_deinit(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(estimates_are_unbiased_and_their_errors_cover_the_truth),
        cmocka_unit_test(an_exact_start_counts_exactly_and_the_rest_is_weighed),
        cmocka_unit_test(a_resized_birth_is_a_reallocation_and_a_resized_death_no_free),
        cmocka_unit_test(a_realloc_between_samples_moves_the_weight),
        cmocka_unit_test(a_release_read_before_its_birth_counts_like_any_other),
        cmocka_unit_test(blocks_from_before_a_gap_are_uncertain_until_they_are_seen_to_die),
        cmocka_unit_test(a_gap_told_by_several_threads_is_one),
        cmocka_unit_test(tasks_have_what_was_allocated_for_them),
        cmocka_unit_test(tasks_of_a_sampled_thread_are_weighed),
        cmocka_unit_test(no_rate_and_no_size_makes_an_estimate_infinite),
        cmocka_unit_test(counts_only_grow_and_stay_within_64_bits),
        cmocka_unit_test(a_release_of_what_was_not_sampled_is_no_lie),
        cmocka_unit_test(an_array_is_a_block_that_grows),
        cmocka_unit_test(growths_of_one_array_are_counted_up_to_a_limit),
        cmocka_unit_test(an_array_that_dies_early_has_grown_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
