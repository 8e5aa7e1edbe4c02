#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../builder.h"

#include "model/rank.h"

static ms_model *model;

static int start(void **state) {
    (void)state;
    model = ms_model_new();
    return 0;
}

static int stop(void **state) {
    (void)state;
    ms_model_free(model);
    return 0;
}

static void costs_have_names(void **state) {
    (void)state;
    assert_int_equal(ms_cost_named("peak"), MS_COST_PEAK);
    assert_int_equal(ms_cost_named("temporary"), MS_COST_TEMPORARY);
    assert_int_equal(ms_cost_named("Peak"), MS_COST_COUNT);
    assert_int_equal(ms_cost_named(""), MS_COST_COUNT);
}

static void each_cost_reads_its_field(void **state) {
    (void)state;
    ms_site site = {.peak_bytes = 1,
                    .live_bytes = 2,
                    .bytes_allocated = 3,
                    .allocations = 4,
                    .temporary = 5,
                    .reallocations = 60};
    static const uint64_t expected[MS_COST_COUNT] = {1, 2, 3, 4, 5, 64};
    for (ms_cost cost = 0; cost < MS_COST_COUNT; cost++)
        assert_int_equal(ms_site_cost(&site, cost), expected[cost]);
}

static void errors_of_merged_sites_add_up_as_their_squares(void **state) {
    (void)state;
    add_site(model, "f@a.c:1 g@a.c:5", 3, 8, 8);
    ms_site *b = add_site(model, "f@a.c:1 h@a.c:9", 4, 4, 16);
    b[-1].peak_bytes = b[0].peak_bytes = 100;
    b[-1].peak_bytes_error = 30;
    b[0].peak_bytes_error = 40;
    b[0].allocations_error = 5;
    b[0].temporary = MS_UNKNOWN;
    size_t count;
    const ms_blame *blame = ms_rank(model, model->arena, MS_COST_PEAK, true, 0, &count, NULL);
    assert_int_equal(count, 1);
    assert_int_equal(blame->error[MS_COST_PEAK], 50);
    assert_int_equal(blame->error[MS_COST_ALLOCATIONS], 5);
    assert_true(blame->error[MS_COST_LIVE] == MS_UNKNOWN);
    assert_int_equal(blame->cost[MS_COST_TEMPORARY], 0);
    assert_true(ms_error_join(UINT64_MAX - 1, UINT64_MAX - 1) == UINT64_MAX - 1);
}

static void sites_with_one_blamed_line_are_merged(void **state) {
    (void)state;
    add_site(model, "f@a.c:1 g@a.c:5", 3, 8, 8);
    add_site(model, "f@a.c:1 h@a.c:9", 4, 4, 16);
    add_site(model, "f@a.c:2 h@a.c:9", 5, 8, 8);
    size_t count, all;
    const ms_blame *blames =
        ms_rank(model, model->arena, MS_COST_ALLOCATIONS, true, 0, &count, &all);
    assert_int_equal(count, 2);
    assert_int_equal(all, 2);
    assert_int_equal(blames[0].cost[MS_COST_ALLOCATIONS], 7);
    assert_int_equal(blames[0].sites, 2);
    assert_ptr_equal(blames[0].site, &model->sites.items[1]);
    assert_int_equal(blames[0].min_size, 4);
    assert_int_equal(blames[0].max_size, 16);
    assert_int_equal(blames[1].cost[MS_COST_ALLOCATIONS], 5);
}

static void blame_follows_the_lift_only_when_asked(void **state) {
    (void)state;
    add_site(model, "xmalloc@u.c:1 f@a.c:1", 3, 8, 8);
    add_site(model, "xmalloc@u.c:1 g@a.c:2", 4, 8, 8);
    model->stacks.items[0].depth_lifted = model->stacks.items[1].depth_lifted = 1;
    size_t count;
    const ms_blame *blames =
        ms_rank(model, model->arena, MS_COST_ALLOCATIONS, true, 0, &count, NULL);
    assert_int_equal(count, 2);
    assert_string_equal(blames[0].frame->function, "g");
    blames = ms_rank(model, model->arena, MS_COST_ALLOCATIONS, false, 0, &count, NULL);
    assert_int_equal(count, 1);
    assert_string_equal(blames[0].frame->function, "xmalloc");
}

static void what_costs_nothing_is_not_ranked(void **state) {
    (void)state;
    add_site(model, "f@a.c:1", 3, 8, 8);
    add_site(model, "g@a.c:1", 3, 8, 8)->live_bytes = 24;
    size_t count;
    const ms_blame *blames = ms_rank(model, model->arena, MS_COST_LIVE, true, 0, &count, NULL);
    assert_int_equal(count, 1);
    assert_string_equal(blames[0].frame->function, "g");
    ms_rank(model, model->arena, MS_COST_TEMPORARY, true, 0, &count, NULL);
    assert_int_equal(count, 0);
}

static void the_top_is_cut_and_ties_keep_their_order(void **state) {
    (void)state;
    add_site(model, "f@a.c:1", 3, 8, 8);
    add_site(model, "g@a.c:1", 3, 8, 8);
    add_site(model, "h@a.c:1", 9, 8, 8);
    size_t count, all;
    const ms_blame *blames = ms_rank(model, model->arena, MS_COST_CALLS, true, 2, &count, &all);
    assert_int_equal(count, 2);
    assert_int_equal(all, 3);
    assert_string_equal(blames[0].frame->function, "h");
    assert_string_equal(blames[1].frame->function, "f");
}

static void sites_without_a_stack_share_one_blame(void **state) {
    (void)state;
    add_site(model, "", 3, 8, 8);
    add_site(model, "", 4, 8, 8);
    size_t count;
    const ms_blame *blames = ms_rank(model, model->arena, MS_COST_CALLS, true, 0, &count, NULL);
    assert_int_equal(count, 1);
    assert_null(blames[0].frame);
    assert_int_equal(blames[0].cost[MS_COST_CALLS], 7);
    assert_int_equal(ms_model_cost(model, MS_COST_CALLS), 7);
}

static void a_blame_has_the_name_that_all_its_sites_have(void **state) {
    (void)state;
    add_site(model, "f@a.c:1 g@a.c:5", 3, 8, 8);
    ms_site *b = add_site(model, "f@a.c:1 h@a.c:9", 4, 4, 16);
    b[-1].variable = "list->head";
    b[0].variable = "tree->root";
    b[-1].type = "struct node";
    b[0].type = "struct node";
    b[0].variable_confidence = "low";
    size_t count;
    const ms_blame *blame = ms_rank(model, model->arena, MS_COST_CALLS, true, 0, &count, NULL);
    assert_int_equal(count, 1);
    assert_null(blame->variable);
    assert_string_equal(blame->type, "struct node");
    assert_true(blame->unsure);
}

#define ON_A_MODEL(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(costs_have_names),
        cmocka_unit_test(each_cost_reads_its_field),
        ON_A_MODEL(errors_of_merged_sites_add_up_as_their_squares),
        ON_A_MODEL(sites_with_one_blamed_line_are_merged),
        ON_A_MODEL(blame_follows_the_lift_only_when_asked),
        ON_A_MODEL(what_costs_nothing_is_not_ranked),
        ON_A_MODEL(the_top_is_cut_and_ties_keep_their_order),
        ON_A_MODEL(sites_without_a_stack_share_one_blame),
        ON_A_MODEL(a_blame_has_the_name_that_all_its_sites_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
