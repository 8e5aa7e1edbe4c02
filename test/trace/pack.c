#include "trace/pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random_event.h"
#include "trace/decode.h"
#include "trace/standing.h"

enum { THREADS = 100, EVENTS = 20000 };

/* What the packer must give back: the event, with the latest TIME of its thread. */
static ms_event with_time(ms_event event, uint64_t times[THREADS + 1]) {
    if (event.kind == MS_EVENT_TIME)
        times[event.thread] = event.time_us;
    event.time_us = times[event.thread];
    return event;
}

/* Reads all streams of a payload and compares them, thread by thread, with `events`. A stream
 * begins with the TIME that the packer inserted where there was none. */
static void assert_payload_is(const uint8_t *payload, size_t size, const ms_event *events,
                              size_t count) {
    ms_stream streams[THREADS];
    size_t stream_count, seen = 0;
    assert_true(ms_streams_open(payload, size, streams, THREADS, &stream_count));
    for (size_t s = 0; s < stream_count; s++) {
        ms_event event;
        bool first = true;
        for (size_t i = 0; i < count; i++) {
            if (events[i].thread != streams[s].thread)
                continue;
            assert_true(ms_stream_next(&streams[s], &event));
            if (first && events[i].kind != MS_EVENT_TIME) {
                assert_int_equal(event.kind, MS_EVENT_TIME);
                assert_true(ms_stream_next(&streams[s], &event));
            }
            first = false;
            assert_true(same_event(&event, &events[i]));
            seen++;
        }
        assert_false(ms_stream_next(&streams[s], &event));
        assert_false(streams[s].damaged);
    }
    assert_int_equal(seen, count);
}

static void random_events_come_back(void **state) {
    (void)state;
    uint64_t seed = 3;
    ms_packer *packer = ms_packer_new();
    ms_event *events = calloc(EVENTS, sizeof *events);
    uint64_t times[THREADS + 1] = {0};
    for (uint32_t round = 0; round < 5; round++) { /* fewer threads each time: streams are reused */
        for (size_t i = 0; i < EVENTS; i++) {
            events[i] = with_time(random_event(&seed, THREADS >> round), times);
            assert_true(ms_packer_add(packer, &events[i]));
        }
        assert_true(ms_packer_events(packer) >= EVENTS);
        const uint8_t *payload;
        size_t size;
        uint64_t first_us, last_us;
        assert_true(ms_packer_finish(packer, &payload, &size, &first_us, &last_us));
        assert_true(first_us <= last_us);
        assert_payload_is(payload, size, events, EVENTS);
    }
    free(events);
    ms_packer_free(packer);
}

static void a_stream_begins_with_its_time(void **state) {
    (void)state;
    ms_packer *packer = ms_packer_new();
    ms_event alloc = {.kind = MS_EVENT_ALLOC, .thread = 3, .tid = 4, .time_us = 77, .address = 16};
    assert_true(ms_packer_add(packer, &alloc));
    assert_int_equal(ms_packer_events(packer), 2);
    const uint8_t *payload;
    size_t size, count;
    uint64_t first_us, last_us;
    assert_true(ms_packer_finish(packer, &payload, &size, &first_us, &last_us));
    assert_true(first_us == 77 && last_us == 77);

    ms_stream stream;
    ms_event event;
    assert_true(ms_streams_open(payload, size, &stream, 1, &count));
    assert_true(count == 1 && stream.thread == 3 && stream.tid == 4);
    assert_true(ms_stream_next(&stream, &event) && event.kind == MS_EVENT_TIME);
    assert_true(ms_stream_next(&stream, &event) && same_event(&event, &alloc));
    ms_stream_close(&stream);
    ms_packer_free(packer);
}

/* Adds an event of thread 1. */
static void add(ms_packer *packer, ms_event_kind kind, uint64_t time_us, uint64_t number) {
    ms_event event = {
        .kind = kind, .thread = 1, .tid = 1, .time_us = time_us, .number = number, .address = 16};
    assert_true(ms_packer_add(packer, &event));
}

/* Completes the chunk and checks its events: each its kind, and its number or time. */
static void assert_chunk_is(ms_packer *packer, const uint64_t (*expected)[2], size_t count) {
    const uint8_t *payload;
    size_t size, streams;
    uint64_t first_us, last_us;
    assert_int_equal(ms_packer_events(packer), count);
    assert_true(ms_packer_finish(packer, &payload, &size, &first_us, &last_us));
    ms_stream stream;
    ms_event event;
    assert_true(ms_streams_open(payload, size, &stream, 1, &streams));
    for (size_t i = 0; i < count; i++) {
        assert_true(ms_stream_next(&stream, &event));
        assert_int_equal(event.kind, expected[i][0]);
        assert_int_equal(event.kind == MS_EVENT_TIME ? event.time_us : event.number,
                         expected[i][1]);
    }
    assert_false(ms_stream_next(&stream, &event));
}

static void a_stream_begins_with_its_rate_and_task(void **state) {
    (void)state;
    ms_packer *packer = ms_packer_new();
    add(packer, MS_EVENT_RATE, 5, 4096);
    add(packer, MS_EVENT_RATE, 5, 4096); /* says nothing new */
    add(packer, MS_EVENT_TASK, 5, 7);
    add(packer, MS_EVENT_FREE, 5, 0);
    const uint64_t first[][2] = {
        {MS_EVENT_TIME, 5}, {MS_EVENT_RATE, 4096}, {MS_EVENT_TASK, 7}, {MS_EVENT_FREE, 0}};
    assert_chunk_is(packer, first, 4);

    add(packer, MS_EVENT_TIME, 6, 0);
    add(packer, MS_EVENT_RATE, 6, 0);
    const uint64_t second[][2] = {
        {MS_EVENT_TIME, 6}, {MS_EVENT_RATE, 4096}, {MS_EVENT_TASK, 7}, {MS_EVENT_RATE, 0}};
    assert_chunk_is(packer, second, 4);

    add(packer, MS_EVENT_FREE, 7, 0);
    const uint64_t third[][2] = {{MS_EVENT_TIME, 7}, {MS_EVENT_TASK, 7}, {MS_EVENT_FREE, 0}};
    assert_chunk_is(packer, third, 3);
    ms_packer_free(packer);
}

static void a_stream_begins_with_who_releases(void **state) {
    (void)state;
    ms_packer *packer = ms_packer_new();
    ms_event stack = {.kind = MS_EVENT_FREER_STACK, .thread = 1, .pc = 0x99, .stack = 20};
    ms_event object = {.kind = MS_EVENT_FREER, .thread = 1, .pc = 0x99};
    assert_true(ms_packer_add(packer, &stack) && ms_packer_add(packer, &stack));
    const uint64_t first[][2] = {{MS_EVENT_TIME, 0}, {MS_EVENT_FREER_STACK, 0}};
    assert_chunk_is(packer, first, 2);

    assert_true(ms_packer_add(packer, &object)); /* the same, but for the stack */
    const uint64_t second[][2] = {
        {MS_EVENT_TIME, 0}, {MS_EVENT_FREER_STACK, 0}, {MS_EVENT_FREER, 0}};
    assert_chunk_is(packer, second, 3);

    add(packer, MS_EVENT_FREE, 0, 0);
    const uint64_t third[][2] = {{MS_EVENT_TIME, 0}, {MS_EVENT_FREER, 0}, {MS_EVENT_FREE, 0}};
    assert_chunk_is(packer, third, 3);
    ms_packer_free(packer);
}

static void what_stands_is_each_threads_own(void **state) {
    (void)state;
    ms_standings standings = {0};
    bool news;
    for (uint32_t thread = 1; thread <= 1000; thread++) {
        ms_event rate = {.kind = MS_EVENT_RATE, .thread = thread, .number = thread * 3};
        assert_true(ms_standings_note(&standings, &rate, &news) && news);
        assert_true(ms_standings_note(&standings, &rate, &news) && !news);
    }
    for (uint32_t thread = 1; thread <= 1000; thread++)
        assert_int_equal(ms_standings_of(&standings, thread).rate, thread * 3);
    assert_int_equal(ms_standings_of(&standings, 1001).rate, 0);
    ms_standings_deinit(&standings);
}

static void nothing_added_is_no_payload(void **state) {
    (void)state;
    ms_packer *packer = ms_packer_new();
    const uint8_t *payload;
    size_t size;
    uint64_t first_us, last_us;
    assert_false(ms_packer_finish(packer, &payload, &size, &first_us, &last_us));
    ms_event none = {.kind = MS_EVENT_NONE, .thread = 1};
    assert_false(ms_packer_add(packer, &none));
    assert_int_equal(ms_packer_events(packer), 0);
    ms_packer_free(packer);
}

static void assert_sealed(ms_packer *packer, const uint8_t *payload, size_t size,
                          ms_chunk_codec codec) {
    const uint8_t *chunk;
    size_t chunk_size;
    assert_true(ms_packer_seal(packer, MS_KIND_INFO, payload, size, 1, 2, &chunk, &chunk_size));
    ms_trace_chunk header;
    memcpy(&header, chunk, sizeof header);
    assert_int_equal(header.kind, MS_KIND_INFO);
    assert_int_equal(header.codec, codec);
    assert_int_equal(header.size, size);
    assert_int_equal(sizeof header + header.stored_size, chunk_size);
    assert_true(header.first_us == 1 && header.last_us == 2);
    assert_true(ms_chunk_plausible(&header));
    assert_true(ms_chunk_intact(&header, chunk + sizeof header));
    uint8_t *out = malloc(size + 1);
    assert_true(ms_chunk_unpack(&header, chunk + sizeof header, out));
    assert_memory_equal(out, payload, size);
    free(out);
}

static void a_payload_is_packed_where_that_is_smaller(void **state) {
    (void)state;
    ms_packer *packer = ms_packer_new();
    uint8_t payload[4096] = {0};
    assert_sealed(packer, payload, sizeof payload, MS_CODEC_ZSTD);
    uint64_t seed = 9;
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)random_u64(&seed);
    assert_sealed(packer, payload, sizeof payload, MS_CODEC_RAW);
    assert_sealed(packer, payload, 0, MS_CODEC_RAW);
    ms_packer_free(packer);
}

static void a_payload_above_the_limit_is_refused(void **state) {
    (void)state;
    ms_packer *packer = ms_packer_new();
    const uint8_t *chunk;
    size_t size;
    assert_false(ms_packer_seal(packer, MS_KIND_INFO, (const uint8_t *)"",
                                (size_t)MS_TRACE_CHUNK_MAX + 1, 0, 0, &chunk, &size));
    ms_packer_free(packer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_events_come_back),
        cmocka_unit_test(a_stream_begins_with_its_time),
        cmocka_unit_test(a_stream_begins_with_its_rate_and_task),
        cmocka_unit_test(a_stream_begins_with_who_releases),
        cmocka_unit_test(what_stands_is_each_threads_own),
        cmocka_unit_test(nothing_added_is_no_payload),
        cmocka_unit_test(a_payload_is_packed_where_that_is_smaller),
        cmocka_unit_test(a_payload_above_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
