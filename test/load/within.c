#include "load/within.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "builder.h"

enum { BLOCKS = 500, ROUNDS = 20000, ROOM = 1 << 12 };

typedef struct world {
    ms_live live;
    ms_within within;
} world;

static int set_up(void **state) {
    static world w;
    w = (world){0};
    ms_live_init(&w.live);
    *state = &w;
    return 0;
}

static int tear_down(void **state) {
    world *w = *state;
    ms_live_deinit(&w->live);
    ms_within_deinit(&w->within);
    return 0;
}

static void begin(world *w, uint64_t address, uint64_t size) {
    ms_live_add(&w->live, (ms_block){.address = address, .size = size});
    ms_within_born(&w->within, &w->live, address, size);
}

static void end(world *w, uint64_t address) {
    ms_live_remove(&w->live, ms_live_at(&w->live, address));
}

static uint64_t find(world *w, uint64_t address) {
    const ms_block *block = ms_within_find(&w->within, &w->live, address);
    return block ? block->address : 0;
}

static void every_byte_of_a_block_lies_in_it(void **state) {
    world *w = *state;
    begin(w, 0x1000, 100);
    begin(w, 0x2000, 1);
    begin(w, 0x3000, 0);
    begin(w, 0x10000, 1 << 20);
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(find(w, 0x1000 + i), 0x1000);
    assert_int_equal(find(w, 0xfff), 0);
    assert_int_equal(find(w, 0x1064), 0);
    assert_int_equal(find(w, 0x2000), 0x2000);
    assert_int_equal(find(w, 0x2001), 0);
    assert_int_equal(find(w, 0x3000), 0x3000);
    assert_int_equal(find(w, 0x3001), 0);
    assert_int_equal(find(w, 0x10000 + (1 << 20) - 1), 0x10000);
    assert_int_equal(find(w, 0x10000 + (1 << 20)), 0);
    assert_int_equal(find(w, 0), 0);
}

static void nothing_is_built_before_somebody_asks_for_an_inside(void **state) {
    world *w = *state;
    begin(w, 0x1000, 100);
    assert_int_equal(find(w, 0x1000), 0x1000);
    assert_null(ms_within_look(&w->within, &w->live, 0x1001));
    assert_null(w->within.starts);
    assert_int_equal(find(w, 0x1001), 0x1000);
    assert_non_null(w->within.starts);
}

static void the_ends_of_the_address_space_are_addresses(void **state) {
    world *w = *state;
    begin(w, UINT64_MAX - 9, 100);
    begin(w, 1, 5);
    assert_int_equal(find(w, 3), 1);
    assert_int_equal(find(w, UINT64_MAX - 3), UINT64_MAX - 9);
    assert_int_equal(find(w, UINT64_MAX / 2), 0);
}

/* Where each unit of memory belongs is known: blocks come and go there. */
static void it_is_right_whatever_comes_and_goes(void **state) {
    world *w = *state;
    static uint64_t owner[ROOM];
    uint64_t random = 7, live[BLOCKS];
    size_t count = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t at = random_below(&random, ROOM);
        uint64_t size = 1 + random_below(&random, UINT64_C(1) << random_below(&random, 10));
        bool is_free = at + size <= ROOM;
        for (uint64_t i = at; is_free && i < at + size; i++)
            is_free = owner[i] == 0;
        if (is_free && count < BLOCKS) {
            begin(w, 0x5000 + at, size);
            for (uint64_t i = at; i < at + size; i++)
                owner[i] = 0x5000 + at;
            live[count++] = 0x5000 + at;
        } else if (count) {
            size_t which = random_below(&random, count);
            end(w, live[which]);
            for (uint64_t i = 0; i < ROOM; i++)
                owner[i] = owner[i] == live[which] ? 0 : owner[i];
            live[which] = live[--count];
        }
        uint64_t asked = random_below(&random, ROOM);
        assert_int_equal(find(w, 0x5000 + asked), owner[asked]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_byte_of_a_block_lies_in_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_built_before_somebody_asks_for_an_inside, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_ends_of_the_address_space_are_addresses, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(it_is_right_whatever_comes_and_goes, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
