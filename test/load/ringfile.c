#include "load/ringfile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "load/load.h"
#include "load/reader.h"
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

/* Each block is freed by a thread whose latest stamp is from just before its birth. */
static uint64_t strangers_in_a_late_ring(uint64_t late_us) {
    char path[64];
    temporary_path(path);
    ring_image *ring = new_ring(true);
    for (uint64_t i = 1; i <= 100; i++) {
        ms_event born = make_alloc(1, i * 2000, 0x1000 + i * 16, 10, 0);
        ms_event died = make_free(2, i * 2000 - late_us, 0x1000 + i * 16);
        put_ring_event(ring, &born);
        put_ring_event(ring, &died);
    }
    ms_model *m = load_ring(ring, path);
    uint64_t strangers = m->summary.unmatched_frees;
    assert_int_equal(m->summary.live_blocks, strangers);
    ms_model_free(m);
    free(ring);
    unlink(path);
    return strangers;
}

static void stamps_of_a_lone_ring_may_be_late_but_not_more(void **state) {
    (void)state;
    assert_int_equal(strangers_in_a_late_ring(1), 0);
    assert_int_equal(strangers_in_a_late_ring(MS_LONE_STEP_US), 0);
    assert_int_equal(strangers_in_a_late_ring(MS_LONE_STEP_US + 1), 100);
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
static void write_open_trace(char path[64], const char *ring_path, bool compact) {
    builder b = build_trace();
    pairs_payload info = {.size = 0};
    put_pair(&info, MS_INFO_RING, ring_path);
    if (compact)
        put_pair(&info, MS_INFO_OPTION, "compact=1");
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
    write_open_trace(path, ring_path, false);
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

/* Only the recorder knew which of its names was which address. */
static void a_compact_trace_goes_without_its_ring(void **state) {
    (void)state;
    char path[64], ring_path[64];
    temporary_path(ring_path);
    ring_image *ring = left_ring();
    write_ring(ring, ring_path);
    write_open_trace(path, ring_path, true);
    ms_error warning;
    ms_model *m = ms_load(path, &options, &warning, NULL);
    assert_int_equal(m->summary.allocations, 2);
    assert_int_equal(m->summary.unmatched_frees, 0);
    assert_true(m->capture.truncated && !m->capture.addresses);
    assert_int_equal(warning.code, MS_ERR_INPUT);
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
    write_open_trace(path, ring_path, false);
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

/* ---- what threads say of themselves ----------------------------------------------------- */

/* Reads all of a ring, in the order of the merge. */
static size_t read_ring(const ring_image *ring, ms_event *events, size_t max) {
    char path[64];
    uint64_t size;
    temporary_path(path);
    write_ring(ring, path);
    ms_ringfile *file = ms_ringfile_open(ms_trace_file_open(path, &size, NULL), ring_size(ring));
    ms_merge *merge = ms_merge_new(NULL);
    ms_merge_batch(merge);
    ms_ringfile_feed(file, merge, UINT64_MAX);
    const ms_event *event;
    size_t count = 0;
    while ((event = ms_merge_next(merge, NULL))) {
        assert_true(count < max);
        events[count++] = *event;
    }
    ms_merge_free(merge);
    ms_ringfile_close(file);
    unlink(path);
    return count;
}

static void counts_of_chunks_become_events_when_they_rise(void **state) {
    (void)state;
    ring_image *ring = new_ring(true);
    ms_event born = make_alloc(1, 10, 0x10, 100, 0), died = make_free(1, 10, 0x10), events[16];
    put_ring_event(ring, &born);
    ring->chunks[0].head.counts[MS_COUNT_FREES] = 3;
    ring->chunks[0].head.counts[MS_COUNT_BYTES] = 1000;
    new_ring_chunk(ring, 1, 20);
    put_ring_event(ring, &died);
    ring->chunks[1].head.counts[MS_COUNT_FREES] = 5;
    ring->chunks[1].head.counts[MS_COUNT_BYTES] = 1000;
    new_ring_chunk(ring, 2, 30); /* without a word */
    ring->chunks[2].head.counts[MS_COUNT_ALLOCATIONS] = 7;
    size_t count = read_ring(ring, events, 16);
    const struct {
        ms_event_kind kind;
        uint32_t thread;
        unsigned which;
        uint64_t number;
    } expected[] = {{MS_EVENT_TIME, 1, 0, 0},
                    {MS_EVENT_ALLOC, 1, MS_FAMILY_MALLOC, 0},
                    {MS_EVENT_COUNT, 1, MS_COUNT_FREES, 3},
                    {MS_EVENT_COUNT, 1, MS_COUNT_BYTES, 1000},
                    {MS_EVENT_FREE, 1, MS_FAMILY_MALLOC, 0},
                    {MS_EVENT_COUNT, 1, MS_COUNT_FREES, 5},
                    {MS_EVENT_COUNT, 2, MS_COUNT_ALLOCATIONS, 7}};
    assert_int_equal(count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(events[i].kind, expected[i].kind);
        assert_int_equal(events[i].thread, expected[i].thread);
        assert_int_equal(events[i].family, expected[i].which);
        assert_int_equal(events[i].number, expected[i].number);
    }
    free(ring);
}

static void rate_and_task_are_read_from_drained_words(void **state) {
    (void)state;
    ring_image *ring = new_ring(false);
    const uint64_t said[] = {ms_word(MS_EVENT_RATE, 0, 4096), ms_word(MS_EVENT_TASK, 0, 9)};
    ms_event born = make_alloc(1, 0, 0x10, 100, 0), died = make_free(1, 0, 0x10), events[16];
    put_words(ring, 1, 0, said, 2);
    put_ring_event(ring, &born);
    put_ring_event(ring, &died);
    ring->chunks[0].head.drained = 2 + 2;
    assert_int_equal(read_ring(ring, events, 16), 3);
    assert_true(events[0].kind == MS_EVENT_RATE && events[0].number == 4096);
    assert_true(events[1].kind == MS_EVENT_TASK && events[1].number == 9);
    assert_true(events[2].kind == MS_EVENT_FREE && events[2].address == 0x10);
    free(ring);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lone_ring_is_a_trace),
        cmocka_unit_test(stamps_of_a_lone_ring_may_be_late_but_not_more),
        cmocka_unit_test(holes_are_skipped_but_not_at_the_end),
        cmocka_unit_test(a_ring_cut_anywhere_gives_what_is_before),
        cmocka_unit_test(noise_in_a_ring_does_no_harm),
        cmocka_unit_test(the_ring_of_a_dead_recorder_completes_its_trace),
        cmocka_unit_test(a_compact_trace_goes_without_its_ring),
        cmocka_unit_test(the_ring_of_another_session_is_left_alone),
        cmocka_unit_test(counts_of_chunks_become_events_when_they_rise),
        cmocka_unit_test(rate_and_task_are_read_from_drained_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
