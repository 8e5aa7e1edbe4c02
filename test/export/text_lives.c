#include "export/text_lives.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../builder.h"
#include "export/export.h"
#include "export/text_passports.h"

/* Two stacks as programs take them: one of a word, one of a release. */
static void start(ms_model *m) {
    add_site(m, "make@src/make.c:5 main@main.c:3", 1, 64, 64);
    add_site(m, "give@src/give.c:7 main@main.c:4", 1, 64, 64);
}

static ms_change change(const char *kind, uint64_t time_ns) {
    return (ms_change){.time_ns = time_ns,
                       .kind = kind,
                       .address = 0x5000,
                       .size = 64,
                       .thread_id = 1,
                       .site = MS_UNKNOWN,
                       .stack = MS_NO_STACK};
}

static ms_variable *add_variable(ms_model *m, const char *name, uint64_t line, const char *end,
                                 const ms_change *history, size_t count) {
    ms_variable *v = ADD(m, variables);
    *v = (ms_variable){.id = m->variables.count,
                       .name = name,
                       .type = "char *",
                       .file = "src/make.c",
                       .line = line,
                       .function = "make",
                       .thread_id = 1,
                       .address = 0x5000,
                       .size = 64,
                       .attached = true,
                       .end = end,
                       .given_to = MS_UNKNOWN,
                       .came_from = MS_UNKNOWN};
    v->history.items = ms_arena_alloc(m->arena, count * sizeof *history);
    memcpy(v->history.items, history, count * sizeof *history);
    v->history.count = count;
    v->changes = count > 3 ? count - 3 : 0;
    return v;
}

/* A life of an allocation, a word, so many changes, and a release. */
static ms_variable *add_life(ms_model *m, const char *name, uint64_t line, size_t changes) {
    ms_change history[64] = {change("allocated", 1000000), change("tracked", 1000000)};
    history[0].site = 1;
    for (size_t i = 0; i < changes; i++)
        history[2 + i] = change("borrowed", 2000000);
    history[2 + changes] = change("freed", 5000000);
    history[2 + changes].thread_id = 2;
    return add_variable(m, name, line, "freed", history, 3 + changes);
}

typedef void list(ms_page *page, size_t top);

static char *shown(const ms_model *m, list *write, size_t width, size_t top) {
    ms_export_options options = ms_export_defaults();
    options.width = width;
    ms_sink *sink = ms_sink_memory();
    ms_page page;
    assert_true(ms_page_open(&page, m, sink, &options));
    write(&page, top);
    ms_page_close(&page);
    char *text = ms_sink_take(sink, NULL);
    ms_sink_abandon(sink);
    return text;
}

static void assert_lives(const ms_model *m, size_t top, const char *expected) {
    char *text = shown(m, ms_text_lives, 80, top);
    assert_string_equal(text, expected);
    free(text);
}

static void a_life_is_told_step_by_step(void **state) {
    (void)state;
    ms_model *m = ms_model_new();
    start(m);
    ms_change history[] = {change("allocated", 1000000), change("tracked", 1000000),
                           change("moved", 3000000), change("given", 3000000)};
    history[0].site = 1;
    history[2].size = 4096;
    history[2].site = 1;
    history[3].stack = 1;
    add_variable(m, "name", 5, "given", history, 4)->given_to = 2;
    add_life(m, "heir", 9, 0);
    assert_lives(m, 0,
                 "Lifecycles: what became of variables, one of each place that tracks some\n"
                 "  name  char *, 64 B, given away\n"
                 "     1.0 ms  allocated, 64 B       make, make.c:5, from main\n"
                 "             tracked               make, make.c:5\n"
                 "    +2.0 ms  moved, 4.0 KiB        make, make.c:5, from main\n"
                 "             given to heir         give, give.c:7, from main\n"
                 "  heir  char *, 64 B, freed\n"
                 "     1.0 ms  allocated, 64 B       make, make.c:5, from main\n"
                 "             tracked               make, make.c:9\n"
                 "    +4.0 ms  freed                 thread 2\n"
                 "  where the other steps were: memscope run --free-stacks\n"
                 "\n");
    ms_model_free(m);
}

static void of_a_long_life_begin_and_end_are_shown(void **state) {
    (void)state;
    ms_model *m = ms_model_new();
    start(m);
    add_life(m, "lent", 5, 32)->changes = 1000;
    char *text = shown(m, ms_text_lives, 80, 0);
    const char *middle = strstr(text, "             and 997 more steps\n"
                                      "    +3.0 ms  freed                 thread 2\n");
    assert_non_null(middle); /* of 1003: 5 before, the end behind what is not listed */
    assert_null(strstr(middle + 30, "more"));
    free(text);
    ms_model_free(m);
}

static void of_a_life_that_was_cut_what_is_listed_is_shown(void **state) {
    (void)state;
    ms_model *m = ms_model_new();
    start(m);
    add_life(m, "cut", 5, 0)->changes = 40;
    char *text = shown(m, ms_text_lives, 80, 0);
    assert_non_null(strstr(text, "             tracked               make, make.c:5\n"
                                 "             and 40 more steps\n"
                                 "    +4.0 ms  freed                 thread 2\n"));
    free(text);
    ms_model_free(m);
}

static void of_a_place_the_weightiest_variable_is_shown(void **state) {
    (void)state;
    ms_model *m = ms_model_new();
    start(m);
    for (unsigned i = 0; i < 5; i++)
        add_life(m, "many", 5, i);
    add_life(m, "stays", 6, 0)->end = NULL;
    ms_change conflict[] = {change("tracked", 0), change("conflict", 0), change("freed", 0),
                            change("freed", 0)};
    add_variable(m, "wrong", 7, "freed", conflict, 4);
    ms_change number[] = {change("tracked", 0), change("untracked", 1)};
    add_variable(m, "idle", 8, "untracked", number, 2)->attached = false;
    char *text = shown(m, ms_text_lives, 80, 2);
    const char *wrong = strstr(text, "  wrong  "), *stays = strstr(text, "  stays  ");
    assert_true(wrong && stays && wrong < stays);
    assert_non_null(strstr(text, "and 1 more: --top 0"));
    assert_null(strstr(text, "many"));
    free(text);
    text = shown(m, ms_text_lives, 80, 0);
    assert_non_null(strstr(text, "  many  char *, 64 B, freed; one of 5\n"));
    assert_null(strstr(text, "idle")); /* nothing has happened to it */
    free(text);
    ms_model_free(m);
}

static void advice_is_for_what_was_not_asked_for(void **state) {
    (void)state;
    static const char *all[] = {"free_stacks=1", "word_stacks=1"}, *none[] = {"stacks=0"};
    ms_model *m = ms_model_new();
    start(m);
    add_life(m, "name", 5, 1);
    m->capture.options = (ms_texts){all, 1};
    char *text = shown(m, ms_text_lives, 80, 0);
    assert_non_null(strstr(text, "memscope run --word-stacks\n"));
    free(text);
    m->capture.options.count = 2;
    text = shown(m, ms_text_lives, 80, 0);
    assert_null(strstr(text, "memscope run"));
    free(text);
    m->capture.options = (ms_texts){none, 1};
    text = shown(m, ms_text_lives, 80, 0);
    assert_null(strstr(text, "memscope run"));
    free(text);
    ms_model_free(m);
}

static ms_passport *add_passport(ms_model *m, const char *side, const char *status) {
    ms_passport *p = ADD(m, passports);
    *p = (ms_passport){.id = m->passports.count,
                       .name = side,
                       .status = status,
                       .evidence = "recorded",
                       .address = 0x5000,
                       .size = 256,
                       .stack = 0,
                       .freed_by = "librust.so",
                       .thread_id = 1,
                       .acts = 2};
    p->stamps.items = ms_arena_alloc(m->arena, 2 * sizeof *p->stamps.items);
    p->stamps.count = 2;
    p->stamps.items[0] = (ms_act){.time_ns = 1000000,
                                  .what = "handover",
                                  .name = side,
                                  .count = MS_UNKNOWN,
                                  .thread_id = 1,
                                  .stack = 1};
    p->stamps.items[1] = (ms_act){.time_ns = 3000000,
                                  .what = "freed",
                                  .count = MS_UNKNOWN,
                                  .thread_id = 1,
                                  .stack = MS_NO_STACK};
    return p;
}

static void passports_are_told_by_side_and_state(void **state) {
    (void)state;
    ms_model *m = ms_model_new();
    start(m);
    add_passport(m, "rust", "freed_by_foreign");
    add_passport(m, "rust", "freed_by_foreign");
    add_passport(m, "rust", "in_foreign_custody")->stamps.count = 1;
    m->passports.items[2].acts = 1;
    char *text = shown(m, ms_text_passports, 80, 0);
    assert_string_equal(
        text, "Passports: 3 blocks handed over a boundary: 1 in foreign custody, 2 freed "
              "by\n"
              "           foreign\n"
              "  rust  in foreign custody, 256 B, allocated in make, make.c:5, from main\n"
              "     1.0 ms  handed over           give, give.c:7, from main\n"
              "  rust  freed by foreign, 256 B, allocated in make, make.c:5, from main; one "
              "of\n"
              "        2\n"
              "     1.0 ms  handed over           give, give.c:7, from main\n"
              "    +2.0 ms  freed by librust.so\n"
              "  where the other steps were: memscope run --free-stacks\n"
              "\n");
    free(text);
    ms_model_free(m);
}

/* Columns of the widest line. */
static size_t widest(const char *text) {
    size_t most = 0, columns = 0;
    for (; *text; text++) {
        columns = *text == '\n' ? 0 : columns + ((*text & 0xc0) != 0x80);
        most = columns > most ? columns : most;
    }
    return most;
}

static void names_from_a_trace_are_harmless(void **state) {
    (void)state;
    char name[400];
    memset(name, '\x1b', sizeof name - 1);
    name[sizeof name - 1] = 0;
    ms_model *m = ms_model_new();
    start(m);
    ms_frame *frames = (ms_frame *)m->stacks.items[0].frames;
    frames[0].function = frames[0].file = frames[1].function = name;
    ms_variable *v = add_life(m, name, 5, 1);
    v->type = v->function = v->file = v->history.items[1].value = name;
    v->history.items[2].kind = "given";
    v->given_to = 1;
    ms_passport *p = add_passport(m, name, "lost");
    p->freed_by = name;
    for (size_t width = 60; width < 150; width += 30) {
        char *lives = shown(m, ms_text_lives, width, 0);
        char *passports = shown(m, ms_text_passports, width, 0);
        assert_true(widest(lives) <= width && widest(passports) <= width);
        assert_null(strchr(lives, '\x1b'));
        assert_null(strchr(passports, '\x1b'));
        free(lives);
        free(passports);
    }
    ms_model_free(m);
}

static void nothing_said_is_nothing_shown(void **state) {
    (void)state;
    ms_model *m = ms_model_new();
    assert_lives(m, 0, "");
    char *text = shown(m, ms_text_passports, 80, 0);
    assert_string_equal(text, "");
    free(text);
    ms_model_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_life_is_told_step_by_step),
        cmocka_unit_test(of_a_long_life_begin_and_end_are_shown),
        cmocka_unit_test(of_a_life_that_was_cut_what_is_listed_is_shown),
        cmocka_unit_test(of_a_place_the_weightiest_variable_is_shown),
        cmocka_unit_test(advice_is_for_what_was_not_asked_for),
        cmocka_unit_test(passports_are_told_by_side_and_state),
        cmocka_unit_test(names_from_a_trace_are_harmless),
        cmocka_unit_test(nothing_said_is_nothing_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
