/* Which lines of source a page shows, and which files are never opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "export/html_source.h"

#include "sample.h"

static char folder[] = "/tmp/memscope-source-XXXXXX";
static char paths[64][128];
static size_t path_count;

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    for (size_t i = 0; i < path_count; i++)
        unlink(paths[i]);
    return rmdir(folder);
}

static const char *path_of(const char *name) {
    snprintf(paths[path_count], sizeof *paths, "%s/%s", folder, name);
    return paths[path_count++];
}

static const char *file_of(const char *name, const void *bytes, size_t size) {
    const char *path = path_of(name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return path;
}

static const char *text_file(const char *name, const char *text) {
    return file_of(name, text, strlen(text));
}

/* A model that ran in the future, of one stack with a frame at each of `lines` of `path`. */
static ms_model *model_of(const char *path, const uint64_t *lines, size_t count) {
    ms_model *model = ms_model_new();
    model->program.start_unix_ns = (uint64_t)(time(NULL) + 3600) * 1000000000u;
    for (size_t i = 0; i < count; i++) {
        ms_site *site = add_site(model, "f", 1, 8, 8);
        ms_frame *frame = (ms_frame *)model->stacks.items[site->stack].frames;
        frame->file = path;
        frame->line = lines[i];
    }
    return model;
}

typedef struct read_source {
    ms_model *model;
    ms_html_names names;
    ms_html_source source;
} read_source;

static read_source read_below(const char *root, ms_model *model) {
    read_source r = {.model = model};
    ms_html_names_init(&r.names, model);
    ms_html_source_init(&r.source, model, &r.names, root);
    return r;
}

static void done(read_source *r) {
    ms_html_source_deinit(&r->source);
    ms_html_names_deinit(&r->names);
    ms_model_free(r->model);
}

/* What becomes of a file that a frame stands on line 1 of. */
static void check_state(const char *path, const char *state) {
    uint64_t line = 1;
    read_source r = read_below(NULL, model_of(path, &line, 1));
    assert_int_equal(r.source.file_count, 1);
    assert_string_equal(r.source.files[0].state, state);
    if (strcmp(state, "shown") != 0)
        assert_int_equal(r.source.line_count, 0);
    done(&r);
}

static void lines_around_those_of_frames_are_taken_once(void **state) {
    (void)state;
    char text[4096] = "";
    for (int i = 1; i <= 40; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "line %d\n", i);
    const char *path = text_file("many.c", text);
    uint64_t lines[] = {30, 3, 6, 40, MS_UNKNOWN, 0};
    read_source r = read_below(NULL, model_of(path, lines, 6));
    assert_int_equal(r.source.file_count, 1);
    assert_string_equal(r.source.files[0].state, "shown");
    /* 1 to 11, 25 to 40 */
    assert_int_equal(r.source.line_count, 11 + 16);
    assert_int_equal(r.source.lines[0].number, 1);
    assert_int_equal(r.source.lines[10].number, 11);
    assert_int_equal(r.source.lines[11].number, 25);
    assert_int_equal(r.source.lines[26].number, 40);
    assert_string_equal(r.source.lines[26].text, "line 40");
    done(&r);
}

static void what_is_no_source_or_is_not_there_says_so(void **state) {
    (void)state;
    static char large[(8 << 20) + 1];
    memset(large, '\n', sizeof large);
    check_state(text_file("fine.c", "int a;"), "shown");
    check_state(path_of("missing.c"), "not found");
    check_state(file_of("binary.c", "a\0b\n", 4), "not text");
    check_state(file_of("large.c", large, sizeof large), "too large");
    check_state(text_file("passwords", "secret\n"), "no name of source");
    check_state(text_file("passwords.txt", "secret\n"), "no name of source");
    check_state("fine.c", "no name of source"); /* relative: to what? */
    const char *fifo = path_of("fifo.c");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    check_state(fifo, "not found");
    check_state(text_file("empty.c", ""), "changed since");
}

static void a_file_that_is_newer_than_the_run_or_the_module_is_not_what_was_compiled(void **state) {
    (void)state;
    const char *path = text_file("edited.c", "int a;\n");
    uint64_t line = 1;
    ms_model *model = model_of(path, &line, 1);
    model->program.start_unix_ns = (uint64_t)(time(NULL) - 3600) * 1000000000u;
    read_source r = read_below(NULL, model);
    assert_string_equal(r.source.files[0].state, "changed since");
    assert_int_equal(r.source.line_count, 0);
    done(&r);

    const char *module = text_file("demo", "ELF");
    struct timespec old[2] = {{.tv_sec = time(NULL) - 60}, {.tv_sec = time(NULL) - 60}};
    assert_int_equal(utimensat(AT_FDCWD, module, old, 0), 0);
    model = model_of(path, &line, 1);
    *(ms_module *)ADD(model, modules) = (ms_module){.id = 1, .module = "demo", .path = module};
    r = read_below(NULL, model);
    assert_string_equal(r.source.files[0].state, "changed since");
    done(&r);

    old[0].tv_sec = old[1].tv_sec = time(NULL) - 120;
    assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
    model = model_of(path, &line, 1);
    *(ms_module *)ADD(model, modules) = (ms_module){.id = 1, .module = "demo", .path = module};
    r = read_below(NULL, model);
    assert_string_equal(r.source.files[0].state, "shown");
    done(&r);
}

static void a_file_without_the_line_is_another_one(void **state) {
    (void)state;
    uint64_t lines[] = {1, 3};
    read_source r = read_below(NULL, model_of(text_file("short.c", "a\nb\n"), lines, 2));
    assert_string_equal(r.source.files[0].state, "changed since");
    assert_int_equal(r.source.line_count, 0);
    done(&r);
}

static void lines_do_nothing_but_say_what_they_are(void **state) {
    (void)state;
    const char *path = text_file("odd.c", "\tif (a) \r\n\x1b[2J\n\xe2\x80\xae evil\n\xff\n");
    uint64_t line = 1;
    read_source r = read_below(NULL, model_of(path, &line, 1));
    assert_int_equal(r.source.line_count, 4);
    assert_string_equal(r.source.lines[0].text, "        if (a)");
    assert_string_equal(r.source.lines[1].text, "\\x1b[2J");
    assert_string_equal(r.source.lines[2].text, "\\u202e evil");
    assert_string_equal(r.source.lines[3].text, "\\xff");
    done(&r);
}

static void a_long_line_is_cut(void **state) {
    (void)state;
    static char text[100000];
    memset(text, 'x', sizeof text - 1);
    uint64_t line = 1;
    read_source r = read_below(NULL, model_of(text_file("long.c", text), &line, 1));
    assert_int_equal(r.source.line_count, 1);
    assert_true(strlen(r.source.lines[0].text) <= 160);
    done(&r);
}

static void a_page_has_room_for_so_much_source(void **state) {
    (void)state;
    enum { LINES = 40000, FILES = 5, FRAMES = LINES / 11 };
    static char text[LINES * 40];
    memset(text, 'x', sizeof text);
    for (size_t i = 39; i < sizeof text; i += 40)
        text[i] = '\n';
    ms_model *model = ms_model_new();
    model->program.start_unix_ns = UINT64_MAX;
    for (int f = 0; f < FILES; f++) {
        char name[32];
        snprintf(name, sizeof name, "wide%d.c", f);
        const char *path = file_of(name, text, sizeof text);
        ms_frame *frames = ms_arena_alloc(model->arena, FRAMES * sizeof *frames);
        for (uint64_t i = 0; i < FRAMES; i++)
            frames[i] = (ms_frame){.function = "f", .file = path, .line = 6 + 11 * i};
        *(ms_stack *)ADD(model, stacks) = (ms_stack){.frames = frames, .count = FRAMES};
    }
    read_source r = read_below(NULL, model);
    assert_string_equal(r.source.files[0].state, "shown");
    assert_string_equal(r.source.files[FILES - 1].state, "no more room");
    assert_true(r.source.bytes < ((size_t)4 << 20) + sizeof text + LINES);
    done(&r);
}

static void files_lie_below_the_root_that_is_given(void **state) {
    (void)state;
    text_file("below.c", "int below;\n");
    uint64_t line = 1;
    read_source r = read_below(folder, model_of("/below.c", &line, 1));
    assert_string_equal(r.source.files[0].state, "shown");
    assert_string_equal(r.source.lines[0].text, "int below;");
    done(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_around_those_of_frames_are_taken_once),
        cmocka_unit_test(what_is_no_source_or_is_not_there_says_so),
        cmocka_unit_test(a_file_that_is_newer_than_the_run_or_the_module_is_not_what_was_compiled),
        cmocka_unit_test(a_file_without_the_line_is_another_one),
        cmocka_unit_test(lines_do_nothing_but_say_what_they_are),
        cmocka_unit_test(a_long_line_is_cut),
        cmocka_unit_test(a_page_has_room_for_so_much_source),
        cmocka_unit_test(files_lie_below_the_root_that_is_given),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
