#include "track/process.h"

#include <errno.h>

#include "../spoken.h"

static struct memscope_config defaults(void) {
    struct memscope_config config;
    calls->config(&config, sizeof config);
    return config;
}

static int refusal(const struct memscope_config *config) {
    errno = 0;
    assert_int_equal(calls->start(config), -1);
    assert_false(calls->is_recording());
    return errno;
}

static void the_defaults_are_those_of_the_environment(void **state) {
    (void)state;
    struct memscope_config config = defaults();
    assert_int_equal(config.size, sizeof config);
    assert_int_equal(config.strategy, MEMSCOPE_CORE);
    assert_int_equal(config.stacks, 1);
    assert_int_equal(config.mappings, 1);
    assert_int_equal(config.budget_percent, 0);
    assert_int_equal(config.sample_bytes, MEMSCOPE_AS_STRATEGY);
    assert_null(config.output);
}

/* A program built with an older header has a shorter struct, and with a newer one a longer. */
static void a_struct_of_another_version_is_filled_as_far_as_both_know_it(void **state) {
    (void)state;
    struct {
        struct memscope_config config;
        uint64_t behind;
    } longer, shorter;
    memset(&longer, 0xee, sizeof longer);
    memset(&shorter, 0xee, sizeof shorter);
    calls->config(&longer.config, sizeof longer);
    assert_int_equal(longer.config.size, sizeof longer);
    assert_null(longer.config.output);
    assert_int_equal(longer.behind, 0xeeeeeeeeeeeeeeee);
    calls->config(&shorter.config, offsetof(struct memscope_config, budget_percent));
    assert_int_equal(shorter.config.mappings, 1);
    assert_int_equal(shorter.config.budget_percent, 0xeeeeeeee);
}

static void what_makes_no_sense_is_refused(void **state) {
    (void)state;
    struct memscope_config config = defaults();
    config.size = 0;
    assert_int_equal(refusal(&config), EINVAL);
    config.size = offsetof(struct memscope_config, output);
    assert_int_equal(refusal(&config), EINVAL);
    config = defaults();
    config.strategy = 4;
    assert_int_equal(refusal(&config), EINVAL);
    config = defaults();
    config.budget_percent = 101;
    assert_int_equal(refusal(&config), EINVAL);
    config = defaults();
    config.output = "/nowhere/at/all.memscope";
    assert_int_equal(refusal(&config), ENOENT);
}

static void what_is_no_trace_stays(void **state) {
    (void)state;
    char path[] = "/tmp/memscope-test-XXXXXX", text[16] = "";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "precious", 8), 8);
    struct memscope_config config = defaults();
    config.output = path;
    assert_int_equal(refusal(&config), EEXIST);
    assert_int_equal(pread(fd, text, sizeof text - 1, 0), 8);
    assert_string_equal(text, "precious");
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(path), 0);
}

static void who_is_recorded_already_stays_so(void **state) {
    (void)state;
    listen_now();
    struct memscope_config other = defaults();
    other.strategy = MEMSCOPE_LOCKFREE;
    other.output = heard_path;
    assert_int_equal(calls->start(&other), 1);
    other.output = "/tmp/memscope-test-another.memscope";
    assert_int_equal(calls->start(&other), 1);
    assert_int_equal(access(other.output, F_OK), -1);
    struct memscope_counts counts;
    assert_int_equal(calls->stats(&counts, sizeof counts), 0);
    assert_int_equal(counts.strategy, MEMSCOPE_CORE);
    memscope_snapshot("so that there is a trace");
    heard h = hear();
    forget_heard(&h);
}

static void what_has_ended_does_not_end_again(void **state) {
    (void)state;
    errno = 0;
    assert_int_equal(calls->stop(), -1);
    assert_int_equal(errno, ESRCH);
    listen_now();
    assert_int_equal(calls->stop(), 0);
    assert_int_equal(calls->stop(), -1);
    assert_int_equal(access(heard_path, F_OK), -1); /* nothing was said */
}

static void each_strategy_can_be_asked_for(void **state) {
    (void)state;
    for (unsigned strategy = MEMSCOPE_CORE; strategy <= MEMSCOPE_UNIFIED; strategy++) {
        struct memscope_config config = defaults();
        struct memscope_counts counts;
        config.strategy = strategy;
        listen_with(config);
        assert_int_equal(calls->stats(&counts, sizeof counts), 0);
        assert_int_equal(counts.strategy, strategy);
        assert_int_equal(counts.sample_bytes > 0, strategy == MEMSCOPE_LOCKFREE);
        assert_int_equal(counts.budget_percent > 0, strategy == MEMSCOPE_UNIFIED);
        assert_int_equal(calls->stop(), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_those_of_the_environment),
        cmocka_unit_test(a_struct_of_another_version_is_filled_as_far_as_both_know_it),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(what_is_no_trace_stays),
        cmocka_unit_test(who_is_recorded_already_stays_so),
        cmocka_unit_test(what_has_ended_does_not_end_again),
        cmocka_unit_test(each_strategy_can_be_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
