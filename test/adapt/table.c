#include "adapt/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

enum { KEYS = 3000, STEPS = 200000 };

static const void *key_of(unsigned number) {
    return (const void *)(uintptr_t)(0x10000 + 16 * (uint64_t)number);
}

static ms_followed item(unsigned number, uint64_t task) {
    return (ms_followed){.key = key_of(number), .unit = {.task = task}};
}

/* As many keys come and go as fit into few places, so that runs of them meet, wrap around and close up. */
static void test_what_is_put_is_there_until_it_is_taken(void **state) {
    (void)state;
    static uint64_t task_of[KEYS];
    ms_followed found;
    srandom(1);
    for (uint64_t step = 1; step <= STEPS; step++) {
        unsigned number = (unsigned)random() % KEYS;
        if (random() % 2) {
            ms_followed new = item(number, step);
            assert_true(ms_table_put(&new));
            task_of[number] = step;
        } else {
            assert_int_equal(ms_table_take(key_of(number), &found), task_of[number] != 0);
            assert_true(!task_of[number] || found.unit.task == task_of[number]);
            task_of[number] = 0;
        }
        unsigned other = (unsigned)random() % KEYS;
        assert_int_equal(ms_table_get(key_of(other), &found), task_of[other] != 0);
        assert_true(!task_of[other] || found.unit.task == task_of[other]);
    }
    for (unsigned number = 0; number < KEYS; number++)
        assert_int_equal(ms_table_take(key_of(number), NULL), task_of[number] != 0);
}

static void test_nothing_is_there_at_first(void **state) {
    (void)state;
    ms_followed found;
    assert_false(ms_table_get(key_of(KEYS), &found));
    assert_false(ms_table_take(key_of(KEYS), &found));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_there_at_first),
        cmocka_unit_test(test_what_is_put_is_there_until_it_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
