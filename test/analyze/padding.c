#include "fixture.h"

static ms_member members[] = {{.name = "b"}, {.name = "c"}, {.name = "a"}};

/* 40 bytes that could be 24. */
static ms_type wasteful(uint64_t count) {
    ms_type t = type_of("struct w", 40, count);
    t.padding_bytes = 17;
    t.peak_padding_bytes = 17 * count;
    t.reordered_size = 24;
    t.saved_bytes = 16;
    t.reordered.items = members;
    t.reordered.count = 3;
    return t;
}

static void what_another_order_saves_is_told_to_the_byte(void **state) {
    (void)state;
    ms_model *m = model_with_peak(1000000);
    set_type(m, wasteful(1000));
    ms_analyze(m);
    const ms_finding *f = only_finding(m, "padding");
    assert_int_equal(f->bytes, 16000);
    assert_int_equal(f->blocks, 1000);
    assert_string_equal(f->severity, "medium");
    assert_string_equal(f->evidence, "derived");
    assert_string_equal(f->type, "struct w");
    assert_string_equal(f->title,
                        "struct w: 16 of its 40 bytes could be saved by the order of its members");
    assert_string_equal(
        f->detail, "1,000 live at the peak, 40 bytes each, have 17,000 bytes of padding; of 24 "
                   "bytes each they would need 16,000 bytes less");
    assert_string_equal(f->advice, "declare its members in the order b, c, a");
    ms_model_free(m);
}

static void padding_that_no_order_avoids_is_no_finding(void **state) {
    (void)state;
    ms_model *m = model_with_peak(1000000);
    ms_type t = type_of("struct t", 16, 10000);
    t.padding_bytes = 7;
    t.peak_padding_bytes = 70000;
    set_type(m, t);
    ms_analyze(m);
    assert_int_equal(m->findings.count, 0);
    ms_model_free(m);
}

static void types_of_a_library_are_no_finding(void **state) {
    (void)state;
    ms_model *m = model_with_peak(1000000);
    ms_type t = wasteful(1000);
    t.name = "std::pair<char const, double>";
    set_type(m, t);
    ms_analyze(m);
    assert_int_equal(m->findings.count, 0);
    ms_model_free(m);
}

static void a_type_that_the_size_does_not_confirm_is_no_finding(void **state) {
    (void)state;
    static const char *const forms[] = {"header", "partial", NULL};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        ms_model *m = model_with_peak(1000000);
        ms_type t = wasteful(1000);
        t.form = forms[i];
        set_type(m, t);
        ms_analyze(m);
        assert_int_equal(m->findings.count, 0);
        ms_model_free(m);
    }
}

static void a_few_bytes_are_no_finding(void **state) {
    (void)state;
    ms_model *m = model_with_peak(2000);
    set_type(m, wasteful(63)); /* 1,008 bytes */
    ms_analyze(m);
    assert_int_equal(m->findings.count, 0);
    set_type(m, wasteful(64));
    ms_analyze(m);
    assert_string_equal(only_finding(m, "padding")->severity, "high");
    ms_model_free(m);
}

static void what_the_allocator_rounds_away_is_said_to_be(void **state) {
    (void)state;
    ms_model *m = model_with_peak(1000000);
    ms_type t = wasteful(1000); /* 24 and 20 bytes both take 32 */
    t.size = 24;
    t.reordered_size = 20;
    t.saved_bytes = 4;
    set_type(m, t);
    ms_analyze(m);
    const ms_finding *f = only_finding(m, "padding");
    assert_string_equal(f->severity, "info");
    assert_non_null(strstr(f->advice, "both sizes take 32 bytes with glibc's malloc"));
    t.form = "array";
    m->findings.count = 0;
    set_type(m, t);
    ms_analyze(m);
    assert_string_equal(only_finding(m, "padding")->severity, "low");
    ms_model_free(m);
}

static void of_samples_it_is_an_estimate(void **state) {
    (void)state;
    ms_model *m = model_with_peak(1000000);
    ms_type t = wasteful(1000);
    t.peak_count_error = 30;
    set_type(m, t);
    ms_analyze(m);
    assert_string_equal(only_finding(m, "padding")->evidence, "estimated");
    ms_model_free(m);
}

static void long_orders_are_cut(void **state) {
    (void)state;
    static ms_member many[40];
    for (size_t i = 0; i < 40; i++)
        many[i].name = "member";
    many[1] = (ms_member){.type = "Base", .base = true};
    many[2] = (ms_member){.type = "struct {...}"};
    ms_model *m = model_with_peak(1000000);
    ms_type t = wasteful(1000);
    t.reordered.items = many;
    t.reordered.count = 40;
    set_type(m, t);
    ms_analyze(m);
    const ms_finding *f = only_finding(m, "padding");
    assert_non_null(strstr(f->advice, "member, Base, (unnamed), member"));
    assert_string_equal(f->advice + strlen(f->advice) - 11, "member, ...");
    ms_model_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_another_order_saves_is_told_to_the_byte),
        cmocka_unit_test(padding_that_no_order_avoids_is_no_finding),
        cmocka_unit_test(types_of_a_library_are_no_finding),
        cmocka_unit_test(a_type_that_the_size_does_not_confirm_is_no_finding),
        cmocka_unit_test(a_few_bytes_are_no_finding),
        cmocka_unit_test(what_the_allocator_rounds_away_is_said_to_be),
        cmocka_unit_test(of_samples_it_is_an_estimate),
        cmocka_unit_test(long_orders_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
