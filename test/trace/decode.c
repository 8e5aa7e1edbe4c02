#include "trace/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random_event.h"
#include "trace/pack.h"

/* A small payload, in a block of exactly its size so that a sanitizer sees every step outside. */
static uint8_t *small_payload(size_t events, size_t *size) {
    uint64_t seed = 11;
    ms_packer *packer = ms_packer_new();
    for (size_t i = 0; i < events; i++) {
        ms_event event = random_event(&seed, 4);
        assert_true(ms_packer_add(packer, &event));
    }
    const uint8_t *payload;
    uint64_t first_us, last_us;
    assert_true(ms_packer_finish(packer, &payload, size, &first_us, &last_us));
    uint8_t *copy = malloc(*size);
    memcpy(copy, payload, *size);
    ms_packer_free(packer);
    return copy;
}

/* Reads whatever can be read; returns how many events. */
static size_t read_all(const uint8_t *payload, size_t size) {
    ms_stream streams[4];
    size_t count, events = 0, limit = sizeof streams / sizeof *streams;
    ms_streams_open(payload, size, streams, limit, &count);
    for (size_t i = 0; i < count && i < limit; i++) {
        ms_event event;
        unsigned sum = 0;
        while (ms_stream_next(&streams[i], &event)) {
            for (uint32_t b = 0; b < event.text.size; b++)
                sum += event.text.bytes[b];
            events++;
        }
        assert_true(sum < UINT32_MAX);
    }
    return events;
}

static void every_truncation_gives_only_whole_events(void **state) {
    (void)state;
    size_t size;
    uint8_t *payload = small_payload(60, &size);
    size_t all = read_all(payload, size);
    assert_true(all >= 60);
    for (size_t length = 0; length < size; length++) {
        uint8_t *cut = malloc(length ? length : 1);
        memcpy(cut, payload, length);
        assert_true(read_all(cut, length) < all);
        free(cut);
    }
    free(payload);
}

static void flipped_bits_never_crash(void **state) {
    (void)state;
    size_t size;
    uint8_t *payload = small_payload(60, &size);
    for (size_t bit = 0; bit < size * 8; bit++) {
        payload[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_true(read_all(payload, size) <= size);
        payload[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(payload);
}

static void an_unknown_kind_ends_its_stream_only(void **state) {
    (void)state;
    ms_packer *packer = ms_packer_new();
    for (uint32_t i = 0; i < 6; i++) {
        ms_event event = {.kind = MS_EVENT_FREE, .thread = 1 + i % 2, .tid = 1, .address = 16};
        assert_true(ms_packer_add(packer, &event));
    }
    const uint8_t *borrowed;
    size_t size, count;
    uint64_t first_us, last_us;
    assert_true(ms_packer_finish(packer, &borrowed, &size, &first_us, &last_us));
    uint8_t *payload = malloc(size);
    memcpy(payload, borrowed, size);

    const uint8_t kinds[] = {MS_EVENT_TIME, MS_EVENT_FREED, MS_EVENT_FREED, MS_EVENT_FREED};
    uint8_t *at = memmem(payload, size, kinds, sizeof kinds);
    assert_non_null(at);
    at[2] = 0xee;
    ms_stream streams[2];
    ms_event event;
    assert_true(ms_streams_open(payload, size, streams, 2, &count));
    assert_true(ms_stream_next(&streams[0], &event) && ms_stream_next(&streams[0], &event));
    assert_false(ms_stream_next(&streams[0], &event));
    assert_true(streams[0].damaged);
    for (int i = 0; i < 4; i++)
        assert_true(ms_stream_next(&streams[1], &event));
    assert_false(ms_stream_next(&streams[1], &event));
    assert_false(streams[1].damaged);
    free(payload);
    ms_packer_free(packer);
}

static void columns_of_a_later_version_are_skipped(void **state) {
    (void)state;
    /* columns | streams | thread tid events | kinds' and columns' sizes | kinds | columns */
    uint8_t payload[64] = {MS_COLUMN_COUNT + 1, 1, 5, 6, 1, 1};
    size_t at = 6;
    payload[at + MS_COLUMN_time_us] = 1;
    payload[at + MS_COLUMN_COUNT] = 3; /* the column we do not know */
    at += MS_COLUMN_COUNT + 1;
    payload[at++] = MS_EVENT_TIME;
    payload[at++] = 8; /* zigzag of 4 */
    at += 3;
    ms_stream stream;
    ms_event event;
    size_t count;
    assert_true(ms_streams_open(payload, at, &stream, 1, &count));
    assert_true(ms_stream_next(&stream, &event));
    assert_int_equal(event.time_us, 4);
    assert_false(ms_streams_open(payload, at - 1, &stream, 1, &count));
}

static void wild_counts_are_refused_at_once(void **state) {
    (void)state;
    const uint8_t columns[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1, 0};
    const uint8_t streams[] = {10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0};
    size_t count;
    assert_false(ms_streams_open(columns, sizeof columns, NULL, 0, &count));
    assert_false(ms_streams_open(streams, sizeof streams, NULL, 0, &count));
    assert_int_equal(count, 0);
}

static void a_damaged_chunk_is_noticed(void **state) {
    (void)state;
    size_t size, chunk_size;
    uint8_t *payload = small_payload(60, &size);
    ms_packer *packer = ms_packer_new();
    const uint8_t *borrowed;
    assert_true(
        ms_packer_seal(packer, MS_KIND_EVENTS, payload, size, 0, 9, &borrowed, &chunk_size));
    uint8_t *chunk = malloc(chunk_size);
    memcpy(chunk, borrowed, chunk_size);
    for (size_t bit = 0; bit < chunk_size * 8; bit++) {
        chunk[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ms_trace_chunk header;
        memcpy(&header, chunk, sizeof header);
        bool same_size = sizeof header + header.stored_size == chunk_size;
        assert_false(ms_chunk_plausible(&header) && same_size &&
                     ms_chunk_intact(&header, chunk + sizeof header));
        chunk[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(chunk);
    free(payload);
    ms_packer_free(packer);
}

static void a_chunk_that_unpacks_to_another_size_is_damaged(void **state) {
    (void)state;
    uint8_t payload[4096] = {0}, out[8192];
    ms_packer *packer = ms_packer_new();
    const uint8_t *chunk;
    size_t chunk_size;
    assert_true(
        ms_packer_seal(packer, MS_KIND_EVENTS, payload, sizeof payload, 0, 0, &chunk, &chunk_size));
    ms_trace_chunk header;
    memcpy(&header, chunk, sizeof header);
    const uint8_t *stored = chunk + sizeof header;
    assert_true(ms_chunk_unpack(&header, stored, out));
    header.size--;
    assert_false(ms_chunk_unpack(&header, stored, out));
    header.size += 2;
    assert_false(ms_chunk_unpack(&header, stored, out));
    header.codec = 99;
    assert_false(ms_chunk_unpack(&header, stored, out));
    ms_packer_free(packer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_truncation_gives_only_whole_events),
        cmocka_unit_test(flipped_bits_never_crash),
        cmocka_unit_test(an_unknown_kind_ends_its_stream_only),
        cmocka_unit_test(columns_of_a_later_version_are_skipped),
        cmocka_unit_test(wild_counts_are_refused_at_once),
        cmocka_unit_test(a_damaged_chunk_is_noticed),
        cmocka_unit_test(a_chunk_that_unpacks_to_another_size_is_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
