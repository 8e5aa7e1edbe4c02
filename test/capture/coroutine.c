#include "capture/coroutine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

enum { SPACE = 1 << 20, STACKS = 400, STEPS = 60000 };

/* What there is to be: ranges that do not overlap. */
static struct { uint64_t low, high, task; } stacks[STACKS];

static uint64_t origin;

static void forget(uint64_t low, uint64_t high) {
    for (int i = 0; i < STACKS; i++)
        if (stacks[i].low < high && low < stacks[i].high)
            stacks[i].high = stacks[i].low = 0;
}

static void put(uint64_t low, uint64_t high, uint64_t task) {
    const ms_coroutine about = {.task = task, .made_for = task};
    forget(low, high);
    for (int i = 0; i < STACKS; i++) {
        if (stacks[i].high)
            continue;
        stacks[i].low = low;
        stacks[i].high = high;
        stacks[i].task = task;
        assert_true(ms_coroutine_put(low, high, &about));
        return;
    }
}

static void end(uint64_t task) {
    ms_coroutine_end_of(task);
    for (int i = 0; i < STACKS; i++)
        if (stacks[i].high && stacks[i].task == task)
            stacks[i].task = 0;
}

/* The bounds of what is no stack hold the address, and no part of a stack. */
static void check_at(uint64_t address) {
    uint64_t low, high;
    ms_coroutine *found = ms_coroutine_at(address, &low, &high);
    assert_true(low <= address && address < high);
    for (int i = 0; i < STACKS; i++) {
        bool holds = address >= stacks[i].low && address < stacks[i].high;
        assert_false(holds && !found);
        assert_false(found && holds && (low != stacks[i].low || high != stacks[i].high));
        assert_false(found && holds && found->task != stacks[i].task);
        assert_false(!holds && stacks[i].low < high && low < stacks[i].high);
    }
}

static uint64_t any(uint64_t below) {
    return (uint64_t)random() % below;
}

/* Sizes of all classes, odd ones too, side by side and one over the other. */
static void test_an_address_is_of_the_stack_that_was_told_of_last(void **state) {
    (void)state;
    srandom(1);
    origin = UINT64_C(0x7f1234560000);
    for (uint64_t step = 1; step <= STEPS; step++) {
        uint64_t low = origin + any(SPACE), size = 1 + any(UINT64_C(1) << any(17));
        switch (any(8)) {
        case 0:
            ms_coroutines_forget(low, low + size);
            forget(low, low + size);
            break;
        case 1: end(1 + any(step)); break;
        case 2: { /* the same place again */
            int i = (int)any(STACKS);
            if (stacks[i].high)
                put(stacks[i].low, stacks[i].high, step);
            break;
        }
        default: put(low, low + size, step);
        }
        check_at(origin + any(SPACE));
        check_at(low);
        check_at(low + size - 1);
    }
}

static void test_no_stack_is_empty_or_ends_before_it_begins(void **state) {
    (void)state;
    const ms_coroutine about = {.task = 1, .made_for = 1};
    assert_false(ms_coroutine_put(100, 100, &about));
    assert_false(ms_coroutine_put(UINT64_MAX - 10, 5, &about));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_stack_is_empty_or_ends_before_it_begins),
        cmocka_unit_test(test_an_address_is_of_the_stack_that_was_told_of_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
