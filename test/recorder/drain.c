#include "recorder/drain.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../load/ring_builder.h"
#include "trace/decode.h"

/* A ring on disk, and the drain of it. */
typedef struct fixture {
    char path[64];
    ring_image *ring;
    ms_ring_view view;
    ms_drain *drain;
} fixture;

static void open_drain(fixture *f, ring_image *ring, bool compact) {
    *f = (fixture){.ring = ring};
    temporary_path(f->path);
    write_ring(ring, f->path);
    assert_true(ms_ring_view_open(&f->view, f->path));
    f->drain = ms_drain_new(&f->view, compact);
    assert_non_null(f->drain);
}

static void close_drain(fixture *f) {
    ms_drain_free(f->drain);
    ms_ring_view_close(&f->view);
    unlink(f->path);
    free(f->ring);
}

/* The births and deaths of a drain, thread by thread. */
static size_t drain_once(fixture *f, uint64_t cut_us, bool last, ms_event *events) {
    const uint8_t *payload;
    size_t size, streams, count = 0;
    uint64_t first_us, last_us;
    ms_stream stream[4];
    ms_drain_ring(f->drain, cut_us, last);
    ms_ring_view_release(&f->view);
    if (!ms_packer_finish(ms_drain_packer(f->drain), &payload, &size, &first_us, &last_us))
        return 0;
    assert_true(ms_streams_open(payload, size, stream, 4, &streams));
    for (size_t i = 0; i < streams; i++)
        while (ms_stream_next(&stream[i], &events[count]))
            count += events[count].kind != MS_EVENT_TIME;
    return count;
}

/* A block that thread 1 makes in tick 10 and thread 2 frees in tick 30, and one of tick 20 that lives. */
static ring_image *two_threads(void) {
    ring_image *ring = new_ring(false);
    const ms_event events[] = {make_free(2, 30, 0x1000), make_alloc(1, 10, 0x1000, 24, 0),
                               make_alloc(1, 20, 0x2000, 24, 0)};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        put_ring_event(ring, &events[i]);
    return ring;
}

static void a_whole_drain_takes_all_with_its_addresses(void **state) {
    (void)state;
    fixture f;
    open_drain(&f, two_threads(), false);
    ms_event events[16];
    assert_int_equal(drain_once(&f, 15, false, events), 3);
    assert_true(events[0].kind == MS_EVENT_ALLOC && events[0].address == 0x1000);
    assert_true(events[1].kind == MS_EVENT_ALLOC && events[1].address == 0x2000);
    assert_true(events[2].kind == MS_EVENT_FREE && events[2].address == 0x1000);
    assert_int_equal(ms_drain_take_count(f.drain), 3);
    assert_int_equal(drain_once(&f, 40, false, events), 0);
    close_drain(&f);
}

static void a_compact_drain_takes_threads_in_time_up_to_the_cut(void **state) {
    (void)state;
    fixture f;
    open_drain(&f, two_threads(), true);
    ms_event events[16];
    assert_int_equal(drain_once(&f, 20, false, events), 1);
    uint64_t name = events[0].address;
    assert_true(events[0].kind == MS_EVENT_ALLOC && name != 0x1000);
    assert_int_equal(drain_once(&f, 25, false, events), 1);
    assert_true(events[0].kind == MS_EVENT_ALLOC && events[0].time_us == 20);
    assert_true(events[0].address != name && events[0].address != 0x2000);
    assert_int_equal(drain_once(&f, 0, true, events), 1);
    assert_true(events[0].kind == MS_EVENT_FREE && events[0].address == name);
    close_drain(&f);
}

static void counts_are_packed_when_they_have_risen(void **state) {
    (void)state;
    ring_image *ring = two_threads();
    ring->chunks[0].head.counts[MS_COUNT_FREES] = 7;
    fixture f;
    open_drain(&f, ring, false);
    ms_event events[16];
    assert_int_equal(drain_once(&f, 40, false, events), 4);
    assert_true(events[3].kind == MS_EVENT_COUNT && events[3].family == MS_COUNT_FREES);
    assert_true(events[3].number == 7 && events[3].thread == 2);
    assert_int_equal(drain_once(&f, 50, true, events), 0);
    close_drain(&f);
}

/* A TIME on its way when a new chunk began with a later one stands behind that. */
static void the_stamps_of_a_thread_never_go_back(void **state) {
    (void)state;
    ring_image *ring = new_ring(false);
    const uint64_t words[] = {ms_word(MS_EVENT_TIME, 0, 90), ms_word(MS_EVENT_TIME, 0, 85),
                              ms_word(MS_EVENT_FREE, MS_FAMILY_MALLOC, 0x1000)};
    put_words(ring, 1, 90, words, 3);
    fixture f;
    open_drain(&f, ring, false);
    ms_event events[16];
    assert_int_equal(drain_once(&f, 100, true, events), 1);
    assert_int_equal(events[0].time_us, 90);
    close_drain(&f);
}

/* ---- a program at work ------------------------------------------------------------------- */

enum { PROGRAM_EVENTS = 20000 };

/* Takes any free chunk, like a thread among others, and seals it behind one event. */
static void take_and_seal(ms_ring_view *view, uint64_t number) {
    uint64_t random = number;
    uint32_t index = (uint32_t)random_below(&random, RING_CHUNKS);
    while (__atomic_load_n(&view->header->chunk_state[index], __ATOMIC_ACQUIRE) != MS_CHUNK_FREE)
        index = (index + 1) % RING_CHUNKS;
    ms_ring_chunk *chunk =
        (ms_ring_chunk *)((char *)view->chunks + (size_t)index * MS_RING_CHUNK_SIZE);
    *chunk = (ms_ring_chunk){.tid = 1001, .sequence = number};
    __atomic_store_n(&chunk->thread, 1, __ATOMIC_RELEASE);
    __atomic_store_n(&view->header->chunk_state[index], MS_CHUNK_OWNED, __ATOMIC_RELEASE);
    uint64_t word = ms_word(MS_EVENT_FREE, MS_FAMILY_MALLOC, 1 + number);
    __atomic_store_n((uint64_t *)(chunk + 1), word, __ATOMIC_RELEASE);
    __atomic_store_n(&view->header->chunk_state[index], MS_CHUNK_SEALED, __ATOMIC_RELEASE);
}

static void *run_program(void *argument) {
    for (uint64_t number = 0; number < PROGRAM_EVENTS; number++)
        take_and_seal(argument, number);
    return NULL;
}

static void chunks_come_in_their_order_while_more_are_taken(void **state) {
    (void)state;
    static ms_event events[RING_CHUNKS];
    ring_image *ring = new_ring(false);
    ring->used = ring->header.chunks = RING_CHUNKS;
    fixture f;
    open_drain(&f, ring, false);
    assert_true(ms_ring_view_collect(&f.view)); /* maps the chunks, for the program, too */
    pthread_t program;
    assert_int_equal(pthread_create(&program, NULL, run_program, &f.view), 0);
    for (uint64_t seen = 0; seen < PROGRAM_EVENTS;) {
        size_t count = drain_once(&f, UINT64_MAX, false, events);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(events[i].address, ++seen);
    }
    assert_int_equal(pthread_join(program, NULL), 0);
    close_drain(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_drain_takes_all_with_its_addresses),
        cmocka_unit_test(a_compact_drain_takes_threads_in_time_up_to_the_cut),
        cmocka_unit_test(counts_are_packed_when_they_have_risen),
        cmocka_unit_test(the_stamps_of_a_thread_never_go_back),
        cmocka_unit_test(chunks_come_in_their_order_while_more_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
