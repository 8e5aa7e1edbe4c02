#include "load/build_series.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "builder.h"
#include "load/load.h"

enum { TYPES = 20, STACK = 16, SLOTS = 500 };

/* A program whose blocks are all tracked, of so many types, but those of the last stack. */
typedef struct program {
    builder b;
    uint64_t chance, time_us;
    uint64_t live[SLOTS]; /* type of the block there + 1; 0: none */
} program;

static void put(program *p, ms_event event) {
    event.thread = 1;
    event.tid = 1001;
    event.time_us = p->time_us;
    put_event(&p->b, &event);
}

static program begin(uint64_t chance, uint64_t rate) {
    program p = {.b = build_trace(), .chance = chance};
    for (uint64_t i = 0; i <= TYPES; i++)
        put(&p, make_stack(1, STACK + i, 0x1000 + i, MS_ROOT_COMPLETE));
    for (uint64_t i = 0; i < TYPES; i++) {
        char text[] = "p\0struct t00 *\0a.c\0main";
        text[10] = (char)('0' + i / 10);
        text[11] = (char)('0' + i % 10);
        put(&p, (ms_event){.kind = MS_EVENT_SITE,
                           .site = i + 1,
                           .size = i + 1,
                           .number = MS_PLACE_POINTER,
                           .text = {(const uint8_t *)text, sizeof text}});
    }
    if (rate)
        put(&p, (ms_event){.kind = MS_EVENT_RATE, .number = rate});
    return p;
}

static uint64_t address_of(uint64_t slot) {
    return 0x10000 + slot * 4096;
}

static void die(program *p, uint64_t slot) {
    if (p->live[slot])
        put(p, make_free(1, 0, address_of(slot)));
    p->live[slot] = 0;
}

static void bear(program *p, uint64_t slot, uint64_t type, uint64_t size) {
    die(p, slot);
    p->live[slot] = type + 1;
    put(p, make_alloc(1, 0, address_of(slot), size, STACK + type));
    if (type < TYPES)
        put(p, (ms_event){.kind = MS_EVENT_NOTE,
                          .family = MS_NOTE_TRACK,
                          .site = type + 1,
                          .address = address_of(slot),
                          .old = address_of(slot)});
}

/* The higher the number of a type, the larger it is. */
static void live_on(program *p, unsigned moves) {
    for (unsigned i = 0; i < moves; i++) {
        uint64_t slot = random_below(&p->chance, SLOTS), type = random_below(&p->chance, TYPES + 1);
        p->time_us += random_below(&p->chance, 500);
        if (random_below(&p->chance, 3))
            bear(p, slot, type, 16 * (type + 1));
        else
            die(p, slot);
    }
}

static ms_model *load(program *p) {
    ms_load_options options = {.no_symbols = true, .no_lift = true};
    ms_error error = {.code = MS_ERR_OK};
    end_trace(&p->b, true);
    ms_model *model = ms_load(p->b.path, &options, NULL, &error);
    unlink(p->b.path);
    if (!model)
        fail_msg("%s", error.message);
    return model;
}

static const ms_moment *moment_at(const ms_model *m, uint64_t time_ns) {
    for (size_t i = 0; i < m->timeline.count; i++)
        if (m->timeline.items[i].time_ns == time_ns)
            return &m->timeline.items[i];
    fail_msg("the timeline has no point at %llu", (unsigned long long)time_ns);
    return NULL;
}

static uint64_t distance(uint64_t a, uint64_t b) {
    return a > b ? a - b : b - a;
}

/* All series have the same points, which add up to what was live; one of them is the peak. */
static void assert_sums(const ms_model *m, uint64_t rounding) {
    size_t points = m->type_series.items[0].points.count, peaks = 0;
    for (size_t i = 0; i < points; i++) {
        const ms_type_point *first = &m->type_series.items[0].points.items[i];
        uint64_t sum = 0;
        for (size_t k = 0; k < m->type_series.count; k++) {
            const ms_type_series *series = &m->type_series.items[k];
            assert_int_equal(series->points.count, points);
            assert_int_equal(series->points.items[i].time_ns, first->time_ns);
            assert_int_equal(series->points.items[i].peak, first->peak);
            assert_in_range(series->points.items[i].live_bytes, 0, series->max_live_bytes);
            sum += series->points.items[i].live_bytes;
        }
        assert_true(i == 0 || first->time_ns >= first[-1].time_ns);
        if (first->peak)
            assert_int_equal(first->time_ns, m->summary.peak_time_ns);
        uint64_t live =
            first->peak ? m->summary.peak_bytes : moment_at(m, first->time_ns)->live_bytes;
        assert_in_range(distance(sum, live), 0, rounding);
        peaks += first->peak;
    }
    assert_int_equal(peaks, 1);
}

/* At the peak and at the end a type has what `types` say. */
static void assert_types(const ms_model *m) {
    for (size_t i = 0; i < m->type_series.count; i++) {
        const ms_type_series *series = &m->type_series.items[i];
        if (series->type == MS_UNKNOWN)
            continue;
        const ms_type *t = &m->types.items[series->type - 1];
        const ms_type_point *end = &series->points.items[series->points.count - 1];
        assert_int_equal(t->id, series->type);
        assert_string_equal(t->name, series->name);
        assert_int_equal(end->live_bytes, t->live_bytes);
        assert_int_equal(end->live_count, t->live_count);
        for (const ms_type_point *p = series->points.items; p < end; p++) {
            assert_int_equal(p->live_bytes_error == MS_UNKNOWN, t->live_bytes_error == MS_UNKNOWN);
            if (!p->peak)
                continue;
            assert_int_equal(p->live_bytes, t->peak_bytes);
            assert_int_equal(p->live_count, t->peak_count);
        }
    }
}

static void points_add_up_to_what_was_live(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed < 20; seed++) {
        program p = begin(seed, 0);
        live_on(&p, 200 * (unsigned)seed);
        ms_model *m = load(&p);
        assert_sums(m, 0);
        assert_types(m);
        ms_model_free(m);
    }
}

static void estimates_add_up_but_for_rounding(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed < 20; seed++) {
        program p = begin(seed, 100);
        live_on(&p, 200 * (unsigned)seed);
        ms_model *m = load(&p);
        assert_sums(m, TYPES + 1);
        assert_types(m);
        ms_model_free(m);
    }
}

static void only_the_largest_types_have_series_of_their_own(void **state) {
    (void)state;
    program p = begin(1, 0);
    for (uint64_t type = 0; type <= TYPES; type++) {
        bear(&p, type, type, 16 * (type + 1));
        p.time_us += 1000;
    }
    ms_model *m = load(&p);
    assert_int_equal(m->type_series.count, 18);
    for (size_t i = 0; i < 16; i++) {
        char name[] = "struct t00";
        name[8] = (char)('0' + (TYPES - 1 - i) / 10);
        name[9] = (char)('0' + (TYPES - 1 - i) % 10);
        assert_string_equal(m->type_series.items[i].what, "type");
        assert_string_equal(m->type_series.items[i].name, name);
        assert_int_equal(m->type_series.items[i].max_live_bytes, 16 * (TYPES - i));
    }
    const ms_type_series *others = &m->type_series.items[16], *unknown = &m->type_series.items[17];
    assert_string_equal(others->what, "others");
    assert_int_equal(others->types, TYPES - 16);
    assert_int_equal(others->max_live_bytes, 16 + 32 + 48 + 64);
    assert_string_equal(unknown->what, "unknown");
    assert_int_equal(unknown->max_live_bytes, 16 * (TYPES + 1));
    assert_sums(m, 0);
    ms_model_free(m);
}

static void a_type_that_was_large_once_is_among_the_largest(void **state) {
    (void)state;
    program p = begin(1, 0);
    bear(&p, 100, 3, 100000);
    p.time_us += 5000;
    die(&p, 100);
    for (uint64_t slot = 0; slot <= TYPES; slot++)
        bear(&p, slot, slot == 3 ? 4 : slot, 10000);
    p.time_us += 5000;
    ms_model *m = load(&p);
    const ms_type_series *first = &m->type_series.items[0];
    assert_string_equal(first->name, "struct t03");
    assert_int_equal(first->max_live_bytes, 100000);
    assert_int_equal(first->points.items[0].live_bytes, 100000);
    assert_int_equal(first->points.items[first->points.count - 1].live_bytes, 0);
    ms_model_free(m);
}

static void without_types_there_is_no_series(void **state) {
    (void)state;
    program p = begin(1, 0);
    bear(&p, 1, TYPES, 64);
    ms_model *m = load(&p);
    assert_int_equal(m->type_series.count, 0);
    ms_model_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_add_up_to_what_was_live),
        cmocka_unit_test(estimates_add_up_but_for_rounding),
        cmocka_unit_test(only_the_largest_types_have_series_of_their_own),
        cmocka_unit_test(a_type_that_was_large_once_is_among_the_largest),
        cmocka_unit_test(without_types_there_is_no_series),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
