#include "symbol/locate.h"

#include <sys/stat.h>

#include "fixture.h"

/* A program with one static function, and everything `strip` people make of it:
 *     prog   as built        stripped   without names        prog.debug   the names only
 *     linked stripped, with a debug link to prog.debug
 * `wanted` is the address of the static function. */
static uint64_t wanted;
static uint8_t build_id[64];
static size_t build_id_size;

static int make_programs(void **state) {
    if (enter_directory(state) != 0) {
        return -1;
    }
    write_text("prog.c", "#include <stdlib.h>\n"
                         "static inline __attribute__((always_inline)) void *inlined(size_t n) {\n"
                         "    return malloc(n + 1);\n"
                         "}\n"
                         "static __attribute__((noinline)) void *wanted(size_t n) {\n"
                         "    return inlined(n + 1);\n"
                         "}\n"
                         "int main(int argc, char **argv) { return wanted(argc) == argv; }\n");
    run("gcc -g -O1 -Wl,--build-id prog.c -o prog");
    run("strip -o stripped prog && objcopy --only-keep-debug prog prog.debug");
    run("objcopy --add-gnu-debuglink=prog.debug stripped linked");
    wanted = first_call("prog", "wanted");
    build_id_size = read_build_id("prog", build_id, sizeof build_id);
    return 0;
}

/* The absolute path of a file here; good until the next call but one. */
static const char *path_to(const char *name) {
    static char paths[2][2 * FIXTURE_PATH];
    static int turn;
    char directory[FIXTURE_PATH];
    char *path = paths[turn++ % 2];
    assert_non_null(getcwd(directory, sizeof directory));
    snprintf(path, sizeof *paths, "%s/%s", directory, name);
    return path;
}

/* What the options find for a module recorded at `path` with the program's build id. */
static ms_symbols_source look_up(const ms_symbols_options *options, const char *path,
                                 const char *function) {
    ms_symbols *symbols = ms_symbols_new(options);
    size_t module = ms_symbols_add(symbols, path, build_id, build_id_size, 0);
    assert_string_equal(function_at(symbols, module, wanted), function);
    ms_symbols_source source = ms_symbols_source_of(symbols, module);
    ms_symbols_free(symbols);
    return source;
}

/* The program's build id as the path below .build-id, "xx/yyyy". */
static const char *build_id_path(void) {
    static char text[2 * 64 + 2];
    char *next = text + sprintf(text, "%02x/", build_id[0]);
    for (size_t i = 1; i < build_id_size; i++) {
        next += sprintf(next, "%02x", build_id[i]);
    }
    return text;
}

static void a_program_with_its_own_names_needs_nothing_else(void **state) {
    (void)state;
    assert_int_equal(look_up(NULL, path_to("prog"), "wanted"), MS_SYMBOLS_DWARF);
}

static void a_stripped_program_gives_no_wrong_name(void **state) {
    (void)state;
    ms_symbols_source source = look_up(NULL, path_to("stripped"), "");
    assert_true(source == MS_SYMBOLS_NONE || source == MS_SYMBOLS_DYNSYM);
}

static void a_debug_link_is_followed_beside_the_program(void **state) {
    (void)state;
    assert_int_equal(look_up(NULL, path_to("linked"), "wanted"), MS_SYMBOLS_DWARF);
}

static void a_debug_link_is_followed_into_dot_debug(void **state) {
    (void)state;
    run("mkdir -p sub/.debug && cp linked sub/ && cp prog.debug sub/.debug/");
    assert_int_equal(look_up(NULL, path_to("sub/linked"), "wanted"), MS_SYMBOLS_DWARF);
}

static void a_debug_dir_is_searched_by_build_id(void **state) {
    (void)state;
    run("mkdir -p dbg/.build-id/%.2s && cp prog.debug dbg/.build-id/%s.debug", build_id_path(),
        build_id_path());
    const char *dirs[] = {"/nonexistent", path_to("dbg")};
    ms_symbols_options options = {.debug_dirs = dirs, .debug_dir_count = 2, .inlines = true};
    assert_int_equal(look_up(&options, "/elsewhere/prog", "wanted"), MS_SYMBOLS_DWARF);
}

static void a_debug_dir_is_searched_by_path_and_by_name(void **state) {
    (void)state;
    static const char *const places[] = {"opt/bin/prog", "opt/bin/prog.debug", "prog",
                                         "prog.debug"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        run("rm -rf tree && mkdir -p tree/opt/bin && cp prog.debug tree/%s", places[i]);
        const char *dirs[] = {path_to("tree")};
        ms_symbols_options options = {.debug_dirs = dirs, .debug_dir_count = 1};
        assert_int_equal(look_up(&options, "/opt/bin/prog", "wanted"), MS_SYMBOLS_DWARF);
    }
}

static void a_file_with_another_build_id_is_refused(void **state) {
    (void)state;
    write_text("other.c", "int wrong(int a) { return a; }\nint main(void) { return wrong(1); }\n");
    run("gcc -g -Wl,--build-id other.c -o other");
    assert_int_equal(look_up(NULL, path_to("other"), ""), MS_SYMBOLS_NOT_FOUND);
    run("gcc -g -Wl,--build-id=none other.c -o without_id");
    assert_int_equal(look_up(NULL, path_to("without_id"), ""), MS_SYMBOLS_NOT_FOUND);
}

static void a_refused_file_leaves_the_search_by_build_id(void **state) {
    (void)state;
    run("mkdir -p dbg2/.build-id/%.2s && cp prog.debug dbg2/.build-id/%s.debug", build_id_path(),
        build_id_path());
    run("gcc -g -O0 -Wl,--build-id prog.c -o replaced");
    const char *dirs[] = {path_to("dbg2")};
    ms_symbols_options options = {.debug_dirs = dirs, .debug_dir_count = 1};
    assert_int_equal(look_up(&options, path_to("replaced"), "wanted"), MS_SYMBOLS_DWARF);
}

static void a_debug_file_of_another_build_is_not_used(void **state) {
    (void)state;
    run("mkdir -p stale && cp linked stale/ && gcc -g -O0 -Wl,--build-id prog.c -o stale/new");
    run("objcopy --only-keep-debug stale/new stale/prog.debug");
    look_up(NULL, path_to("stale/linked"), "");
}

static void without_build_ids_the_checksum_of_the_link_decides(void **state) {
    (void)state;
    run("mkdir -p crc && gcc -g -O1 -Wl,--build-id=none prog.c -o crc/prog");
    run("cd crc && objcopy --only-keep-debug prog prog.debug && strip prog");
    run("cd crc && objcopy --add-gnu-debuglink=prog.debug prog");
    ms_symbols *symbols = ms_symbols_new(NULL);
    size_t module = add_file(symbols, "crc/prog");
    assert_string_equal(function_at(symbols, module, wanted), "wanted");
    ms_symbols_free(symbols);

    run("printf x >> crc/prog.debug");
    symbols = ms_symbols_new(NULL);
    module = add_file(symbols, "crc/prog");
    assert_string_equal(function_at(symbols, module, wanted), "");
    ms_symbols_free(symbols);
}

static void a_sysroot_comes_before_every_path(void **state) {
    (void)state;
    run("mkdir -p root/opt/bin && cp linked root/opt/bin/prog");
    run("mkdir -p root/usr/lib/debug/opt/bin && cp prog.debug root/usr/lib/debug/opt/bin/");
    ms_symbols_options options = {.sysroot = path_to("root")};
    assert_int_equal(look_up(&options, "/opt/bin/prog", "wanted"), MS_SYMBOLS_DWARF);
    assert_int_equal(look_up(NULL, "/opt/bin/prog", ""), MS_SYMBOLS_NOT_FOUND);
}

static void what_is_no_file_is_not_found(void **state) {
    (void)state;
    static const char *const paths[] = {
        "linux-vdso.so.1", "[vdso]", "", "/", "/dev/null", "/dev/tty", "/nonexistent/lib.so"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_int_equal(look_up(NULL, paths[i], ""), MS_SYMBOLS_NOT_FOUND);
    }
}

static void a_pipe_is_not_waited_for(void **state) {
    (void)state;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    alarm(20);
    assert_int_equal(look_up(NULL, path_to("pipe"), ""), MS_SYMBOLS_NOT_FOUND);
    alarm(0);
}

static void objects_and_texts_are_no_modules(void **state) {
    (void)state;
    static const char *const names[] = {"prog.o", "prog.a", "prog.c"};
    run("gcc -g -c prog.c -o prog.o && ar rc prog.a prog.o");
    ms_symbols *symbols = ms_symbols_new(NULL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t module = add_file(symbols, names[i]);
        assert_int_equal(ms_symbols_source_of(symbols, module), MS_SYMBOLS_NOT_FOUND);
    }
    ms_symbols_free(symbols);
}

static void an_endless_path_is_not_found(void **state) {
    (void)state;
    char *path = malloc(100001);
    memset(path, '/', 100000);
    path[100000] = '\0';
    assert_int_equal(look_up(NULL, path, ""), MS_SYMBOLS_NOT_FOUND);
    memset(path + 1, 'a', 99999);
    assert_int_equal(look_up(NULL, path, ""), MS_SYMBOLS_NOT_FOUND);
    free(path);
}

/* dwz moves what several debug files have in common, here the inlined function, into one more. */
static void the_shared_half_of_debug_files_is_found(void **state) {
    (void)state;
    need_program("dwz");
    run("mkdir -p dwz/d/.dwz && cp prog dwz/one && cp prog dwz/two && cd dwz &&"
        " dwz -m d/.dwz/shared.debug -M /usr/lib/debug/.dwz/shared.debug one two");
    const char *dirs[] = {path_to("dwz/d")};
    ms_symbols_options options = {.debug_dirs = dirs, .debug_dir_count = 1, .inlines = true};
    ms_symbols *symbols = ms_symbols_new(&options);
    ms_location locations[4];
    assert_int_equal(ms_symbols_at(symbols, add_file(symbols, "dwz/one"), wanted, locations, 4), 2);
    assert_string_equal(locations[0].function, "inlined");
    assert_string_equal(locations[1].function, "wanted");
    ms_symbols_free(symbols);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_with_its_own_names_needs_nothing_else),
        cmocka_unit_test(a_stripped_program_gives_no_wrong_name),
        cmocka_unit_test(a_debug_link_is_followed_beside_the_program),
        cmocka_unit_test(a_debug_link_is_followed_into_dot_debug),
        cmocka_unit_test(a_debug_dir_is_searched_by_build_id),
        cmocka_unit_test(a_debug_dir_is_searched_by_path_and_by_name),
        cmocka_unit_test(a_file_with_another_build_id_is_refused),
        cmocka_unit_test(a_refused_file_leaves_the_search_by_build_id),
        cmocka_unit_test(a_debug_file_of_another_build_is_not_used),
        cmocka_unit_test(without_build_ids_the_checksum_of_the_link_decides),
        cmocka_unit_test(a_sysroot_comes_before_every_path),
        cmocka_unit_test(what_is_no_file_is_not_found),
        cmocka_unit_test(a_pipe_is_not_waited_for),
        cmocka_unit_test(objects_and_texts_are_no_modules),
        cmocka_unit_test(an_endless_path_is_not_found),
        cmocka_unit_test(the_shared_half_of_debug_files_is_found),
    };
    return cmocka_run_group_tests(tests, make_programs, leave_directory);
}
