#include "load/series.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "builder.h"
#include "load/timeline.h"

enum { SITES = 50, MOVES = 20000 };

/* A made-up run, and all that ever was. */
typedef struct run {
    ms_series series;
    ms_sites sites;
    ms_timeline timeline;
    uint64_t chance, now_us;
    struct {
        uint64_t time_us, bytes[SITES];
    } was[MOVES]; /* behind each event */
    size_t count;
} run;

static run *new_run(uint64_t chance) {
    run *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->chance = chance;
    ms_series_init(&r->series);
    ms_timeline_init(&r->timeline);
    for (uint32_t i = 0; i < SITES; i++)
        ms_sites_of(&r->sites, i, i, 0);
    return r;
}

static void free_run(run *r) {
    ms_series_deinit(&r->series);
    ms_timeline_deinit(&r->timeline);
    ms_sites_deinit(&r->sites);
    free(r);
}

static void pass_time(run *r, uint64_t time_us) {
    ms_level level = {0};
    r->now_us += time_us;
    ms_series_due(&r->series, r->now_us, &r->sites, false);
    ms_timeline_due(&r->timeline, r->now_us, &level);
}

static void set_level(run *r, uint32_t site, uint64_t bytes) {
    ms_series_touch(&r->series, &r->sites.items[site], site);
    r->sites.items[site].live.bytes = bytes;
    r->sites.items[site].live.blocks = bytes / 8;
}

static void note(run *r) {
    r->was[r->count].time_us = r->now_us;
    for (uint32_t i = 0; i < SITES; i++)
        r->was[r->count].bytes[i] = r->sites.items[i].live.bytes;
    r->count++;
}

static void finish(run *r, uint64_t end_us) {
    ms_series_close(&r->series, &r->sites, false);
    ms_series_finish(&r->series, end_us);
}

/* What was before `time_us`; NULL: nothing. */
static const uint64_t *truth(const run *r, uint64_t time_us) {
    const uint64_t *bytes = NULL;
    for (size_t i = 0; i < r->count && r->was[i].time_us < time_us; i++)
        bytes = r->was[i].bytes;
    return bytes;
}

/* Each moment, and the end, has what was live then. */
static void assert_true_to(const run *r) {
    const ms_series *s = &r->series;
    uint64_t level[SITES] = {0};
    static const uint64_t nothing[SITES];
    size_t next = 0;
    for (uint32_t moment = 0; moment <= s->moments; moment++) {
        for (; next < s->count && s->steps[next].moment == moment; next++) {
            assert_int_equal(s->steps[next].level.blocks, s->steps[next].level.bytes / 8);
            level[s->steps[next].site] = s->steps[next].level.bytes;
        }
        const uint64_t *was = truth(r, moment < s->moments ? ms_series_us(s, moment) : UINT64_MAX);
        assert_memory_equal(level, was ? was : nothing, sizeof level);
    }
    assert_int_equal(next, s->count);
}

/* Some come and go at once, others stay. */
static void move(run *r) {
    uint32_t site = (uint32_t)random_below(&r->chance, SITES);
    if (random_below(&r->chance, 2)) {
        set_level(r, site, 8 * random_below(&r->chance, 1000));
    } else {
        uint64_t bytes = r->sites.items[site].live.bytes;
        set_level(r, site, bytes + 80);
        set_level(r, site, bytes);
    }
    note(r);
}

static void every_moment_has_what_was_live_then(void **state) {
    (void)state;
    for (uint64_t pace_us = 1; pace_us < 100000; pace_us *= 7) {
        run *r = new_run(pace_us);
        for (int i = 0; i < 1000; i++) {
            pass_time(r, random_below(&r->chance, 2 * pace_us));
            move(r);
        }
        finish(r, r->now_us + random_below(&r->chance, 1000 * pace_us));
        assert_in_range(r->series.moments, 0, MS_SERIES_MOMENTS - 1);
        assert_true_to(r);
        free_run(r);
    }
}

static void moments_are_some_of_the_timelines(void **state) {
    (void)state;
    run *r = new_run(3);
    for (int i = 0; i < MOVES / 10; i++) {
        pass_time(r, random_below(&r->chance, 3000));
        move(r);
        size_t at = 0;
        for (uint32_t moment = 0; moment < r->series.moments; moment++) {
            while (at < r->timeline.count &&
                   r->timeline.moments[at].time_ns < ms_series_us(&r->series, moment))
                at++;
            assert_true(at < r->timeline.count);
            assert_int_equal(r->timeline.moments[at].time_ns, ms_series_us(&r->series, moment));
        }
    }
    free_run(r);
}

static void moments_can_go_at_any_time(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed < 50; seed++) {
        run *r = new_run(seed);
        for (int i = 0; i < 600; i++) {
            pass_time(r, random_below(&r->chance, 1000));
            move(r);
            if (random_below(&r->chance, 30) == 0)
                ms_series_halve(&r->series, &r->sites);
        }
        finish(r, r->now_us);
        assert_true_to(r);
        free_run(r);
    }
}

static void what_comes_and_goes_between_moments_leaves_no_step(void **state) {
    (void)state;
    run *r = new_run(1);
    for (int i = 0; i < 60; i++) {
        set_level(r, 1, 800);
        set_level(r, 1, 0);
        set_level(r, 2, 80);
        pass_time(r, 1000);
    }
    finish(r, r->now_us);
    assert_int_equal(r->series.moments, 60);
    assert_int_equal(r->series.count, 1);
    assert_int_equal(r->series.steps[0].site, 2);
    free_run(r);
}

static void steps_are_bounded(void **state) {
    (void)state;
    enum { MANY = 20000 };
    run *r = new_run(1);
    for (uint32_t i = SITES; i < MANY; i++)
        ms_sites_of(&r->sites, i, i, 0);
    for (uint64_t i = 0; i < 200; i++) {
        pass_time(r, 1000);
        for (uint32_t site = 0; site < MANY; site++)
            set_level(r, site, i * MANY + site);
        assert_in_range(r->series.count, 0, MS_SERIES_STEPS + 2 * MANY);
    }
    assert_in_range(r->series.moments, 8, MS_SERIES_STEPS / MANY + 2);
    free_run(r);
}

static void a_sampled_level_says_how_far_it_may_be_off(void **state) {
    (void)state;
    run *r = new_run(1);
    set_level(r, 1, 100);
    ms_site_excess_of(&r->sites.items[1])->live.now =
        (ms_held){.sampled = 1, .bytes = {50, 900}, .blocks = {2, 16}};
    ms_series_close(&r->series, &r->sites, true);
    const ms_site_level *level = &r->series.steps[0].level;
    assert_int_equal(level->bytes, 150);
    assert_int_equal(level->bytes_error, 30);
    assert_int_equal(level->blocks, 14);
    assert_int_equal(level->blocks_error, 4);
    free_run(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_moment_has_what_was_live_then),
        cmocka_unit_test(moments_are_some_of_the_timelines),
        cmocka_unit_test(moments_can_go_at_any_time),
        cmocka_unit_test(what_comes_and_goes_between_moments_leaves_no_step),
        cmocka_unit_test(steps_are_bounded),
        cmocka_unit_test(a_sampled_level_says_how_far_it_may_be_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
