#include "load/thin.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "builder.h"
#include "load/digest.h"
#include "load/load.h"

enum { BLOCKS = 20000, FREED = 5000 };

static uint64_t address_of(uint64_t i) {
    return 0x10000 + i * 4096 + ms_hash_u64(i) % 255 * 16; /* does not pack well */
}

static uint64_t size_of(uint64_t i) {
    return 1 + ms_hash_u64(i + BLOCKS) % 3000;
}

static uint64_t bytes_of(uint64_t first, uint64_t end) {
    uint64_t bytes = 0;
    for (uint64_t i = first; i < end; i++)
        bytes += size_of(i);
    return bytes;
}

/* All blocks are born in the first chunk; then some are freed, at last `freed` of them. */
static builder write_trace(uint64_t freed, uint64_t *second_chunk) {
    builder b = build_trace();
    for (uint64_t i = 0; i < BLOCKS; i++) {
        ms_event event = make_alloc(1, 1000 + i, address_of(i), size_of(i), 0);
        put_event(&b, &event);
    }
    end_chunk(&b);
    *second_chunk = ms_trace_writer_size(b.writer);
    for (uint64_t i = 0; i < freed; i++) {
        ms_event event = make_free(1, 100000 + i, address_of(i));
        put_event(&b, &event);
    }
    end_trace(&b, false);
    return b;
}

/* The trace's model, loaded after a digest with so much room. */
static ms_model *thinned(uint64_t freed, uint64_t room) {
    struct stat status;
    uint64_t second;
    char out[64];
    ms_error error, warning;
    builder b = write_trace(freed, &second);
    temporary_path(out);
    ms_digest_order order = {.trace = open(b.path, O_RDONLY),
                             .out = open(out, O_RDWR),
                             .last_chunk = second,
                             .room = room};
    fstat(order.trace, &status);
    order.end = (uint64_t)status.st_size;
    assert_int_equal(ms_digest(&order, &error), MS_ERR_OK);
    ms_load_options options = {.no_symbols = true};
    ms_model *model = ms_load(out, &options, &warning, &error);
    assert_non_null(model);
    assert_int_equal(model->capture.dropped.damaged_chunks, 0);
    close(order.trace);
    close(order.out);
    unlink(b.path);
    unlink(out);
    return model;
}

static void with_room_nothing_is_thinned(void **state) {
    (void)state;
    ms_model *m = thinned(FREED, 1 << 20);
    assert_int_equal(m->summary.live_bytes, bytes_of(FREED, BLOCKS));
    assert_int_equal(m->summary.live_blocks, BLOCKS - FREED);
    assert_int_equal(m->capture.thinned_from_ns, MS_UNKNOWN);
    ms_model_free(m);
}

static void totals_stay_exact(void **state) {
    (void)state;
    ms_model *m = thinned(FREED, 16384);
    assert_int_equal(m->summary.allocations, BLOCKS);
    assert_int_equal(m->summary.bytes_allocated, bytes_of(0, BLOCKS));
    assert_int_equal(m->summary.frees, FREED);
    assert_int_equal(m->summary.peak_bytes, bytes_of(0, BLOCKS));
    assert_int_equal(m->summary.peak_blocks, BLOCKS);
    assert_int_equal(m->sites.items[0].allocations, BLOCKS);
    assert_int_equal(m->sites.items[0].peak_bytes, bytes_of(0, BLOCKS));
    assert_int_not_equal(m->capture.thinned_from_ns, MS_UNKNOWN);
    assert_true(m->capture.thinned_rate > 0);
    ms_model_free(m);
}

static void releases_of_what_was_not_kept_are_no_wonder(void **state) {
    (void)state;
    ms_model *m = thinned(BLOCKS, 16384);
    assert_int_equal(m->summary.unmatched_frees, 0);
    assert_true(m->summary.unsampled_frees > BLOCKS / 2);
    assert_true(m->summary.unsampled_frees < BLOCKS);
    assert_int_equal(m->summary.live_bytes, 0);
    assert_int_equal(m->summary.live_blocks, 0);
    assert_int_equal(m->capture.implied_frees, 0);
    ms_model_free(m);
}

/* Each run takes another sample. The mean of many is the truth, within its standard error; and no run is
 * far off. */
static void what_is_live_is_estimated_without_bias(void **state) {
    (void)state;
    enum { RUNS = 60 };
    double truth = (double)bytes_of(FREED, BLOCKS), sum = 0, squares = 0;
    int within = 0;
    for (int i = 0; i < RUNS; i++) {
        ms_model *m = thinned(FREED, 16384);
        double off = (double)m->summary.live_bytes - truth,
               error = (double)m->summary.live_bytes_error;
        assert_true(error > 0 && error < truth / 5);
        sum += off;
        squares += error * error;
        within += fabs(off) <= 3 * error;
        ms_model_free(m);
    }
    assert_true(fabs(sum) < 4.5 * sqrt(squares));
    assert_true(within >= RUNS - 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_room_nothing_is_thinned),
        cmocka_unit_test(totals_stay_exact),
        cmocka_unit_test(releases_of_what_was_not_kept_are_no_wonder),
        cmocka_unit_test(what_is_live_is_estimated_without_bias),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
