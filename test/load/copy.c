#include "load/copy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "builder.h"
#include "load/load.h"
#include "ring_builder.h"

enum { CHUNKS = 3, EACH = 500 };

static const ms_load_options options = {.no_symbols = true, .no_lift = true};

/* The size of the file after each chunk. */
static void make_trace(char path[64], bool finished, uint64_t sizes[CHUNKS]) {
    builder b = build_trace();
    for (unsigned chunk = 0; chunk < CHUNKS; chunk++) {
        for (unsigned i = 0; i < EACH; i++) {
            uint64_t number = chunk * EACH + i;
            ms_event born = make_alloc(1, number, 0x10000 + number * 64, 24, 0);
            put_event(&b, &born);
        }
        end_chunk(&b);
        sizes[chunk] = ms_trace_writer_size(b.writer);
    }
    end_trace(&b, finished);
    memcpy(path, b.path, 64);
}

static void new_path(char path[64]) {
    temporary_path(path);
    unlink(path);
}

static uint64_t allocations_of(const char *path, bool *truncated) {
    ms_model *model = ms_load(path, &options, NULL, NULL);
    assert_non_null(model);
    uint64_t allocations = model->summary.allocations;
    *truncated = model->capture.truncated;
    ms_model_free(model);
    return allocations;
}

static void a_trace_is_copied_whole(void **state) {
    (void)state;
    char path[64], out[64];
    uint64_t sizes[CHUNKS];
    bool truncated;
    make_trace(path, true, sizes);
    new_path(out);
    assert_int_equal(ms_trace_copy(path, 0, out, NULL), MS_ERR_OK);
    assert_int_equal(allocations_of(out, &truncated), CHUNKS * EACH);
    assert_false(truncated);
    unlink(path);
    unlink(out);
}

static void what_is_written_so_far_becomes_a_whole_trace(void **state) {
    (void)state;
    char path[64], out[64];
    uint64_t sizes[CHUNKS];
    make_trace(path, false, sizes);
    new_path(out);
    for (unsigned chunk = 0; chunk < CHUNKS; chunk++) {
        bool truncated;
        assert_int_equal(ms_trace_copy(path, sizes[chunk], out, NULL), MS_ERR_OK);
        assert_int_equal(allocations_of(out, &truncated), (chunk + 1) * EACH);
        assert_false(truncated);
    }
    unlink(path);
    unlink(out);
}

/* The copy would look as if there was nothing wrong with it. */
static void what_is_not_whole_is_not_copied(void **state) {
    (void)state;
    char path[64], out[64];
    uint64_t sizes[CHUNKS];
    ms_error error;
    make_trace(path, false, sizes);
    new_path(out);
    assert_int_equal(ms_trace_copy(path, 0, out, &error), MS_ERR_INPUT);
    assert_non_null(strstr(error.message, "has no end"));
    assert_int_equal(ms_trace_copy(path, sizes[1] - 5, out, &error), MS_ERR_INPUT);
    assert_non_null(strstr(error.message, "damaged"));
    size_t size;
    uint8_t *bytes = read_file(path, &size);
    bytes[sizes[0] + 60] ^= 1;
    write_file(path, bytes, size);
    assert_int_equal(ms_trace_copy(path, size, out, &error), MS_ERR_INPUT);
    assert_int_equal(error.code, MS_ERR_INPUT);
    assert_int_not_equal(access(out, F_OK), 0);
    free(bytes);
    unlink(path);
}

static void the_ring_of_a_living_process_is_copied_as_it_is_now(void **state) {
    (void)state;
    char path[64], out[64];
    bool truncated;
    ring_image *ring = new_ring(true);
    ring->header.pid = (uint32_t)getpid();
    for (uint64_t i = 0; i < 100; i++) {
        ms_event born = make_alloc(1, i, 0x10000 + i * 64, 24, 0);
        put_ring_event(ring, &born);
    }
    temporary_path(path);
    new_path(out);
    write_ring(ring, path);
    assert_int_equal(ms_trace_copy(path, 0, out, NULL), MS_ERR_OK);
    assert_int_equal(allocations_of(out, &truncated), 100);
    assert_false(truncated);
    free(ring);
    unlink(path);
    unlink(out);
}

static void places_that_cannot_be_written_to(void **state) {
    (void)state;
    char path[64];
    uint64_t sizes[CHUNKS];
    ms_error error;
    make_trace(path, true, sizes);
    assert_int_equal(ms_trace_copy(path, 0, "/nowhere/x.memscope", &error), MS_ERR_OUTPUT);
    assert_non_null(strstr(error.message, "/nowhere/x.memscope"));
    assert_int_equal(ms_trace_copy("/nowhere/y", 0, path, &error), MS_ERR_INPUT);
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_is_copied_whole),
        cmocka_unit_test(what_is_written_so_far_becomes_a_whole_trace),
        cmocka_unit_test(what_is_not_whole_is_not_copied),
        cmocka_unit_test(the_ring_of_a_living_process_is_copied_as_it_is_now),
        cmocka_unit_test(places_that_cannot_be_written_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
