#include "util/progress.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* What was written to a pipe; a terminal would show it. */
typedef struct screen {
    int read_end, write_end;
    char text[4096];
} screen;

static int open_screen(void **state) {
    screen *s = calloc(1, sizeof *s);
    int ends[2];
    if (!s || pipe2(ends, O_NONBLOCK))
        return -1;
    s->read_end = ends[0];
    s->write_end = ends[1];
    *state = s;
    return 0;
}

static int close_screen(void **state) {
    screen *s = *state;
    close(s->read_end);
    close(s->write_end);
    free(s);
    return 0;
}

static const char *shown(screen *s) {
    ssize_t size = read(s->read_end, s->text, sizeof s->text - 1);
    s->text[size > 0 ? size : 0] = 0;
    return s->text;
}

static void pipe_gets_no_bar_unless_asked(void **state) {
    screen *s = *state;
    ms_progress progress;
    ms_progress_init(&progress, s->write_end, "auto", "reading", NULL);
    nanosleep(&(struct timespec){.tv_nsec = 450000000}, NULL);
    assert_true(ms_progress_update(&progress, 1, 2));
    ms_progress_deinit(&progress);
    assert_string_equal(shown(s), "");
}

static void bar_shows_the_part_done_and_goes_away(void **state) {
    screen *s = *state;
    ms_progress progress;
    ms_progress_init(&progress, s->write_end, "always", "reading", NULL);
    assert_true(ms_progress_update(&progress, 1u << 20, 4u << 20));
    const char *text = shown(s);
    assert_non_null(strstr(text, "reading [######..................]  25 %  1.0 of 4.0 MiB"));
    ms_progress_deinit(&progress);
    assert_string_equal(shown(s), "\r\033[K");
}

static void bar_is_drawn_seldom(void **state) {
    screen *s = *state;
    ms_progress progress;
    ms_progress_init(&progress, s->write_end, "always", "reading", NULL);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (unsigned i = 0; i < 1000; i++)
        ms_progress_update(&progress, i, 1000);
    clock_gettime(CLOCK_MONOTONIC, &end);
    size_t draws = 0;
    for (const char *c = shown(s); *c; c++)
        draws += *c == '\r';
    double seconds =
        (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
    assert_true(draws >= 1);
    assert_true((double)draws <= 1 + seconds / 0.1);
}

static void odd_totals_do_no_harm(void **state) {
    screen *s = *state;
    static const uint64_t cases[][2] = {{0, 0}, {5, 0}, {9, 3}, {UINT64_MAX, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ms_progress progress;
        ms_progress_init(&progress, s->write_end, "always", "x", NULL);
        assert_true(ms_progress_update(&progress, cases[i][0], cases[i][1]));
        ms_progress_deinit(&progress);
        assert_non_null(strstr(shown(s), i < 2 ? "  0 %" : "100 %"));
    }
}

static void stop_is_passed_on_even_without_a_bar(void **state) {
    screen *s = *state;
    volatile sig_atomic_t stop = 0;
    ms_progress progress;
    ms_progress_init(&progress, s->write_end, "never", "x", &stop);
    assert_true(ms_progress_update(&progress, 1, 2));
    stop = 1;
    assert_false(ms_progress_update(&progress, 1, 2));
    ms_progress_deinit(&progress);
    assert_string_equal(shown(s), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_screen, close_screen)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(pipe_gets_no_bar_unless_asked),
        TEST(bar_shows_the_part_done_and_goes_away),
        TEST(bar_is_drawn_seldom),
        TEST(odd_totals_do_no_harm),
        TEST(stop_is_passed_on_even_without_a_bar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
