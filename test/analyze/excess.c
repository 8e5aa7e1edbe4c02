#include "fixture.h"

static ms_type larger(uint64_t size, uint64_t each, uint64_t count) {
    ms_type t = type_of("struct h", size, count);
    t.form = "header";
    t.peak_bytes = (size + each) * count;
    t.excess_bytes = each * count;
    return t;
}

static size_t found(ms_type t) {
    ms_model *m = model_with_peak(1000000);
    set_type(m, t);
    ms_analyze(m);
    size_t count = m->findings.count;
    ms_model_free(m);
    return count;
}

static void blocks_larger_than_their_type_are_told_to_the_byte(void **state) {
    (void)state;
    ms_model *m = model_with_peak(1000000);
    set_type(m, larger(72, 56, 100));
    ms_analyze(m);
    const ms_finding *f = only_finding(m, "over_allocation");
    assert_int_equal(f->bytes, 5600);
    assert_int_equal(f->blocks, 100);
    assert_string_equal(f->severity, "info");
    assert_string_equal(f->title, "struct h: its blocks are 56 bytes larger than it");
    assert_string_equal(
        f->detail, "100 blocks live at the peak had 12,800 bytes, of which one struct h takes 72");
    ms_model_free(m);
}

static void what_may_well_be_meant_is_no_finding(void **state) {
    (void)state;
    assert_int_equal(found(larger(72, 56, 100)), 1);
    assert_int_equal(found(larger(72, 16, 1000)), 0);  /* the header of an allocator */
    assert_int_equal(found(larger(720, 56, 1000)), 0); /* little of it */
    assert_int_equal(found(larger(72, 56, 10)), 0);    /* few */
    ms_type varied = larger(72, 56, 100);
    varied.excess_bytes = MS_UNKNOWN;
    assert_int_equal(found(varied), 0);
    ms_type flexible = larger(72, 56, 100);
    flexible.form = "flexible";
    assert_int_equal(found(flexible), 0);
    ms_type unknown = larger(72, 56, 100);
    unknown.form = NULL;
    assert_int_equal(found(unknown), 0);
}

/* ---- containers ------------------------------------------------------------------------- */

static ms_container container(const char *name, uint64_t capacity, uint64_t slack) {
    return (ms_container){.name = name,
                          .evidence = "recorded",
                          .line = 7,
                          .capacity = capacity,
                          .used = capacity - slack,
                          .slack_bytes = slack,
                          .site = MS_UNKNOWN,
                          .died_ns = MS_UNKNOWN};
}

static void set_containers(ms_model *m, const ms_container *items, size_t count) {
    m->containers.items = ms_arena_alloc(m->arena, count * sizeof *items);
    memcpy(m->containers.items, items, count * sizeof *items);
    m->containers.count = count;
}

static void room_that_is_not_in_use_is_told_to_the_byte(void **state) {
    (void)state;
    ms_model *m = model_with_peak(1000000);
    const ms_container all[] = {container("v", 10000, 9000), container("w", 8000, 2000),
                                container("v", 6000, 4000)};
    set_containers(m, all, 3);
    ms_analyze(m);
    const ms_finding *f = only_finding(m, "over_allocation");
    assert_int_equal(f->bytes, 13000);
    assert_int_equal(f->blocks, 2);
    assert_string_equal(f->variable, "v");
    assert_string_equal(f->severity, "medium");
    assert_string_equal(f->title, "v: 81.2 % of its room is not in use");
    assert_string_equal(f->detail,
                        "2 live at the end have room for 16,000 bytes and use 3,000 of them");
    ms_model_free(m);
}

static void containers_that_are_gone_or_nearly_full_are_no_finding(void **state) {
    (void)state;
    ms_model *m = model_with_peak(1000000);
    ms_container all[] = {container("dead", 100000, 99999), container("half", 100000, 50000),
                          container("small", 4096, 4095), container("untold", 0, 0)};
    all[0].died_ns = 5;
    all[3].capacity = all[3].slack_bytes = MS_UNKNOWN;
    set_containers(m, all, 4);
    ms_analyze(m);
    assert_int_equal(m->findings.count, 0);
    ms_model_free(m);
}

static void of_very_many_places_the_first_are_told(void **state) {
    (void)state;
    ms_model *m = model_with_peak(1000000);
    ms_container all[200];
    for (size_t i = 0; i < 200; i++) {
        all[i] = container("c", 10000, 9000);
        all[i].line = i;
    }
    set_containers(m, all, 200);
    ms_analyze(m);
    assert_int_equal(m->findings.count, 64);
    ms_model_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_larger_than_their_type_are_told_to_the_byte),
        cmocka_unit_test(what_may_well_be_meant_is_no_finding),
        cmocka_unit_test(room_that_is_not_in_use_is_told_to_the_byte),
        cmocka_unit_test(containers_that_are_gone_or_nearly_full_are_no_finding),
        cmocka_unit_test(of_very_many_places_the_first_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
