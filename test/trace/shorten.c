#include "trace/shorten.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random_event.h"
#include "trace/decode.h"
#include "trace/format.h"
#include "trace/pack.h"
#include "trace/ring.h"

enum { EVENTS = 60000, SLOTS = 500 };

static ms_event born(uint64_t address, uint64_t size, uint64_t stack, uint8_t family) {
    return (ms_event){.kind = MS_EVENT_ALLOC,
                      .thread = 1,
                      .tid = 1001,
                      .family = family,
                      .address = address,
                      .size = size,
                      .stack = stack};
}

static ms_event died(uint64_t address, uint8_t family) {
    return (ms_event){
        .kind = MS_EVENT_FREE, .thread = 1, .tid = 1001, .family = family, .address = address};
}

static ms_event moved(uint64_t old, uint64_t address, uint64_t size, uint64_t stack) {
    ms_event event = born(address, size, stack, MS_FAMILY_REALLOC);
    event.kind = MS_EVENT_REALLOC;
    event.old = old;
    return event;
}

/* An allocator as most are: what was freed last in a size class comes first. */
typedef struct allocator {
    uint64_t next;
    uint64_t freed[64][SLOTS];
    size_t freed_count[64];
} allocator;

static size_t class_of(uint64_t size) {
    return (size + 23) / 16;
}

static uint64_t take(allocator *a, uint64_t size) {
    size_t class = class_of(size);
    if (a->freed_count[class])
        return a->freed[class][--a->freed_count[class]];
    uint64_t address = a->next;
    a->next += 16 * class;
    return address;
}

static void give(allocator *a, uint64_t address, uint64_t size) {
    size_t class = class_of(size);
    a->freed[class][a->freed_count[class]++] = address;
}

static size_t play(ms_event *events, uint64_t seed) {
    struct {
        uint64_t address, size;
    } slots[SLOTS] = {{0}};
    allocator *a = calloc(1, sizeof *a);
    size_t count = 0;
    a->next = 0x555555559010;
    while (count + 2 < EVENTS) {
        uint64_t r = random_u64(&seed);
        uint64_t size = 24 + r / SLOTS % 40 * 8, old = slots[r % SLOTS].address;
        uint64_t old_size = slots[r % SLOTS].size;
        uint64_t address = take(a, size);
        if (old && r >> 60 == 0) {
            events[count++] = moved(old, address, size, size % 7);
            give(a, old, old_size);
        } else {
            events[count++] =
                born(address, size, size % 7, r >> 63 ? MS_FAMILY_MALLOC : MS_FAMILY_CALLOC);
            if (old) {
                events[count++] = died(old, MS_FAMILY_MALLOC);
                give(a, old, old_size);
            }
        }
        slots[r % SLOTS].address = address;
        slots[r % SLOTS].size = size;
    }
    free(a);
    return count;
}

/* Packs, unpacks and compares; returns the size of the packed payload. */
static size_t round_trip(ms_packer *packer, const ms_event *events, size_t count) {
    const uint8_t *payload;
    size_t size, streams;
    uint64_t first_us, last_us;
    ms_stream stream;
    ms_event event;
    for (size_t i = 0; i < count; i++)
        assert_true(ms_packer_add(packer, &events[i]));
    assert_true(ms_packer_finish(packer, &payload, &size, &first_us, &last_us));
    assert_true(ms_streams_open(payload, size, &stream, 1, &streams));
    assert_true(ms_stream_next(&stream, &event) && event.kind == MS_EVENT_TIME);
    for (size_t i = 0; i < count; i++) {
        assert_true(ms_stream_next(&stream, &event));
        assert_true(same_event(&event, &events[i]));
    }
    assert_false(ms_stream_next(&stream, &event));
    assert_false(stream.damaged);
    return size;
}

static void the_events_of_an_allocator_come_back_short(void **state) {
    (void)state;
    ms_packer *packer = ms_packer_new();
    ms_event *events = calloc(EVENTS, sizeof *events);
    for (uint64_t seed = 1; seed <= 3; seed++) { /* the packer starts afresh for each chunk */
        size_t count = play(events, seed);
        assert_true(round_trip(packer, events, count) < 5 * count);
    }
    free(events);
    ms_packer_free(packer);
}

static void odd_sequences_come_back(void **state) {
    (void)state;
    const ms_event events[] = {
        died(0x1000, MS_FAMILY_MALLOC),              /* never born */
        born(0x1000, 24, 17, MS_FAMILY_MALLOC),      /* */
        born(0x1000, 24, 17, MS_FAMILY_MALLOC),      /* again without a death between */
        died(0x1000, MS_FAMILY_NEW),                 /* by the wrong function */
        died(0x1000, MS_FAMILY_MALLOC),              /* and once more */
        born(0x1000, UINT64_MAX, 18, MS_FAMILY_NEW), /* no size class */
        died(0x1000, MS_FAMILY_NEW),                 /* */
        moved(0x2000, 0x3000, 40, 19),               /* of a block never seen */
        moved(0x3000, 0x3000, 80, 19),               /* in place */
        moved(0x3000, 0x4000, 80, 19),               /* */
        born(0x3000, 80, 19, MS_FAMILY_REALLOC),     /* where the moved one was */
        born(UINT64_MAX, 0, 0, 0),                   /* */
        died(UINT64_MAX, 0),                         /* */
        born(0, 0, 0, MS_FAMILY_MALLOC),             /* address 0: no guess may mean it */
        born(0x5008, 24, 17, MS_FAMILY_MALLOC),      /* no multiple of 16 from the one before */
        moved(0x5008, 0x600c, 24, 17),               /* */
        died(0x600c, MS_FAMILY_MALLOC),              /* */
        died(0x7001, MS_FAMILY_MALLOC),              /* */
    };
    ms_packer *packer = ms_packer_new();
    round_trip(packer, events, sizeof events / sizeof *events);
    ms_packer_free(packer);
}

/* Each event that can be told without its address is; others have it in steps of 16, or else in bytes. */
static void each_event_has_its_shortest_form(void **state) {
    (void)state;
    enum { A = 0x10000, CLASS = 32 }; /* where 24 bytes are a chunk of glibc's malloc */
    const struct {
        ms_event event;
        ms_event_kind kind;
    } steps[] = {{born(A, 24, 17, MS_FAMILY_MALLOC), MS_EVENT_BORN_AT},
                 {born(A + CLASS, 24, 17, MS_FAMILY_MALLOC), MS_EVENT_BORN_NEXT},
                 {died(A, MS_FAMILY_MALLOC), MS_EVENT_DIED},
                 {died(A + CLASS, MS_FAMILY_MALLOC), MS_EVENT_DIED},
                 {born(A, 24, 17, MS_FAMILY_MALLOC), MS_EVENT_BORN_SECOND},
                 {born(A + CLASS, 24, 17, MS_FAMILY_MALLOC), MS_EVENT_BORN_AGAIN},
                 {died(A, MS_FAMILY_MALLOC), MS_EVENT_DIED},
                 {born(A, 24, 17, MS_FAMILY_MALLOC), MS_EVENT_BORN_AGAIN},
                 {born(A + 2 * CLASS, 24, 17, MS_FAMILY_MALLOC), MS_EVENT_BORN_BEYOND},
                 {born(A + 2 * CLASS + 16, 24, 17, MS_FAMILY_MALLOC), MS_EVENT_BORN_STEP},
                 {born(A + 8, 24, 17, MS_FAMILY_MALLOC), MS_EVENT_BORN},
                 {died(A + 4, MS_FAMILY_MALLOC), MS_EVENT_FREE},
                 {died(A + 20, MS_FAMILY_MALLOC), MS_EVENT_FREED},
                 {moved(A, A, 40, 18), MS_EVENT_GREW},
                 {moved(A, A + 0x104, 40, 18), MS_EVENT_MOVED_TO},
                 {moved(A + 0x104, A + 0x203, 40, 18), MS_EVENT_MOVED},
                 {moved(A + 0x300, A + 0x400, 40, 18), MS_EVENT_REALLOC}};
    enum { STEPS = sizeof steps / sizeof *steps };
    ms_packer *packer = ms_packer_new();
    ms_event events[STEPS];
    for (size_t i = 0; i < STEPS; i++) {
        events[i] = steps[i].event;
        assert_true(ms_packer_add(packer, &events[i]));
    }
    const uint8_t *payload;
    size_t size, streams;
    uint64_t first_us, last_us;
    ms_stream stream;
    assert_true(ms_packer_finish(packer, &payload, &size, &first_us, &last_us));
    assert_true(ms_streams_open(payload, size, &stream, 1, &streams));
    for (size_t i = 0; i < STEPS; i++)
        assert_int_equal(stream.kinds[1 + i], steps[i].kind); /* behind the TIME */
    round_trip(packer, events, STEPS);
    ms_packer_free(packer);
}

/* Numbers of blocks and combinations that do not exist are damage, not memory read. */
static void wild_numbers_stop_a_stream(void **state) {
    (void)state;
    const ms_event events[] = {
        born(0x1000, 24, 17, MS_FAMILY_MALLOC), born(0x5000, 24, 17, MS_FAMILY_MALLOC),
        died(0x1000, MS_FAMILY_MALLOC),         died(0x5000, MS_FAMILY_MALLOC),
        born(0x1000, 24, 17, MS_FAMILY_MALLOC), born(0x9003, 24, 18, MS_FAMILY_MALLOC),
        died(0x7000, MS_FAMILY_MALLOC),         moved(0x1000, 0x2000, 40, 17),
    };
    ms_packer *packer = ms_packer_new();
    const uint8_t *payload;
    size_t size, streams;
    uint64_t first_us, last_us;
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        assert_true(ms_packer_add(packer, &events[i]));
    assert_true(ms_packer_finish(packer, &payload, &size, &first_us, &last_us));
    uint8_t *damaged = malloc(size);
    size_t stopped = 0;
    for (size_t at = 0; at < size; at++) {
        for (unsigned value = 0; value < 256; value += 5) {
            ms_stream stream;
            ms_event read;
            memcpy(damaged, payload, size);
            damaged[at] = (uint8_t)value;
            if (!ms_streams_open(damaged, size, &stream, 1, &streams) || streams == 0)
                continue;
            while (ms_stream_next(&stream, &read)) {
            }
            stopped += stream.damaged;
            ms_stream_close(&stream);
        }
    }
    assert_true(stopped > 0);
    free(damaged);
    ms_packer_free(packer);
}

/* ---- straight from the words of a ring -------------------------------------------------- */

/* As capture writes them. */
static size_t put_words(uint64_t *words, const ms_event *e) {
    bool wide = e->size >= MS_SIZE_WIDE;
    words[0] = ms_word(e->kind, e->family, e->address);
    if (e->kind == MS_EVENT_FREE)
        return 1;
    words[1] = e->stack << 32 | (e->kind == MS_EVENT_REALLOC ? 0 : wide ? MS_SIZE_WIDE : e->size);
    words[2] = e->kind == MS_EVENT_REALLOC ? e->old : e->size;
    words[3] = e->size;
    return e->kind == MS_EVENT_REALLOC ? 4 : wide ? 3 : 2;
}

static size_t put_stack_words(uint64_t *words, uint64_t stack) {
    words[0] = ms_word(MS_EVENT_STACK, 0, stack);
    words[1] = 0x401000 + stack * 7;
    words[2] = stack / 2;
    return 3;
}

/* The words of many events, wide sizes and stacks among them. */
static uint64_t *ring_words(size_t *count) {
    ms_event *events = calloc(EVENTS, sizeof *events);
    uint64_t *words = calloc(4 * EVENTS, sizeof *words);
    size_t made = play(events, 5), at = 0;
    for (size_t i = 0; i < made; i++) {
        if (events[i].kind == MS_EVENT_ALLOC && i % 1000 == 0)
            events[i].size += MS_SIZE_WIDE;
        if (i % 100 == 0)
            at += put_stack_words(words + at, 16 + i);
        at += put_words(words + at, &events[i]);
    }
    free(events);
    *count = at;
    return words;
}

/* The payload that the words make, `most` of them seen at a time. */
static uint8_t *pack_words(const uint64_t *words, size_t count, size_t most, size_t *size) {
    ms_packer *packer = ms_packer_new();
    const uint8_t *payload;
    uint64_t first_us, last_us;
    ms_moves moves = {0};
    for (size_t at = 0; at < count;) {
        ms_event event = {.thread = 1, .tid = 1001};
        size_t seen = count - at < most ? count - at : most;
        size_t taken = ms_packer_add_words(packer, &event, words + at, seen, &moves);
        at += taken;
        if (taken > 0)
            continue;
        at += ms_ring_event(words + at, count - at, &event);
        assert_true(ms_packer_add(packer, &event));
    }
    assert_true(ms_packer_finish(packer, &payload, size, &first_us, &last_us));
    uint8_t *copy = malloc(*size);
    memcpy(copy, payload, *size);
    ms_packer_free(packer);
    return copy;
}

static void words_are_packed_as_their_events(void **state) {
    (void)state;
    size_t count, expected_size, size;
    uint64_t *words = ring_words(&count);
    uint8_t *expected = pack_words(words, count, 0, &expected_size); /* each on its own */
    const size_t most[] = {SIZE_MAX, 1, 2, 3, 5, 100};
    for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
        uint8_t *payload = pack_words(words, count, most[i], &size);
        assert_int_equal(size, expected_size);
        assert_memory_equal(payload, expected, size);
        free(payload);
    }
    free(expected);
    free(words);
}

static void a_run_ends_before_what_is_not_of_its_kinds(void **state) {
    (void)state;
    const uint64_t words[] = {ms_word(MS_EVENT_FREE, MS_FAMILY_MALLOC, 0x10),
                              ms_word(MS_EVENT_ALLOC, MS_FAMILY_MALLOC, 0x20),
                              UINT64_C(3) << 32 | 24,
                              0,
                              ms_word(MS_EVENT_FREE, MS_FAMILY_MALLOC, 0x20),
                              ms_word(MS_EVENT_TIME, 0, 7),
                              ms_word(MS_EVENT_REALLOC, MS_FAMILY_REALLOC, 0x20),
                              0,
                              0x20};
    const ms_event head = {.thread = 1, .tid = 1};
    ms_moves moves = {0};
    ms_packer *packer = ms_packer_new();
    assert_int_equal(ms_packer_add_words(packer, &head, words + 3, 6, &moves), 0);
    assert_int_equal(ms_packer_add_words(packer, &head, words + 5, 4, &moves), 0);
    assert_int_equal(ms_packer_add_words(packer, &head, words + 6, 3, &moves), 0); /* cut */
    assert_int_equal(ms_packer_add_words(packer, &head, words + 6, 0, &moves), 0);
    assert_int_equal(ms_packer_events(packer), 0); /* not even a head */
    assert_int_equal(ms_packer_add_words(packer, &head, words, 9, &moves), 3);
    assert_int_equal(moves.events, 2);
    assert_int_equal(moves.allocations, 1);
    assert_int_equal(moves.bytes, 24);
    assert_int_equal(ms_packer_add_words(packer, &head, words + 4, 5, &moves), 1);
    assert_int_equal(moves.events, 3);
    assert_int_equal(moves.frees, 2);
    assert_int_equal(ms_packer_events(packer), 1 + 3); /* with a TIME before them */
    ms_packer_free(packer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_events_of_an_allocator_come_back_short),
        cmocka_unit_test(odd_sequences_come_back),
        cmocka_unit_test(each_event_has_its_shortest_form),
        cmocka_unit_test(wild_numbers_stop_a_stream),
        cmocka_unit_test(words_are_packed_as_their_events),
        cmocka_unit_test(a_run_ends_before_what_is_not_of_its_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
