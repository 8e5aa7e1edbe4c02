#include "export/text_types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sample.h"

enum { POINTS = 20 };

/* What the report says of a type whose live bytes are `level(i)` at the points of a run. */
static char *said_of(uint64_t (*level)(uint64_t i), size_t points, uint64_t error) {
    ms_model *m = sample_model();
    ms_export_options options = ms_export_defaults();
    ms_type_series *series = &m->type_series.items[0];
    m->program.duration_ns = points * 1000;
    series->points.count = 0;
    for (uint64_t i = 1; i <= points; i++) {
        ms_type_point *point = add_room(m->arena, &series->points, sizeof *series->points.items);
        *point =
            (ms_type_point){.time_ns = i * 1000, .live_bytes = level(i), .live_bytes_error = error};
    }
    options.width = 200;
    char *text = exported(m, "text", &options);
    ms_model_free(m);
    assert_non_null(text);
    return text;
}

static uint64_t rising(uint64_t i) {
    return i * 1000;
}

static uint64_t rising_and_released(uint64_t i) {
    return i == POINTS ? 0 : i * 1000;
}

static uint64_t early(uint64_t i) {
    return i < 8 ? i * 1000 : 8000;
}

static uint64_t steady(uint64_t i) {
    return 5000 + i % 2;
}

static void assert_says(const char *what, uint64_t (*level)(uint64_t i), size_t points,
                        uint64_t error) {
    char *text = said_of(level, points, error);
    const char *type = strstr(text, "struct entry");
    assert_non_null(type);
    const char *found = strstr(type, "grows: ");
    if (what)
        assert_memory_equal(found ? found : "nothing", what, strlen(what));
    else
        assert_null(found);
    free(text);
}

static void what_a_type_had_at_the_quarters_is_told_where_each_brought_more(void **state) {
    (void)state;
    const char *grows = "grows: 4.9 KiB, 9.8 KiB, 14.6 KiB at the quarters of the run;";
    assert_says(grows, rising, POINTS, MS_UNKNOWN);
    assert_says(grows, rising_and_released, POINTS, MS_UNKNOWN);
}

static void of_what_does_not_go_on_growing_nothing_is_told(void **state) {
    (void)state;
    assert_says(NULL, early, POINTS, MS_UNKNOWN);
    assert_says(NULL, steady, POINTS, MS_UNKNOWN);
}

static void a_run_of_few_points_tells_nothing(void **state) {
    (void)state;
    assert_says(NULL, rising, 7, MS_UNKNOWN);
}

static void growth_within_its_error_is_none(void **state) {
    (void)state;
    assert_says("grows: 4.9 KiB ± 0.1, ", rising, POINTS, 100);
    assert_says(NULL, rising, POINTS, 2000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_type_had_at_the_quarters_is_told_where_each_brought_more),
        cmocka_unit_test(of_what_does_not_go_on_growing_nothing_is_told),
        cmocka_unit_test(a_run_of_few_points_tells_nothing),
        cmocka_unit_test(growth_within_its_error_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
