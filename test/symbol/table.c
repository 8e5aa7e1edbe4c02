#include "symbol/table.h"

#include "fixture.h"

static ms_table read_table(const char *name, ms_image *image) {
    ms_table table = {0};
    assert_true(ms_image_open(image, name));
    ms_table_read(&table, image);
    ms_table_finish(&table);
    return table;
}

static void close_table(ms_table *table, ms_image *image) {
    ms_table_deinit(table);
    ms_image_close(image);
}

static void exports_do_not_name_the_static_functions_between_them(void **state) {
    (void)state;
    write_text("exports.c", "int n;\n"
                            "int first(void) { return n; }\n"
                            "static __attribute__((noinline)) int hidden(int a) { return a * n; }\n"
                            "int second(int a) { return hidden(a) + 1; }\n");
    run("gcc -O1 -fno-toplevel-reorder -shared -fPIC exports.c -o exports.so");
    uint64_t first = address_of("exports.so", "first");
    uint64_t hidden = address_of("exports.so", "hidden");
    uint64_t second = address_of("exports.so", "second");
    run("strip exports.so");
    ms_image image;
    ms_table table = read_table("exports.so", &image);
    assert_string_equal(ms_table_find(&table, first), "first");
    assert_string_equal(ms_table_find(&table, second + 1), "second");
    assert_null(ms_table_find(&table, hidden));
    assert_null(ms_table_find(&table, 0));
    close_table(&table, &image);
}

static void of_several_names_the_public_one_is_chosen(void **state) {
    (void)state;
    write_text("alias.c",
               "int n;\n"
               "void *__libc_take(void) { return &n; }\n"
               "void *take(void) __attribute__((weak, alias(\"__libc_take\")));\n"
               "void *_take(void) __attribute__((alias(\"__libc_take\")));\n"
               "static void *own(void) __attribute__((alias(\"__libc_take\"), used));\n");
    run("gcc -O1 -shared -fPIC alias.c -o alias.so");
    ms_image image;
    ms_table table = read_table("alias.so", &image);
    assert_string_equal(ms_table_find(&table, address_of("alias.so", "__libc_take")), "take");
    close_table(&table, &image);
}

static void a_symbol_without_a_size_ends_at_the_next_one_or_with_its_section(void **state) {
    (void)state;
    write_text("sizes.s", ".text\n"
                          ".globl label, sized, last\n"
                          "label: .skip 8\n"
                          ".type sized, @function\n"
                          "sized: .skip 4\n.size sized, 4\n"
                          ".skip 4\n"
                          "last: .skip 4\n"
                          ".data\n"
                          "datum: .skip 4\n");
    run("gcc -nostdlib -shared sizes.s -o sizes.so");
    ms_image image;
    ms_table table = read_table("sizes.so", &image);
    uint64_t label = address_of("sizes.so", "label");
    assert_string_equal(ms_table_find(&table, label + 7), "label");
    assert_string_equal(ms_table_find(&table, label + 8), "sized");
    assert_null(ms_table_find(&table, label + 12)); /* after sized: its size is known */
    assert_string_equal(ms_table_find(&table, label + 19), "last");
    assert_null(ms_table_find(&table, label + 20)); /* the section ends */
    close_table(&table, &image);
}

static void what_a_table_was_is_told(void **state) {
    (void)state;
    write_text("kinds.c", "int answer(void) { return 42; }\n");
    run("gcc -shared -fPIC kinds.c -o full.so && strip -o exports_only.so full.so");
    ms_image image;
    ms_table table = {0};
    assert_true(ms_image_open(&image, "full.so"));
    assert_int_equal(ms_table_read(&table, &image), MS_SYMBOLS_SYMTAB);
    close_table(&table, &image);
    assert_true(ms_image_open(&image, "exports_only.so"));
    assert_int_equal(ms_table_read(&table, &image), MS_SYMBOLS_DYNSYM);
    close_table(&table, &image);
}

typedef struct nm_line {
    unsigned long address;
    char name[120];
} nm_line;

/* The exported functions that have a size. */
static size_t read_nm(const char *file, nm_line *lines, size_t max) {
    char command[FIXTURE_PATH];
    snprintf(command, sizeof command,
             "nm -D -S --defined-only '%s' | awk 'NF == 4 && $3 ~ /[TWi]/ {print $1, $4}'", file);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    size_t count = 0;
    while (count < max &&
           fscanf(output, "%lx %119s", &lines[count].address, lines[count].name) == 2) {
        count++;
    }
    pclose(output);
    return count;
}

static bool has_line(const nm_line *lines, size_t count, unsigned long address, const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (lines[i].address == address && strncmp(lines[i].name, name, strcspn(name, "@")) == 0) {
            return true;
        }
    }
    return false;
}

/* Every function a stripped program or library exports has one of the names nm gives it. Returns
 * how many there are. */
static size_t check_exports(const char *path) {
    static nm_line lines[8192];
    run("cp -L '%s' exports && strip exports", path);
    size_t count = read_nm("exports", lines, sizeof lines / sizeof *lines);
    ms_image image;
    ms_table table = read_table("exports", &image);
    for (size_t i = 0; i < count; i++) {
        const char *name = ms_table_find(&table, lines[i].address);
        assert_non_null(name);
        assert_true(has_line(lines, count, lines[i].address, name));
    }
    close_table(&table, &image);
    return count;
}

static void the_exports_of_real_programs_have_the_names_nm_gives_them(void **state) {
    (void)state;
    static const char *const programs[] = {"/usr/bin/python3", "/usr/bin/sqlite3", "/bin/sh"};
    run("cp -L \"$(ldconfig -p | sed -n 's/.*libc.so.6 (libc6,.*=> //p' | head -1)\" libc.so");
    assert_true(check_exports("libc.so") > 1000);
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        if (access(programs[i], R_OK) == 0) {
            check_exports(programs[i]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exports_do_not_name_the_static_functions_between_them),
        cmocka_unit_test(of_several_names_the_public_one_is_chosen),
        cmocka_unit_test(a_symbol_without_a_size_ends_at_the_next_one_or_with_its_section),
        cmocka_unit_test(what_a_table_was_is_told),
        cmocka_unit_test(the_exports_of_real_programs_have_the_names_nm_gives_them),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
