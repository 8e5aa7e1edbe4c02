#include "load/live.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "builder.h"

/* The same in an array: sizes by address / 16. */
static void a_table_agrees_with_an_array(void **state) {
    (void)state;
    enum { PLACES = 5000, STEPS = 200000 };
    uint64_t *sizes = calloc(PLACES + 1, sizeof *sizes), seed = 1, count = 0;
    ms_live live;
    ms_live_init(&live);
    for (int i = 0; i < STEPS; i++) {
        uint64_t place = 1 + random_below(&seed, PLACES), address = place * 16;
        ms_block *block = ms_live_at(&live, address);
        assert_int_equal(block ? block->size : 0, sizes[place]);
        if (block) {
            ms_live_remove(&live, block);
            sizes[place] = 0;
            count--;
        } else {
            sizes[place] = 1 + random_below(&seed, 1000);
            ms_live_add(&live, (ms_block){.address = address, .size = sizes[place]});
            count++;
        }
        assert_int_equal(live.count, count);
    }
    for (uint64_t place = 1; place <= PLACES; place++) {
        const ms_block *block = ms_live_at(&live, place * 16);
        assert_int_equal(block ? block->size : 0, sizes[place]);
    }
    ms_live_deinit(&live);
    free(sizes);
}

/* The number of each block is its address. */
static void numbers_follow_their_blocks(void **state) {
    (void)state;
    enum { PLACES = 3000, STEPS = 50000 };
    uint64_t seed = 7;
    ms_live live;
    ms_live_init(&live);
    ms_live_add(&live, (ms_block){.address = 16});
    assert_int_equal(ms_live_number(&live, ms_live_at(&live, 16)), 0);
    ms_live_keep_numbers(&live);
    for (int i = 0; i < STEPS; i++) {
        live.number = 32 + 16 * random_below(&seed, PLACES);
        ms_block *block = ms_live_at(&live, live.number);
        if (block)
            ms_live_remove(&live, block);
        else
            ms_live_add(&live, (ms_block){.address = live.number});
    }
    assert_true(live.count > PLACES / 4);
    for (size_t i = 0; i <= live.mask; i++)
        if (live.slots[i].address > 16)
            assert_int_equal(ms_live_number(&live, &live.slots[i]), live.slots[i].address);
    assert_int_equal(ms_live_number(&live, ms_live_at(&live, 16)), 0);
    ms_live_deinit(&live);
}

static void nothing_is_live_at_0(void **state) {
    (void)state;
    ms_live live;
    ms_live_init(&live);
    assert_null(ms_live_at(&live, 0));
    ms_live_deinit(&live);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_agrees_with_an_array),
        cmocka_unit_test(numbers_follow_their_blocks),
        cmocka_unit_test(nothing_is_live_at_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
