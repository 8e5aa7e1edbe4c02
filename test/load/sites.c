#include "load/sites.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "load/nodes.h"

enum { EARLY = MS_ROOT_COUNT, LATE, LATER };

/* Stacks are numbered as their nodes. */
static uint32_t node_of(void *context, uint64_t stack) {
    (void)context;
    return (uint32_t)stack;
}

static void sites_that_turn_out_to_be_one_are_merged_and_found_where_they_went(void **state) {
    (void)state;
    ms_sites sites = {0};
    uint32_t before[] = {
        ms_sites_of(&sites, MS_NODE_UNKNOWN, LATE, 0),  /* goes into the fourth */
        ms_sites_of(&sites, EARLY, EARLY, 0),           /* stays */
        ms_sites_of(&sites, MS_NODE_UNKNOWN, EARLY, 0), /* goes into the second */
        ms_sites_of(&sites, LATE, LATE, 0),             /* moves up */
        ms_sites_of(&sites, MS_NODE_UNKNOWN, LATER, 0), /* is alone */
    };
    for (uint32_t i = 0; i < 5; i++)
        sites.items[before[i]].allocations = UINT64_C(1) << i;
    ms_sites_resolve(&sites, 0, node_of, NULL);
    assert_int_equal(sites.count, 3);
    const uint64_t together[] = {9, 6, 6, 9, 16};
    for (uint32_t i = 0; i < 5; i++) {
        assert_true(sites.moved[before[i]] < sites.count);
        assert_int_equal(sites.items[sites.moved[before[i]]].allocations, together[i]);
    }
    ms_sites_deinit(&sites);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sites_that_turn_out_to_be_one_are_merged_and_found_where_they_went),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
