#include "load/pack_ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "load/load.h"
#include "ring_builder.h"

static const ms_load_options options = {.no_symbols = true, .no_lift = true};

static ring_image *some_ring(void) {
    ring_image *ring = new_ring(true);
    for (uint64_t i = 0; i < 3000; i++) {
        uint32_t thread = 1 + (uint32_t)(i % 3);
        ms_event stack = make_stack(thread, 16 + i, 0x1000 + i % 50, MS_ROOT_COMPLETE);
        ms_event born = make_alloc(thread, i * 100, 0x10000 + i * 16, 1 + i % 700, 16 + i);
        ms_event died = make_free(1 + (thread + 1) % 3, i * 100 + 50, 0x10000 + (i - 9) * 16);
        stack.time_us = i * 100;
        put_ring_event(ring, &stack);
        put_ring_event(ring, &born);
        if (i % 3 && i > 9)
            put_ring_event(ring, &died);
    }
    ring->header.forked = 1;
    ring->header.lost[MS_LOSS_STACK_TABLE] = 4;
    return ring;
}

static void a_packed_ring_tells_the_same(void **state) {
    (void)state;
    char path[64];
    struct stat before, after;
    ms_error error = {.code = MS_ERR_OK};
    temporary_path(path);
    ring_image *ring = some_ring();
    write_ring(ring, path);
    assert_int_equal(stat(path, &before), 0);
    ms_model *a = ms_load(path, &options, NULL, NULL);
    assert_int_equal(ms_pack_ring(path, &error), MS_ERR_OK);
    assert_int_equal(stat(path, &after), 0);
    assert_true(after.st_size < before.st_size / 4);
    assert_int_equal(after.st_mode & 0777, 0600);

    ms_model *b = ms_load(path, &options, NULL, NULL);
    assert_non_null(b);
    assert_memory_equal(&a->summary, &b->summary, sizeof a->summary);
    assert_int_equal(a->sites.count, b->sites.count);
    for (size_t i = 0; i < a->sites.count; i++) {
        assert_int_equal(a->sites.items[i].peak_bytes, b->sites.items[i].peak_bytes);
        assert_int_equal(a->sites.items[i].allocations, b->sites.items[i].allocations);
    }
    assert_int_equal(b->program.pid, INT32_MAX);
    assert_int_equal(b->program.parent_pid, 42);
    assert_true(b->program.forked);
    assert_string_equal(b->program.end, "gone");
    assert_string_equal(b->program.start, a->program.start);
    assert_int_equal(b->capture.dropped.stack_table, 4);
    assert_true(b->capture.complete && !b->capture.truncated);
    assert_int_equal(ms_pack_ring(path, &error), MS_ERR_OK); /* a trace already */
    ms_model_free(a);
    ms_model_free(b);
    free(ring);
    unlink(path);
}

static void the_ring_of_a_living_process_is_left_alone(void **state) {
    (void)state;
    char path[64];
    struct stat status;
    temporary_path(path);
    ring_image *ring = some_ring();
    ring->header.pid = (uint32_t)getpid();
    write_ring(ring, path);
    assert_int_equal(ms_pack_ring(path, NULL), MS_ERR_OK);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, ring_size(ring));
    free(ring);
    unlink(path);
}

static void a_ring_that_cannot_be_replaced_stays(void **state) {
    (void)state;
    char path[64], blocked[80];
    ms_error error = {.code = MS_ERR_OK};
    temporary_path(path);
    ring_image *ring = some_ring();
    write_ring(ring, path);
    snprintf(blocked, sizeof blocked, "%s.tmp", path);
    assert_int_equal(mkdir(blocked, 0700), 0);
    assert_int_equal(ms_pack_ring(path, &error), MS_ERR_OUTPUT);
    assert_non_null(strstr(error.message, path));
    ms_model *m = ms_load(path, &options, NULL, NULL);
    assert_int_equal(m->summary.allocations, 3000);
    ms_model_free(m);
    rmdir(blocked);
    free(ring);
    unlink(path);
}

static void what_is_no_trace_is_refused(void **state) {
    (void)state;
    ms_error error = {.code = MS_ERR_OK};
    assert_int_equal(ms_pack_ring("/nonexistent.memscope", &error), MS_ERR_INPUT);
    assert_int_equal(ms_pack_ring("/tmp", &error), MS_ERR_INPUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packed_ring_tells_the_same),
        cmocka_unit_test(the_ring_of_a_living_process_is_left_alone),
        cmocka_unit_test(a_ring_that_cannot_be_replaced_stays),
        cmocka_unit_test(what_is_no_trace_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
