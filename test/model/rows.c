#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../builder.h"

#include "model/rows.h"

#define BUDGET 4096u
#define LARGEST 1024u /* as in rows.c */

static ms_model *model;

static int start(void **state) {
    (void)state;
    model = ms_model_new();
    model->capture.addresses = true;
    ((ms_thread *)ADD(model, threads))->id = 7;
    for (uint64_t id = 1; id <= 3; id++)
        ((ms_site *)ADD(model, sites))->id = id;
    model->rows = ms_rows_new(BUDGET);
    return 0;
}

static int stop(void **state) {
    (void)state;
    ms_model_free(model);
    return 0;
}

static ms_row dead(uint32_t site, uint64_t size, uint64_t born_us) {
    return (ms_row){.address = 0x1000 + born_us,
                    .size = size,
                    .born_us = born_us,
                    .died_us = born_us + 5,
                    .weight = 1,
                    .site = site,
                    .freed_by = UINT32_MAX,
                    .end = MS_ROW_FREED};
}

static void add(uint32_t site, uint64_t count, uint64_t size) {
    for (uint64_t i = 0; i < count; i++) {
        ms_row row = dead(site, size, i);
        ms_rows_add(model->rows, &row);
    }
}

static void finish(void) {
    static const uint32_t order[] = {0, 1, 2};
    ms_rows_finish(model->rows, order, 3);
}

/* What the rows of a site stand for; `*count` (may be NULL) is how many there are. */
static double stood_for(uint64_t site, size_t *count) {
    double sum = 0;
    size_t found = 0;
    for (size_t i = 0; i < ms_rows_count(model->rows); i++) {
        ms_allocation row;
        ms_rows_at(model, i, &row);
        if (row.site != site)
            continue;
        sum += row.stands_for;
        found++;
    }
    if (count)
        *count = found;
    return sum;
}

static void within_the_budget_every_block_is_a_row(void **state) {
    (void)state;
    add(0, 3000, 10);
    finish();
    size_t count;
    assert_true(stood_for(1, &count) == 3000);
    assert_int_equal(count, 3000);
}

static void beyond_it_small_sites_stay_whole_and_large_ones_are_sampled(void **state) {
    (void)state;
    add(0, LARGEST, 1000);
    add(1, 200000, 10);
    add(2, 400, 10);
    finish();
    size_t count;
    assert_in_range(ms_rows_count(model->rows), BUDGET / 2, BUDGET + LARGEST);
    assert_true(stood_for(3, &count) == 400);
    assert_int_equal(count, 400);
    double sum = stood_for(2, &count);
    assert_in_range(count, 500, BUDGET);
    assert_true(sum > 199999.9 && sum < 200000.1);
    assert_int_equal(ms_rows_seen(model->rows), LARGEST + 200400);
}

static void the_largest_are_kept_whenever_they_come(void **state) {
    (void)state;
    add(1, 50000, 10);
    add(0, 10, 100000);
    add(1, 50000, 10);
    finish();
    size_t count;
    assert_true(stood_for(1, &count) == 10);
    assert_int_equal(count, 10);
    double sum = stood_for(2, NULL);
    assert_true(sum > 99999.9 && sum < 100000.1);
}

static void live_blocks_have_a_budget_of_their_own(void **state) {
    (void)state;
    add(0, 100000, 10);
    for (uint64_t i = 0; i < 3000; i++) {
        ms_row row = dead(1, 10, i);
        row.died_us = UINT64_MAX;
        row.end = MS_ROW_LIVE;
        ms_rows_add(model->rows, &row);
    }
    finish();
    size_t count;
    assert_true(stood_for(2, &count) == 3000);
    assert_int_equal(count, 3000);
}

static void more_sites_than_rows_keep_each_a_row(void **state) {
    (void)state;
    uint32_t order[3 * BUDGET];
    model->sites.items = ms_arena_alloc(model->arena, 3 * BUDGET * sizeof(ms_site));
    model->sites.count = 3 * BUDGET;
    for (uint32_t site = 0; site < 3 * BUDGET; site++) {
        order[site] = site;
        ms_row row = dead(site, 10, site);
        ms_rows_add(model->rows, &row);
    }
    ms_rows_finish(model->rows, order, 3 * BUDGET);
    assert_int_equal(ms_rows_count(model->rows), 3 * BUDGET);
}

static void rows_come_in_the_order_of_births_with_the_sites_of_the_model(void **state) {
    (void)state;
    static const uint32_t order[] = {2, 0};
    ms_row late = dead(0, 8, 20), early = dead(1, 8, 10), stray = dead(2, 8, 15);
    ms_rows_add(model->rows, &late);
    ms_rows_add(model->rows, &stray);
    ms_rows_add(model->rows, &early);
    ms_rows_finish(model->rows, order, 2);
    assert_int_equal(ms_rows_count(model->rows), 2);
    ms_allocation row;
    ms_rows_at(model, 0, &row);
    assert_int_equal(row.site, 1);
    assert_int_equal(row.born_ns, 10000);
    assert_int_equal(row.died_ns, 15000);
    assert_int_equal(row.thread_id, 7);
    assert_true(row.freed_by == MS_UNKNOWN && row.task_id == MS_UNKNOWN);
    assert_string_equal(row.end, "freed");
    ms_rows_at(model, 1, &row);
    assert_int_equal(row.site, 3);
}

static void addresses_that_were_not_recorded_are_unknown(void **state) {
    (void)state;
    model->capture.addresses = false;
    add(0, 1, 8);
    finish();
    ms_allocation row;
    ms_rows_at(model, 0, &row);
    assert_true(row.address == MS_UNKNOWN);
}

/* Events 1 to 6 are in microsecond 9, 8 and 9 in the next, in which a block dies with its birth. */
static void deaths_stand_among_the_births_of_their_microsecond(void **state) {
    (void)state;
    enum { LIVES = 5 };
    static const struct {
        uint64_t born_us, born, died_us, died, before;
    } lives[LIVES] = {
        {1, 0, 9, 1, 0}, {9, 2, 9, 3, 1}, {9, 4, 9, 6, 3}, {9, 5, 10, 8, 0}, {10, 9, 10, 9, 0}};
    for (size_t i = 0; i < LIVES; i++) {
        ms_row row = dead(0, 8, lives[i].born_us);
        row.died_us = lives[i].died_us;
        row.born = lives[i].born;
        row.died = lives[i].died;
        ms_rows_add(model->rows, &row);
    }
    ms_row live = dead(0, 8, 11);
    live.born = 10;
    live.died = live.died_us = UINT64_MAX;
    live.end = MS_ROW_LIVE;
    ms_rows_add(model->rows, &live);
    finish();
    ms_allocation row;
    for (size_t i = 0; i < LIVES; i++) {
        ms_rows_at(model, i, &row);
        assert_int_equal(row.births_at_death, lives[i].before);
    }
    ms_rows_at(model, LIVES, &row);
    assert_true(row.births_at_death == MS_UNKNOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(within_the_budget_every_block_is_a_row, start, stop),
        cmocka_unit_test_setup_teardown(beyond_it_small_sites_stay_whole_and_large_ones_are_sampled,
                                        start, stop),
        cmocka_unit_test_setup_teardown(the_largest_are_kept_whenever_they_come, start, stop),
        cmocka_unit_test_setup_teardown(live_blocks_have_a_budget_of_their_own, start, stop),
        cmocka_unit_test_setup_teardown(more_sites_than_rows_keep_each_a_row, start, stop),
        cmocka_unit_test_setup_teardown(
            rows_come_in_the_order_of_births_with_the_sites_of_the_model, start, stop),
        cmocka_unit_test_setup_teardown(deaths_stand_among_the_births_of_their_microsecond, start,
                                        stop),
        cmocka_unit_test_setup_teardown(addresses_that_were_not_recorded_are_unknown, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
