#include "load/ringfile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "load/load.h"
#include "ring_builder.h"

static const ms_load_options options = {.no_symbols = true, .no_lift = true};

static ms_model *load_ring(const ring_image *ring, const char *path) {
    ms_error error = {.code = MS_ERR_OK};
    write_ring(ring, path);
    ms_model *m = ms_load(path, &options, NULL, &error);
    if (!m)
        fail_msg("%s", error.message);
    return m;
}

/* `births` blocks by each of `threads` threads; every second one dies in the next thread, a tick
 * later. */
static ring_image *busy_ring(uint32_t threads, uint64_t births) {
    ring_image *ring = new_ring(true);
    for (uint64_t i = 0; i < births; i++)
        for (uint32_t t = 1; t <= threads; t++) {
            uint64_t address = 0x1000 + (i * threads + t) * 16;
            ms_event born = make_alloc(t, i * 2000, address, 10, 0);
            ms_event died = make_free(t % threads + 1, i * 2000 + 1000, address);
            put_ring_event(ring, &born);
            if (i % 2)
                put_ring_event(ring, &died);
        }
    return ring;
}

static void a_lone_ring_is_a_trace(void **state) {
    (void)state;
    char path[64];
    temporary_path(path);
    ring_image *ring = busy_ring(3, 2000); /* several chunks each */
    ring->header.lost[MS_LOSS_REENTRANT] = 5;
    assert_true(ring->used > 6);
    ms_model *m = load_ring(ring, path);
    assert_int_equal(m->summary.allocations, 6000);
    assert_int_equal(m->summary.frees, 3000);
    assert_int_equal(m->summary.live_blocks, 3000);
    assert_int_equal(m->summary.unmatched_frees, 0);
    assert_int_equal(m->capture.implied_frees, 0);
    assert_int_equal(m->summary.threads, 3);
    assert_int_equal(m->program.parent_pid, 42);
    assert_string_equal(m->program.end, "gone");
    assert_int_equal(m->capture.dropped.reentrant, 5);
    assert_false(m->capture.truncated);
    assert_false(m->capture.complete); /* some events were dropped */
    ms_model_free(m);
    free(ring);
    unlink(path);
}

static void holes_are_skipped_but_not_at_the_end(void **state) {
    (void)state;
    char path[64];
    temporary_path(path);
    ring_image *ring = new_ring(true);
    for (uint64_t i = 0; i < 2000; i++) {
        ms_event event = make_alloc(1, 0, 0x1000 + i * 16, 1, 0);
        put_ring_event(ring, &event);
    }
    uint64_t in_first = MS_RING_CHUNK_WORDS / 2, in_last = 2000 - in_first;
    assert_int_equal(ring->used, 2);
    ring->chunks[0].words[200] = 0; /* an event whose first word never came; its second stays */
    ring->chunks[1].words[2 * 100] = 0;
    ms_model *m = load_ring(ring, path);
    assert_int_equal(m->summary.allocations, in_first - 1 + 100);
    assert_true(in_last > 100);
    ms_model_free(m);
    free(ring);
    unlink(path);
}

static void a_ring_cut_anywhere_gives_what_is_before(void **state) {
    (void)state;
    char path[64];
    temporary_path(path);
    ring_image *ring = busy_ring(2, 900);
    size_t size = ring_size(ring);
    for (size_t length = MS_RING_HEADER_SIZE; length < size; length += 1 + length % 97) {
        write_file(path, ring, length);
        ms_model *m = ms_load(path, &options, NULL, NULL);
        assert_non_null(m);
        assert_true(m->capture.truncated);
        assert_int_equal(m->capture.truncated_at, length);
        ms_model_free(m);
    }
    ms_error error;
    write_file(path, ring, MS_RING_HEADER_SIZE - 1);
    assert_null(ms_load(path, &options, NULL, &error));
    assert_int_equal(error.code, MS_ERR_INPUT);
    free(ring);
    unlink(path);
}

static void noise_in_a_ring_does_no_harm(void **state) {
    (void)state;
    char path[64];
    temporary_path(path);
    uint64_t seed = 7;
    for (int round = 0; round < 40; round++) {
        ring_image *ring = busy_ring(3, 200);
        for (int i = 0; i < 200; i++) {
            uint32_t chunk = (uint32_t)random_below(&seed, ring->used);
            uint64_t *word = &ring->chunks[chunk].words[random_below(&seed, MS_RING_CHUNK_WORDS)];
            *word = random_below(&seed, 3)
                        ? *word ^ random_u64(&seed)
                        : ms_word((unsigned)random_below(&seed, 16), 1, random_below(&seed, 700));
        }
        ring->chunks[random_below(&seed, ring->used)].head.sequence = random_u64(&seed);
        ms_model_free(load_ring(ring, path));
        free(ring);
    }
    unlink(path);
}

/* ---- what a recorder left behind -------------------------------------------------------- */

/* A trace with two births and no end, whose ring is at `ring_path`. */
static void write_open_trace(char path[64], const char *ring_path) {
    builder b = build_trace();
    pairs_payload info = {.size = 0};
    put_pair(&info, MS_INFO_RING, ring_path);
    put_info(&b, &info);
    for (uint64_t i = 0; i < 2; i++) {
        ms_event event = make_alloc(1, 10, 0x10 + i * 16, 100, 0);
        put_event(&b, &event);
    }
    end_trace(&b, false);
    strcpy(path, b.path);
}

/* The same two births, drained, then a death and a birth that are not; and a free chunk. */
static ring_image *left_ring(void) {
    ring_image *ring = new_ring(false);
    const ms_event events[] = {make_alloc(1, 10, 0x10, 100, 0), make_alloc(1, 10, 0x20, 100, 0),
                               make_free(1, 10, 0x10), make_alloc(2, 10, 0x900, 7, 0),
                               make_alloc(3, 10, 0x990, 9, 0)};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        put_ring_event(ring, &events[i]);
    ring->chunks[0].head.drained = 1 + 2 + 2; /* TIME and two births */
    ring->header.chunk_state[2] = MS_CHUNK_FREE;
    return ring;
}

static void the_ring_of_a_dead_recorder_completes_its_trace(void **state) {
    (void)state;
    char path[64], ring_path[64];
    temporary_path(ring_path);
    ring_image *ring = left_ring();
    write_ring(ring, ring_path);
    write_open_trace(path, ring_path);
    ms_model *m = ms_load(path, &options, NULL, NULL);
    assert_int_equal(m->summary.allocations, 3);
    assert_int_equal(m->summary.frees, 1);
    assert_int_equal(m->summary.live_bytes, 107);
    assert_int_equal(m->summary.unmatched_frees, 0);
    assert_false(m->capture.truncated);
    assert_true(m->capture.complete); /* its process is gone, too */
    ms_model_free(m);
    free(ring);
    unlink(path);
    unlink(ring_path);
}

static void the_ring_of_another_session_is_left_alone(void **state) {
    (void)state;
    char path[64], ring_path[64];
    temporary_path(ring_path);
    ring_image *ring = left_ring();
    ring->header.session[1]++;
    write_ring(ring, ring_path);
    write_open_trace(path, ring_path);
    ms_error warning;
    ms_model *m = ms_load(path, &options, &warning, NULL);
    assert_int_equal(m->summary.allocations, 2);
    assert_true(m->capture.truncated);
    assert_int_equal(warning.code, MS_ERR_INPUT);
    ms_model_free(m);
    free(ring);
    unlink(path);
    unlink(ring_path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lone_ring_is_a_trace),
        cmocka_unit_test(holes_are_skipped_but_not_at_the_end),
        cmocka_unit_test(a_ring_cut_anywhere_gives_what_is_before),
        cmocka_unit_test(noise_in_a_ring_does_no_harm),
        cmocka_unit_test(the_ring_of_a_dead_recorder_completes_its_trace),
        cmocka_unit_test(the_ring_of_another_session_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
